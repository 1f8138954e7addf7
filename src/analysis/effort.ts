import { TooComplexError } from './too-complex.ts';

/**
 * How much work an analysis may still do. A step is a small constant piece of work, not a time: the same policy set takes
 * the same steps everywhere. What shares one effort is bounded together, however many questions it is cut into.
 */
export class Effort {
  readonly #limit: number;
  #spent = 0;

  constructor(limit: number = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  get spent(): number {
    return this.#spent;
  }

  /** Nothing that takes work can be asked any more. */
  get isSpent(): boolean {
    return this.#spent > this.#limit;
  }

  /** @throws {TooComplexError} once more has been spent than there was, and at every call from then on */
  spend(steps: number): void {
    this.#spent += steps;
    if (this.#spent > this.#limit) throw new TooComplexError('too many rules beside one another');
  }
}
