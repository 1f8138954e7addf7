import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, test } from 'vitest';
import { compareModels } from '../src/analysis/compare-models.ts';
import { writeInRecords } from '../src/cli/iam/write-in-records.ts';
import { dumpSchema, importDcosGrants } from '../src/dcos-grants.ts';
import { IamState } from '../src/iam/iam-state.ts';
import { actions, type Operation } from '../src/iam/operation.ts';
import { makeRecord } from '../src/iam/record-hash.ts';
import { dumpOfState, operationsOfDump, readStateDump, type StateDump, writeDump } from '../src/iam-dump.ts';
import { build, type Model, renderText } from '../src/index.ts';
import { modelWithStore } from '../src/live/model-with-store.ts';
import { openStore } from '../src/store/open-store.ts';
import { readState } from '../src/store/read-state.ts';
import { Random, seedOfRun } from './support/generators.ts';
import { useOwnFolders } from './support/own-folder.ts';
import { runInProcess as run } from './support/run-command-line.ts';

// A whole IAM as one JSON document: out of a store, into a policy, and into another store.
// `POSTERN_SEED=… npx vitest run test/iam-dump.test.ts` repeats a run.

useOwnFolders('iam-dump');

const seed = seedOfRun(process.env.POSTERN_SEED);
beforeAll(() => console.log(`POSTERN_SEED=${seed}`));

const publicKey = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
}).publicKey;

const internal = { providerType: 'internal', providerId: '' } as const;

function stateOf(operations: readonly Operation[], state = IamState.empty()): IamState {
  const { revision, hash } = state;
  state.apply(makeRecord({ revision, hash }, { timeMs: 0, author: 'a', reason: '', operations }));
  return state;
}

function dumpText(state: IamState): string {
  return [...writeDump(dumpOfState(state))].join('');
}

function readText(text: string): StateDump {
  const reading = readStateDump({ file: 'dump.json', text });
  if (!reading.ok) throw new Error(renderText(reading.diagnostics, () => text));
  return reading.dump;
}

const small: readonly Operation[] = [
  { kind: 'create-user', user: { uid: 'ada', description: 'Ada', ...internal, passwordHash: '$secret$' } },
  { kind: 'create-user', user: { uid: 'kafka', description: '', ...internal, publicKey } },
  {
    kind: 'create-user',
    user: { uid: 'eve', description: '', providerType: 'oidc', providerId: 'provider' },
  },
  { kind: 'create-group', group: { gid: 'dev', description: 'Developers', providerType: 'internal' } },
  { kind: 'create-acl', rid: 'dcos:secrets:default:/dev/db', description: 'Database' },
  { kind: 'create-acl', rid: 'dcos:adminrouter:acs', description: '' },
  { kind: 'add-member', gid: 'dev', uid: 'kafka' },
  {
    kind: 'grant',
    entry: { rid: 'dcos:secrets:default:/dev/db', subjects: 'groups', id: 'dev' },
    action: 'read',
  },
  {
    kind: 'grant',
    entry: { rid: 'dcos:secrets:default:/dev/db', subjects: 'users', id: 'ada' },
    action: 'full',
  },
];

describe('a dump', () => {
  const text = dumpText(stateOf(small));

  test('has the answers of the API by their paths, and no password', () => {
    expect(
      new Ajv({ strictRequired: false, allowUnionTypes: true }).validate(dumpSchema, JSON.parse(text)),
    ).toBe(true);
    expect(text).not.toContain('secret$');
    expect(JSON.parse(text)).toEqual({
      '/users': {
        array: [
          {
            uid: 'ada',
            description: 'Ada',
            is_remote: false,
            is_service: false,
            provider_type: 'internal',
            provider_id: '',
          },
          {
            uid: 'eve',
            description: '',
            is_remote: true,
            is_service: false,
            provider_type: 'oidc',
            provider_id: 'provider',
          },
        ],
      },
      '/users?type=service': {
        array: [
          {
            uid: 'kafka',
            description: '',
            is_remote: false,
            is_service: true,
            provider_type: 'internal',
            provider_id: '',
            public_key: publicKey,
          },
        ],
      },
      '/groups': { array: [{ gid: 'dev', description: 'Developers', provider_type: 'internal' }] },
      '/acls': {
        array: [
          { rid: 'dcos:adminrouter:acs', description: '' },
          { rid: 'dcos:secrets:default:/dev/db', description: 'Database' },
        ],
      },
      '/groups/dev/users': { array: [{ user: { uid: 'kafka', is_service: true } }] },
      '/acls/dcos:secrets:default:%252Fdev%252Fdb/permissions': {
        users: [{ uid: 'ada', actions: [{ name: 'full' }] }],
        groups: [{ gid: 'dev', actions: [{ name: 'read' }] }],
      },
    });
  });

  test('of an empty store is one of nothing', () => {
    expect(operationsOfDump(readText(dumpText(IamState.empty())), IamState.empty())).toEqual([]);
  });

  test('brings back everything but passwords', () => {
    const again = stateOf(operationsOfDump(readText(text), IamState.empty()));
    expect(dumpText(again)).toBe(text);
    expect(again.user('ada')).toEqual({ uid: 'ada', description: 'Ada', ...internal });
    expect(again.user('kafka')?.publicKey).toBe(publicKey);
  });

  test('leaves alone what is there, and has nothing left to do the second time', () => {
    const state = stateOf(small.slice(0, 5));
    const operations = operationsOfDump(readText(text), state);
    expect(operations.map(({ kind }) => kind)).toEqual(['create-acl', 'add-member', 'grant', 'grant']);
    stateOf(operations, state);
    expect(state.user('ada')?.passwordHash).toBe('$secret$');
    expect(operationsOfDump(readText(text), state)).toEqual([]);
  });
});

