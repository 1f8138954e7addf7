import { type DescribedSet, describeSet } from '../analysis/described-set.ts';
import { explore } from '../analysis/explore.ts';
import { PatternTrie } from '../analysis/pattern-trie.ts';
import { patternsOfRoot } from '../analysis/schema.ts';
import { TooComplexError } from '../analysis/too-complex.ts';
import type { PatternElement } from '../model/model.ts';
import type { PolicyView } from './policy-view.ts';

export type Elements = readonly PatternElement[];

/** More kinds of ids than this are not told apart: nobody waits for them, and no database would thank us. */
const MAX_STATES = 20_000;
const MAX_CLASSES = 2_000;
/** Classes double with each. */
export const MAX_GLOBS = 8;

const everything: Elements = [{ kind: 'many', separator: 'start' }];

/**
 * The ids that a view allows, of all that are well formed: as patterns, exactly.
 *
 * @throws {TooComplexError | FilterError}
 */
export function allowedClasses(view: PolicyView): DescribedSet<Elements> {
  const patterns = patternsOf(view);
  const globs = patterns
    .flat()
    .flatMap((element) => (element.kind === 'glob' ? [JSON.stringify(element.glob)] : []));
  if (new Set(globs).size > MAX_GLOBS) throw new TooComplexError('too many globs beside one another');
  const trie = new PatternTrie();
  for (const [owner, elements] of patterns.entries()) trie.add(elements, owner);
  const region = new PatternTrie();
  region.add(everything, 0);
  const atoms = patterns.map(() => new Set<number>());
  const allowed = new Set<number>();
  const seen = new Set<string>();
  explore(
    region,
    [trie],
    ({ inOthers, id }) => {
      const owners = [...new Set(inOthers[0])].sort((a, b) => a - b);
      const key = owners.join();
      if (seen.has(key)) return undefined;
      if (seen.size >= MAX_CLASSES) throw new TooComplexError('too many patterns beside one another');
      for (const owner of owners) atoms[owner]!.add(seen.size);
      if (view.allows(id())) allowed.add(seen.size);
      seen.add(key);
      return undefined;
    },
    { maxStates: MAX_STATES },
  );
  return describeSet(
    allowed,
    patterns.map((term, i) => ({ term, atoms: atoms[i]! })),
  );
}

/** Every pattern that tells ids apart, each once: those of allows first, as they say most. */
function patternsOf({ side, isEnforced }: PolicyView): readonly Elements[] {
  const { items, scopePatterns, schema, model } = side;
  const all = [
    ...items.flatMap(({ rule, patterns }) => (rule.effect === 'allow' ? patterns : [])),
    ...items.flatMap(({ rule, patterns }) => (rule.effect === 'deny' ? patterns : [])),
    ...scopePatterns,
    ...model.namespaces.flatMap(({ roots }) => roots.flatMap(patternsOfRoot)),
    // Templates matter only for what a mode does not enforce: rules bring along what theirs add to them.
    ...(isEnforced ? [] : schema.templatePatterns),
    everything,
  ];
  return [...new Map(all.map((elements) => [JSON.stringify(elements), elements])).values()];
}
