import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { firstOperations } from '../src/iam/first-operations.ts';
import { IamState } from '../src/iam/iam-state.ts';
import { actions, type Operation, type StoreRecord } from '../src/iam/operation.ts';
import { readRecord } from '../src/iam/read-record.ts';
import { canonicalJson, hashOf, makeRecord } from '../src/iam/record-hash.ts';
import { build } from '../src/index.ts';
import { modelWithStore } from '../src/live/model-with-store.ts';
import type { Model } from '../src/model/model.ts';
import cases from './fixtures/iam/state-refusals.json' with { type: 'json' };
import { Random, seedOfRun } from './support/generators.ts';
import { reference } from './support/generators-evaluators.ts';
import { NaiveState } from './support/iam-naive-state.ts';
import { generateOperation, groupOf, rids, uids, userOf } from './support/iam-operations.ts';

const seed = seedOfRun(process.env.POSTERN_SEED);

const world = cases.world as readonly Operation[];
const about = { timeMs: 0, author: 'test', reason: '' };

function write(state: IamState, operations: readonly Operation[]) {
  return state.apply(makeRecord(state, { ...about, operations }));
}

function stateOf(...records: readonly (readonly Operation[])[]): IamState {
  const state = IamState.empty();
  for (const operations of records) write(state, operations);
  return state;
}

interface Case {
  readonly title: string;
  readonly before?: readonly Operation[];
  readonly operation: Operation;
  readonly code?: string;
  readonly fragment?: string;
}

describe('what the state does not admit', () => {
  test.each(cases.refused as readonly Case[])('$title', ({ before = [], operation, code, fragment = '' }) => {
    const state = IamState.empty();
    expect(state.checkAll([...world, ...before])).toBeUndefined();
    write(state, [...world, ...before]);
    const text = state.serialize();
    const fault = state.check(operation);
    expect(fault?.code).toBe(code);
    expect(fault?.description).toContain(fragment);
    // The same behind operations that have not been written.
    expect(IamState.empty().checkAll([...world, ...before, operation])).toEqual(fault);
    expect(state.serialize()).toBe(text);
  });

  test.each(cases.admitted as readonly Case[])('$title', ({ before = [], operation }) => {
    const state = stateOf(world, before);
    expect(state.check(operation)).toBeUndefined();
    write(state, [operation]);
    expect([...state.users()].some(({ uid }) => state.isSuperuser(uid))).toBe(true);
  });
});