describe('a dump of DC/OS', () => {
  const permissions = {
    users: [{ uid: 'dcos_marathon', actions: [{ name: 'full' }, { name: 'full' }] }],
    groups: [{ gid: 'dev', actions: [{ name: 'read', value: { allowed: false } }] }],
  };
  const read = (dump: unknown): ReturnType<typeof readStateDump> =>
    readStateDump({ file: 'dump.json', text: JSON.stringify(dump) });

  test('may name accounts, groups and lists that it lists nowhere: they are made', () => {
    const dump = readText(
      JSON.stringify({
        '/acs/api/v1/acls/dcos:x/permissions': permissions,
        '/groups/ops/users': { array: [{ user: { uid: 'kim', is_service: false } }] },
      }),
    );
    expect(dump.unlisted).toEqual(['dcos_marathon']);
    const operations = operationsOfDump(dump, IamState.empty());
    expect(IamState.empty().checkAll(operations)).toBeUndefined();
    expect(operations.map(({ kind }) => kind)).toEqual([
      'create-user',
      'create-user',
      'create-group',
      'create-acl',
      'add-member',
      'grant',
    ]);
  });

  test('tells service accounts without a key', () => {
    const services = {
      array: [
        { uid: 'a', is_service: true },
        { uid: 'b', public_key: publicKey },
      ],
    };
    expect(readText(JSON.stringify({ '/users?type=service': services })).keyless).toEqual(['a']);
  });

  test('may be a list into which a backup tool put entries and members', () => {
    const { acls, grants } = readText(
      JSON.stringify({ array: [{ rid: 'a:%252Fb', description: 'c', ...permissions }] }),
    );
    expect([acls, grants.length]).toEqual([[{ rid: 'a:/b', description: 'c' }], 2]);
    const { groups, members, users } = readText(
      JSON.stringify({ array: [{ gid: 'ops', users: [{ user: { uid: 'kim', description: 'Kim' } }] }] }),
    );
    expect([groups.length, members]).toEqual([1, [{ gid: 'ops', uid: 'kim' }]]);
    expect(users).toEqual([{ uid: 'kim', description: 'Kim', ...internal }]);
  });

  test.each([
    ['another path', { '/acl': {} }, 'is no path of the IAM'],
    [
      'an entry that contradicts its URL',
      {
        '/acls/dcos:x/permissions': {
          users: [{ uid: 'a', userurl: '/acs/api/v1/users/b', actions: [{ name: 'full' }] }],
          groups: [],
        },
      },
      'the entry is of `a`, and its URL of `b`',
    ],
    [
      'an id in a wrong encoding',
      { '/acls/dcos:%2Fx/permissions': { ...permissions } },
      'a slash of the path',
    ],
    [
      'another provider',
      { '/users': { array: [{ uid: 'a', provider_type: 'x' }] } },
      'unknown provider type "x"',
    ],
  ])('is refused with %s', (_, dump, message) => {
    const reading = read(dump);
    expect(reading.ok).toBe(false);
    if (!reading.ok) expect(reading.diagnostics.map((each) => each.message).join('\n')).toContain(message);
  });
});

