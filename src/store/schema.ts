import { randomBytes } from 'node:crypto';
import { noHash } from '../iam/record-hash.ts';
import type { Database, Sql } from './database.ts';
import { StoreError } from './errors.ts';

/**
 * One counter row, one table that only grows, one of snapshots, and the version of all this.
 *
 *     postern_head       id │ store_id │ epoch │ revision │ hash │ trimmed     one row: where the log ends, and what is gone of it
 *     postern_records    revision │ record                                     the record as JSON
 *     postern_snapshots  revision │ hash │ state │ state_hash
 *     postern_schema     version
 *
 * Ids stand in the JSON, never in a column of their own: no database compares them.
 */
const migrations: readonly ((sql: Sql, textType: string) => Promise<void>)[] = [makeTables];

/** Where the version stands, in every version. */
const versionTable = 'postern_schema';

/**
 * Brings the tables up to the version of this program.
 *
 * @param mayCreate  makes them where there are none
 * @throws {StoreError} if there are none, or they are of a newer version
 */
export async function migrate(
  database: Database,
  { mayCreate }: { readonly mayCreate: boolean },
): Promise<void> {
  const found = await versionOf(database, database);
  if (found === migrations.length) return;
  if (found === 0 && !mayCreate) throw missing(database);
  await database.writeAlone(async (sql) => {
    // Another process may have been quicker.
    const version = await versionOf(database, sql);
    for (const step of migrations.slice(version)) await step(sql, database.textType);
    if (version === 0) await sql.run(`INSERT INTO ${versionTable} (version) VALUES ($1)`, migrations.length);
    else await sql.run(`UPDATE ${versionTable} SET version = $1`, migrations.length);
  });
}

/** @throws {StoreError} if the tables are not of the version of this program */
export async function checkSchema(database: Database): Promise<void> {
  const version = await versionOf(database, database);
  if (version === 0) throw missing(database);
  if (version < migrations.length)
    throw new StoreError(
      `${database.name} is of an older version and cannot be brought up to date while it is only read: start what writes to it first`,
    );
}

/** 0 where there are no tables of ours. @throws {StoreError} for a newer version, or a file of something else */
async function versionOf(database: Database, sql: Pick<Sql, 'all'>): Promise<number> {
  const tables = await database.tables(sql);
  if (!tables.includes(versionTable)) {
    if (tables.length > 0 && database.isOwnFile)
      throw new StoreError(`${database.name} is no store: it is a database with the table \`${tables[0]}\``);
    return 0;
  }
  const [row] = await sql.all(`SELECT version FROM ${versionTable}`);
  const version = Number(row?.version ?? 0);
  if (version > migrations.length)
    throw new StoreError(
      `${database.name} is of version ${version}, and this program knows ${migrations.length}: use a newer Postern`,
    );
  return version;
}

function missing({ name }: Database): StoreError {
  return new StoreError(`${name} holds no store: make one with \`postern store init\``);
}

async function makeTables(sql: Sql, textType: string): Promise<void> {
  await sql.run(`CREATE TABLE ${versionTable} (version INTEGER NOT NULL)`);
  await sql.run(`CREATE TABLE postern_head (
    id INTEGER NOT NULL PRIMARY KEY,
    store_id ${textType} NOT NULL,
    epoch BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    hash ${textType} NOT NULL,
    trimmed BIGINT NOT NULL
  )`);
  await sql.run(`CREATE TABLE postern_records (
    revision BIGINT NOT NULL PRIMARY KEY,
    record ${textType} NOT NULL
  )`);
  await sql.run(`CREATE TABLE postern_snapshots (
    revision BIGINT NOT NULL PRIMARY KEY,
    hash ${textType} NOT NULL,
    state ${textType} NOT NULL,
    state_hash ${textType} NOT NULL
  )`);
  await sql.run(
    'INSERT INTO postern_head (id, store_id, epoch, revision, hash, trimmed) VALUES (1, $1, 1, 0, $2, 0)',
    randomBytes(8).toString('hex'),
    noHash,
  );
}
