import type { PolicyAnalysis } from '../../analysis/policy-analysis.ts';
import type { Model, Rule } from '../../model/model.ts';
import type { PolicyContext, Reported } from '../rule.ts';
import { coveredBy, describeRules } from './name-rule.ts';
import { findRepeated } from './repeated-rules.ts';
import { coverOfUnit, describeUnit, type RuleUnit, spanOfUnit, unitsOf } from './rule-units.ts';

/**
 * How others cover what is superfluous: a `same` one is said once more, word for word; in an `implied` one an action
 * stands that those others only imply; for a `wider` one they name the actions too.
 */
export type Redundancy = 'same' | 'implied' | 'wider';

export interface RedundantUnit {
  readonly unit: RuleUnit;
  readonly by: readonly Rule[];
  readonly redundancy: Redundancy;
}

const found = new WeakMap<PolicyAnalysis, readonly RedundantUnit[]>();

/** Rules outside of first-applicable rulesets that can go, one by one, without a change of any decision. */
export function findRedundant(model: Model, analysis: PolicyAnalysis): readonly RedundantUnit[] {
  const known = found.get(analysis);
  if (known !== undefined) return known;
  const units = unitsOf(model.rules);
  const repeated = findRepeated(units);
  const redundant = units.flatMap((unit): readonly RedundantUnit[] => {
    const by = coverOfUnit(unit, (rule) => analysis.findCover(rule));
    return by === undefined ? [] : [{ unit, by, redundancy: redundancyOf(unit, by, repeated) }];
  });
  found.set(analysis, redundant);
  return redundant;
}

/** Reports those of one kind: each is reported by the one lint rule that its kind belongs to. */
export function reportRedundant(context: PolicyContext, redundancy: Redundancy, reason: string): void {
  for (const { unit, by, redundancy: kind } of findRedundant(context.model, context.analysis)) {
    if (kind === redundancy) context.report(findingOf(context, unit, by, reason));
  }
}

function findingOf(
  { sources }: PolicyContext,
  unit: RuleUnit,
  by: readonly Rule[],
  reason: string,
): Reported {
  const [rule] = unit;
  const span = spanOfUnit(unit, sources);

  return {
    ...rule.location,
    message: `${describeUnit(unit)} changes nothing: ${describeRules(by)} ${reason}`,
    help: 'delete it, or see whether the other was meant to be narrower',
    proof: coveredBy(by, `${rule.effect === 'allow' ? 'allows' : 'denies'} all that it does`),
    ...(span === undefined ? {} : { fix: { safety: 'safe', edits: [{ span, newText: '' }] } }),
  };
}

function redundancyOf(unit: RuleUnit, by: readonly Rule[], repeated: ReadonlySet<RuleUnit>): Redundancy {
  if (repeated.has(unit)) return 'same';
  const named = new Set(by.flatMap(({ actions }) => actions));
  return unit.some(({ actions }) => actions.some((action) => !named.has(action))) ? 'implied' : 'wider';
}
