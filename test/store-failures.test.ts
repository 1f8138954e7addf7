import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import driver from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RevisionConflictError, StoreError } from '../src/store/errors.ts';
import { Follower } from '../src/store/follower.ts';
import { openStore, type StoreOptions } from '../src/store/open-store.ts';
import type { SqlStore } from '../src/store/sql-store.ts';
import { verifyStore } from '../src/store/verify-store.ts';
import { CommitBreaker } from './support/commit-breaker.ts';
import { Random, seedOfRun } from './support/generators.ts';
import { PostgresBackend, storeBackends } from './support/store-backends.ts';
import { type Acknowledged, findLost, killWriters, startWriter } from './support/store-kills.ts';
import { appendGroups, createGroup, draftOf } from './support/store-records.ts';

/** What may go wrong around a store, done to real databases; the numbers are those of the design of the store. */
const seed = seedOfRun(process.env.POSTERN_SEED);
const backends = storeBackends();
const postgres = backends.find((backend) => backend instanceof PostgresBackend);

const opened: SqlStore[] = [];
/** Closed after the test. */
async function open(address: string, options: StoreOptions = { create: true }): Promise<SqlStore> {
  const store = await openStore(address, options);
  opened.push(store);
  return store;
}

const followers: Follower[] = [];
/** Follows until the test has ended. */
async function follow(
  address: string,
  { pollMs, onRevision }: { readonly pollMs: number; readonly onRevision?: (revision: number) => void },
): Promise<Follower> {
  const follower = await Follower.open({
    store: await open(address, { readOnly: true }),
    pollMs,
    nowMs: () => performance.now(),
    onChanges: ({ revision }) => onRevision?.(revision),
    onReplaced: () => {},
    onTrouble: () => {},
  });
  followers.push(follower);
  follower.start();
  return follower;
}

beforeAll(() => Promise.all(backends.map(({ setUp }) => setUp())));
afterEach(async () => {
  for (const follower of followers.splice(0)) follower.close();
  await Promise.all(opened.splice(0).map((store) => store.close()));
});
afterAll(() => Promise.all(backends.map(({ tearDown }) => tearDown())));

// The first of this file: a server that recovers syncs every file of every database that there is by then.
describe.runIf(postgres !== undefined)('a store in PostgreSQL', () => {
  test.each(['fast', 'immediate', 'kill'] as const)(
    '6: a server that stops (%s) and comes back has everything that it acknowledged, and everybody goes on',
    async (mode) => {
      const { server } = postgres!;
      const address = await postgres!.newAddress();
      const store = await open(address, { create: true, timeoutMs: 3000 });
      const follower = await follow(address, { pollMs: 50 });
      const writer = new RestlessWriter(store);
      const done = writer.run();
      await writer.next();
      if (mode === 'kill') server.killBackends();
      else {
        await server.stop(mode);
        await sleep(100);
        await server.start();
      }
      await writer.next();
      writer.stop();
      await done;
      expect(writer.surprises).toEqual([]);
      expect(await findLost(address, writer.acknowledged)).toMatchObject({ faults: [] });
      const { revision, hash } = await store.head();
      await expect.poll(() => follower.head, { timeout: 10_000 }).toMatchObject({ revision, hash });
    },
  );

  test('a server that is away is said to be, without its password', async () => {
    const { server } = postgres!;
    await server.stop('fast');
    try {
      const url = server.urlOf('postgres').replace('postern@', 'postern:secret@');
      const error = (await openStore(url).catch((failure: unknown) => failure)) as StoreError;
      expect(error.isUnavailable).toBe(true);
      expect(error.message).toContain(`${url.replace(':secret', '')}\` cannot be reached`);
    } finally {
      await server.start();
    }
  });
});

