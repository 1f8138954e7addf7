import { createHash } from 'node:crypto';
import type { Operation, StoreRecord } from './operation.ts';
import { RecordError } from './record-error.ts';

/** What stands for the hash before the first record. */
export const noHash = '0'.repeat(64);

/** What a record says beside its place in the log. */
export interface RecordDraft {
  readonly timeMs: number;
  /** Who asked for it: a uid, or what the command line says of itself. */
  readonly author: string;
  readonly reason: string;
  readonly operations: readonly Operation[];
}

/** SHA-256 in hexadecimal over a record without its own hash: the same members in the same order give the same hash. */
export function hashOf(record: Omit<StoreRecord, 'hash'>): string {
  const { hash: _, ...rest } = record as StoreRecord;
  return createHash('sha256').update(canonicalJson(rest)).digest('hex');
}

/** The record that comes after another. */
export function makeRecord(
  previous: { readonly revision: number; readonly hash: string },
  { timeMs, author, reason, operations }: RecordDraft,
): StoreRecord {
  const record = {
    revision: previous.revision + 1,
    previousHash: previous.hash,
    timeMs,
    author,
    reason,
    operations,
  };
  return { ...record, hash: hashOf(record) };
}

/** @throws {RecordError} if a record does not come after another, or is not what was written */
export function verifyRecord(
  previous: { readonly revision: number; readonly hash: string },
  record: StoreRecord,
): void {
  const { revision, previousHash, hash } = record;
  if (revision !== previous.revision + 1)
    throw new RecordError(`record ${revision} does not follow revision ${previous.revision}`);
  if (previousHash !== previous.hash)
    throw new RecordError(
      `record ${revision} is of another history: it does not go on from revision ${previous.revision}`,
    );
  if (hashOf(record) !== hash)
    throw new RecordError(`record ${revision} has been altered: its hash is another`);
}

/** JSON with the members of each object sorted by their names, and without blanks. What is undefined is not there. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join()}}`;
}
