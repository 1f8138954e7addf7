import type { Truth } from '../analysis/evaluate-expression.ts';
import { foldCondition, type Known } from '../analysis/fold-condition.ts';
import type { Expression, Model, Rule } from '../model/model.ts';

/** Rules of which some still depend on the resource. */
export interface ResidualModel {
  readonly model: Model;
  /** Distinct conditions that depend on the resource, which rules refer to. */
  readonly conditions: readonly Expression[];
}

/** What is left of a policy set once all but the resource is known: rules that never apply are gone, others lose their condition. */
export function foldRules(model: Model, known: Known): ResidualModel {
  const conditions = new Map<string, Expression>();
  const rules = model.rules.flatMap((rule): Rule[] => {
    const { condition, ...others } = rule;
    if (condition === undefined) return [rule];
    const left = foldCondition(condition, known);
    if (typeof left === 'string') return applies(rule, left) ? [others] : [];
    const key = JSON.stringify(left);
    const shared = conditions.get(key) ?? left;
    conditions.set(key, shared);
    return [{ ...others, condition: shared }];
  });
  return { model: { ...model, rules }, conditions: [...conditions.values()] };
}

/** The rules that apply, without conditions, where the residual ones come to what is said. */
export function resolveRules({ model, conditions }: ResidualModel, truths: readonly Truth[]): Model {
  if (conditions.length === 0) return model;
  const truthOf = new Map(conditions.map((condition, i) => [condition, truths[i]!]));
  const rules = model.rules.flatMap((rule): Rule[] => {
    const { condition, ...others } = rule;
    if (condition === undefined) return [rule];
    return applies(rule, truthOf.get(condition)!) ? [others] : [];
  });
  return { ...model, rules };
}

/** S41 */
function applies({ effect }: Pick<Rule, 'effect'>, truth: Truth): boolean {
  return truth === 'true' || (truth === 'error' && effect === 'deny');
}
