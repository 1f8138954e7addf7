import type { Operation } from '../../src/iam/operation.ts';
import type { RecordDraft } from '../../src/iam/record-hash.ts';
import type { Store } from '../../src/store/store.ts';

/** A change that may be made at any time, and another one for every name. */
export function createGroup(gid: string): Operation {
  return { kind: 'create-group', group: { gid, description: '', providerType: 'internal' } };
}

/** A record that says so. */
export function draftOf(...gids: readonly string[]): RecordDraft {
  return { timeMs: 1_772_000_000_000, author: 'tester', reason: '', operations: gids.map(createGroup) };
}

/** Appends records of one group each, `g1` for revision 1. */
export async function appendGroups(store: Store, number: number): Promise<void> {
  const { revision } = await store.head();
  for (let i = revision; i < revision + number; i++) await store.append(i, draftOf(`g${i + 1}`));
}
