import { referenceToRule } from '../analysis/rule-reference.ts';
import type { TextOf } from '../diagnostics/locate.ts';
import type { Group, Implication, Model, SubjectPattern } from '../model/model.ts';
import { printGroupName } from '../printing/print-condition.ts';
import { printAction, printRule, printSubject } from '../printing/print-rule.ts';
import type { Mutant } from './mutant.ts';
import { isShipped, referenceToNamed } from './rule-names.ts';

/** Neighbours of unlike effect in a ruleset where the first rule decides; of like effect their order says nothing. */
export function swaps(model: Model): Mutant[] {
  const mutants: Mutant[] = [];
  for (const [ruleset, { combining }] of model.rulesets.entries()) {
    if (combining !== 'first-applicable') continue;
    const own = model.rules.flatMap((rule, index) => (rule.ruleset === ruleset ? [index] : []));
    for (const [i, index] of own.entries()) {
      const next = own[i + 1];
      if (next !== undefined && !isShipped(model.rules[index]!)) mutants.push(...swapOf(model, index, next));
    }
  }
  return mutants;
}

function swapOf(model: Model, first: number, second: number): Mutant[] {
  const [a, b] = [model.rules[first]!, model.rules[second]!];
  if (a.effect === b.effect) return [];
  return [
    {
      kind: 'order',
      words: 'order changed with the next rule',
      place: referenceToRule(a),
      rules: [a, b],
      changed: [b, a],
      before: [printRule(a), printRule(b)],
      after: [printRule(b), printRule(a)],
      apply: () => ({ ...model, rules: model.rules.with(first, b).with(second, a) }),
    },
  ];
}

export function otherDefaults(model: Model, textOf: TextOf): Mutant[] {
  return model.rulesets.flatMap((ruleset, index): Mutant[] => {
    if (ruleset.default === 'none' || isShipped(ruleset)) return [];
    const other = ruleset.default === 'allow' ? 'deny' : 'allow';
    return [
      {
        kind: 'default',
        words: `default turned into \`${other}\``,
        place: referenceToNamed(ruleset, textOf),
        rules: [],
        changed: [],
        ruleset: index,
        before: [`default ${ruleset.default}`],
        after: [`default ${other}`],
        apply: () => ({ ...model, rulesets: model.rulesets.with(index, { ...ruleset, default: other }) }),
      },
    ];
  });
}

// ---------------------------------------------------------------- what rules name

/** Rules that show a change of what they name; with more, the first few do. */
const mostRulesNaming = 8;

export function smallerGroups(model: Model, textOf: TextOf): Mutant[] {
  return model.groups.flatMap((group, index) => {
    if (isShipped(group)) return [];
    const names = namesHolding(model, group.name);
    const naming = model.rules.filter(({ subjects }) => holdsOneOf(subjects, names));
    return group.members.map((left): Mutant => {
      const smaller = { ...group, members: group.members.filter((member) => member !== left) };
      return {
        kind: 'narrow',
        words: `member \`${printSubject(left)}\` left out`,
        place: referenceToNamed(group, textOf),
        rules: naming.slice(0, mostRulesNaming),
        changed: [],
        before: [printGroup(group)],
        after: [printGroup(smaller)],
        apply: () => ({ ...model, groups: model.groups.with(index, smaller) }),
      };
    });
  });
}

/** The group, and those that it is in through others. */
function namesHolding({ groups }: Model, name: string): Set<string> {
  const names = new Set([name]);
  // A set that grows while it is walked is walked to its end.
  for (const each of names) {
    for (const { name: other, members } of groups) if (holdsOneOf(members, new Set([each]))) names.add(other);
  }
  return names;
}

function holdsOneOf(subjects: readonly SubjectPattern[], names: ReadonlySet<string>): boolean {
  return subjects.some((subject) => subject.kind === 'group' && names.has(subject.name));
}

function printGroup({ name, members }: Group): string {
  const list = members.map(printSubject).join(', ');
  return `group ${printGroupName(name)} { ${list === '' ? '' : `${list} `}}`;
}

export function fewerImplications(model: Model, textOf: TextOf): Mutant[] {
  return model.namespaces.flatMap((namespace, index) => {
    if (isShipped(namespace)) return [];
    return namespace.implications.flatMap((implication, at) =>
      implication.implies.map((left): Mutant => {
        const fewer = { ...implication, implies: implication.implies.filter((name) => name !== left) };
        const implications = namespace.implications.with(at, fewer);
        const naming = model.rules.filter(({ actions }) => actions.includes(implication.action));
        return {
          kind: 'narrow',
          words: `action \`${printAction(left)}\` no longer implied`,
          place: referenceToNamed(namespace, textOf),
          rules: naming.slice(0, mostRulesNaming),
          changed: [],
          before: [printImplication(implication)],
          after: [printImplication(fewer)],
          apply: () => ({
            ...model,
            namespaces: model.namespaces.with(index, { ...namespace, implications }),
          }),
        };
      }),
    );
  });
}

function printImplication({ action, implies }: Implication): string {
  const head = `action ${printAction(action)}`;
  return implies.length === 0 ? head : `${head} implies ${implies.map(printAction).join(', ')}`;
}
