import type { StoreRecord } from '../iam/operation.ts';
import { hashOf, noHash } from '../iam/record-hash.ts';
import { StoreDamagedError } from './errors.ts';
import type { Extent } from './read-row.ts';
import type { Snapshot, Store } from './store.ts';

/** Everything that is in a store, on its way to another one or to a file. */
export interface StoreContent extends Extent {
  /** Where it comes from, for messages. */
  readonly name: string;
  readonly snapshot: Snapshot | undefined;
  /** From the first that is not trimmed to the head, in order. */
  readonly records: AsyncIterable<StoreRecord>;
}

const pageSize = 1000;

/** The records after a revision, to another. @throws {StoreError} */
export async function* recordsBetween(store: Store, after: number, last: number): AsyncIterable<StoreRecord> {
  for (let revision = after; revision < last; ) {
    for (const record of await store.readAfter(revision, Math.min(pageSize, last - revision))) {
      yield record;
      revision = record.revision;
    }
  }
}

/**
 * Goes through content and checks that every record is whole and goes on from the one before, up to the head.
 *
 * @param take  is given each record that is
 * @throws {StoreDamagedError} for the first that is not
 */
export async function followChain(
  { name, head, trimmed, snapshot, records }: StoreContent,
  take: (record: StoreRecord) => void | Promise<void>,
): Promise<void> {
  let last: { readonly revision: number; readonly hash: string | undefined } = {
    revision: trimmed,
    hash: trimmed === 0 ? noHash : snapshot?.revision === trimmed ? snapshot.hash : undefined,
  };
  for await (const record of records) {
    const { revision, previousHash, hash } = record;
    if (revision !== last.revision + 1)
      throw new StoreDamagedError(name, revision, `it stands behind revision ${last.revision}`);
    if (last.hash !== undefined && previousHash !== last.hash)
      throw new StoreDamagedError(name, revision, 'it does not go on from the record before it');
    if (hashOf(record) !== hash) throw new StoreDamagedError(name, revision, 'its hash is another');
    if (snapshot?.revision === revision && snapshot.hash !== hash)
      throw new StoreDamagedError(name, revision, 'the snapshot is of another record');
    await take(record);
    last = { revision, hash };
  }
  if (last.revision !== head.revision)
    throw new StoreDamagedError(name, last.revision + 1, `records up to ${head.revision} are missing`);
  if (last.hash !== undefined && last.hash !== head.hash)
    throw new StoreDamagedError(name, head.revision, 'the log ends with another hash than is noted');
}
