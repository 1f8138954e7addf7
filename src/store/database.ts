/** A value as both databases take it. */
export type SqlValue = string | number;

/** A row by column names; a BIGINT may come as a number or in digits. */
export type Row = Readonly<Record<string, string | number | null>>;

/** Statements in the words that SQLite, PostgreSQL and CockroachDB share; values stand as `$1`, `$2`, …. */
export interface Sql {
  all(text: string, ...values: readonly SqlValue[]): Promise<readonly Row[]>;
  /** @returns how many rows it has changed */
  run(text: string, ...values: readonly SqlValue[]): Promise<number>;
}

/**
 * What the store needs of a database, and where SQLite and PostgreSQL differ.
 *
 * Everything that fails is a {@link StoreError}: `isUnavailable` where the same may work later, `isUncertain` where a
 * transaction may have been committed although it cannot be told.
 */
export interface Database {
  /** For messages. */
  readonly name: string;
  /** The type of a column of text that is compared byte by byte, whatever the database is set to. */
  readonly textType: string;
  /** Whether everything in it has to be ours; others may have tables beside those of the store. */
  readonly isOwnFile: boolean;

  /** One statement that reads. */
  all(text: string, ...values: readonly SqlValue[]): Promise<readonly Row[]>;

  /** A transaction that writes: all of it or, if `work` fails, nothing. It is on disk when this resolves. */
  write<T>(work: (sql: Sql) => Promise<T>): Promise<T>;

  /** As `write`, while nobody else does the same. */
  writeAlone<T>(work: (sql: Sql) => Promise<T>): Promise<T>;

  /** The names of the tables that are there. */
  tables(sql: Pick<Sql, 'all'>): Promise<readonly string[]>;

  /** As that of the store: hints that something may have been written. */
  watch(onChange: () => void): () => void;

  close(): Promise<void>;
}
