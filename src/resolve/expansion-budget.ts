/** Patterns that the braces of one policy set may stand for, all together (S28). */
export const MAX_EXPANSIONS_OF_SET = 4_000_000;
/** Pairs of a subject and a resource that the rules of one policy set may speak of, all together (S61): the image has an entry for each. */
export const MAX_PAIRS_OF_SET = 8_000_000;

/** Rules that grants may make of the permissions of roles in one policy set, all together (S62). */
export const MAX_GRANTED_OF_SET = 4_000_000;

/** How much of a policy set has been multiplied: a text of a few hundred bytes may say as much as a book. */
export interface Expanded {
  readonly patterns: number;
  readonly pairs: number;
  readonly granted: number;
}

/**
 * What short texts may grow to. Braces, blocks of subjects and permissions, and grants of roles multiply; what they make is
 * counted before it is made, so that no file takes more memory than one written out.
 */
export class ExpansionBudget {
  #patterns = 0;
  #pairs = 0;
  #granted = 0;

  get used(): Expanded {
    return { patterns: this.#patterns, pairs: this.#pairs, granted: this.#granted };
  }

  /** What was taken since `used` was that. */
  usedSince(before: Expanded): Expanded {
    return {
      patterns: this.#patterns - before.patterns,
      pairs: this.#pairs - before.pairs,
      granted: this.#granted - before.granted,
    };
  }

  /** Whether there is room for what braces make of one pattern. */
  takePatterns(count: number): boolean {
    this.#patterns += count;
    return this.#patterns <= MAX_EXPANSIONS_OF_SET;
  }

  /** Whether there is room for the pairs of one rule. */
  takePairs(count: number): boolean {
    this.#pairs += count;
    return this.#pairs <= MAX_PAIRS_OF_SET;
  }

  /** Whether there is room for the rules that one grant makes. */
  takeGranted(count: number): boolean {
    this.#granted += count;
    return this.#granted <= MAX_GRANTED_OF_SET;
  }

  /** Whether there is room for all that a file needed when it was resolved before; takes it if so. */
  takeAgain({ patterns, pairs, granted }: Expanded): boolean {
    const hasRoom =
      this.#patterns + patterns <= MAX_EXPANSIONS_OF_SET &&
      this.#pairs + pairs <= MAX_PAIRS_OF_SET &&
      this.#granted + granted <= MAX_GRANTED_OF_SET;
    if (!hasRoom) return false;
    this.#patterns += patterns;
    this.#pairs += pairs;
    this.#granted += granted;
    return true;
  }
}
