import type driverModule from 'pg';
import type { ClientBase, ClientConfig, Pool, PoolClient, QueryResult } from 'pg';
import type { Database, Row, Sql, SqlValue } from '../database.ts';
import { StoreError } from '../errors.ts';
import { Listener } from './listener.ts';
import { describePostgresqlError, isConnectionLost } from './postgresql-errors.ts';

export interface PostgresqlOptions {
  readonly name: string;
  readonly url: string;
  /** How long a connection, a lock or a statement may take. */
  readonly timeoutMs: number;
}

const channel = 'postern';
/** Names the lock under which tables are made: "postern" in bytes, shortened to fit. */
const lockNumber = 0x706f_7374_6572;
/** The server gives up first, so that its reason is told; this is for a server that says nothing any more. */
const graceMs = 5000;

/** A database of PostgreSQL, through a few connections that are made anew when they break. */
export class PostgresqlDatabase implements Database {
  readonly name: string;
  readonly textType = 'TEXT COLLATE "C"';
  readonly isOwnFile = false;
  readonly #driver: typeof driverModule;
  readonly #config: ClientConfig;
  readonly #pool: Pool;
  readonly #options: PostgresqlOptions;
  readonly #listeners = new Set<Listener>();
  #isClosed = false;

  constructor(driver: typeof driverModule, options: PostgresqlOptions) {
    const { name, url, timeoutMs } = options;
    this.name = name;
    this.#driver = driver;
    this.#options = options;
    this.#config = {
      connectionString: url,
      application_name: 'postern',
      keepAlive: true,
      connectionTimeoutMillis: timeoutMs,
    };
    this.#pool = new driver.Pool({
      ...this.#config,
      query_timeout: timeoutMs + graceMs,
      max: 4,
      allowExitOnIdle: true,
    });
    // A connection that breaks tells whoever waits for an answer on it; beside that there is nobody to tell.
    this.#pool.on('error', () => {});
    this.#pool.on('connect', (client) => client.on('error', () => {}));
  }

  async all(text: string, ...values: readonly SqlValue[]): Promise<readonly Row[]> {
    const { client, result } = await this.#begin((fresh) => fresh.query<Row>(text, [...values]));
    client.release();
    return result.rows;
  }

  async write<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const { client } = await this.#begin((fresh) => fresh.query(this.#beginText));
    let result: T;
    try {
      result = await work(sqlOn(client));
    } catch (error) {
      await abandon(client, error);
      throw this.#describe(error);
    }
    await this.#commit(client);
    // Nobody waits for it, and it may be lost: it is a hint.
    client.query(`NOTIFY ${channel}`).then(
      () => client.release(),
      () => client.release(true),
    );
    return result;
  }

  writeAlone<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.write(async (sql) => {
      await sql.all('SELECT pg_advisory_xact_lock($1)', lockNumber);
      return work(sql);
    });
  }

  async tables(sql: Pick<Sql, 'all'>): Promise<readonly string[]> {
    const rows = await sql.all(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY table_name',
    );
    return rows.map(({ name }) => String(name));
  }

  watch(onChange: () => void): () => void {
    const listener = new Listener(() => new this.#driver.Client(this.#config), channel, onChange);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      listener.close();
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const listener of this.#listeners) listener.close();
    await this.#pool.end();
  }

  /** Settings go with the transaction and not with the connection: a pooler in between may hand out another one each time. */
  get #beginText(): string {
    const { timeoutMs } = this.#options;
    // A process that is stopped in the middle does not hold its lock for ever.
    const limits = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];
    return [
      'BEGIN ISOLATION LEVEL READ COMMITTED',
      ...limits.map((limit) => `SET LOCAL ${limit} = ${timeoutMs}`),
      // A database may be set to answer before the record is on disk: an acknowledged write would not survive a crash.
      `SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'`,
    ].join('; ');
  }

  async #commit(client: PoolClient): Promise<void> {
    let result: QueryResult;
    try {
      result = await client.query('COMMIT');
    } catch (error) {
      client.release(true);
      throw this.#describe(error, { isUncertain: true });
    }
    if (result.command === 'COMMIT') return;
    client.release(true);
    throw new StoreError(`${this.name} has rolled a transaction back`);
  }

  /** A connection, and its first statement. One that broke unseen is put away, and another tried: nothing has been done yet. */
  async #begin<T>(
    first: (client: PoolClient) => Promise<T>,
  ): Promise<{ readonly client: PoolClient; readonly result: T }> {
    const deadline = performance.now() + this.#options.timeoutMs;
    for (let attempt = 1; ; attempt++) {
      if (this.#isClosed) throw new StoreError(`${this.name} has been closed`);
      let client: PoolClient | undefined;
      try {
        client = await this.#pool.connect();
        return { client, result: await first(client) };
      } catch (error) {
        client?.release(true);
        const mayTryAgain = attempt <= maxBroken && performance.now() < deadline;
        if (client === undefined || !mayTryAgain || !isConnectionLost(error)) throw this.#describe(error);
      }
    }
  }

  #describe(error: unknown, options: { readonly isUncertain?: boolean } = {}): unknown {
    return describePostgresqlError(error, this.name, options);
  }
}

/** So many connections may lie in the pool, all broken by one restart. */
const maxBroken = 4;

function sqlOn(client: ClientBase): Sql {
  return {
    all: async (text, ...values) => (await client.query<Row>(text, [...values])).rows,
    run: async (text, ...values) => (await client.query(text, [...values])).rowCount ?? 0,
  };
}

/** Ends a transaction that failed; the connection is kept if it still answers. */
async function abandon(client: PoolClient, error: unknown): Promise<void> {
  if (isConnectionLost(error)) return client.release(true);
  try {
    await client.query('ROLLBACK');
    client.release();
  } catch {
    client.release(true);
  }
}
