import { setImmediate } from 'node:timers/promises';

/**
 * Long computations take turns: in each round of the event loop one of them goes on, however many there are, and then
 * everything else has its turn.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Settles when it is the caller's turn. */
  take(): Promise<void> {
    this.#last = this.#last.then(() => setImmediate());
    return this.#last;
  }
}
