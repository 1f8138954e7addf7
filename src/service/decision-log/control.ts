/**
 * How much of the decision log waits to be written, in memory that threads share: each of them knows at once that it must
 * wait, without a message.
 *
 *     queued units │ is failing
 */
export class LogControl {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  get queued(): number {
    return Atomics.load(this.#words, 0);
  }

  addQueued(units: number): void {
    Atomics.add(this.#words, 0, units);
  }

  get isFailing(): boolean {
    return Atomics.load(this.#words, 1) === 1;
  }

  set isFailing(isFailing: boolean) {
    Atomics.store(this.#words, 1, isFailing ? 1 : 0);
  }
}

/** Lines of one thread on their way to the file. */
export interface LogBatch {
  readonly bytes: Uint8Array;
  readonly entries: number;
  /** What `LogControl` counts. */
  readonly units: number;
}

export const defaultBufferBytes = 8 * 1024 * 1024;
export const defaultSpillBytes = 1024 * 1024 * 1024;
