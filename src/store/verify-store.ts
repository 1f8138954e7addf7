import { IamState } from '../iam/iam-state.ts';
import type { StoreRecord } from '../iam/operation.ts';
import { followChain, type StoreContent } from './content.ts';
import { StoreDamagedError } from './errors.ts';
import type { SqlStore } from './sql-store.ts';
import type { Head } from './store.ts';

/** What a store was found to be. */
export interface Verification {
  readonly head: Head;
  /** The last revision that has been dropped from the log. */
  readonly trimmed: number;
  /** Records that are there and whole. */
  readonly records: number;
  readonly snapshotRevision: number | undefined;
  /** What is wrong, for people; nothing if all is well. */
  readonly faults: readonly string[];
}

/**
 * Reads everything: that each record is whole and goes on from the one before, that all of them can be done, and that the
 * snapshot says what they amount to.
 *
 * @throws {StoreError} if it cannot be read
 */
export async function verifyStore(store: SqlStore): Promise<Verification> {
  const faults: string[] = [];
  let content: StoreContent;
  try {
    content = await store.content();
  } catch (error) {
    if (!(error instanceof StoreDamagedError)) throw error;
    // A snapshot that cannot be read; the records can be all the same.
    faults.push(error.message);
    content = await store.content({ isWithoutSnapshot: true });
  }
  const { head, trimmed, snapshot } = content;
  const replay = new Replay(content);
  let records = 0;
  try {
    await followChain(content, (record) => {
      records++;
      replay.take(record);
    });
  } catch (error) {
    if (!(error instanceof StoreDamagedError)) throw error;
    faults.push(error.message);
  }
  return {
    head,
    trimmed,
    records,
    snapshotRevision: snapshot?.revision,
    faults: [...faults, ...replay.faults],
  };
}

/** Does what the records say, from nothing or from the snapshot where the first of them are gone. */
class Replay {
  readonly faults: string[] = [];
  readonly #content: StoreContent;
  #state: IamState | undefined;

  constructor(content: StoreContent) {
    this.#content = content;
    const { trimmed, snapshot } = content;
    if (trimmed === 0) this.#state = IamState.empty();
    else if (snapshot !== undefined) this.#state = this.#parse(snapshot.state);
    else this.faults.push('the log is trimmed, and there is no snapshot of what was before');
    const isOf = this.#state?.revision === snapshot?.revision && this.#state?.hash === snapshot?.hash;
    if (trimmed > 0 && this.#state !== undefined && !isOf)
      this.faults.push('the snapshot is of another revision than is noted beside it');
  }

  take(record: StoreRecord): void {
    const state = this.#state;
    // What the snapshot that it begins with has in it.
    if (state === undefined || record.revision <= state.revision) return;
    try {
      state.apply(record);
    } catch (error) {
      this.faults.push(`revision ${record.revision}: ${(error as Error).message}`);
      this.#state = undefined;
      return;
    }
    const { snapshot } = this.#content;
    if (snapshot?.revision === record.revision && snapshot.state !== state.serialize())
      this.faults.push(`the snapshot of revision ${record.revision} is not what the records amount to`);
  }

  #parse(text: string): IamState | undefined {
    try {
      return IamState.parse(text);
    } catch (error) {
      this.faults.push(`the snapshot cannot be read: ${(error as Error).message}`);
      return undefined;
    }
  }
}
