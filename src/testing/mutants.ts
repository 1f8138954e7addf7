import { referenceToRule } from '../analysis/rule-reference.ts';
import { TemplateRanking } from '../compile/templates.ts';
import type { TextOf } from '../diagnostics/locate.ts';
import type { Model } from '../model/model.ts';
import { printRule } from '../printing/print-rule.ts';
import type { Mutant } from './mutant.ts';
import { fewerImplications, otherDefaults, smallerGroups, swaps } from './other-mutants.ts';
import { changesOf, Implications, type Surroundings } from './rule-changes.ts';
import { isShipped } from './rule-names.ts';
import { withoutFreeVariables } from './without-free-variables.ts';

/** The faults that are put in, rule by rule in source order. Two changes that give the same rule are one. */
export function mutantsOf(model: Model, textOf: TextOf = () => undefined): Mutant[] {
  const surroundings = { implications: new Implications(model), templates: new TemplateRanking(model) };
  return [
    ...model.rules.flatMap((rule, index) =>
      isShipped(rule) ? [] : mutantsOfRule(model, index, surroundings),
    ),
    ...swaps(model),
    ...otherDefaults(model, textOf),
    ...smallerGroups(model, textOf),
    ...fewerImplications(model, textOf),
  ];
}

function mutantsOfRule(model: Model, index: number, surroundings: Surroundings): Mutant[] {
  const rule = model.rules[index]!;
  const before = printRule(rule);
  const place = referenceToRule(rule);
  const seen = new Set([before]);
  const mutants: Mutant[] = [
    {
      kind: 'drop',
      words: 'rule dropped',
      place,
      rules: [rule],
      changed: [],
      before: [before],
      after: [],
      apply: () => ({ ...model, rules: model.rules.toSpliced(index, 1) }),
    },
  ];
  for (const change of changesOf(rule, surroundings)) {
    const changed = withoutFreeVariables(change.rule);
    const after = printRule(changed);
    if (seen.has(after)) continue;
    seen.add(after);
    const { kind, words } = change;
    const apply = (): Model => ({ ...model, rules: model.rules.with(index, changed) });
    mutants.push({
      kind,
      words,
      place,
      rules: [rule],
      changed: [changed],
      before: [before],
      after: [after],
      apply,
    });
  }
  return mutants;
}
