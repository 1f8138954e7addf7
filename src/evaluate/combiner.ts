import type { Image } from '../image/image.ts';
import {
  DEFAULT_ALLOW,
  DEFAULT_DENY,
  DEFAULT_NONE,
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
import type { RuleFinder } from './rule-finder.ts';

/** Makes one outcome of what the finder has found (S17, S18). */
export class Combiner {
  /** The rule that decided, or NONE; and the ruleset, if it was not that of rules outside any (S70). */
  rule: number = NONE;
  ruleset: number = NONE;

  readonly #image: Image;
  readonly #finder: RuleFinder;
  readonly #runner: DetailRunner;
  /** Rulesets without a scope that decide by default: they speak of every request. */
  readonly #everywhere: readonly number[];
  /** The rulesets that may decide about the request in hand, ascending: those in whose scope it is, and those without one. */
  readonly #speaking: Int32Array;
  #speakingCount = 0;
  /** For each ruleset the number of the request of which it spoke last, and its deciding rule then, as `#apply` has it. */
  readonly #stamps: Float64Array;
  readonly #found: Int32Array;
  #stamp = 0;

  constructor(image: Image, finder: RuleFinder, runner: DetailRunner) {
    this.#image = image;
    this.#finder = finder;
    this.#runner = runner;
    const count = image.rulesets.length / RULESET_SIZE;
    this.#speaking = new Int32Array(count);
    this.#stamps = new Float64Array(count);
    this.#found = new Int32Array(count);
    this.#everywhere = Array.from(this.#found, (_, ruleset) => ruleset).filter(
      (ruleset) =>
        this.#field(ruleset, RULESET_IS_UNSCOPED) === 1 &&
        this.#field(ruleset, RULESET_DEFAULT) !== DEFAULT_NONE,
    );
  }

  combine(): Outcome {
    const { firstDeny, firstAllow, detailCount, scopeCount } = this.#finder;
    this.ruleset = NONE;
    if (detailCount + scopeCount + this.#everywhere.length === 0) {
      this.rule = firstDeny === NONE ? firstAllow : firstDeny;
      return firstDeny !== NONE ? DENY_RULE : firstAllow === NONE ? DENY_DEFAULT : ALLOW_RULE;
    }
    const deny = this.#firstApplying(1, firstDeny * 2 + 1);
    if (deny >= 0) {
      this.rule = deny >> 1;
      return DENY_RULE;
    }
    this.rule = this.#firstApplying(0, firstAllow * 2) >> 1;
    return this.#askRulesets(this.rule === NONE ? DENY_DEFAULT : ALLOW_RULE);
  }

  /** A deny of any ruleset wins; an allow counts where nothing has allowed before. */
  #askRulesets(outcomeBefore: Outcome): Outcome {
    this.#findSpeaking();
    this.#judge(true);
    this.#judge(false);
    let best = outcomeBefore;
    for (let i = 0; i < this.#speakingCount; i++) {
      const ruleset = this.#speaking[i]!;
      const rule = this.#found[ruleset]!;
      const outcome = this.#outcomeOf(ruleset, rule);
      if (!isFinalDeny(outcome) && (best !== DENY_DEFAULT || outcome === DENY_DEFAULT)) continue;
      this.rule = rule >> 1;
      this.ruleset = ruleset;
      if (isFinalDeny(outcome)) return outcome;
      best = outcome;
    }
    return best;
  }

  #findSpeaking(): void {
    const { details, detailCount, scopes, scopeCount } = this.#finder;
    this.#stamp++;
    this.#speakingCount = 0;
    let isAscending = true;
    const add = (ruleset: number): void => {
      if (this.#stamps[ruleset] === this.#stamp) return;
      this.#stamps[ruleset] = this.#stamp;
      this.#found[ruleset] = NONE;
      if (this.#speakingCount > 0 && this.#speaking[this.#speakingCount - 1]! > ruleset) isAscending = false;
      this.#speaking[this.#speakingCount++] = ruleset;
    };
    this.#everywhere.forEach(add);
    for (let i = 0; i < scopeCount; i++) add(scopes[i]!);
    for (let i = 0; i < detailCount; i++) {
      const ruleset = this.#image.details[(details[i]! >>> 1) * DETAIL_SIZE + DETAIL_RULESET]!;
      if (ruleset !== NONE && this.#field(ruleset, RULESET_IS_UNSCOPED) === 1) add(ruleset);
    }
    if (!isAscending) this.#speaking.subarray(0, this.#speakingCount).sort();
  }

  /**
   * Finds the deciding rules of the rulesets that speak.
   *
   * @param isFirst  looks at denies, and at all rules where the first one decides; otherwise at the allows that are left
   */
  #judge(isFirst: boolean): void {
    const { details } = this.#image;
    for (let i = 0; i < this.#finder.detailCount; i++) {
      const detail = this.#finder.details[i]!;
      const ruleset = details[(detail >>> 1) * DETAIL_SIZE + DETAIL_RULESET]!;
      if (ruleset === NONE || this.#stamps[ruleset] !== this.#stamp) continue;
      const isOrdered = this.#field(ruleset, RULESET_COMBINING) === FIRST_APPLICABLE;
      const found = this.#found[ruleset]!;
      if ((isOrdered || (detail & 1) === 1) === isFirst && (isFirst || found === NONE || (found & 1) === 0))
        this.#found[ruleset] = this.#apply(detail, found);
    }
  }

  #outcomeOf(ruleset: number, rule: number): Outcome {
    if (rule !== NONE) return (rule & 1) === 1 ? DENY_RULE : ALLOW_RULE;
    const fallback = this.#field(ruleset, RULESET_DEFAULT);
    return fallback === DEFAULT_ALLOW
      ? ALLOW_RULESET
      : fallback === DEFAULT_DENY
        ? DENY_RULESET
        : DENY_DEFAULT;
  }

  /** The first rule of one effect outside any ruleset, as `#apply` has it. */
  #firstApplying(effect: number, found: number): number {
    const { details } = this.#image;
    let first = found;
    for (let i = 0; i < this.#finder.detailCount; i++) {
      const detail = this.#finder.details[i]!;
      if ((detail & 1) === effect && details[(detail >>> 1) * DETAIL_SIZE + DETAIL_RULESET] === NONE)
        first = this.#apply(detail, first);
    }
    return first;
  }

  /**
   * The first in source order of two rules, twice, plus 1 for a deny: that of a detail, if it applies, and one that is known
   * to, or negative. What comes after the one that is known is not looked at.
   */
  #apply(detail: number, found: number): number {
    const isDeny = detail & 1;
    const rule = this.#image.details[(detail >>> 1) * DETAIL_SIZE + DETAIL_RULE]!;
    if (found >= 0 && rule >= found >> 1) return found;
    const answer = this.#runner.run(detail >>> 1);
    // What errs lets a deny apply and an allow not (S41).
    return answer === IS_TRUE || (answer === ERRED && isDeny === 1) ? rule * 2 + isDeny : found;
  }

  #field(ruleset: number, field: number): number {
    return this.#image.rulesets[ruleset * RULESET_SIZE + field]!;
  }
}
