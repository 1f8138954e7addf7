import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PostgresServer, wantsPostgres } from './postgres.ts';

/** A kind of database that stores are tested over. */
export interface StoreBackend {
  readonly kind: 'SQLite' | 'PostgreSQL';
  readonly setUp: () => Promise<void>;
  readonly tearDown: () => Promise<void>;
  /** Where a store may be made, and none is. */
  readonly newAddress: () => Promise<string>;
  /** Does to the tables of a store what Postern never would. */
  readonly alter: (address: string, statement: string) => Promise<void>;
}

class SqliteBackend implements StoreBackend {
  readonly kind = 'SQLite';
  #folder = '';
  #count = 0;

  readonly setUp = async (): Promise<void> => {
    this.#folder = mkdtempSync(join(tmpdir(), 'postern-store-'));
  };

  readonly tearDown = async (): Promise<void> => {
    rmSync(this.#folder, { recursive: true, force: true });
  };

  readonly newAddress = async (): Promise<string> => join(this.#folder, `${++this.#count}.db`);

  readonly alter = async (address: string, statement: string): Promise<void> => {
    const connection = new DatabaseSync(address);
    connection.exec('PRAGMA busy_timeout = 5000');
    connection.exec(statement);
    connection.close();
  };
}

export class PostgresBackend implements StoreBackend {
  readonly kind = 'PostgreSQL';
  #server: PostgresServer | undefined;

  get server(): PostgresServer {
    return this.#server!;
  }

  readonly setUp = async (): Promise<void> => {
    this.#server = await PostgresServer.create();
  };

  readonly tearDown = async (): Promise<void> => {
    await this.#server?.remove();
  };

  readonly newAddress = (): Promise<string> => this.server.createDatabase();

  readonly alter = async (address: string, statement: string): Promise<void> => {
    await this.server.query(statement, new URL(address).pathname.slice(1));
  };
}

/** Every kind; without PostgreSQL only where somebody has asked for that. */
export function storeBackends(): StoreBackend[] {
  return [new SqliteBackend(), ...(wantsPostgres() ? [new PostgresBackend()] : [])];
}
