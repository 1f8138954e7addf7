import type { IamState } from '../../iam/iam-state.ts';
import type { Operation } from '../../iam/operation.ts';
import { RevisionConflictError } from '../../store/errors.ts';
import { openStore } from '../../store/open-store.ts';
import { readState } from '../../store/read-state.ts';

/** The revision that was written, or why the state does not admit it. */
export type WriteOutcome =
  | { readonly ok: true; readonly revision: number }
  | { readonly ok: false; readonly description: string };

/** A service may write at the same time, record for record. */
const maxAttempts = 100;

/**
 * Writes operations that depend on what is there, on what is there when they are written.
 *
 * @throws {StoreError} if the store cannot be read or written
 */
export async function writeToStore(
  url: string,
  about: { readonly author: string; readonly reason: string },
  operationsOf: (state: IamState) => readonly Operation[],
): Promise<WriteOutcome> {
  const store = await openStore(url);
  try {
    for (let attempt = 1; ; attempt++) {
      const { state } = await readState(store);
      const operations = operationsOf(state);
      const fault = state.checkAll(operations);
      if (fault !== undefined) return { ok: false, description: fault.description };
      try {
        const draft = { ...about, timeMs: Date.now(), operations };
        const { revision } = await store.append(state.revision, draft);
        return { ok: true, revision };
      } catch (error) {
        if (!(error instanceof RevisionConflictError) || attempt === maxAttempts) throw error;
      }
    }
  } finally {
    await store.close();
  }
}
