import type { Expression, Group, Model, Rule, SubjectPattern } from '../model/model.ts';
import { parentsOf } from './group-parents.ts';
import { groupsIn, rootsIn } from './policy-side.ts';
import { rulesApart } from './rules-apart.ts';
import { isSameMeaning, isSameRule } from './same-meaning.ts';

/** What differs between two policy sets. */
export interface Changes {
  /** Rules of each that the other does not have, or has in another place of an order that counts. */
  readonly rules: readonly [ReadonlySet<Rule>, ReadonlySet<Rule>];
  /** With other members, however deep. */
  readonly groups: ReadonlySet<string>;
  /** Whether namespaces, implications, rulesets or the mode differ, which can change any decision. */
  readonly isEverything: boolean;
  /** What differs too and is not compared: of routes no decision depends that names action and resource. */
  readonly others: readonly ('routes' | 'entities')[];
}

/** Cost: one comparison for each rule, and for those that are not where they were a search by what they mean. */
export function findChanges(before: Model, after: Model): Changes {
  const rules = changedRules(before, after);
  const groups = changedGroups(before, after);
  if (groups.size > 0) for (const i of [0, 1] as const) addRulesOf(groups, [before, after][i]!, rules[i]);
  const isEverything = !isSameMeaning(schemaOf(before), schemaOf(after));
  const others: Changes['others'][number][] = [];
  if (!isSameMeaning(before.routes, after.routes)) others.push('routes');
  const readsAttributes = [before, after].some((model) =>
    model.rules.some(({ condition }) => condition !== undefined && readsDeclared(condition)),
  );
  if (readsAttributes && !isSameMeaning(before.entities, after.entities)) others.push('entities');
  return { rules, groups, isEverything, others };
}

/** Whether a condition reads what an entity may declare. */
function readsDeclared(condition: Expression): boolean {
  return [...rootsIn(condition)].some((name) => !name.startsWith('context.') && !name.endsWith('.id'));
}

function schemaOf({ mode, modes, namespaces, implications, rulesets }: Model): unknown {
  return { mode, modes, namespaces, implications, rulesets };
}

function changedRules(before: Model, after: Model): [Set<Rule>, Set<Rule>] {
  const changed: [Set<Rule>, Set<Rule>] = [new Set(), new Set()];
  const [ours, theirs] = [rulesByRuleset(before), rulesByRuleset(after)];
  for (const name of new Set([...ours.keys(), ...theirs.keys()])) {
    const [a, b] = [ours.get(name), theirs.get(name)].map((each) => each ?? noRules) as [Rules, Rules];
    const apart = a.isOrdered || b.isOrdered ? differingRuns(a.list, b.list) : rulesApart(a.list, b.list);
    for (const i of [0, 1] as const) for (const rule of apart[i]) changed[i].add(rule);
  }
  return changed;
}

interface Rules {
  readonly isOrdered: boolean;
  readonly list: Rule[];
}

const noRules: Rules = { isOrdered: false, list: [] };

/** Those outside any ruleset have no name. */
function rulesByRuleset({ rules, rulesets }: Model): Map<string | undefined, Rules> {
  const outside: Rules = { isOrdered: false, list: [] };
  const inside = rulesets.map(
    ({ combining }): Rules => ({ isOrdered: combining === 'first-applicable', list: [] }),
  );
  for (const rule of rules) (rule.ruleset === undefined ? outside : inside[rule.ruleset]!).list.push(rule);
  return new Map([[undefined, outside], ...rulesets.map(({ name }, i) => [name, inside[i]!] as const)]);
}

/** All between the common beginning and the common end. */
function differingRuns(a: readonly Rule[], b: readonly Rule[]): [Rule[], Rule[]] {
  const length = Math.min(a.length, b.length);
  let start = 0;
  while (start < length && isSameRule(a[start]!, b[start]!)) start++;
  let end = 0;
  while (end < length - start && isSameRule(a[a.length - 1 - end]!, b[b.length - 1 - end]!)) end++;
  return [a.slice(start, a.length - end), b.slice(start, b.length - end)];
}

/** Groups with other members, and those that they are in. */
function changedGroups(before: Model, after: Model): Set<string> {
  const [ours, theirs] = [before, after].map(
    ({ groups }) => new Map(groups.map((each) => [each.name, each])),
  ) as [Map<string, Group>, Map<string, Group>];
  const changed = new Set(
    [...ours.keys(), ...theirs.keys()].filter((name) => !hasSameMembers(ours.get(name), theirs.get(name))),
  );
  if (changed.size === 0) return changed;
  const parents = parentsOf([...before.groups, ...after.groups]);
  for (const name of changed) for (const parent of parents.get(name) ?? []) changed.add(parent);
  return changed;
}

function hasSameMembers(a: Group | undefined, b: Group | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return isSameMeaning(a.members, b.members) || memberTextOf(a) === memberTextOf(b);
}

/** Equal for groups with the same members, in whatever order and however often they are written. */
function memberTextOf({ members }: Group): string {
  return [...new Set(members.map((member) => JSON.stringify(member)))].sort().join();
}

function addRulesOf(groups: ReadonlySet<string>, { rules }: Model, changed: Set<Rule>): void {
  const names = (subject: SubjectPattern): boolean => subject.kind === 'group' && groups.has(subject.name);
  for (const rule of rules) {
    const { condition } = rule;
    if (
      rule.subjects.some(names) ||
      (condition !== undefined && groupsIn(condition).some((name) => groups.has(name)))
    )
      changed.add(rule);
  }
}