describe('random states', () => {
  const uids = ['ada', 'ben', 'users', 'groups', 'a@b.c', '-x', '0'];
  const gids = ['dev', 'ops', 'users', 'full'];
  const rids = [
    'dcos:superuser',
    'dcos:adminrouter:service:marathon',
    'dcos:service:marathon:marathon:services:/',
    'dcos:service:marathon:marathon:services:/dev',
    'dcos:service:marathon:marathon:services:/dev/web',
    'dcos:secrets:default:/dev/a b',
    'dcos:secrets:default:/50%/é#?',
    'dcos:mesos:master:framework:role:*',
    'dcos:service:metronome:metronome:jobs:a.b',
    'wiki:start',
    '/x/y',
  ];

  function randomState(random: Random): IamState {
    const state = IamState.empty();
    for (let i = random.between(1, 60); i > 0; i--) {
      const operation = randomOperation(random);
      if (state.check(operation) === undefined) stateOf([operation], state);
    }
    return state;
  }

  function randomOperation(random: Random): Operation {
    const [uid, gid, rid] = [random.pick(uids), random.pick(gids), random.pick(rids)];
    const isOfUser = random.chance(0.5);
    const entry = { rid, subjects: isOfUser ? 'users' : 'groups', id: isOfUser ? uid : gid } as const;
    const user = { uid, description: random.pick(['', 'A "b"\n']), ...internal };
    return random.pick<() => Operation>([
      () => ({ kind: 'create-user', user: random.chance(0.3) ? { ...user, publicKey } : user }),
      () => ({ kind: 'create-group', group: { gid, description: '', providerType: 'internal' } }),
      () => ({ kind: 'create-acl', rid, description: random.pick(['', 'x']) }),
      () => ({ kind: 'add-member', gid, uid }),
      () => ({ kind: 'grant', entry, action: random.pick(actions) }),
      () => ({ kind: 'grant', entry, action: random.pick(actions) }),
      () => ({ kind: random.pick(['delete-user']), uid }),
      () => ({ kind: 'remove-member', gid, uid }),
      () => ({ kind: 'revoke', entry, action: random.pick(actions) }),
    ])();
  }

  const catalogue = modelOf('import "postern:dcos"');

  function modelOf(text: string): Model {
    const built = build([{ file: 'a.acl', text }]);
    if (!built.ok) throw new Error(renderText(built.diagnostics, built.textOf));
    return built.model;
  }

  test(`become policies that decide like the store (POSTERN_SEED=${seed})`, () => {
    const random = new Random(seed);
    for (let i = 0; i < 25; i++) {
      const state = randomState(random);
      const text = dumpText(state);
      const imported = importDcosGrants([{ file: 'dump.json', text }], { format: 'dump' });
      expect(imported.refused, text).toEqual([]);
      const stored = modelWithStore(catalogue, state);
      expect(compareModels(stored, modelOf(imported.text)), text).toEqual({ kind: 'equal' });
    }
  });

  test(`come back from their dump (POSTERN_SEED=${seed})`, () => {
    const random = new Random(seed);
    for (let i = 0; i < 100; i++) {
      const text = dumpText(randomState(random));
      const operations = operationsOfDump(readText(text), IamState.empty());
      expect(IamState.empty().checkAll(operations), text).toBeUndefined();
      expect(dumpText(stateOf(operations))).toBe(text);
    }
  });

  test(`take in any other, in any order, with the same outcome (POSTERN_SEED=${seed})`, () => {
    const random = new Random(seed);
    const grantsIn = (state: IamState): string[] =>
      [...state.acls()]
        .flatMap(({ rid }) =>
          state
            .entriesOf(rid)
            .flatMap(({ entry, actions: stored }) =>
              stored.map(({ action }) => JSON.stringify([entry, action])),
            ),
        )
        .sort();
    for (let i = 0; i < 50; i++) {
      const dumps = [readText(dumpText(randomState(random))), readText(dumpText(randomState(random)))];
      const [one, other] = [dumps, dumps.toReversed()].map((order) => {
        const state = IamState.empty();
        for (const dump of order) {
          const operations = operationsOfDump(dump, state);
          expect(state.checkAll(operations)).toBeUndefined();
          stateOf(operations, state);
        }
        return state;
      });
      expect(grantsIn(one!)).toEqual(grantsIn(other!));
    }
  });
});

