import type { Changes } from '../iam/changes.ts';
import { IamState } from '../iam/iam-state.ts';
import type { StoreRecord } from '../iam/operation.ts';
import { RecordError } from '../iam/record-error.ts';
import { StoreError, TrimmedError } from './errors.ts';
import type { Head, Store } from './store.ts';

const pageSize = 1000;
/** A log may be trimmed between the reading of its snapshot and of what comes after. */
const maxAttempts = 3;

/**
 * The state at the end of the log: from the newest snapshot, and the records after it.
 *
 * @throws {StoreError} if the store cannot be read, or what it says does not fit together
 */
export async function readState(store: Store): Promise<{ readonly state: IamState; readonly head: Head }> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read(store);
    } catch (error) {
      if (!(error instanceof TrimmedError) || attempt === maxAttempts) throw error;
    }
  }
}

async function read(store: Store): Promise<{ readonly state: IamState; readonly head: Head }> {
  const head = await store.head();
  const snapshot = await store.snapshot();
  const state = snapshot === undefined ? IamState.empty() : IamState.parse(snapshot.state);
  await readOn(store, state);
  return { state, head: { ...head, revision: state.revision, hash: state.hash } };
}

/** Takes the records after the state, to the end of the log. @throws {StoreError} */
export async function readOn(store: Store, state: IamState): Promise<void> {
  for (;;) {
    const records = await store.readAfter(state.revision, pageSize);
    for (const record of records) takeRecord(store, state, record);
    if (records.length < pageSize) return;
  }
}

/** @throws {StoreError} if the record does not go on from the state, which stays as it was */
export function takeRecord(store: Store, state: IamState, record: StoreRecord): Changes {
  try {
    return state.apply(record);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    throw new StoreError(`${store.name}: ${error.message}`, { cause: error });
  }
}