describe.each(backends)('a store in $kind', ({ newAddress }) => {
  test(`1: writers that are killed at any moment lose nothing that was acknowledged [seed ${seed}]`, async () => {
    const address = await newAddress();
    await open(address);
    const report = await killWriters(address, { kills: 20, atOnce: 4, random: new Random(seed) });
    expect(report.faults).toEqual([]);
    expect(report.records).toBeGreaterThanOrEqual(report.acknowledged);
    expect(report.acknowledged).toBeGreaterThan(0);
  });

  test('2: three processes write to one store, and a follower sees every revision once and in order', async () => {
    const address = await newAddress();
    await open(address);
    const seen: number[] = [];
    await follow(address, { pollMs: 20, onRevision: (revision) => seen.push(revision) });
    const writers = ['a', 'b', 'c'].map((name) => startWriter(address, name, 20));
    for (const writer of writers) expect(await writer.ended, writer.complaints()).toBe(0);
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(60);
    expect(seen).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(writers.map(({ acknowledged }) => acknowledged.length)).toEqual([20, 20, 20]);
    const acknowledged = writers.flatMap((writer) => writer.acknowledged);
    expect(await findLost(address, acknowledged)).toEqual({ records: 60, faults: [] });
  });
});

describe('a store in SQLite', () => {
  const { newAddress } = backends[0]!;

  test('2: a file that another process has locked is waited for, without holding up this one', async () => {
    const address = await newAddress();
    const store = await open(address);
    const other = new DatabaseSync(address);
    other.exec('BEGIN IMMEDIATE');
    let ticks = 0;
    const timer = setInterval(() => {
      ticks++;
      if (ticks === 20) other.exec('COMMIT');
    }, 10);
    const record = await store.append(0, draftOf('a'));
    clearInterval(timer);
    other.close();
    expect([record.revision, ticks >= 20]).toEqual([1, true]);
  });

  test.each([
    ['removed', rmSync],
    ['replaced by a copy', replaceByCopy],
  ])('6: a file that was %s while it was open is not written to any more', async (_, change) => {
    const address = await newAddress();
    const store = await open(address);
    await appendGroups(store, 1);
    change(address);
    for (const work of [() => store.append(1, draftOf('x')), () => store.head(), () => store.readAfter(0, 1)])
      await expect(work()).rejects.toThrow('removed or replaced while it was open');
  });

  test('2: one that stays locked is said to be, and nothing is written', async () => {
    const address = await newAddress();
    const store = await open(address, { create: true, timeoutMs: 300 });
    const other = new DatabaseSync(address);
    other.exec('BEGIN IMMEDIATE');
    const error = (await store.append(0, draftOf('a')).catch((failure: unknown) => failure)) as StoreError;
    expect(error).toBeInstanceOf(StoreError);
    expect([error.isUnavailable, error.isUncertain]).toEqual([true, false]);
    expect(error.message).toContain('locked by another process');
    // Reading goes on all the while.
    expect((await store.head()).revision).toBe(0);
    other.exec('ROLLBACK');
    other.close();
    expect((await store.append(0, draftOf('a'))).revision).toBe(1);
  });
});

