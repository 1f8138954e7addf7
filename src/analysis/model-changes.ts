import type { Model, Rule, SubjectPattern } from '../model/model.ts';
import { groupsIn } from './policy-side.ts';

/** What differs between two policy sets. */
export interface Changes {
  /** Rules of each that the other does not have, or has in another place of an order that counts. */
  readonly rules: readonly [ReadonlySet<Rule>, ReadonlySet<Rule>];
  /** With other members, however deep. */
  readonly groups: ReadonlySet<string>;
  /** Whether namespaces, implications, rulesets or the mode differ, which can change any decision. */
  readonly isEverything: boolean;
  /** Why nothing can be said at all. */
  readonly reason?: string;
}

export function findChanges(before: Model, after: Model): Changes {
  const rules = changedRules(before, after);
  const groups = changedGroups(before, after);
  for (const group of groups) {
    for (const [i, model] of [before, after].entries()) addRulesOf(group, model, rules[i]!);
  }
  const isEverything = !isSame(schemaOf(before), schemaOf(after));
  if (!isSame(withoutPlaces(before.routes), withoutPlaces(after.routes))) {
    return { rules, groups, isEverything, reason: 'routes differ' };
  }
  const hasConditions = [before, after].some((model) =>
    model.rules.some((rule) => rule.condition !== undefined),
  );
  if (hasConditions && !isSame(entitiesOf(before), entitiesOf(after))) {
    return { rules, groups, isEverything, reason: 'entities differ, and there are conditions' };
  }
  return { rules, groups, isEverything };
}

function schemaOf({ mode, modes, namespaces, implications, rulesets }: Model): unknown {
  return withoutPlaces({ mode, modes, namespaces, implications, rulesets });
}

function entitiesOf({ entities }: Model): unknown {
  return entities.map(({ id, attributes }) => [id, [...attributes]]);
}

function isSame(a: unknown, b: unknown): boolean {
  return textOf(a) === textOf(b);
}

/** Maps, which attributes are, as their entries. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (each instanceof Map ? [...each] : each));
}

function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) =>
      name === 'location' || name === 'line' ? [] : [[name, withoutPlaces(each)]],
    ),
  );
}

/** What a rule means, as a text: its name and place left out. */
export function meaningOf(
  { effect, subjects, actions, resources, condition }: Rule,
  ruleset: string,
): string {
  return JSON.stringify([ruleset, effect, subjects, actions, resources, condition]);
}

function changedRules(before: Model, after: Model): [Set<Rule>, Set<Rule>] {
  const changed: [Set<Rule>, Set<Rule>] = [new Set(), new Set()];
  const [ours, theirs] = [rulesByRuleset(before), rulesByRuleset(after)];
  for (const name of new Set([...ours.keys(), ...theirs.keys()])) {
    const [a, b] = [ours.get(name), theirs.get(name)].map((each) => each ?? noRules) as [Rules, Rules];
    const differing =
      a.isOrdered || b.isOrdered ? differingRuns(a.list, b.list) : differingSets(a.list, b.list);
    for (const i of [0, 1] as const) for (const rule of differing[i]) changed[i].add(rule);
  }
  return changed;
}

interface Rules {
  readonly isOrdered: boolean;
  readonly list: MeantRule[];
}

interface MeantRule {
  readonly rule: Rule;
  readonly meaning: string;
}

const noRules: Rules = { isOrdered: false, list: [] };

function rulesByRuleset({ rules, rulesets }: Model): Map<string, Rules> {
  const all = new Map<string, Rules>([['', { isOrdered: false, list: [] }]]);
  for (const { name, combining } of rulesets) {
    all.set(`ruleset ${name}`, { isOrdered: combining === 'first-applicable', list: [] });
  }
  for (const rule of rules) {
    const name = rule.ruleset === undefined ? '' : `ruleset ${rulesets[rule.ruleset]!.name}`;
    all.get(name)!.list.push({ rule, meaning: meaningOf(rule, name) });
  }
  return all;
}

/** How often a rule is written does not count. */
function differingSets(a: readonly MeantRule[], b: readonly MeantRule[]): [Rule[], Rule[]] {
  const [ours, theirs] = [a, b].map((list) => new Set(list.map(({ meaning }) => meaning))) as [
    Set<string>,
    Set<string>,
  ];
  return [
    a.flatMap(({ rule, meaning }) => (theirs.has(meaning) ? [] : [rule])),
    b.flatMap(({ rule, meaning }) => (ours.has(meaning) ? [] : [rule])),
  ];
}

/** All between the common beginning and the common end. */
function differingRuns(a: readonly MeantRule[], b: readonly MeantRule[]): [Rule[], Rule[]] {
  const length = Math.min(a.length, b.length);
  let start = 0;
  while (start < length && a[start]!.meaning === b[start]!.meaning) start++;
  let end = 0;
  while (end < length - start && a[a.length - 1 - end]!.meaning === b[b.length - 1 - end]!.meaning) end++;
  return [a, b].map((list) => list.slice(start, list.length - end).map(({ rule }) => rule)) as [
    Rule[],
    Rule[],
  ];
}

/** Groups with other members, and those that they are in. */
function changedGroups(before: Model, after: Model): Set<string> {
  const [ours, theirs] = [membersByGroup(before), membersByGroup(after)];
  const changed = new Set(
    [...ours.keys(), ...theirs.keys()].filter((name) => ours.get(name) !== theirs.get(name)),
  );
  for (const name of changed) {
    for (const group of [...before.groups, ...after.groups]) {
      if (group.members.some((member) => member.kind === 'group' && member.name === name))
        changed.add(group.name);
    }
  }
  return changed;
}

function membersByGroup({ groups }: Model): Map<string, string> {
  return new Map(groups.map(({ name, members }) => [name, [...new Set(members.map(textOf))].sort().join()]));
}

function addRulesOf(group: string, { rules }: Model, changed: Set<Rule>): void {
  const names = (subject: SubjectPattern): boolean => subject.kind === 'group' && subject.name === group;
  for (const rule of rules) {
    const { condition } = rule;
    if (rule.subjects.some(names) || (condition !== undefined && groupsIn(condition).includes(group)))
      changed.add(rule);
  }
}
