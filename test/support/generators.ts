import type { Decision } from '../../src/decision/decision.ts';
import { Authorizer, type Request } from '../../src/index.ts';
import type { Model, PatternElement, ResourcePattern, Rule } from '../../src/model/model.ts';
import { splitId } from '../../src/reference/matching.ts';
import { ODD_SEGMENTS } from './generators-ids.ts';

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
  /** Requests that were looked at more closely, and how many met a rule whose condition errs or whose variables disagree. */
  explained: number;
  readonly outcomes: Map<string, number>;
}

export const TRAITS = [
  'literal and wildcard siblings',
  'a deny above an allow',
  'a deny below an allow',
  'nested groups',
  'long shared prefixes',
  'a first-applicable ruleset',
  'a deny-overrides ruleset',
  'templates',
  'modes',
  'a superuser',
  'roles',
  'conditions',
  'entities',
  'routes',
  'globs',
  'braces',
  'a variable used twice',
  'spaces',
  'names that look like something else',
] as const;
export type Trait = (typeof TRAITS)[number];

/** So many segments and roots make a prefix long. */
const LONG_PREFIX = 4;

export function emptyShares(): Shares {
  return {
    policies: 0,
    invalidPolicies: 0,
    pairs: 0,
    answers: new Map(),
    traits: new Map(),
    explained: 0,
    outcomes: new Map(),
  };
}

export function countAnswer(shares: Shares, { decision, reason }: Decision): void {
  const kind = `${decision} ${reason}`;
  shares.pairs++;
  shares.answers.set(kind, (shares.answers.get(kind) ?? 0) + 1);
}

/** Slower than a decision: for a sample. */
export function countRequest(shares: Shares, image: Uint8Array, request: unknown): void {
  const { rules } = Authorizer.fromImage(image).explain(request as Request);
  shares.explained++;
  for (const outcome of new Set(rules.map((rule) => rule.outcome)))
    shares.outcomes.set(outcome, (shares.outcomes.get(outcome) ?? 0) + 1);
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
    ...[...shares.outcomes].map(
      ([outcome, count]) =>
        `  ${percent(count / shares.explained).padStart(7)}  requests with a rule of outcome ${outcome}`,
    ),
  ].join('\n');
}

// ---------------------------------------------------------------- traits

type Row = readonly PatternElement[];

function traitsOf({ rules, groups, rulesets, namespaces, mode, ...model }: Model): Trait[] {
  const rows = rules.map((rule) => ({ effect: rule.effect, rows: rule.resources.map(rowOf) }));
  const pairs = rows.flatMap((left, at) => rows.slice(at + 1).map((right) => [left, right] as const));
  const someRows = (test: (left: Row, right: Row) => boolean) =>
    pairs.some(([left, right]) => left.rows.some((a) => right.rows.some((b) => test(a, b) || test(b, a))));
  const rowsOf = (effect: Rule['effect']) =>
    rows.filter((rule) => rule.effect === effect).flatMap((rule) => rule.rows);
  const someElement = (test: (element: PatternElement) => boolean) =>
    rows.some((rule) => rule.rows.some((row) => row.some(test)));
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
    'a first-applicable ruleset': rulesets.some(({ combining }) => combining === 'first-applicable'),
    'a deny-overrides ruleset': rulesets.some(({ combining }) => combining === 'deny-overrides'),
    templates: namespaces.some(({ templates }) => templates.length > 0),
    modes: mode !== undefined || model.modes.length > 0,
    'a superuser': namespaces.some(({ superuser }) => superuser !== undefined),
    roles: rules.some(({ role }) => role !== undefined),
    conditions: rules.some(({ condition }) => condition !== undefined),
    entities: model.entities.length > 0,
    routes: model.routes.length > 0,
    globs: someElement(({ kind }) => kind === 'glob'),
    braces: rules.some(({ resources }) => resources.length > 1),
    'a variable used twice': someElement(({ kind }) => kind === 'variable'),
    spaces: rules.some(({ subjects, resources }) =>
      [subjects, resources].every((side) =>
        side.some((pattern) => pattern.kind === 'pattern' && pattern.elements.some(isManyVariable)),
      ),
    ),
    'names that look like something else': someElement(
      (element) => element.kind === 'literal' && ODD_SEGMENTS.includes(element.text),
    ),
  };
  return TRAITS.filter((trait) => found[trait]);
}

function isManyVariable(element: PatternElement): boolean {
  return element.kind === 'variable' && element.isMany;
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
