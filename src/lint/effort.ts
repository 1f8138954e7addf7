import { Effort } from '../analysis/effort.ts';
import type { Model } from '../model/model.ts';

/**
 * What a run may cost beyond reading the rules: in steps, not in time, so that the same policy set gets the same findings
 * everywhere. The steps that every set has are enough for small sets that are as intricate as can be, those for each rule
 * for large ones that are plain. What is asked once they are spent is not decided.
 */
const STEPS = 2_000_000;
const STEPS_OF_RULE = 500;

/** For all that rules of the linter ask about the meaning of the policy set. */
export function effortOfQuestions({ rules }: Model): Effort {
  return new Effort(STEPS + STEPS_OF_RULE * rules.length);
}

/** For proving the fixes of one round: those that are not proved are offered for review. */
export function effortOfProofs({ rules }: Model): Effort {
  return new Effort(STEPS + STEPS_OF_RULE * rules.length);
}
