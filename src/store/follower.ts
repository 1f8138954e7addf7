import type { IamState, OperationFault } from '../iam/iam-state.ts';
import type { Operation, StoreRecord } from '../iam/operation.ts';
import type { Changes } from '../live/changes.ts';
import { RevisionConflictError, StoreError, TrimmedError } from './errors.ts';
import { readState, takeRecord } from './read-state.ts';
import type { Head, Store } from './store.ts';

export interface FollowerOptions {
  readonly store: Store;
  /** Told of each record in order, after the state has taken it; what it returns is waited for before the next. */
  readonly onChanges: (changes: Changes) => void | Promise<void>;
  /** Another history than before is in the store: the whole state is new. */
  readonly onReplaced: () => void | Promise<void>;
  readonly onTrouble: (error: Error) => void;
  /** How often the store is asked although it has reported nothing. */
  readonly pollMs: number;
  /** A clock that never goes back. */
  readonly nowMs: () => number;
}

/** Who writes, and why: kept with the record. */
export interface WriteAbout {
  readonly author: string;
  readonly reason: string;
}

/** An operation that the state does not admit: nothing has been written. */
export class OperationRefusedError extends Error {
  override readonly name = 'OperationRefusedError';
  readonly fault: OperationFault;

  constructor(fault: OperationFault) {
    super(fault.description);
    this.fault = fault;
  }
}

/** Records that are read at once. */
const pageSize = 1000;
/** Writers that meet have to take turns; so many turns lost is no bad luck any more. */
const maxAttempts = 100;

/**
 * What the store says, followed record by record, and the one way to write to it. After a gap or a hash that does not fit it
 * stops: what it has goes on being true of a revision that was, and `trouble` says that it is no longer the last.
 */
export class Follower {
  readonly #options: FollowerOptions;
  #state: IamState;
  #head: Head;
  #trouble: Error | undefined;
  /** When the store was last known to hold nothing newer. */
  #freshAtMs: number;
  /** Work on the state, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #catchingUp: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #unwatch: (() => void) | undefined;
  #isClosed = false;

  private constructor(options: FollowerOptions, state: IamState, head: Head, freshAtMs: number) {
    this.#options = options;
    this.#state = state;
    this.#head = head;
    this.#freshAtMs = freshAtMs;
  }

  /** @throws {StoreError} if the store cannot be read */
  static async open(options: FollowerOptions): Promise<Follower> {
    const startedMs = options.nowMs();
    const { state, head } = await readState(options.store);
    return new Follower(options, state, head, startedMs);
  }

  get state(): IamState {
    return this.#state;
  }

  /** What the state is of: the revision of the record that it took last. */
  get head(): Head {
    return { ...this.#head, revision: this.#state.revision, hash: this.#state.hash };
  }

  /** Why it follows no longer, or cannot for the moment. */
  get trouble(): Error | undefined {
    return this.#trouble;
  }

  /** For how long there may have been something newer, in milliseconds. */
  get staleMs(): number {
    return this.#options.nowMs() - this.#freshAtMs;
  }

  /** Begins to follow by itself. */
  start(): void {
    this.#unwatch = this.#options.store.watch(() => void this.#tryToCatchUp());
    this.#timer = setInterval(() => void this.#tryToCatchUp(), this.#options.pollMs).unref();
  }

  close(): void {
    this.#isClosed = true;
    this.#unwatch?.();
    clearInterval(this.#timer);
  }

  /**
   * Takes everything that was in the store when it was called.
   *
   * @throws {StoreError} if the store cannot be read or does not go on from the state
   */
  async catchUp(): Promise<void> {
    // A reading that has begun may have been too early for what the caller knows of.
    await this.#catchingUp?.catch(() => {});
    this.#catchingUp ??= this.#inTurn(() => this.#readOn()).finally(() => {
      this.#catchingUp = undefined;
    });
    return this.#catchingUp;
  }

  /**
   * Writes operations as one record, if the state admits them all.
   *
   * @throws {OperationRefusedError} if it does not
   * @throws {StoreError} if they could not be written
   */
  write(
    operations: readonly Operation[],
    about: WriteAbout & { readonly timeMs: number },
  ): Promise<StoreRecord> {
    return this.#inTurn(async () => {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        if (this.#state.checkAll(operations) !== undefined) {
          // It may be that somebody else has written what stands in the way, or has taken it away since.
          await this.#readOn();
          const fault = this.#state.checkAll(operations);
          if (fault !== undefined) throw new OperationRefusedError(fault);
        }
        try {
          const record = await this.#options.store.append(this.#state.revision, { ...about, operations });
          await this.#take(record);
          return record;
        } catch (error) {
          if (!(error instanceof RevisionConflictError)) throw error;
          await this.#readOn();
        }
      }
      throw new StoreError(`others have written first ${maxAttempts} times: try again`);
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }

  async #tryToCatchUp(): Promise<void> {
    if (this.#isClosed || this.#catchingUp !== undefined) return;
    try {
      await this.catchUp();
    } catch (error) {
      this.#note(error as Error);
    }
  }

  #note(error: Error): void {
    const isNews = this.#trouble?.message !== error.message;
    this.#trouble = error;
    if (isNews && !this.#isClosed) this.#options.onTrouble(error);
  }

  async #readOn(): Promise<void> {
    try {
      await this.#readRecords();
    } catch (error) {
      // What is missing is in the snapshot, and in no record any more.
      if (!(error instanceof TrimmedError)) throw error;
      await this.#replace();
    }
  }

  async #readRecords(): Promise<void> {
    const { store, nowMs } = this.#options;
    const startedMs = nowMs();
    const head = await store.head();
    if (head.storeId !== this.#head.storeId || head.epoch !== this.#head.epoch) return this.#replace();
    if (head.revision < this.#state.revision)
      throw new StoreError(
        `${store.name} ends at revision ${head.revision}, and revision ${this.#state.revision} had been read from it: it has lost records`,
      );
    while (this.#state.revision < head.revision) {
      const records = await store.readAfter(this.#state.revision, pageSize);
      if (records.length === 0)
        throw new StoreError(
          `${store.name} has no record after revision ${this.#state.revision}, though it ends at ${head.revision}`,
        );
      for (const record of records) await this.#take(record);
    }
    if (head.revision === this.#state.revision && head.hash !== this.#state.hash)
      throw new StoreError(
        `${store.name} has another record of revision ${head.revision} than was read before`,
      );
    this.#trouble = undefined;
    this.#freshAtMs = startedMs;
  }

  /** A restored or another store, or one that has been trimmed too far: everything is read anew. */
  async #replace(): Promise<void> {
    const startedMs = this.#options.nowMs();
    const { state, head } = await readState(this.#options.store);
    this.#state = state;
    this.#head = head;
    await this.#options.onReplaced();
    this.#trouble = undefined;
    this.#freshAtMs = startedMs;
  }

  async #take(record: StoreRecord): Promise<void> {
    const { store, onChanges } = this.#options;
    await onChanges(takeRecord(store, this.#state, record));
  }
}
