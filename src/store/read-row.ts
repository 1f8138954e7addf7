import { createHash } from 'node:crypto';
import type { StoreRecord } from '../iam/operation.ts';
import { readRecord } from '../iam/read-record.ts';
import { hashOf } from '../iam/record-hash.ts';
import type { Row } from './database.ts';
import { StoreDamagedError, StoreError } from './errors.ts';
import type { Head, Snapshot } from './store.ts';

/** Where the log ends, and the last revision that has been dropped from it. */
export interface Extent {
  readonly head: Head;
  readonly trimmed: number;
}

export function readExtent(row: Row): Extent {
  return {
    head: {
      storeId: String(row.store_id),
      epoch: Number(row.epoch),
      revision: Number(row.revision),
      hash: String(row.hash),
    },
    trimmed: Number(row.trimmed),
  };
}

/** As `parseRecord` does. */
export function readRecordRow(row: Row, storeName: string): StoreRecord {
  return parseRecord(String(row.record), Number(row.revision), storeName);
}

/**
 * A record from its text, checked against its own hash; that it goes on from the one before is for the caller to see.
 *
 * @param revision  where it was found
 * @throws {StoreDamagedError} if it is not what was written
 * @throws {StoreError} if a newer version has written it
 */
export function parseRecord(text: string, revision: number, storeName: string): StoreRecord {
  let record: StoreRecord;
  try {
    record = readRecord(text);
  } catch (error) {
    const { message } = error as Error;
    if (!isWhole(text)) throw new StoreDamagedError(storeName, revision, message, { cause: error });
    throw new StoreError(`${storeName}: ${message}: use a newer Postern`, { cause: error });
  }
  if (record.revision !== revision)
    throw new StoreDamagedError(storeName, revision, `record ${record.revision} stands in its place`);
  if (hashOf(record) !== record.hash)
    throw new StoreDamagedError(storeName, revision, 'the record has been altered: its hash is another');
  return record;
}

/** @throws {StoreDamagedError} if it is not what was written */
export function readSnapshotRow(row: Row, storeName: string): Snapshot {
  const revision = Number(row.revision);
  const state = String(row.state);
  if (textHash(state) !== row.state_hash)
    throw new StoreDamagedError(storeName, revision, 'the snapshot has been altered: its hash is another');
  return { revision, hash: String(row.hash), state };
}

/** SHA-256 in hexadecimal. */
export function textHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Whether a text that cannot be read as a record is what was written all the same. */
function isWhole(text: string): boolean {
  try {
    const value = JSON.parse(text) as StoreRecord;
    return hashOf(value) === value.hash;
  } catch {
    return false;
  }
}
