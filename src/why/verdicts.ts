import type { Effect } from '../decision/decision.ts';
import type { EntryOutcome } from '../evaluate/explain.ts';
import type { Model, Rule } from '../model/model.ts';
import type { RuleAccount, RulesetAccount } from './answer.ts';
import type { Question } from './question.ts';

/** What one set of rules says (S17), the rules outside of rulesets being the one without a number. */
export interface Verdict {
  readonly ruleset: number | undefined;
  readonly speaks: boolean;
  readonly says: Effect | undefined;
  readonly by: 'rule' | 'default';
  /** Those that apply, in order, whether the ruleset speaks or not. */
  readonly applying: readonly Rule[];
}

/** Whether a rule of which the engine says so applies (S41). */
export function doesApply({ effect }: Rule, outcome: EntryOutcome | undefined): boolean {
  return outcome === 'applies' || (effect === 'deny' && outcome === 'condition-error');
}

export function verdictsOn(
  question: Question,
  outcomes: ReadonlyMap<Rule, EntryOutcome>,
): readonly Verdict[] {
  const { model } = question;
  // In the order of the model: the engine lists the nearest first.
  const applying = model.rules.filter((rule) => doesApply(rule, outcomes.get(rule)));
  return [undefined, ...model.rulesets.keys()].map((ruleset): Verdict => {
    const rules = applying.filter((rule) => rule.ruleset === ruleset);
    const speaks = question.isSpokenFor(ruleset);
    return { ruleset, speaks, applying: rules, ...saidBy(model, ruleset, rules) };
  });
}

function saidBy(
  { rulesets }: Model,
  ruleset: number | undefined,
  applying: readonly Rule[],
): Pick<Verdict, 'says' | 'by'> {
  const declared = ruleset === undefined ? undefined : rulesets[ruleset]!;
  if (applying.length > 0) {
    const first = applying[0]!.effect;
    const isDenied = applying.some(({ effect }) => effect === 'deny');
    return {
      by: 'rule',
      says: declared?.combining === 'first-applicable' ? first : isDenied ? 'deny' : 'allow',
    };
  }
  const byDefault = declared?.default ?? 'none';
  return { by: 'default', says: byDefault === 'none' ? undefined : byDefault };
}

/** What became of a rule that applies. */
export function standingOf(
  rule: Rule,
  {
    verdicts,
    deciding,
    decision,
    model,
  }: {
    readonly verdicts: readonly Verdict[];
    readonly deciding: Rule | undefined;
    readonly decision: Effect;
    readonly model: Model;
  },
): RuleAccount['standing'] {
  const verdict = verdicts.find(({ ruleset }) => ruleset === rule.ruleset)!;
  if (!verdict.speaks) return 'unscoped';
  const isOrdered =
    rule.ruleset !== undefined && model.rulesets[rule.ruleset]!.combining === 'first-applicable';
  if (isOrdered && verdict.applying[0] !== rule) return 'later';
  if (rule === deciding) return 'decides';
  return rule.effect === decision ? 'agrees' : 'overridden';
}

export function accountOfVerdict({ ruleset, says, by, applying }: Verdict, model: Model): RulesetAccount {
  const own = model.rules.filter((rule) => rule.ruleset === ruleset);
  const declared = ruleset === undefined ? undefined : model.rulesets[ruleset]!;
  return {
    ...(declared === undefined ? {} : { name: declared.name }),
    combining: declared?.combining ?? 'deny-overrides',
    says: says ?? 'nothing',
    by,
    applying: applying.map((rule) => own.indexOf(rule) + 1),
  };
}