describe.runIf(postgres !== undefined)('a store in PostgreSQL', () => {
  const newAddress = (): Promise<string> => postgres!.newAddress();
  const databaseOf = (address: string): string => new URL(address).pathname.slice(1);

  test('4: nobody sees a revision before the one that a slow transaction holds', async () => {
    const address = await newAddress();
    const store = await open(address);
    await appendGroups(store, 2);
    const seen: number[] = [];
    await follow(address, { pollMs: 10, onRevision: (revision) => seen.push(revision) });
    const slow = await takeSlowly(address, 3);
    const quick = open(address, {}).then((other) => writeOnce(other, 'quick'));
    await sleep(300);
    expect(seen).toEqual([]);
    await slow.commit();
    expect((await quick).revision).toBe(4);
    await expect.poll(() => seen, { timeout: 10_000 }).toEqual([3, 4]);
    expect((await verifyStore(store)).faults).toEqual([]);
  });

  test('4: a transaction that hangs is waited for as long as is set, and its server ends it', async () => {
    const address = await newAddress();
    const store = await open(address, { create: true, timeoutMs: 300 });
    const slow = await takeSlowly(address, 1);
    const error = (await store.append(0, draftOf('a')).catch((failure: unknown) => failure)) as StoreError;
    expect([error.isUnavailable, error.isUncertain]).toEqual([true, false]);
    expect(error.message).toMatch(/locked by another transaction|has taken too long/);
    expect(await store.readAfter(0, 10)).toEqual([]);
    await slow.abandon();
    expect((await writeOnce(store, 'a')).revision).toBe(1);
  });

  test('5: a follower whose listening connection is cut again and again misses nothing', async () => {
    const address = await newAddress();
    const store = await open(address);
    const seen: number[] = [];
    await follow(address, { pollMs: 50, onRevision: (revision) => seen.push(revision) });
    for (let i = 0; i < 10; i++) {
      await cutListeners(databaseOf(address));
      await appendGroups(store, 1);
    }
    await expect.poll(() => seen.length, { timeout: 5000 }).toBe(10);
    expect(seen).toEqual(Array.from({ length: 10 }, (_, i) => i + 1));
  });

  test('5: whoever listens hears again after the connection was cut, and is told at once that something may have happened', async () => {
    const address = await newAddress();
    const store = await open(address);
    let hints = 0;
    store.watch(() => {
      hints++;
    });
    // A hint may come twice: what was said when the store was made may still be under way.
    const hintAfter = async (work: () => Promise<unknown>): Promise<void> => {
      await sleep(200);
      const before = hints;
      await work();
      await expect.poll(() => hints, { timeout: 10_000 }).toBeGreaterThan(before);
    };
    await expect.poll(() => hints, { timeout: 10_000 }).toBeGreaterThan(0);
    await hintAfter(() => cutListeners(databaseOf(address)));
    await hintAfter(() => appendGroups(store, 1));
  });

  describe('6: a commit whose answer is lost', () => {
    const through = async (
      work: (breaker: CommitBreaker, store: SqlStore) => Promise<void>,
    ): Promise<void> => {
      const address = await newAddress();
      await open(address);
      const breaker = await CommitBreaker.before(postgres!.server.port);
      try {
        const url = new URL(address);
        url.port = String(breaker.port);
        await work(breaker, await open(url.href, { timeoutMs: 1000 }));
      } finally {
        breaker.close();
      }
    };

    test('is found in the store', () =>
      through(async (breaker, store) => {
        breaker.fate = 'is not answered';
        const record = await store.append(0, draftOf('a'));
        expect(await store.readAfter(0, 10)).toEqual([record]);
        expect((await store.append(1, draftOf('b'))).revision).toBe(2);
      }));

    test('and did not reach the server is known to have changed nothing', () =>
      through(async (breaker, store) => {
        breaker.fate = 'is lost';
        const error = (await store
          .append(0, draftOf('a'))
          .catch((failure: unknown) => failure)) as StoreError;
        expect([error.isUnavailable, error.isUncertain]).toEqual([true, false]);
        expect(error.message).toContain('nothing has changed');
        expect(await store.readAfter(0, 10)).toEqual([]);
        expect((await store.append(0, draftOf('a'))).revision).toBe(1);
      }));

    test('and cannot be asked for again is said to be uncertain', () =>
      through(async (breaker, store) => {
        breaker.fate = 'is the last';
        const error = (await store
          .append(0, draftOf('a'))
          .catch((failure: unknown) => failure)) as StoreError;
        expect(error.isUncertain).toBe(true);
        expect(error.message).toContain('it is not known whether revision 1 was written');
      }));
  });

  test.each([
    ['a database that is not there', 'absent', 'make it with `createdb`'],
    ['a database without UTF-8', 'ascii', 'keeps text as SQL_ASCII'],
  ])('%s is refused', async (_, name, words) => {
    const { server } = postgres!;
    if (name === 'ascii') await server.query(`CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII'`);
    const error = (await openStore(server.urlOf(name), { create: true }).catch(
      (failure: unknown) => failure,
    )) as StoreError;
    expect(error).toBeInstanceOf(StoreError);
    expect(error.message).toContain(words);
  });

  test('a server that takes no writes, as a standby, is followed and said to be one', async () => {
    const address = await newAddress();
    await appendGroups(await open(address), 1);
    await postgres!.server.query(
      `ALTER DATABASE ${databaseOf(address)} SET default_transaction_read_only = on`,
    );
    const store = await open(address, {});
    expect((await store.readAfter(0, 10)).length).toBe(1);
    const error = (await store.append(1, draftOf('x')).catch((failure: unknown) => failure)) as StoreError;
    expect([error.isUnavailable, error.isUncertain]).toEqual([true, false]);
    expect(error.message).toContain('takes no writes: it is a standby, or set to read only');
  });

  test('a user who may only read can follow', async () => {
    const { server } = postgres!;
    const address = await newAddress();
    const store = await open(address);
    await appendGroups(store, 1);
    await server.query(`CREATE ROLE reader LOGIN`);
    await server.query('GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader', databaseOf(address));
    const asReader = address.replace('postern@', 'reader@');
    const follower = await follow(asReader, { pollMs: 20 });
    await appendGroups(store, 1);
    await expect.poll(() => follower.state.revision, { timeout: 10_000 }).toBe(2);
    const other = await open(asReader, {});
    const error = (await other.append(2, draftOf('x')).catch((failure: unknown) => failure)) as StoreError;
    expect(error.message).toContain('may not read or write the tables');
  });

  /** Closes every connection to the database that does nothing but listen. */
  async function cutListeners(database: string): Promise<void> {
    await postgres!.server.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}' AND query LIKE 'LISTEN%'`,
    );
  }

  /** Takes a revision as the store does, and then does not go on. */
  async function takeSlowly(
    address: string,
    revision: number,
  ): Promise<{ readonly commit: () => Promise<void>; readonly abandon: () => Promise<void> }> {
    const scratch = await open(await newAddress());
    // A record that goes on from the one that is there, made by the store itself, elsewhere.
    const from = await open(address, {});
    const before = await from.readAfter(0, revision);
    for (const record of before) await scratch.append(record.revision - 1, record);
    const record = await scratch.append(revision - 1, {
      ...draftOf(),
      operations: [createGroup('slow')],
    });
    const client = new driver.Client(address);
    await client.connect();
    await client.query('BEGIN');
    await client.query('UPDATE postern_head SET revision = $1, hash = $2', [revision, record.hash]);
    await client.query('INSERT INTO postern_records (revision, record) VALUES ($1, $2)', [
      revision,
      JSON.stringify(record),
    ]);
    const end = async (how: string): Promise<void> => {
      await client.query(how);
      await client.end();
    };
    return { commit: () => end('COMMIT'), abandon: () => end('ROLLBACK') };
  }
});

