import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreRecord } from '../iam/operation.ts';
import type { Database } from './database.ts';
import { StoreError } from './errors.ts';
import { readExtent, readRecordRow } from './read-row.ts';

export interface Commit {
  readonly record: StoreRecord;
  /** What its commit failed with. */
  readonly error: StoreError;
  /** How long to try: a server that restarts is back within seconds. */
  readonly timeoutMs: number;
}

/**
 * Whether a record was written, when the connection broke before the answer to its commit came.
 *
 * @returns false if it was not, and never will be
 * @throws {StoreError} `isUncertain` if it cannot be found out now
 */
export async function resolveCommit(
  database: Database,
  { record, error, timeoutMs }: Commit,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (let waitMs = 50; performance.now() < deadline; waitMs = Math.min(waitMs * 2, 1000)) {
    try {
      return await isWritten(database, record);
    } catch (failure) {
      if (!(failure instanceof StoreError && (failure.isUnavailable || failure.isUncertain))) throw failure;
    }
    await sleep(waitMs);
  }
  throw new StoreError(
    `${error.message}: it is not known whether revision ${record.revision} was written: read it again before you write`,
    { isUncertain: true, isUnavailable: true, cause: error },
  );
}

function isWritten(database: Database, { revision, hash }: StoreRecord): Promise<boolean> {
  return database.write(async (sql) => {
    // Our own transaction may live on in the server, holding this row: what is read behind it is the end of the matter.
    await sql.run('UPDATE postern_head SET revision = revision WHERE id = 1');
    const [row] = await sql.all('SELECT revision, record FROM postern_records WHERE revision = $1', revision);
    if (row !== undefined) return readRecordRow(row, database.name).hash === hash;
    const [head] = await sql.all(
      'SELECT store_id, epoch, revision, hash, trimmed FROM postern_head WHERE id = 1',
    );
    // Dropped since: nobody can say any more.
    if (head === undefined || readExtent(head).trimmed >= revision)
      throw new StoreError(`${database.name} no longer has revision ${revision}`, { isUncertain: true });
    return false;
  });
}
