import type { Database } from '../database.ts';
import { StoreError } from '../errors.ts';
import { PostgresqlDatabase, type PostgresqlOptions } from './postgresql-database.ts';

/**
 * Opens a database of PostgreSQL. What the URL leaves out comes from the environment as for its own programs (PGPASSWORD, …).
 *
 * @throws {StoreError} if it cannot be reached, or cannot hold every id
 */
export async function openPostgresql(options: PostgresqlOptions): Promise<Database> {
  // Whoever keeps the store in a file need not load it.
  const { default: driver } = await import('pg');
  const database = new PostgresqlDatabase(driver, options);
  try {
    const [row] = await database.all(`SELECT current_setting('server_encoding') AS encoding`);
    if (row?.encoding !== 'UTF8')
      throw new StoreError(
        `${options.name} keeps text as ${row?.encoding}, which cannot hold every id: make a database with the encoding UTF8`,
      );
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}
