import type { Image } from '../image/image.ts';
import * as layout from '../image/layout.ts';
import { ERRED, IS_TRUE } from './condition.ts';
import type { DetailRunner } from './detail-runner.ts';
import type { Outcome } from './outcome.ts';
import * as outcomes from './outcome.ts';
import type { RuleFinder } from './rule-finder.ts';

// The platform folds constants of a module's own into the code, imported ones it does not (bench/constants.ts).
const DEFAULT_NONE = layout.DEFAULT_NONE;
const DETAIL_RULE = layout.DETAIL_RULE;
const DETAIL_RULESET = layout.DETAIL_RULESET;
const DETAIL_SIZE = layout.DETAIL_SIZE;
const FIRST_APPLICABLE = layout.FIRST_APPLICABLE;
const NONE = layout.NONE;
const RULESET_COMBINING = layout.RULESET_COMBINING;
const RULESET_DEFAULT = layout.RULESET_DEFAULT;
const RULESET_IS_UNSCOPED = layout.RULESET_IS_UNSCOPED;
const RULESET_SIZE = layout.RULESET_SIZE;
const ALLOW_RULE = outcomes.ALLOW_RULE;
const ALLOW_RULESET = outcomes.ALLOW_RULESET;
const DENY_DEFAULT = outcomes.DENY_DEFAULT;
const DENY_RULE = outcomes.DENY_RULE;
const DENY_RULESET = outcomes.DENY_RULESET;

/** In place of a rule, twice, plus 1 for a deny: no rule. It is even, so that it is no deny. */
const NO_RULE = NONE * 2;
/** What a ruleset says of which no rule applies, by its default. */
const DEFAULT_OUTCOMES = [DENY_DEFAULT, ALLOW_RULESET, DENY_RULESET];

/**
 * Makes one outcome of what the finder has found (S17, S18). The rules outside any ruleset are taken as a ruleset before the
 * others: NONE, of which a deny overrides an allow and which has no default. Here a ruleset is counted from there, as `set`.
 */
export class Combiner {
  /** The rule that decided, or NONE; and the ruleset, if it was not that of rules outside any (S70). */
  rule: number = NONE;
  ruleset: number = NONE;

  readonly #image: Image;
  readonly #finder: RuleFinder;
  readonly #runner: DetailRunner;
  /** Rulesets without a scope that decide by default: they speak of every request. */
  readonly #everywhere: readonly number[];
  /** The sets that speak of the request in hand, in no order: those in whose scope it is, and those without one. */
  readonly #speaking: Int32Array;
  #speakingCount = 0;
  /** For each set the number of the request of which it spoke last, and its deciding rule then, as `#judge` has it. */
  readonly #stamps: Float64Array;
  readonly #found: Int32Array;
  #stamp = 0;

  constructor(image: Image, finder: RuleFinder, runner: DetailRunner) {
    this.#image = image;
    this.#finder = finder;
    this.#runner = runner;
    const count = image.rulesets.length / RULESET_SIZE + 1;
    this.#speaking = new Int32Array(count);
    this.#stamps = new Float64Array(count);
    this.#found = new Int32Array(count);
    this.#everywhere = [...this.#found.keys()].filter(
      (set) =>
        set > 0 &&
        this.#field(set, RULESET_IS_UNSCOPED) &&
        this.#field(set, RULESET_DEFAULT) !== DEFAULT_NONE,
    );
  }

  combine(): Outcome {
    const { firstDeny, firstAllow, detailCount, scopes, scopeCount } = this.#finder;
    this.rule = firstDeny === NONE ? firstAllow : firstDeny;
    this.ruleset = NONE;
    if (detailCount + scopeCount + this.#everywhere.length === 0)
      return firstDeny !== NONE ? DENY_RULE : firstAllow === NONE ? DENY_DEFAULT : ALLOW_RULE;
    this.#stamp++;
    this.#speakingCount = 0;
    this.#add(0);
    for (const set of this.#everywhere) this.#add(set);
    for (let i = 0; i < scopeCount; i++) this.#add(scopes[i]! + 1);
    if (firstDeny !== NONE) this.#found[0] = firstDeny * 2 + 1;
    this.#judge(true);
    if (this.#found[0] === NO_RULE) this.#found[0] = firstAllow * 2;
    this.#judge(false);
    return this.#strongest();
  }

  /** Lets a set speak. */
  #add(set: number): void {
    if (this.#stamps[set] === this.#stamp) return;
    this.#stamps[set] = this.#stamp;
    this.#found[set] = NO_RULE;
    this.#speaking[this.#speakingCount++] = set;
  }

  /**
   * Finds the deciding rule of each set that speaks: the first in source order that applies.
   *
   * @param isFirst  looks at denies, and at all rules where the first one decides; otherwise at the allows that are left
   */
  #judge(isFirst: boolean): void {
    const { details } = this.#image;
    const { details: entries, detailCount } = this.#finder;
    const founds = this.#found;
    const hasRulesets = founds.length > 1;
    for (let i = 0; i < detailCount; i++) {
      const entry = entries[i]!;
      const isDeny = entry & 1;
      const detail = entry >>> 1;
      let set = 0;
      let isOrdered = false;
      if (hasRulesets) {
        set = details[detail * DETAIL_SIZE + DETAIL_RULESET]! + 1;
        if (set > 0 && this.#field(set, RULESET_IS_UNSCOPED)) this.#add(set);
        if (this.#stamps[set] !== this.#stamp) continue;
        isOrdered = set > 0 && this.#field(set, RULESET_COMBINING) === FIRST_APPLICABLE;
      }
      if ((isOrdered || isDeny === 1) !== isFirst) continue;
      const found = founds[set]!;
      if (!isFirst && (found & 1) === 1) continue;
      const rule = details[detail * DETAIL_SIZE + DETAIL_RULE]!;
      // What comes after a rule that applies is not looked at.
      if (found >= 0 && rule >= found >> 1) continue;
      const answer = this.#runner.run(detail);
      // What errs lets a deny apply and an allow not (S41).
      if (answer === IS_TRUE || (answer === ERRED && isDeny === 1)) founds[set] = rule * 2 + isDeny;
    }
  }

  /** A deny of any set wins, then an allow; of several the first in source order is named. */
  #strongest(): Outcome {
    let best = DENY_DEFAULT;
    let bestSet = 0;
    for (let i = 0; i < this.#speakingCount; i++) {
      const set = this.#speaking[i]!;
      const found = this.#found[set]!;
      const outcome =
        found >= 0
          ? (found & 1) === 1
            ? DENY_RULE
            : ALLOW_RULE
          : set > 0
            ? DEFAULT_OUTCOMES[this.#field(set, RULESET_DEFAULT)]!
            : DENY_DEFAULT;
      const lead = strengthOf(outcome) - strengthOf(best);
      if (lead < 0 || (lead === 0 && set >= bestSet)) continue;
      best = outcome;
      bestSet = set;
    }
    this.rule = this.#found[bestSet]! >> 1;
    this.ruleset = bestSet - 1;
    return best;
  }

  #field(set: number, field: number): number {
    return this.#image.rulesets[(set - 1) * RULESET_SIZE + field]!;
  }
}

/** 1 for an allow, 2 for a deny that is said, 0 for one by default. */
function strengthOf(outcome: Outcome): number {
  return outcome === DENY_DEFAULT ? outcome : 2 - (outcome & 1);
}
