import type { Location } from '../../source/span.ts';
import { namesOfTree } from '../facts/names-of-tree.ts';
import { mixedScriptsOf, skeletonOf } from '../facts/skeleton.ts';
import { defineRule, type PolicyContext } from '../rule.ts';

export const confusableName = defineRule({
  id: 'confusable-name',
  summary: 'a name that can be taken for another one',
  category: 'security',
  presets: { recommended: 'warning', dcos: 'warning', mesos: 'warning' },
  check: {
    of: 'policy',
    run(context) {
      // A look-alike of ASCII is not of ASCII: most policies have none, and are done here.
      if (!context.trees.some(({ text }) => beyondAscii.test(text) || text.includes('\\u{'))) return;
      const names = namesOf(context);
      const bySkeleton = Map.groupBy(names.keys(), skeletonOf);
      for (const [name, location] of names) {
        if (!beyondAscii.test(name)) continue;
        const twin = twinOf(name, bySkeleton.get(skeletonOf(name))!);
        const scripts = mixedScriptsOf(name);
        if (scripts === undefined && twin === undefined) continue;
        const message =
          scripts === undefined
            ? `\`${name}\` looks like \`${twin}\`, which is another name`
            : `\`${name}\` has letters of ${scripts[0]} and ${scripts[1]} in one word`;
        const looks = twin ?? skeletonOf(name);
        context.report({
          ...location,
          message,
          ...(twin === undefined
            ? {}
            : { related: [{ ...names.get(twin)!, text: `\`${twin}\` stands here` }] }),
          help: `write \`${looks}\`, if that is meant`,
        });
      }
    },
  },
});

const beyondAscii = /[^\u0000-\u007f]/;

/** Each name once, where it stands first. */
function namesOf({ trees }: PolicyContext): ReadonlyMap<string, Location> {
  const names = new Map<string, Location>();
  for (const tree of trees) {
    for (const { text, span } of namesOfTree(tree)) {
      if (!names.has(text)) names.set(text, { file: tree.file, span });
    }
  }
  return names;
}

/** One of ASCII, or else one that stands before it: of two strange names only one is told. */
function twinOf(name: string, alike: readonly string[]): string | undefined {
  const plain = alike.find((other) => !beyondAscii.test(other));
  if (plain !== undefined) return plain;
  const [first] = alike;
  return first === name ? undefined : first;
}
