import type { Expression, Glob, PatternElement, ResourcePattern, Rule } from '../../model/model.ts';
import { elementsOf } from '../../model/template-variants.ts';
import { type RulePlace, RulePlaces } from '../facts/rule-places.ts';
import { witness } from '../facts/witness.ts';
import { reportOnce } from '../report-once.ts';
import { defineRule, type Reported } from '../rule.ts';

export const prefixBoundary = defineRule({
  id: 'prefix-boundary',
  summary: 'a prefix of text that covers siblings of what it names',
  category: 'security',
  presets: { recommended: 'warning', dcos: 'warning', mesos: 'warning' },
  isProved: true,
  check: {
    of: 'policy',
    run(context) {
      const prefixes = context.model.rules.flatMap((rule) => prefixesOf(rule));
      if (prefixes.length === 0) return;
      const paths = new KnownPaths(context.model.rules);
      const places = new RulePlaces(context);
      const report = reportOnce(context);
      for (const found of prefixes) {
        const sibling = paths.siblingOf(found.prefix);
        const place = sibling === undefined ? undefined : places.ofResource(found.rule);
        if (place !== undefined) report(describe(place, found, sibling!));
      }
    },
  },
});

/** Text that ids begin with, which ends within a segment. */
interface Prefix {
  readonly rule: Rule;
  readonly prefix: string;
  readonly isCondition: boolean;
}

/** `/dev*`, also in `resource.id like "…/dev*"`. What ends in a hyphen or the like is a family of names, and means it. */
function prefixesOf(rule: Rule): readonly Prefix[] {
  const globs = rule.resources.flatMap(globPrefix).map((prefix) => ({ rule, prefix, isCondition: false }));
  const likes = rule.condition === undefined ? [] : likePrefixes(rule.condition);
  const conditions = likes.map((prefix) => ({ rule, prefix, isCondition: true }));
  return [...globs, ...conditions].filter(({ prefix }) => /[\p{L}\p{N}]$/u.test(prefix));
}

function globPrefix(resource: ResourcePattern): readonly string[] {
  if (resource.kind === 'literal') return [];
  const wild = resource.elements.findIndex(({ kind }) => kind !== 'literal' && kind !== 'root');
  const element = resource.elements[wild];
  if (element?.kind !== 'glob' || element.separator !== 'slash') return [];
  const text = textBeforeRun(element.glob);
  return text === undefined
    ? []
    : [idOf([...resource.elements.slice(0, wild), { ...element, kind: 'literal', text }])];
}

function textBeforeRun(glob: Glob): string | undefined {
  const [first, second, third] = glob;
  return first?.kind === 'text' && second?.kind === 'run' && third === undefined ? first.text : undefined;
}

function likePrefixes(condition: Expression): readonly string[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return [...likePrefixes(condition.left), ...likePrefixes(condition.right)];
    case 'like': {
      const { item, glob } = condition;
      const isId = item.kind === 'attribute' && item.root === 'resource' && item.path.join('.') === 'id';
      const text = isId ? textBeforeRun(glob) : undefined;
      return text?.includes('/') ? [text] : [];
    }
    default:
      return [];
  }
}

function idOf(elements: readonly PatternElement[]): string {
  let id = '';
  for (const element of elements) {
    if (element.separator === 'colon') id += ':';
    else if (element.separator === 'slash' && !id.endsWith('/')) id += '/';
    id += element.kind === 'literal' ? element.text : '/';
  }
  return id;
}

/** The paths that a policy names, cut after each segment. */
class KnownPaths {
  /** Segments by the text before them. */
  readonly #children = new Map<string, Set<string>>();

  constructor(rules: readonly Rule[]) {
    for (const { resources } of rules) {
      for (const resource of resources) this.#add(elementsOf(resource));
    }
  }

  #add(elements: readonly PatternElement[]): void {
    const end = elements.findIndex(({ kind }) => kind !== 'literal' && kind !== 'root');
    const literals = end < 0 ? elements : elements.slice(0, end);
    const root = literals.findIndex(({ separator }) => separator === 'slash');
    if (root < 0) return;
    for (let i = root; i < literals.length; i++) {
      const element = literals[i]!;
      if (element.kind !== 'literal') continue;
      const parent = idOf(literals.slice(0, i));
      const known = this.#children.get(parent);
      if (known === undefined) this.#children.set(parent, new Set([element.text]));
      else known.add(element.text);
    }
  }

  /** A path that begins with the prefix and goes on in the same segment, where the prefix itself is a path as well. */
  siblingOf(prefix: string): string | undefined {
    const slash = prefix.lastIndexOf('/');
    const name = prefix.slice(slash + 1);
    // The slash is the root of the path, or stands between two segments.
    const parent = this.#children.has(prefix.slice(0, slash + 1))
      ? prefix.slice(0, slash + 1)
      : prefix.slice(0, slash);
    const names = this.#children.get(parent);
    if (names?.has(name) !== true) return undefined;
    const other = [...names].filter((each) => each !== name && each.startsWith(name)).sort()[0];
    return other === undefined ? undefined : prefix + other.slice(name.length);
  }
}

function describe(place: RulePlace, { rule, prefix, isCondition }: Prefix, sibling: string): Reported {
  const name = prefix.slice(prefix.lastIndexOf('/') + 1);
  const condition = isCondition ? (place.permission?.when ?? place.permission?.unless) : undefined;
  return {
    file: place.file,
    span: condition?.span ?? place.resource,
    message: `the prefix \`${prefix}\` covers \`${sibling}\` as well`,
    related: place.related,
    help: isCondition
      ? `write \`${prefix}/*\` for what is beneath \`${name}\``
      : `write \`${prefix}/**\` for \`${name}\` and what is beneath`,
    proof: witness(
      rule.subjects[0]!,
      rule.actions[0]!,
      sibling,
      `it begins with \`${prefix}\`, and is not beneath it`,
    ),
  };
}
