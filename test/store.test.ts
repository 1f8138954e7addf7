import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { IamState } from '../src/iam/iam-state.ts';
import type { Operation } from '../src/iam/operation.ts';
import { hashOf, noHash } from '../src/iam/record-hash.ts';
import { backUpStore, restoreStore } from '../src/store/backup.ts';
import { copyStore } from '../src/store/copy-store.ts';
import { RevisionConflictError, StoreDamagedError, StoreError, TrimmedError } from '../src/store/errors.ts';
import { openStore, type StoreOptions } from '../src/store/open-store.ts';
import { readState } from '../src/store/read-state.ts';
import type { SqlStore } from '../src/store/sql-store.ts';
import { makeToken, readToken, TokenError } from '../src/store/tokens.ts';
import { verifyStore } from '../src/store/verify-store.ts';
import { Random, seedOfRun } from './support/generators.ts';
import { storeBackends } from './support/store-backends.ts';
import { appendGroups, createGroup, draftOf } from './support/store-records.ts';

const seed = seedOfRun(process.env.POSTERN_SEED);
const backends = storeBackends();
const folder = mkdtempSync(join(tmpdir(), 'postern-store-files-'));

const opened: SqlStore[] = [];
/** Closed after the test. */
async function open(address: string, options: StoreOptions = { create: true }): Promise<SqlStore> {
  const store = await openStore(address, options);
  opened.push(store);
  return store;
}

beforeAll(() => Promise.all(backends.map(({ setUp }) => setUp())));
afterEach(() => Promise.all(opened.splice(0).map((store) => store.close())));
afterAll(async () => {
  await Promise.all(backends.map(({ tearDown }) => tearDown()));
  rmSync(folder, { recursive: true, force: true });
});

/** What went wrong, of the class that is expected. */
async function failureOf<E extends Error>(
  work: Promise<unknown>,
  kind: abstract new (...args: never[]) => E,
): Promise<E> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(kind);
  return failure as E;
}

async function saveSnapshot(store: SqlStore): Promise<IamState> {
  const { state } = await readState(store);
  await store.saveSnapshot({ revision: state.revision, hash: state.hash, state: state.serialize() });
  return state;
}

