import { closeSync, openSync, statSync } from 'node:fs';
import { describeSystemError, systemErrorCode } from '../../files/file-error.ts';
import type { Database } from '../database.ts';
import { StoreError } from '../errors.ts';
import { SqliteDatabase, type SqliteOptions } from './sqlite-database.ts';
import { describeSqliteError } from './sqlite-errors.ts';

export interface OpenSqliteOptions extends SqliteOptions {
  readonly isReadOnly: boolean;
  /** Makes the file where there is none. */
  readonly mayCreate: boolean;
}

const longestOpeningMs = 2000;

/**
 * Opens the file so that what is committed stays: a write-ahead log, synced before a commit returns.
 *
 * @throws {StoreError} if there is no such file, it is no database, or it lies where SQLite cannot keep what it promises
 */
export async function openSqlite(options: OpenSqliteOptions): Promise<Database> {
  const { name, path, isReadOnly, mayCreate, timeoutMs } = options;
  if (mayCreate) createFile(path, name);
  else checkFile(path, name);
  // Loaded here alone: it warns, in older versions, that it is new, and takes time that others need not spend.
  const { DatabaseSync } = await import('node:sqlite');
  try {
    const connection = new DatabaseSync(path, { readOnly: isReadOnly });
    try {
      // Another process may just be opening, closing or recovering it.
      connection.exec(`PRAGMA busy_timeout = ${Math.min(timeoutMs, longestOpeningMs)}`);
      if (!isReadOnly) prepareToWrite(connection, name);
      connection.exec('SELECT 1 FROM sqlite_master LIMIT 1');
      // From here on the waiting is ours: that of SQLite would hold up the thread.
      connection.exec('PRAGMA busy_timeout = 0');
      return new SqliteDatabase(connection, { name, path, timeoutMs });
    } catch (error) {
      connection.close();
      throw error;
    }
  } catch (error) {
    throw describeSqliteError(error, name);
  }
}

function prepareToWrite(
  connection: InstanceType<typeof import('node:sqlite').DatabaseSync>,
  name: string,
): void {
  const mode = connection.prepare('PRAGMA journal_mode = WAL').get()?.journal_mode;
  if (mode !== 'wal')
    throw new StoreError(
      `${name} lies on a file system where SQLite cannot share memory between processes: put it on a local disk`,
    );
  connection.exec('PRAGMA synchronous = FULL');
  // macOS: a plain sync leaves the data in the cache of the disk.
  connection.exec('PRAGMA fullfsync = ON');
}

/** For nobody else to read: hashes of passwords will stand in it. SQLite gives the files beside it the same permissions. */
function createFile(path: string, name: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return;
    throw new StoreError(`${name} cannot be made: ${describeSystemError(error)}`, { cause: error });
  }
}

function checkFile(path: string, name: string): void {
  let isFile: boolean;
  try {
    isFile = statSync(path).isFile();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT')
      throw new StoreError(`there is no store ${name}: make one with \`postern store init\``);
    throw new StoreError(`${name} cannot be read: ${describeSystemError(error)}`, { cause: error });
  }
  if (!isFile) throw new StoreError(`${name} is no store: it is not a file`);
}