describe('what goes along', () => {
  test('with a user its memberships and grants, and its uid is free again', () => {
    const state = stateOf(world);
    const changes = write(state, [{ kind: 'delete-user', uid: 'alice' }]);
    const entry = { rid: 'dcos:service:/a', subjects: 'users', id: 'alice' } as const;
    expect(changes).toEqual({
      revision: 2,
      memberships: [{ uid: 'alice', groups: [] }],
      entries: [{ entry, actions: [] }],
      newGroups: [],
    });
    write(state, [{ kind: 'create-user', user: userOf('alice') }]);
    expect(state.groupsOf('alice')).toEqual([]);
    expect(state.actionsOf(entry)).toEqual([]);
  });

  test('with a group its memberships and grants, and its members stay', () => {
    const state = stateOf(world);
    const changes = write(state, [{ kind: 'delete-group', gid: 'team' }]);
    const entry = { rid: 'dcos:service:/a', subjects: 'groups', id: 'team' } as const;
    expect(changes).toEqual({
      revision: 2,
      memberships: [{ uid: 'alice', groups: [] }],
      entries: [{ entry, actions: [] }],
      newGroups: [],
    });
    expect(state.user('alice')).toBeDefined();
    expect(state.entriesOf('dcos:service:/a')).toHaveLength(1);
  });

  test('with a list every grant on it', () => {
    const state = stateOf(world);
    const { entries } = write(state, [{ kind: 'delete-acl', rid: 'dcos:service:/a' }]);
    expect(entries.map(({ entry, actions }) => [entry.id, actions])).toEqual([
      ['alice', []],
      ['team', []],
    ]);
    write(state, [{ kind: 'create-acl', rid: 'dcos:service:/a', description: '' }]);
    expect(state.entriesOf('dcos:service:/a')).toEqual([]);
    expect(state.entriesOfSubject('users', 'alice')).toEqual([]);
  });

  test('with a group nothing of a user who has its name', () => {
    const state = stateOf(world, [{ kind: 'create-user', user: userOf('team') }]);
    const entryOf = (subjects: 'users' | 'groups') => ({ rid: 'dcos:service:/a', subjects, id: 'team' });
    const actionsOf = (subjects: 'users' | 'groups') =>
      state.actionsOf(entryOf(subjects)).map(({ action }) => action);
    const ofGroup = actionsOf('groups');
    expect([actionsOf('users'), ofGroup.length]).toEqual([[], 1]);
    write(state, [{ kind: 'grant', entry: entryOf('users'), action: 'delete' }]);
    expect([actionsOf('users'), actionsOf('groups')]).toEqual([['delete'], ofGroup]);
    expect(IamState.parse(state.serialize()).entriesOfSubject('users', 'team')).toHaveLength(1);
    write(state, [{ kind: 'delete-group', gid: 'team' }]);
    expect([actionsOf('users'), actionsOf('groups')]).toEqual([['delete'], []]);
  });

  test('a password that changes leaves the description, and the other way round', () => {
    const state = stateOf(world, [{ kind: 'update-user', uid: 'bob', description: 'Bob' }]);
    write(state, [{ kind: 'update-user', uid: 'bob', passwordHash: '$x' }]);
    expect(state.user('bob')).toEqual({ ...userOf('bob', 'Bob'), passwordHash: '$x' });
  });
});

test('a fresh cluster is admitted, and its first superuser makes it whole', () => {
  const first: readonly Operation[] = [
    ...firstOperations,
    { kind: 'create-user', user: userOf('root') },
    { kind: 'add-member', gid: 'superusers', uid: 'root' },
  ];
  expect(IamState.empty().checkAll(first)).toBeUndefined();
  const state = stateOf(first);
  expect(state.isSuperuser('root')).toBe(true);
  expect(state.check({ kind: 'delete-user', uid: 'root' })?.code).toBe('ERR_NO_MORE_SUPERUSERS');
  expect([...state.acls()].map(({ rid }) => rid)).toContain('dcos:adminrouter:acs');
});

