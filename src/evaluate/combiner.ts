import type { Image } from '../image/image.ts';
import {
  DEFAULT_ALLOW,
  DEFAULT_DENY,
  DETAIL_RULE,
  DETAIL_RULESET,
  DETAIL_SIZE,
  FIRST_APPLICABLE,
  NONE,
  RULESET_COMBINING,
  RULESET_DEFAULT,
  RULESET_IS_UNSCOPED,
  RULESET_SIZE,
} from '../image/layout.ts';
import { ERRED, IS_TRUE } from './condition.ts';
import type { DetailRunner } from './detail-runner.ts';
import {
  ALLOW_RULE,
  ALLOW_RULESET,
  DENY_DEFAULT,
  DENY_RULE,
  DENY_RULESET,
  isFinalDeny,
  type Outcome,
} from './outcome.ts';
import { firstOfTwo, type RuleFinder } from './rule-finder.ts';

/** Makes one outcome of what the finder has found (S17, S18). */
export class Combiner {
  /** The rule that decided, or NONE; and the ruleset, if it was not that of rules outside any (S70). */
  rule: number = NONE;
  ruleset: number = NONE;

  readonly #image: Image;
  readonly #finder: RuleFinder;
  readonly #runner: DetailRunner;
  readonly #rulesetCount: number;

  constructor(image: Image, finder: RuleFinder, runner: DetailRunner) {
    this.#image = image;
    this.#finder = finder;
    this.#runner = runner;
    this.#rulesetCount = image.rulesets.length / RULESET_SIZE;
  }

  combine(): Outcome {
    const { firstDeny, firstAllow, detailCount } = this.#finder;
    this.ruleset = NONE;
    if (detailCount === 0 && this.#rulesetCount === 0) {
      this.rule = firstDeny === NONE ? firstAllow : firstDeny;
      return firstDeny !== NONE ? DENY_RULE : firstAllow === NONE ? DENY_DEFAULT : ALLOW_RULE;
    }
    // In source order, so that the first rule that applies is the one to report.
    this.#finder.details.subarray(0, detailCount).sort(this.#byRule);
    this.rule = firstOfTwo(firstDeny, this.#firstApplying(NONE, 1) >> 1);
    if (this.rule !== NONE) return DENY_RULE;
    this.rule = firstOfTwo(firstAllow, this.#firstApplying(NONE, 0) >> 1);
    return this.#askRulesets(this.rule === NONE ? DENY_DEFAULT : ALLOW_RULE);
  }

  /** A deny of any ruleset wins; an allow counts where nothing has allowed before. */
  #askRulesets(outcomeBefore: Outcome): Outcome {
    let best = outcomeBefore;
    for (let ruleset = 0; ruleset < this.#rulesetCount; ruleset++) {
      if (!this.#speaks(ruleset)) continue;
      const rule = this.#ruleOf(ruleset);
      const outcome = this.#outcomeOf(ruleset, rule);
      if (!isFinalDeny(outcome) && (best !== DENY_DEFAULT || outcome === DENY_DEFAULT)) continue;
      this.rule = rule >> 1;
      this.ruleset = ruleset;
      if (isFinalDeny(outcome)) return outcome;
      best = outcome;
    }
    return best;
  }

  readonly #byRule = (a: number, b: number): number => {
    const { details } = this.#image;
    return (
      details[(a >>> 1) * DETAIL_SIZE + DETAIL_RULE]! - details[(b >>> 1) * DETAIL_SIZE + DETAIL_RULE]! ||
      a - b
    );
  };

  #speaks(ruleset: number): boolean {
    if (this.#image.rulesets[ruleset * RULESET_SIZE + RULESET_IS_UNSCOPED] === 1) return true;
    const { scopes, scopeCount } = this.#finder;
    for (let i = 0; i < scopeCount; i++) if (scopes[i] === ruleset) return true;
    return false;
  }

  /** The deciding rule of a ruleset, twice, plus 1 if it denies; NONE if none applies. */
  #ruleOf(ruleset: number): number {
    if (this.#image.rulesets[ruleset * RULESET_SIZE + RULESET_COMBINING] === FIRST_APPLICABLE) {
      return this.#firstApplying(ruleset, NONE);
    }
    const deny = this.#firstApplying(ruleset, 1);
    return deny === NONE ? this.#firstApplying(ruleset, 0) : deny;
  }

  #outcomeOf(ruleset: number, rule: number): Outcome {
    if (rule !== NONE) return (rule & 1) === 1 ? DENY_RULE : ALLOW_RULE;
    const fallback = this.#image.rulesets[ruleset * RULESET_SIZE + RULESET_DEFAULT];
    return fallback === DEFAULT_ALLOW
      ? ALLOW_RULESET
      : fallback === DEFAULT_DENY
        ? DENY_RULESET
        : DENY_DEFAULT;
  }

  /**
   * The first rule of `ruleset`, twice, plus 1 if it denies, that applies; or NONE.
   *
   * @param effect  1 for denies, 0 for allows, NONE for both
   */
  #firstApplying(ruleset: number, effect: number): number {
    const { details } = this.#image;
    for (let i = 0; i < this.#finder.detailCount; i++) {
      const found = this.#finder.details[i]!;
      const isDeny = found & 1;
      if (effect !== NONE && isDeny !== effect) continue;
      const detail = found >>> 1;
      if (details[detail * DETAIL_SIZE + DETAIL_RULESET] !== ruleset) continue;
      const answer = this.#runner.run(detail);
      // What errs lets a deny apply and an allow not (S41).
      if (answer === IS_TRUE || (answer === ERRED && isDeny === 1))
        return details[detail * DETAIL_SIZE + DETAIL_RULE]! * 2 + isDeny;
    }
    return NONE;
  }
}
