import type { IamState } from '../../iam/iam-state.ts';
import type { Operation } from '../../iam/operation.ts';
import { RevisionConflictError, StoreError } from '../../store/errors.ts';
import { readOn } from '../../store/read-state.ts';
import type { Store } from '../../store/store.ts';

/** Operations that go in one record: a follower applies it in some milliseconds. */
const recordSize = 5_000;
/** A service may write at the same time, record for record. */
const maxConflicts = 100;

/**
 * Writes more operations than one record should hold, in several. Whoever writes in between is read first; what is left to do is
 * then asked for again, and checked again.
 *
 * @param state  where the log ends; it is taken on as records are written
 * @param operationsLeft  what a state still lacks; they have been checked against the first
 * @returns the revision at which nothing is left
 * @throws {StoreError} if the store cannot be read or written, or what somebody else wrote in between does not admit the rest
 */
export async function writeInRecords(
  store: Store,
  state: IamState,
  about: { readonly author: string; readonly reason: string },
  operationsLeft: (state: IamState) => readonly Operation[],
): Promise<number> {
  let left = operationsLeft(state);
  let written = 0;
  for (let conflicts = 0; written < left.length; ) {
    const operations = left.slice(written, written + recordSize);
    try {
      state.apply(await store.append(state.revision, { ...about, timeMs: Date.now(), operations }));
      written += operations.length;
    } catch (error) {
      if (!(error instanceof RevisionConflictError) || ++conflicts > maxConflicts) throw error;
      await readOn(store, state);
      left = operationsLeft(state);
      written = 0;
      const fault = state.checkAll(left);
      if (fault !== undefined)
        throw new StoreError(
          `somebody else has written meanwhile, and the rest does not fit: ${fault.description}`,
        );
    }
  }
  return state.revision;
}