describe('records', () => {
  const first = makeRecord({ revision: 0, hash: '0'.repeat(64) }, { ...about, operations: world });
  const next = (operations: readonly Operation[]): StoreRecord => makeRecord(first, { ...about, operations });
  const second = next([{ kind: 'delete-user', uid: 'bob' }]);

  test.each<[title: string, record: StoreRecord, message: RegExp]>([
    ['one that has been applied', first, /^record 1 does not follow revision 1$/],
    [
      'one behind a gap',
      makeRecord(second, { ...about, operations: [] }),
      /^record 3 does not follow revision 1$/,
    ],
    ['one of another history', { ...second, previousHash: 'f'.repeat(64) }, /another history/],
    ['one with another time', { ...second, timeMs: 1 }, /altered/],
    ['one with another operation', { ...second, operations: [] }, /altered/],
    ['one with another hash', { ...second, hash: 'f'.repeat(64) }, /altered/],
    [
      'one whose last operation makes no sense',
      next([
        { kind: 'delete-user', uid: 'alice' },
        { kind: 'create-group', group: groupOf('new') },
        { kind: 'add-member', gid: 'new', uid: 'eve' },
      ]),
      /^record 2 has `add-member` where it makes no sense/,
    ],
  ])('are not applied: %s', (_, record, message) => {
    const state = IamState.empty();
    state.apply(first);
    const text = state.serialize();
    expect(() => state.apply(record)).toThrow(message);
    expect(state.serialize()).toBe(text);
    state.apply(second);
    expect(state.revision).toBe(2);
    expect(state.hash).toBe(second.hash);
  });

  test('are the same after JSON, whatever the order of members', () => {
    const reversed = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value;
      if (Array.isArray(value)) return value.map(reversed);
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, member]) => [name, reversed(member)]),
      );
    };
    const again = readRecord(JSON.stringify(reversed(first)));
    expect(again).toEqual(first);
    expect(hashOf(again)).toBe(first.hash);
    const [state, other] = [IamState.empty(), IamState.empty()];
    state.apply(first);
    other.apply(again);
    expect(other.serialize()).toBe(state.serialize());
  });

  test('have a canonical text', () => {
    const text = canonicalJson({ b: [1, { d: null, c: 'ä"' }], a: undefined, A: true });
    expect(text).toBe('{"A":true,"b":[1,{"c":"ä\\"","d":null}]}');
    // Whoever changes the text makes every log unreadable that has been written.
    expect(hashOf({ ...about, revision: 1, previousHash: '0'.repeat(64), operations: [] })).toBe(
      '7a3aac56a87086c440dec1193676426cb7185cede1f8b2c77e01f04062b0c4cb',
    );
  });

  test.each<[title: string, text: string, message: RegExp]>([
    ['what is no JSON', '{', /no JSON/],
    ['a list', '[]', /none/],
    ['one without an author', JSON.stringify({ ...first, author: undefined }), /none/],
    ['one with a member of a newer version', JSON.stringify({ ...first, approvedBy: 'x' }), /none/],
    ['one with revision 0', JSON.stringify({ ...first, revision: 0 }), /none/],
    ['one with a short hash', JSON.stringify({ ...first, hash: 'abc' }), /none/],
    [
      'an operation of a newer version',
      withOperation({ kind: 'rename-user' }),
      /`rename-user` .* newer version/,
    ],
    ['an operation of an inherited name', withOperation({ kind: 'toString' }), /`toString` .* newer version/],
    ['an operation without a member', withOperation({ kind: 'add-member', gid: 'team' }), /`add-member`/],
    [
      'an operation with one more',
      withOperation({ kind: 'delete-user', uid: 'a', when: 1 }),
      /`delete-user`/,
    ],
    ['an operation that is null', withOperation(null), /newer version/],
    [
      'a grant of an unknown action',
      withOperation({ kind: 'grant', entry: { rid: 'a', subjects: 'users', id: 'a' }, action: 'fly' }),
      /`grant`/,
    ],
    [
      'a grant to what is neither user nor group',
      withOperation({ kind: 'revoke-all', entry: { rid: 'a', subjects: 'roles', id: 'a' } }),
      /`revoke-all`/,
    ],
    [
      'a user of an unknown provider',
      withOperation({ kind: 'create-user', user: { ...userOf('a'), providerType: 'x' } }),
      /`create-user`/,
    ],
  ])('are not read: %s', (_, text, message) => {
    expect(() => readRecord(text)).toThrow(message);
  });

  function withOperation(operation: unknown): string {
    return JSON.stringify({ ...first, operations: [operation] });
  }
});