describe('postern iam dump and load', () => {
  const loadOf = (file: string, ...more: string[]): ReturnType<typeof run> =>
    run('iam', 'load', file, '--store', 'b.db', '--author', 'ada', ...more);

  async function init(file: string): Promise<void> {
    await (await openStore(file, { create: true })).close();
  }

  async function fill(file: string, operations: readonly Operation[]): Promise<void> {
    const store = await openStore(file, { create: true });
    const { revision } = await store.head();
    await store.append(revision, { timeMs: 0, author: 'a', reason: '', operations });
    await store.close();
  }

  test('carry a store to another', async () => {
    await fill('a.db', small);
    const dump = await run('iam', 'dump', '--store', 'a.db');
    expect(dump).toEqual({ code: 0, stdout: dumpText(stateOf(small)), stderr: '' });
    writeFileSync('dump.json', dump.stdout);
    await fill('b.db', small.slice(0, 1));
    const what = '2 users, 1 group, 2 access control lists, 1 member, 2 grants';
    expect(await loadOf('dump.json', '--dry-run')).toEqual({
      code: 0,
      stdout: `would load ${what}\n`,
      stderr: '',
    });
    expect(await loadOf('dump.json')).toEqual({
      code: 0,
      stdout: `loaded ${what}: the store is at revision 2\n`,
      stderr: '',
    });
    expect((await run('iam', 'dump', '--store', 'b.db')).stdout).toBe(dump.stdout);
    const again = await loadOf('dump.json', '--format', 'json');
    expect(JSON.parse(again.stdout)).toMatchObject({ revision: 2, dryRun: false, operations: { grant: 0 } });
  });

  test('load tells of accounts that nobody can log in as, and of those that were only named', async () => {
    await init('b.db');
    writeFileSync(
      'dump.json',
      JSON.stringify({
        '/users?type=service': { array: [{ uid: 'kafka' }] },
        '/groups/dev/users': { array: [{ user: { uid: 'kim' } }] },
        '/acls/dcos:x/permissions': { users: [{ uid: 'ben', actions: [{ name: 'full' }] }], groups: [] },
      }),
    );
    const { code, stderr } = await loadOf('dump.json');
    expect(code).toBe(0);
    expect(stderr).toBe(
      'postern: 1 service account without a public key: nobody can log in as them: kafka\n' +
        'postern: 1 account that the dump lists nowhere: made since members or grants name them: ben\n',
    );
  });

  test.each([
    [
      'an action that there is not',
      { '/acls/dcos:x/permissions': { users: [], groups: [{ gid: 'g', actions: [{ name: 'list' }] }] } },
      1,
    ],
    ['an id that there cannot be', { '/acls': { array: [{ rid: 'a//b' }] } }, 1],
    ['a uid that there cannot be', { '/users': { array: [{ uid: 'a' }, { uid: 'b c' }] } }, 1],
    ['a key that is none', { '/users': { array: [{ uid: 'a', public_key: 'x' }] } }, 1],
    ['another path', { '/acl': { array: [] } }, 3],
  ])('load writes nothing with %s', async (_, dump, expected) => {
    await fill('b.db', small.slice(0, 1));
    writeFileSync('dump.json', JSON.stringify(dump));
    const { code, stdout, stderr } = await loadOf('dump.json');
    expect([code, stdout]).toEqual([expected, '']);
    expect(stderr).toMatch(/\npostern: nothing is loaded\n$/);
    const store = await openStore('b.db');
    expect((await store.head()).revision).toBe(1);
    await store.close();
  });

  test('load needs an author, a dump and a store', async () => {
    writeFileSync('dump.json', '{"/users": {"array": []}}');
    expect((await run('iam', 'load', 'dump.json', '--store', 'b.db')).code).toBe(2);
    expect((await loadOf('no-such.json')).code).toBe(3);
    expect(await loadOf('dump.json')).toMatchObject({ code: 3, stdout: '' });
    expect(await run('iam', 'dump', '--store', 'b.db')).toMatchObject({ code: 3, stdout: '' });
  });

  test('much is written in several records, also when somebody else writes in between', async () => {
    const users = Array.from({ length: 12_000 }, (_, i): Operation => {
      return { kind: 'create-user', user: { uid: `u${i}`, description: '', ...internal } };
    });
    const store = await openStore('b.db', { create: true });
    const { state } = await readState(store);
    let isFirst = true;
    const lacking = (now: IamState): Operation[] => {
      return users.filter((each) => each.kind === 'create-user' && now.user(each.user.uid) === undefined);
    };
    const meddling = new Proxy(store, {
      get(target, property) {
        if (property !== 'append') {
          const value: unknown = Reflect.get(target, property, target);
          return typeof value === 'function' ? value.bind(target) : value;
        }
        return async (...words: Parameters<typeof store.append>) => {
          if (words[0] === 1 && isFirst) {
            isFirst = false;
            await target.append(1, { timeMs: 0, author: 'other', reason: '', operations: [users[11_999]!] });
          }
          return target.append(...words);
        };
      },
    });
    expect(await writeInRecords(meddling, state, { author: 'a', reason: '' }, lacking)).toBe(4);
    expect([...(await readState(store)).state.users()]).toHaveLength(12_000);
    await store.close();
  });
});