describe.each(backends)('a store in $kind', ({ kind, newAddress, alter }) => {
  const newStore = async (): Promise<SqlStore> => open(await newAddress());

  describe('the log', () => {
    test('a new one is empty, and keeps its id', async () => {
      const address = await newAddress();
      const store = await open(address);
      const head = await store.head();
      expect(head).toEqual({
        storeId: expect.stringMatching(/^[0-9a-f]{16}$/),
        epoch: 1,
        revision: 0,
        hash: noHash,
      });
      expect(await store.readAfter(0, 10)).toEqual([]);
      expect(await (await open(address, {})).head()).toEqual(head);
      expect(await (await newStore()).head()).not.toEqual(head);
    });

    test('records come back as they were written, in order, each going on from the one before', async () => {
      const store = await newStore();
      const written = [];
      for (const [revision, gid] of ['a', 'b', 'c'].entries())
        written.push(await store.append(revision, draftOf(gid)));
      expect(written.map(({ revision, previousHash }) => [revision, previousHash])).toEqual([
        [1, noHash],
        [2, written[0]!.hash],
        [3, written[1]!.hash],
      ]);
      for (const record of written) expect(hashOf(record)).toBe(record.hash);
      expect(await store.readAfter(0, 10)).toEqual(written);
      expect(await store.readAfter(1, 1)).toEqual([written[1]]);
      expect(await store.readAfter(3, 10)).toEqual([]);
      expect(await store.head()).toMatchObject({ revision: 3, hash: written[2]!.hash });
    });

    // 18 of the failure modes.
    test('ids that differ in case, in their Unicode form or in blanks stay different, and none is altered', async () => {
      const address = await newAddress();
      const ids = [
        'a',
        'A',
        'a ',
        ' a',
        'a\t',
        '\u00e9',
        'e\u0301',
        '\uff41',
        'ａ',
        'ß',
        'ss',
        'İ',
        'i',
        'I',
        '%',
        '_',
        "'",
        '\\',
        '',
        '\0',
        'a\0',
        '\ud800',
        '\u{1f511}',
        '$1',
        '?',
      ];
      const different = [...new Set(ids)];
      const operations: readonly Operation[] = different.map(createGroup);
      const draft = { timeMs: 1, author: 'A\u00e9 \0', reason: 'e\u0301 ', operations };
      const store = await open(address);
      const record = await store.append(0, draft);
      expect(record).toMatchObject(draft);
      expect(await store.readAfter(0, 1)).toEqual([record]);
      await saveSnapshot(store);
      const { state } = await readState(await open(address, { readOnly: true }));
      expect([...state.groups()].map(({ gid }) => gid).sort()).toEqual([...different].sort());
      expect((await verifyStore(store)).faults).toEqual([]);
    });

    test('a record of many operations is one record', async () => {
      const store = await newStore();
      const gids = Array.from({ length: 5000 }, (_, i) => `g${i}`);
      const record = await store.append(0, draftOf(...gids));
      expect(await store.readAfter(0, 1)).toEqual([record]);
    });

    test('a writer that is behind is told where the log ends, and nothing is written', async () => {
      const store = await newStore();
      await appendGroups(store, 2);
      const head = await store.head();
      for (const expected of [0, 1, 3]) {
        const error = await failureOf(store.append(expected, draftOf('x')), RevisionConflictError);
        expect(error.current).toEqual(head);
        expect([error.isUncertain, error.isUnavailable]).toEqual([false, false]);
        expect(error.message).toContain(`ends at revision 2, not at ${expected}`);
      }
      expect(await store.head()).toEqual(head);
    });

    // 17 of the failure modes.
    test(`of writers that go on from one revision exactly one wins [seed ${seed}]`, async () => {
      const random = new Random(seed);
      const address = await newAddress();
      await (await open(address)).close();
      const stores = await Promise.all([0, 1, 2].map(() => open(address, {})));
      for (let revision = 0; revision < 20; revision++) {
        const results = await Promise.allSettled(
          stores.map(async (store, writer) => {
            if (random.chance(0.5)) await sleep(random.below(3));
            return store.append(revision, draftOf(`${revision}-${writer}`));
          }),
        );
        const won = results.filter((result) => result.status === 'fulfilled');
        expect(won).toHaveLength(1);
        for (const result of results) {
          if (result.status === 'fulfilled') continue;
          expect(result.reason).toBeInstanceOf(RevisionConflictError);
          expect((result.reason as RevisionConflictError).current).toMatchObject({
            revision: revision + 1,
            hash: won[0]!.value.hash,
          });
        }
      }
      expect(await verifyStore(stores[0]!)).toMatchObject({ records: 20, faults: [] });
    });

    test('whoever watches hears of what another connection writes, and no more once it has ended', async () => {
      const address = await newAddress();
      const store = await open(address);
      const reader = await open(address, { readOnly: true });
      let hints = 0;
      const unwatch = reader.watch(() => {
        hints++;
      });
      await appendGroups(store, 1);
      await expect.poll(() => hints, { timeout: 10_000 }).toBeGreaterThan(0);
      // Late hints of what was before have come by then.
      await sleep(100);
      const before = hints;
      await appendGroups(store, 1);
      await expect.poll(() => hints, { timeout: 10_000 }).toBeGreaterThan(before);
      unwatch();
      await sleep(100);
      const last = hints;
      await appendGroups(store, 1);
      await sleep(100);
      expect(hints).toBe(last);
    });

    test('a store that is only followed is never written', async () => {
      const address = await newAddress();
      const writer = await open(address);
      await appendGroups(writer, 2);
      const store = await open(address, { readOnly: true });
      expect(await store.readAfter(0, 5)).toHaveLength(2);
      const snapshot = { revision: 2, hash: (await store.head()).hash, state: '' };
      for (const work of [
        () => store.append(2, draftOf('x')),
        () => store.saveSnapshot(snapshot),
        () => store.trim(1),
        () => store.beginEpoch(),
      ])
        expect((await failureOf(work(), StoreError)).message).toContain('only followed here');
    });

    test('after it was closed every call fails, and closing again does nothing', async () => {
      const store = await newStore();
      await store.close();
      await store.close();
      expect((await failureOf(store.head(), StoreError)).message).toContain('has been closed');
      await failureOf(store.append(0, draftOf('x')), StoreError);
    });
  });

  describe('snapshots', () => {
    test('the newest one is kept, with what it says', async () => {
      const store = await newStore();
      expect([await store.snapshotRevision(), await store.snapshot()]).toEqual([undefined, undefined]);
      await appendGroups(store, 2);
      const early = await saveSnapshot(store);
      const old = { revision: 2, hash: early.hash, state: early.serialize() };
      expect(await store.snapshot()).toEqual(old);
      await appendGroups(store, 1);
      await saveSnapshot(store);
      await store.saveSnapshot(old);
      expect(await store.snapshotRevision()).toBe(3);
      expect(IamState.parse((await store.snapshot())!.state).revision).toBe(3);
    });

    test('one of what is not in the log is refused', async () => {
      const store = await newStore();
      await appendGroups(store, 2);
      const { hash } = await store.head();
      for (const [revision, other] of [
        [1, hash],
        [3, hash],
      ] as const)
        await failureOf(store.saveSnapshot({ revision, hash: other, state: '' }), StoreError);
      expect(await store.snapshot()).toBeUndefined();
    });

    test('the log is trimmed up to the snapshot at most, and says so to whoever asks for what is gone', async () => {
      const store = await newStore();
      await appendGroups(store, 5);
      expect((await failureOf(store.trim(1), StoreError)).message).toContain('it has no snapshot');
      await saveSnapshot(store);
      await appendGroups(store, 2);
      await failureOf(store.trim(6), StoreError);
      await store.trim(4);
      const error = await failureOf(store.readAfter(3, 10), TrimmedError);
      expect(error.trimmed).toBe(4);
      expect((await store.readAfter(4, 10)).map(({ revision }) => revision)).toEqual([5, 6, 7]);
      expect((await readState(store)).state.revision).toBe(7);
      expect(await verifyStore(store)).toMatchObject({ trimmed: 4, records: 3, faults: [] });
      // What is gone stays gone, and a snapshot of it is none.
      await store.trim(2);
      expect((await store.extent()).trimmed).toBe(4);
    });

    test('a log that is trimmed to its end is read from the snapshot, and goes on', async () => {
      const store = await newStore();
      await appendGroups(store, 3);
      await saveSnapshot(store);
      await store.trim(3);
      await failureOf(store.readAfter(0, 10), TrimmedError);
      await appendGroups(store, 1);
      expect((await readState(store)).state.revision).toBe(4);
      expect((await verifyStore(store)).faults).toEqual([]);
    });
  });

  describe('what was altered behind our back is noticed', () => {
    const record = `(SELECT record FROM postern_records WHERE revision = 2)`;
    test.each([
      [
        'a word in a record',
        `UPDATE postern_records SET record = replace(record, 'g2', 'g9') WHERE revision = 2`,
        2,
      ],
      ['a cut record', `UPDATE postern_records SET record = substr(record, 1, 40) WHERE revision = 2`, 2],
      ['a record that is gone', 'DELETE FROM postern_records WHERE revision = 2', 2],
      ['the last record that is gone', 'DELETE FROM postern_records WHERE revision = 3', 3],
      [
        'a record in the place of another',
        `UPDATE postern_records SET record = ${record} WHERE revision = 3`,
        3,
      ],
    ])('%s', async (_, statement, revision) => {
      const address = await newAddress();
      const store = await open(address);
      await appendGroups(store, 3);
      await alter(address, statement);
      const error = await failureOf(
        store.readAfter(0, 10).then(() => store.readAfter(2, 10)),
        StoreDamagedError,
      );
      expect(error.revision).toBe(revision);
      expect(error.message).toContain(`damaged at revision ${revision}`);
      const { faults } = await verifyStore(store);
      expect(faults.join()).toContain(`damaged at revision ${revision}`);
    });

    test('a snapshot with another word', async () => {
      const address = await newAddress();
      const store = await open(address);
      await appendGroups(store, 3);
      await saveSnapshot(store);
      await alter(address, `UPDATE postern_snapshots SET state = replace(state, 'g2', 'g9')`);
      expect((await failureOf(store.snapshot(), StoreDamagedError)).revision).toBe(3);
      const { faults, records } = await verifyStore(store);
      expect([records, faults.length]).toEqual([3, 1]);
    });

    test('a snapshot that is whole and says something else', async () => {
      const store = await newStore();
      await appendGroups(store, 3);
      const { hash } = await store.head();
      const { state } = await readState(store);
      const text = state.serialize().replaceAll('"g2"', '"g9"');
      await store.saveSnapshot({ revision: 3, hash, state: text });
      expect((await verifyStore(store)).faults).toEqual([
        'the snapshot of revision 3 is not what the records amount to',
      ]);
    });

    test('another end than is noted', async () => {
      const address = await newAddress();
      const store = await open(address);
      await appendGroups(store, 3);
      await alter(address, `UPDATE postern_head SET hash = '${'1'.repeat(64)}'`);
      expect((await verifyStore(store)).faults.join()).toContain('another hash than is noted');
      // What was read goes on from something else than what is there.
      const error = await failureOf(store.append(3, draftOf('x')), StoreError);
      expect(error.message).toContain('it has lost records');
    });
  });

  describe('another history', () => {
    // 6 and 7 of the failure modes.
    test('a backup that was put back has a new epoch, and whoever knows more than it is told', async () => {
      const address = await newAddress();
      const store = await open(address);
      await appendGroups(store, 3);
      const backup = join(folder, `${kind}-old.backup`);
      const saved = await backUpStore(store, backup);
      await appendGroups(store, 2);
      const lost = await store.head();
      const other = await open(address, {});
      const restored = await restoreStore(backup, other, { replace: true });
      expect(restored).toEqual({ ...saved, epoch: 2 });
      expect((await failureOf(store.readAfter(5, 10), StoreError)).message).toContain('it was restored');
      // It ends at revision 5 again, in another history.
      for (const revision of [3, 4]) await other.append(revision, draftOf(`other${revision}`));
      const conflict = await failureOf(store.append(5, draftOf('x')), RevisionConflictError);
      expect(conflict.current).toMatchObject({ epoch: 2, revision: 5 });
      expect(conflict.message).toContain('restored');
      expect(await store.head()).not.toMatchObject({ hash: lost.hash });
      // A token of what was lost names an epoch that is over.
      expect(readToken(makeToken(lost)).epoch).toBeLessThan((await store.head()).epoch);
      // The same once more is an epoch more.
      expect((await restoreStore(backup, store, { replace: true })).epoch).toBe(3);
      expect((await verifyStore(store)).faults).toEqual([]);
    });

    test('records that were lost without a restore are noticed by whoever has read them', async () => {
      const address = await newAddress();
      const store = await open(address);
      await appendGroups(store, 3);
      const { hash } = (await store.readAfter(1, 1))[0]!;
      await alter(address, 'DELETE FROM postern_records WHERE revision = 3');
      await alter(address, `UPDATE postern_head SET revision = 2, hash = '${hash}'`);
      expect((await failureOf(store.readAfter(3, 10), StoreError)).message).toContain('has lost records');
      const error = await failureOf(store.append(3, draftOf('x')), StoreError);
      expect(error.message).toContain('new-epoch');
      expect((await store.beginEpoch()).epoch).toBe(2);
      await store.append(2, draftOf('y'));
    });

    test('a backup is restored to an empty store, or in the place of the same one', async () => {
      const store = await newStore();
      await appendGroups(store, 2);
      const backup = join(folder, `${kind}-empty.backup`);
      await backUpStore(store, backup);
      expect((statSync(backup).mode & 0o777).toString(8)).toBe('600');
      expect((await failureOf(restoreStore(backup, store), StoreError)).message).toContain('not empty');
      const foreign = await newStore();
      await appendGroups(foreign, 1);
      const refused = await failureOf(restoreStore(backup, foreign, { replace: true }), StoreError);
      expect(refused.message).toContain('another store');
      expect((await restoreStore(backup, await newStore(), { epoch: 7 })).epoch).toBe(7);
    });

    test('a backup that is not whole leaves the store as it was', async () => {
      const store = await newStore();
      await appendGroups(store, 3);
      const backup = join(folder, `${kind}-whole.backup`);
      await backUpStore(store, backup);
      const text = readFileSync(backup, 'utf8');
      const lines = text.trimEnd().split('\n');
      const broken = [
        '',
        'no JSON\n',
        '{"format":"something"}\n',
        '{"format":"postern-backup","version":1}\n{"end":1}\n',
        text.replace('"version":1', '"version":2'),
        text.slice(0, -1),
        `${lines.slice(0, -1).join('\n')}\n`,
        `${lines.filter((_, i) => i !== 2).join('\n')}\n`,
        text.replace('"g2"', '"g9"'),
        text.replace('"trimmed":0', '"trimmed":00'),
        text.replace('"epoch":1', '"epoch":9'),
        `${text}{}\n`,
      ];
      const target = await newStore();
      const before = await target.head();
      for (const [index, wrong] of broken.entries()) {
        const file = join(folder, `${kind}-broken-${index}.backup`);
        writeFileSync(file, wrong);
        await failureOf(restoreStore(file, target), StoreError);
        expect(await target.head(), wrong).toEqual(before);
      }
      await restoreStore(backup, target);
      expect(await verifyStore(target)).toMatchObject({ records: 3, faults: [] });
    });
  });

  describe('opening', () => {
    test('nothing is made unless it is asked for', async () => {
      const address = await newAddress();
      for (const options of [{}, { readOnly: true }, { readOnly: true, create: true }]) {
        const error = await failureOf(openStore(address, options), StoreError);
        expect(error.message).toContain('postern store init');
      }
    });

    test('several that make one store at once make one', async () => {
      const address = await newAddress();
      const stores = await Promise.all([0, 1, 2, 3].map(() => open(address)));
      const heads = await Promise.all(stores.map((store) => store.head()));
      for (const head of heads) expect(head).toEqual(heads[0]);
    });

    test('a store of a newer version is refused', async () => {
      const address = await newAddress();
      await open(address);
      await alter(address, 'UPDATE postern_schema SET version = 99');
      for (const options of [{}, { readOnly: true }, { create: true }]) {
        const error = await failureOf(openStore(address, options), StoreError);
        expect(error.message).toContain('is of version 99');
      }
    });

    test('a record of a newer version is not taken for damage', async () => {
      const address = await newAddress();
      const store = await open(address);
      const operations = [{ kind: 'paint-user', uid: 'a' }] as unknown as readonly Operation[];
      await store.append(0, { timeMs: 1, author: 'a', reason: '', operations });
      const error = await failureOf(store.readAfter(0, 1), StoreError);
      expect(error).not.toBeInstanceOf(StoreDamagedError);
      expect(error.message).toContain('use a newer Postern');
    });
  });
});

