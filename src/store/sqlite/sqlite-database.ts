import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Row, Sql, SqlValue } from '../database.ts';
import { StoreError } from '../errors.ts';
import { describeSqliteError, isBusy } from './sqlite-errors.ts';

export interface SqliteOptions {
  readonly name: string;
  /** From the root. */
  readonly path: string;
  /** How long to wait for another process that writes. */
  readonly timeoutMs: number;
}

/** How often the file is looked at for what other processes have written: reading one number of its shared memory. */
const watchMs = 20;

/**
 * A SQLite file: one connection, on which transactions take turns. Statements run in this thread, for they take less time than
 * handing them to another would; waiting for another process does not hold up the thread.
 */
export class SqliteDatabase implements Database {
  readonly name: string;
  // Named in full, though it is what SQLite does unasked.
  readonly textType = 'TEXT COLLATE BINARY';
  readonly isOwnFile = true;
  readonly #connection: DatabaseSync;
  readonly #path: string;
  /** Which file the connection has open. */
  readonly #file: string | undefined;
  readonly #timeoutMs: number;
  readonly #sql: Sql;
  readonly #watchers = new Set<() => void>();
  #watchTimer: NodeJS.Timeout | undefined;
  #version: unknown;
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** @param connection  open, with its settings made */
  constructor(connection: DatabaseSync, { name, path, timeoutMs }: SqliteOptions) {
    this.name = name;
    this.#connection = connection;
    this.#path = path;
    this.#file = identityOf(path);
    this.#timeoutMs = timeoutMs;
    this.#sql = {
      all: async (text, ...values) =>
        connection.prepare(text).all(named(values)) as unknown as readonly Row[],
      run: async (text, ...values) => Number(connection.prepare(text).run(named(values)).changes),
    };
  }

  all(text: string, ...values: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.#inTurn(() => this.#whenFree(() => this.#sql.all(text, ...values)));
  }

  /** Takes the lock of the file at once: a transaction that read first and wrote later could be told too late that it may not. */
  async write<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const result = await this.#inTurn(() => this.#transact(work));
    for (const onChange of this.#watchers) queueMicrotask(onChange);
    return result;
  }

  writeAlone<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.write(work);
  }

  async tables(sql: Pick<Sql, 'all'>): Promise<readonly string[]> {
    const rows = await sql.all(`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`);
    return rows.map(({ name }) => String(name));
  }

  watch(onChange: () => void): () => void {
    // A function of its own, so that the same one may watch twice.
    const watcher = (): void => onChange();
    this.#watchers.add(watcher);
    if (this.#watchTimer === undefined) {
      this.#version = this.#dataVersion();
      this.#watchTimer = setInterval(() => this.#look(), watchMs).unref();
    }
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#stopWatching();
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#watchers.clear();
    this.#stopWatching();
    this.#isClosed = true;
    // What has begun is ended first.
    await this.#turn;
    this.#connection.close();
  }

  async #transact<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    await this.#whenFree(async () => this.#connection.exec('BEGIN IMMEDIATE'));
    let result: T;
    try {
      result = await work(this.#sql);
    } catch (error) {
      this.#rollBack();
      throw this.#describe(error);
    }
    try {
      this.#connection.exec('COMMIT');
    } catch (error) {
      this.#rollBack();
      // A disk that fails while it syncs may or may not have kept what it was given.
      throw this.#describe(error, { isUncertain: true });
    }
    return result;
  }

  #rollBack(): void {
    try {
      this.#connection.exec('ROLLBACK');
    } catch {
      // SQLite has done it by itself: there is no transaction any more.
    }
  }

  /** Tries again while another process holds the lock. @throws {StoreError} after the time for it */
  async #whenFree<T>(work: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + this.#timeoutMs;
    for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 25)) {
      try {
        return await work();
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw this.#describe(error);
        // Two that wait do not stay in step.
        await sleep(waitMs * (0.5 + Math.random()));
      }
    }
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new StoreError(`${this.name} has been closed`);
    const result = this.#turn.then(() => {
      this.#checkFile();
      return work();
    });
    this.#turn = result.catch(() => {});
    return result;
  }

  /** Writes to a file that has been removed succeed, and are gone with it. */
  #checkFile(): void {
    if (identityOf(this.#path) === this.#file) return;
    throw new StoreError(
      `${this.name} has been removed or replaced while it was open: start anew what uses it`,
    );
  }

  #look(): void {
    const version = this.#dataVersion();
    if (version === this.#version) return;
    this.#version = version;
    for (const onChange of this.#watchers) onChange();
  }

  /** Changes when another connection commits. Where it cannot be read, neither can the rest, and whoever reads is told. */
  #dataVersion(): unknown {
    try {
      return this.#connection.prepare('PRAGMA data_version').get()?.data_version;
    } catch {
      return this.#version;
    }
  }

  #stopWatching(): void {
    clearInterval(this.#watchTimer);
    this.#watchTimer = undefined;
  }

  #describe(error: unknown, options: { readonly isUncertain?: boolean } = {}): unknown {
    return describeSqliteError(error, this.name, options);
  }
}

/** The same for the same file, under whatever name; undefined where none can be seen. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/** `$1` is a name to SQLite. */
function named(values: readonly SqlValue[]): Record<string, SqlValue> {
  return Object.fromEntries(values.map((value, index) => [`$${index + 1}`, value]));
}
