import type { Decision } from '../../src/decision/decision.ts';
import type { Model, PatternElement, ResourcePattern, Rule } from '../../src/model/model.ts';
import { splitId } from '../../src/reference/matching.ts';

export { type GeneratedPolicy, generatePolicy } from './generators-policy.ts';
export { Random, seedOfRun } from './generators-random.ts';
export { generateHttpRequest, generateRequest } from './generators-request.ts';

/** What a run was made of: QUALITY, "Generators must be worth the run". */
export interface Shares {
  policies: number;
  invalidPolicies: number;
  pairs: number;
  /** Pairs by decision and reason, such as `deny rule`. */
  readonly answers: Map<string, number>;
  /** Policies that have each trait. */
  readonly traits: Map<Trait, number>;
}

export const TRAITS = [
  'literal and wildcard siblings',
  'a deny above an allow',
  'a deny below an allow',
  'nested groups',
  'long shared prefixes',
] as const;
export type Trait = (typeof TRAITS)[number];

/** So many segments and roots make a prefix long. */
const LONG_PREFIX = 4;

export function emptyShares(): Shares {
  return { policies: 0, invalidPolicies: 0, pairs: 0, answers: new Map(), traits: new Map() };
}

export function countAnswer(shares: Shares, { decision, reason }: Decision): void {
  const kind = `${decision} ${reason}`;
  shares.pairs++;
  shares.answers.set(kind, (shares.answers.get(kind) ?? 0) + 1);
}

export function countPolicy(shares: Shares, model: Model): void {
  shares.policies++;
  for (const trait of traitsOf(model)) shares.traits.set(trait, (shares.traits.get(trait) ?? 0) + 1);
}

/** The share of the pairs whose answer begins so: `allow`, `deny rule`. */
export function shareOf(shares: Shares, answer: string): number {
  const counts = [...shares.answers].filter(([kind]) => kind.startsWith(answer)).map(([, count]) => count);
  return counts.reduce((sum, count) => sum + count, 0) / shares.pairs;
}

export function renderShares(shares: Shares): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const answers = [...shares.answers].sort(([, a], [, b]) => b - a);
  return [
    `${shares.pairs} pairs over ${shares.policies} policies, ${shares.invalidPolicies} more were invalid`,
    ...answers.map(([kind, count]) => `  ${percent(count / shares.pairs).padStart(7)}  ${kind}`),
    ...TRAITS.map(
      (trait) => `  ${percent((shares.traits.get(trait) ?? 0) / shares.policies).padStart(7)}  ${trait}`,
    ),
  ].join('\n');
}

// ---------------------------------------------------------------- traits

type Row = readonly PatternElement[];

function traitsOf({ rules, groups }: Model): Trait[] {
  const rows = rules.map((rule) => ({ effect: rule.effect, rows: rule.resources.map(rowOf) }));
  const pairs = rows.flatMap((left, at) => rows.slice(at + 1).map((right) => [left, right] as const));
  const someRows = (test: (left: Row, right: Row) => boolean) =>
    pairs.some(([left, right]) => left.rows.some((a) => right.rows.some((b) => test(a, b) || test(b, a))));
  const rowsOf = (effect: Rule['effect']) =>
    rows.filter((rule) => rule.effect === effect).flatMap((rule) => rule.rows);
  const found: Record<Trait, boolean> = {
    'literal and wildcard siblings': someRows(areSiblings),
    'a deny above an allow': rowsOf('deny').some((deny) =>
      rowsOf('allow').some((allow) => isAbove(deny, allow)),
    ),
    'a deny below an allow': rowsOf('deny').some((deny) =>
      rowsOf('allow').some((allow) => isAbove(allow, deny)),
    ),
    'nested groups': groups.some((group) => group.members.some((member) => member.kind === 'group')),
    'long shared prefixes': someRows((left, right) => sharedLength(left, right) >= LONG_PREFIX),
  };
  return TRAITS.filter((trait) => found[trait]);
}

function rowOf(pattern: ResourcePattern): Row {
  if (pattern.kind === 'pattern') return pattern.elements;
  const { text, elements } = splitId(pattern.id);
  return elements.map(({ isRoot, separator, start, end }): PatternElement => {
    if (isRoot) return { kind: 'root', separator: separator === 'start' ? 'start' : 'colon' };
    return { kind: 'literal', separator, text: text.slice(start, end) };
  });
}

function sharedLength(left: Row, right: Row): number {
  const at = left.findIndex((element, index) => JSON.stringify(element) !== JSON.stringify(right[index]));
  return at < 0 ? left.length : at;
}

/** Alike up to an element that is literal in one and a wildcard in the other. */
function areSiblings(left: Row, right: Row): boolean {
  const at = sharedLength(left, right);
  const wild = right[at]?.kind;
  return left[at]?.kind === 'literal' && wild !== undefined && wild !== 'literal' && wild !== 'root';
}

function isAbove(upper: Row, lower: Row): boolean {
  const end = upper.at(-1)?.kind === 'many' ? upper.length - 1 : upper.length;
  return end < lower.length && sharedLength(upper, lower) >= end;
}