describe.each(
  backends.flatMap((from) => backends.map((to) => ({ from, to, title: `${from.kind} to ${to.kind}` }))),
)('from $title', ({ from, to }) => {
  test('a copy has the same records, snapshot and id, and is refused where something is', async () => {
    const source = await open(await from.newAddress());
    await appendGroups(source, 105);
    await saveSnapshot(source);
    await source.trim(20);
    await appendGroups(source, 3);
    const target = await open(await to.newAddress());
    expect(await copyStore(source, target)).toEqual(await source.head());
    expect(await target.extent()).toEqual(await source.extent());
    expect(await target.readAfter(20, 1000)).toEqual(await source.readAfter(20, 1000));
    expect(await target.snapshot()).toEqual(await source.snapshot());
    expect(await verifyStore(target)).toMatchObject({ records: 88, faults: [] });
    await failureOf(copyStore(source, target), StoreError);
    // Both go on.
    await target.append(108, draftOf('x'));
  });

  test('a backup of the one is restored to the other', async () => {
    const source = await open(await from.newAddress());
    await appendGroups(source, 10);
    await saveSnapshot(source);
    await source.trim(10);
    await source.append(10, draftOf('line\u2028separator', 'a\r\nb'));
    const backup = join(folder, `${from.kind}-${to.kind}.backup`);
    await backUpStore(source, backup);
    const target = await open(await to.newAddress());
    await restoreStore(backup, target);
    expect(await target.head()).toEqual({ ...(await source.head()), epoch: 2 });
    expect(await target.readAfter(10, 5)).toEqual(await source.readAfter(10, 5));
    expect((await verifyStore(target)).faults).toEqual([]);
  });
});

