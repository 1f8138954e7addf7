import { resolve } from 'node:path';
import type { Database } from './database.ts';
import { checkSchema, migrate } from './schema.ts';
import { SqlStore } from './sql-store.ts';
import { readStoreAddress } from './store-address.ts';

export interface StoreOptions {
  /** Follows the store and never writes to it: a replica, which needs no right to. */
  readonly readOnly?: boolean;
  /** Makes the store where there is none. */
  readonly create?: boolean;
  /** How long to wait for a connection, a lock or an answer. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 10_000;

/**
 * Opens a store.
 *
 * @param address  the path of a SQLite file, or `postgres://…`
 * @throws {StoreError} if there is none, it cannot be reached, or it is of a newer version
 */
export async function openStore(address: string, options: StoreOptions = {}): Promise<SqlStore> {
  const { readOnly = false, create = false, timeoutMs = defaultTimeoutMs } = options;
  const database = await openDatabase(address, { readOnly, create, timeoutMs });
  try {
    if (readOnly) await checkSchema(database);
    else await migrate(database, { mayCreate: create });
    return new SqlStore(database, { isReadOnly: readOnly, timeoutMs });
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The driver of the other kind is not even loaded. */
async function openDatabase(
  text: string,
  { readOnly, create, timeoutMs }: Required<StoreOptions>,
): Promise<Database> {
  const address = readStoreAddress(text);
  const { name } = address;
  if (address.kind === 'sqlite') {
    const { openSqlite } = await import('./sqlite/open-sqlite.ts');
    return openSqlite({
      name,
      // A whole path: the folder may change, and `file:…` means something else to SQLite.
      path: resolve(address.path),
      timeoutMs,
      isReadOnly: readOnly,
      mayCreate: create && !readOnly,
    });
  }
  const { openPostgresql } = await import('./postgresql/open-postgresql.ts');
  return openPostgresql({ name, url: address.url, timeoutMs });
}