function replaceByCopy(path: string): void {
  copyFileSync(path, `${path}.copy`);
  renameSync(`${path}.copy`, path);
}

/** Writes once, at whatever revision the log has come to. */
async function writeOnce(store: SqlStore, gid: string): Promise<Acknowledged> {
  for (let { revision } = await store.head(); ; ) {
    try {
      return await store.append(revision, draftOf(gid));
    } catch (error) {
      if (!(error instanceof RevisionConflictError)) throw error;
      revision = error.current.revision;
    }
  }
}

/** Writes one record after the other, whatever happens to the server. */
class RestlessWriter {
  readonly acknowledged: Acknowledged[] = [];
  /** Failures of other kinds than a server that is away brings about. */
  readonly surprises: unknown[] = [];
  readonly #store: SqlStore;
  #isStopped = false;

  constructor(store: SqlStore) {
    this.#store = store;
  }

  async run(): Promise<void> {
    for (let i = 0; !this.#isStopped; i++) {
      try {
        this.acknowledged.push(await writeOnce(this.#store, `g${i}`));
      } catch (error) {
        if (!(error instanceof StoreError && (error.isUnavailable || error.isUncertain)))
          this.surprises.push(error);
        await sleep(10);
      }
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Resolves when it has written again. */
  async next(): Promise<void> {
    const before = this.acknowledged.length;
    await expect.poll(() => this.acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(before + 1);
  }
}