describe('snapshots', () => {
  const text = stateOf(world).serialize();
  const lines = text.split('\n');
  const withLine = (at: number, line: string): string => lines.with(at, line).join('\n');

  test.each<[title: string, text: string, message: RegExp]>([
    ['nothing', '', /cut short/],
    ['something else', '{"format":"other"}\n', /no snapshot/],
    ['what is no JSON', 'state\n', /line 1 .* no JSON object/],
    ['one of a newer version', withLine(0, lines[0]!.replace('"version":1', '"version":2')), /version 2/],
    ['one without a hash', withLine(0, lines[0]!.replace(/"hash":"[^"]*"/, '"hash":""')), /head/],
    ['one that was cut', lines.slice(0, -2).join('\n'), /cut short/],
    ['one that was cut between lines', `${lines.slice(0, -2).join('\n')}\n`, /cut short/],
    ['one that lacks a line', lines.toSpliced(2, 1).join('\n'), /lost lines|line 5/],
    ['one with something behind', `${text}{"end":1}\n`, /behind its end/],
    ['a user twice', withLine(2, lines[1]!), /line 3/],
    ['a user with an unknown member', withLine(1, lines[1]!.replace('"uid"', '"id"')), /line 2/],
    ['a member that is no user', withLine(4, lines[4]!.replace('["root"]', '["eve"]')), /line 5/],
    ['a member twice', withLine(4, lines[4]!.replace('["root"]', '["root","root"]')), /line 5/],
    ['a grant to nobody', withLine(6, lines[6]!.replace('"alice"', '"eve"')), /line 7/],
    ['a grant from the future', withLine(6, lines[6]!.replace('"read",1', '"read",2')), /line 7/],
    ['a grant of an unknown action', withLine(6, lines[6]!.replace('"read"', '"fly"')), /line 7/],
    ['a line of an unknown kind', withLine(3, '{"role":{}}'), /line 4/],
  ])('are not read: %s', (_, damaged, message) => {
    expect(damaged).not.toBe(text);
    expect(() => IamState.parse(damaged)).toThrow(message);
  });

  test('are the same however the state came about', () => {
    const random = new Random(seed);
    const shuffled = [
      ...random.shuffle(world.filter(({ kind }) => kind.startsWith('create'))),
      ...random.shuffle(world.filter(({ kind }) => !kind.startsWith('create'))),
    ];
    const other = stateOf([
      { kind: 'create-user', user: userOf('zoe') },
      ...shuffled,
      { kind: 'grant', entry: { rid: 'dcos:service:/a', subjects: 'users', id: 'zoe' }, action: 'read' },
      { kind: 'delete-user', uid: 'zoe' },
    ]);
    expect(bodyOf(other.serialize())).toEqual(bodyOf(text));
  });

  test('of the empty state can be read', () => {
    expect(IamState.parse(IamState.empty().serialize()).revision).toBe(0);
  });

  /** Without the head, which has the hash of the history. */
  function bodyOf(snapshot: string): string[] {
    return snapshot.split('\n').slice(1);
  }
});

test(`random operations: the state is what a naive one is, and the changes say all (seed ${seed})`, () => {
  const random = new Random(seed);
  for (let run = 0; run < 25; run++) {
    let state = IamState.empty();
    let naive = new NaiveState();
    const mirror = new Mirror();
    for (let step = 0; step < 150; step++) {
      const operations = random.times(random.pick([1, 1, 1, 2, 4]), () => generateOperation(random));
      const after = naive.copy();
      let code: string | undefined;
      for (const operation of operations) {
        code ??= after.check(operation);
        if (code === undefined) after.apply(operation, state.revision + 1);
      }
      expect(state.checkAll(operations)?.code, JSON.stringify(operations)).toBe(code);
      expect(describeState(state)).toEqual(describeNaive(naive));
      if (code !== undefined) continue;
      naive = after;
      mirror.apply(write(state, operations));
      expect(describeState(state)).toEqual(describeNaive(naive));
      expect(mirror.describe()).toEqual(describeNaive(naive).slice(3, 5));
      if (step % 10 !== 0) continue;
      const text = state.serialize();
      state = IamState.parse(text);
      expect(state.serialize()).toBe(text);
      expect(describeState(state)).toEqual(describeNaive(naive));
    }
  }
});

/** What follows from changes alone. */
class Mirror {
  readonly #groups = new Map<string, readonly string[]>();
  readonly #entries = new Map<string, readonly unknown[]>();

  apply({ memberships, entries }: ReturnType<IamState['apply']>): void {
    for (const { uid, groups } of memberships) this.#groups.set(uid, groups);
    for (const { entry, actions: stored } of entries) {
      const { rid, subjects, id } = entry;
      const rows = stored.map(({ action, revision }) => [rid, subjects, id, action, revision]);
      this.#entries.set(JSON.stringify([rid, subjects, id]), rows);
    }
  }

  describe(): unknown[] {
    const members = [...this.#groups].flatMap(([uid, groups]) => groups.map((gid) => [gid, uid]));
    return [sorted(members), sorted([...this.#entries.values()].flat())];
  }
}

function describeState(state: IamState): unknown[] {
  const users = Array.from(state.users(), ({ uid }) => uid);
  const groups = Array.from(state.groups(), ({ gid }) => gid);
  const acls = Array.from(state.acls(), ({ rid }) => rid);
  const ofUsers = users.flatMap((uid) => state.groupsOf(uid).map((gid) => [gid, uid]));
  const ofGroups = groups.flatMap((gid) => state.membersOf(gid).map((uid) => [gid, uid]));
  expect(sorted(ofUsers)).toEqual(sorted(ofGroups));
  const rows = (found: ReturnType<IamState['entriesOf']>): unknown[] =>
    found.flatMap(({ entry, actions: stored }) => {
      expect(stored).toEqual(state.actionsOf(entry));
      return stored.map(({ action, revision }) => [entry.rid, entry.subjects, entry.id, action, revision]);
    });
  const ofAcls = acls.flatMap((rid) => rows(state.entriesOf(rid)));
  const ofSubjects = [
    ...users.flatMap((uid) => rows(state.entriesOfSubject('users', uid))),
    ...groups.flatMap((gid) => rows(state.entriesOfSubject('groups', gid))),
  ];
  expect(sorted(ofAcls)).toEqual(sorted(ofSubjects));
  const superusers = uids.filter((uid) => state.isSuperuser(uid));
  return [sorted(users), sorted(groups), sorted(acls), sorted(ofUsers), sorted(ofAcls), sorted(superusers)];
}

function describeNaive(naive: NaiveState): unknown[] {
  const { users, groups, acls, members, grants, superusers } = naive;
  const rows = grants.map(({ rid, subjects, id, action, revision }) => [rid, subjects, id, action, revision]);
  return [users, groups, acls, members, rows, superusers].map(sorted);
}

function sorted(values: readonly unknown[]): unknown[] {
  const texts = values.map((value) => JSON.stringify(value));
  return texts.sort();
}

const policy = `
group team { user:zoe, group:guests }
group guests { user:gus }
allow group:team to read on a:x
allow user:bob to update on b
deny user:eve to delete on a/y
ruleset strict deny-overrides { scope full on b
  deny user:ada to full on b
}
`;

test(`policies and a store together decide as a naive reading does (seed ${seed})`, () => {
  const random = new Random(seed);
  const files = modelOf(policy);
  let allowed = 0;
  for (let run = 0; run < 12; run++) {
    const state = IamState.empty();
    const naive = new NaiveState();
    for (let step = 0; step < 120; step++) {
      const operation = generateOperation(random);
      if (naive.check(operation) !== undefined) continue;
      naive.apply(operation, state.revision + 1);
      write(state, [operation]);
    }
    const whole = reference.load(modelWithStore(files, state));
    for (const subject of [...uids, 'zoe', 'gus']) {
      for (const rid of [...rids, 'a', 'a:x:z', 'a/y/z']) {
        for (const action of actions) {
          const { decision, rule } = whole.decide({ subject: `user:${subject}`, action, resource: rid });
          const expected = decideNaively(naive, subject, action, rid);
          const answer = [decision, rule?.id];
          expect(answer, JSON.stringify([subject, action, rid])).toEqual(expected);
          if (rule?.file === 'store') allowed++;
        }
      }
    }
  }
  expect(allowed).toBeGreaterThan(0);
});

/** The policy above and the grants, read as sentences: files first, then the oldest grant. */
function decideNaively(naive: NaiveState, uid: string, action: string, rid: string): unknown[] {
  if (uid === 'eve' && action === 'delete' && rid === 'a/y') return ['deny', 'a.acl:6'];
  if (uid === 'ada' && action === 'full' && rid === 'b') return ['deny', 'a.acl:8'];
  const isInTeam = uid === 'zoe' || uid === 'gus' || naive.isMember('team', uid);
  if (isInTeam && action === 'read' && rid === 'a:x') return ['allow', 'a.acl:4'];
  if (uid === 'bob' && action === 'update' && rid === 'b') return ['allow', 'a.acl:5'];
  const revisions = naive.grants
    .filter((grant) => grant.rid === rid && grant.action === action)
    .filter(({ subjects, id }) =>
      subjects === 'users' ? id === uid : naive.isMember(id, uid) || (id === 'team' && isInTeam),
    )
    .map(({ revision }) => revision);
  return revisions.length === 0 ? ['deny', undefined] : ['allow', `store:${Math.min(...revisions)}`];
}

describe('a model with a store', () => {
  test('joins groups of one name, in the order of names', () => {
    const state = stateOf(world, [
      { kind: 'create-user', user: userOf('zoe') },
      { kind: 'add-member', gid: 'team', uid: 'zoe' },
    ]);
    const { groups } = modelWithStore(modelOf(policy), state);
    expect(groups.map(({ name, members }) => [name, members.map((member) => nameOf(member))])).toEqual([
      ['guests', ['user:gus']],
      ['superusers', ['user:root']],
      ['team', ['user:zoe', 'guests', 'user:alice']],
    ]);
  });

  test('has what the policies have where the store is empty', () => {
    const model = modelOf(policy);
    expect(isDeepStrictEqual(modelWithStore(model, IamState.empty()), model)).toBe(true);
  });

  test('has a rule for each action, by revision, whatever the order in the state', () => {
    const entry = (id: string) => ({ rid: 'b', subjects: 'users', id }) as const;
    const state = stateOf(
      [
        { kind: 'create-acl', rid: 'b', description: '' },
        ...['ada', 'bob'].map((uid): Operation => ({ kind: 'create-user', user: userOf(uid) })),
      ],
      [{ kind: 'grant', entry: entry('bob'), action: 'read' }],
      [
        { kind: 'grant', entry: entry('bob'), action: 'create' },
        { kind: 'grant', entry: entry('ada'), action: 'read' },
      ],
    );
    const rules = modelWithStore(modelOf(''), state).rules;
    expect(rules.map(({ line, subjects, actions: own }) => [line, nameOf(subjects[0]!), ...own])).toEqual([
      [2, 'user:bob', 'read'],
      [3, 'user:ada', 'read'],
      [3, 'user:bob', 'create'],
    ]);
    expect(modelWithStore(modelOf(''), IamState.parse(state.serialize())).rules).toEqual(rules);
  });

  test('covers what the catalogue says, and lets the superuser do anything', () => {
    const model = modelOf(`namespace dcos { superuser dcos:superuser
      resource dcos:service[:<group...>] { actions read, full }
      action full implies read }`);
    const rid = 'dcos:service:team';
    const state = stateOf(world, [
      { kind: 'create-acl', rid, description: '' },
      { kind: 'grant', entry: { rid, subjects: 'users', id: 'bob' }, action: 'full' },
    ]);
    const ask = (subject: string, action: string, resource: string): string =>
      reference.load(modelWithStore(model, state)).decide({ subject, action, resource }).reason;
    expect(ask('user:bob', 'read', rid)).toBe('rule');
    expect(ask('user:bob', 'read', 'dcos:service')).toBe('default');
    expect(ask('user:root', 'full', 'dcos:service')).toBe('superuser');
  });
});

function nameOf(pattern: Model['groups'][number]['members'][number]): string {
  if (pattern.kind === 'subject') return pattern.id;
  return pattern.kind === 'group' ? pattern.name : pattern.kind;
}

function modelOf(text: string): Model {
  const built = build([{ file: 'a.acl', text }]);
  if (!built.ok) throw new Error(`no policy: ${built.diagnostics[0]?.message}`);
  return built.model;
}
