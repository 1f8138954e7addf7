import type { RuleReference } from '../decision/decision.ts';
import type { Model, Rule } from '../model/model.ts';

export type MutantKind = 'drop' | 'flip' | 'widen' | 'narrow' | 'condition' | 'order' | 'default';

/** One fault put into a policy set. */
export interface Mutant {
  readonly kind: MutantKind;
  /** What was done: `subject widened to anyone`. */
  readonly words: string;
  /** The first of the rules; of a ruleset, group or namespace its name and place. */
  readonly place: RuleReference;
  /** The rules it is about: one, two for `order`, those that name a group or an action, none for `default`. */
  readonly rules: readonly Rule[];
  /** The same after the change; a rule that was dropped is not here. */
  readonly changed: readonly Rule[];
  /** Index into `Model.rulesets`, for `default`. */
  readonly ruleset?: number;
  /** As policy text. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** The policy set with the fault in it. */
  readonly apply: () => Model;
}