describe('files that are no store', () => {
  const path = join(folder, 'other.db');

  test.each([
    ['is not a file of SQLite', 'a text, and rather a long one: '.repeat(100)],
    ['holds no store', ''],
  ])('one that %s is refused', async (words, text) => {
    writeFileSync(path, text);
    expect((await failureOf(openStore(path), StoreError)).message).toContain(words);
  });

  test('a database of something else is not written to', async () => {
    rmSync(path, { force: true });
    const connection = new DatabaseSync(path);
    connection.exec('CREATE TABLE cats (name TEXT)');
    connection.close();
    for (const options of [{}, { create: true }, { readOnly: true }])
      expect((await failureOf(openStore(path, options), StoreError)).message).toContain('table `cats`');
  });

  test.each([
    ['there is no store', join(folder, 'missing.db'), {}],
    ['it is not a file', folder, {}],
    ['cannot be made', join(folder, 'no/such/folder.db'), { create: true }],
    ['a store is a file or', '', {}],
    ['a store is a file or', ':memory:', { create: true }],
    ['not `mysql://…`', 'mysql://u:secret@h/d', {}],
    ['is no valid URL', 'postgres://u:secret@h:port/d', {}],
    [
      '`postgres://u@127.0.0.1:1/d` cannot be reached',
      'postgres://u:secret@127.0.0.1:1/d?password=secret',
      {},
    ],
  ])('%s: %s', async (words, address, options) => {
    const error = await failureOf(openStore(address, options), StoreError);
    expect(error.message).toContain(words);
    expect(error.message).not.toContain('secret');
  });

  test('a new one is for its owner alone, and nothing is left beside it when it is closed', async () => {
    const own = join(folder, 'own.db');
    const store = await open(own);
    await appendGroups(store, 1);
    for (const beside of ['', '-wal', '-shm'])
      expect((statSync(own + beside).mode & 0o777).toString(8), beside).toBe('600');
    await store.close();
    expect(existsSync(`${own}-wal`)).toBe(false);
  });
});

describe('tokens', () => {
  const head = { storeId: '0123456789abcdef', epoch: 2, revision: 4711 };
  const token = makeToken(head);

  test('one says what it was made of', () => {
    expect(token).toMatch(/^pst1\.0123456789abcdef\.2\.4711\.[0-9a-f]{8}$/);
    expect(readToken(token)).toEqual(head);
    expect(readToken(makeToken({ ...head, revision: 0 }))).toEqual({ ...head, revision: 0 });
  });

  test('no token that was cut, or has another sign somewhere, is taken for one', () => {
    for (let i = 0; i < token.length; i++) {
      expect(() => readToken(token.slice(0, i)), token.slice(0, i)).toThrow(TokenError);
      for (const sign of '0159af.Z \n') {
        const altered = token.slice(0, i) + sign + token.slice(i + 1);
        if (altered !== token) expect(() => readToken(altered), altered).toThrow(TokenError);
      }
    }
    for (const text of [`${token} `, ` ${token}`, `${token}0`, token.toUpperCase(), 'zookie', 'pst2.x', ''])
      expect(() => readToken(text), text).toThrow(TokenError);
  });
});
