import { describe, expect, test } from 'vitest';
import { compile } from '../src/compile/compile.ts';
import type { Action, Operation } from '../src/iam/operation.ts';
import { readImage } from '../src/image/image.ts';
import { ImageError } from '../src/image/image-error.ts';
import { Authorizer, build } from '../src/index.ts';
import type { Changes } from '../src/live/changes.ts';
import { livePartOf } from '../src/live/live-part.ts';
import { Overlay } from '../src/live/overlay.ts';
import type { Rule } from '../src/model/model.ts';
import { Random, seedOfRun } from './support/generators.ts';
import { compareLive, emptyLiveShares } from './support/live-compare.ts';
import { acl, entryOf, grant, group, LiveStore, member, user } from './support/live-store.ts';

/**
 * An image with an overlay has to decide as what is built from nothing does, and to name the same rules: `LiveStore` holds every
 * answer against that and against the reference. `POSTERN_SEED=… npx vitest run test/overlay.test.ts` repeats a run.
 */
const seed = seedOfRun(process.env.POSTERN_SEED);

/** Templates of every kind: an optional literal, a path with slashes, one with dots, and a superuser. */
const CATALOGUE = `
namespace n {
  action full implies create, read, update, delete
  superuser n:superuser
  resource n:superuser { actions full, create, read, update, delete }
  resource n:row:<x>[/create] { actions full, create, read, update, delete }
  resource n:part:<x>[:<y>] { actions full, create, read, update, delete }
  resource n:tree:<path...> { actions full, create, read, update, delete }
  resource n:job:<path... by "."> { actions full, create, read, update, delete }
  resource n:few { actions create, read }
}
`;

function withCatalogue(text = ''): LiveStore {
  return new LiveStore(CATALOGUE + text);
}

const alice = 'user:alice';

const stars = [
  {
    rid: 'dcos:secrets:default:/dev/*',
    covered: ['dcos:secrets:default:/dev/db', 'dcos:secrets:default:/dev/*'],
    others: [
      'dcos:secrets:default:/dev',
      'dcos:secrets:default:/dev/db/x',
      'dcos:secrets:default:/develop/db',
      'dcos:secrets:default:/db',
      'dcos:secrets:other:/dev/db',
    ],
  },
  {
    rid: 'dcos:secrets:default:/*',
    covered: ['dcos:secrets:default:/db', 'dcos:secrets:default:/dev'],
    others: ['dcos:secrets:default:/dev/db', 'dcos:secrets:default:/', 'dcos:secrets:default:db'],
  },
  {
    rid: 'dcos:cluster:linker:*',
    covered: ['dcos:cluster:linker:abc'],
    others: ['dcos:cluster:linker', 'dcos:cluster:linker:abc:d', 'dcos:cluster:node:abc'],
  },
  {
    rid: 'dcos:service:marathon:marathon:services:/*',
    covered: ['dcos:service:marathon:marathon:services:/*'],
    others: ['dcos:service:marathon:marathon:services:/dev'],
  },
];

test(`random policies and random steps of a store decide as what is rebuilt after each step (seed ${seed})`, {
  timeout: 60_000,
}, () => {
  const random = new Random(seed);
  const shares = emptyLiveShares();
  while (shares.steps < 250) expect(compareLive(random.seed(), 25, shares)).toEqual([]);
  expect(shares.decisions).toBeGreaterThan(1000);
});

describe('a grant', () => {
  test('is seen at once, and its end too, on what its template covers and nothing else', () => {
    const store = withCatalogue().do(
      user('alice'),
      acl('n:tree:a'),
      acl('n:job:a'),
      acl('n:part:a'),
      acl('x'),
    );
    store.do(
      ...['n:tree:a', 'n:job:a', 'n:part:a', 'x'].map((rid) => grant('grant', 'users/alice', 'read', rid)),
    );
    const covered = [
      'n:tree:a',
      'n:tree:a/b/c',
      'n:job:a',
      'n:job:a.b',
      'n:job:a.b.c',
      'n:part:a',
      'n:part:a:b',
      'x',
    ];
    const others = [
      'n:tree:ab',
      'n:tree:a:b',
      'n:tree:a:/b',
      'n:tree',
      'n:job:ab',
      'n:job:a.',
      'n:job:b.a',
      'n:part:b',
      'x/y',
      'x:y',
      'n',
    ];
    for (const id of covered) expect(store.ask(alice, 'read', id)).toBe('allow store:2');
    for (const id of others) expect(store.ask(alice, 'read', id)).toBe('deny default');
    expect(store.ask('user:bob', 'read', 'x')).toBe('deny default');
    store
      .fold()
      .do(
        ...covered.flatMap((rid) =>
          store.state.acl(rid) ? [grant('revoke', 'users/alice', 'read', rid)] : [],
        ),
      );
    for (const id of covered) expect(store.ask(alice, 'read', id)).toBe('deny default');
  });

  test('of `full` holds for what it implies, and goes with all of it but what was granted beside', () => {
    const store = withCatalogue().do(user('alice'), acl('n:tree:a'));
    store
      .do(grant('grant', 'users/alice', 'full', 'n:tree:a'))
      .do(grant('grant', 'users/alice', 'read', 'n:tree:a'));
    expect(store.ask(alice, 'read', 'n:tree:a')).toBe('allow store:2');
    store.fold().do(grant('revoke', 'users/alice', 'full', 'n:tree:a'));
    expect(store.ask(alice, 'read', 'n:tree:a')).toBe('allow store:3');
    expect(store.ask(alice, 'delete', 'n:tree:a')).toBe('deny default');
    store.do(grant('revoke', 'users/alice', 'read', 'n:tree:a'));
    expect(store.ask(alice, 'read', 'n:tree:a')).toBe('deny default');
  });

  test('of `full` on a row that lists less is no more than the row lists', () => {
    const store = withCatalogue()
      .do(user('alice'), acl('n:few'))
      .do(grant('grant', 'users/alice', 'full', 'n:few'));
    for (const round of ['overlay', 'image']) {
      expect([round, store.ask(alice, 'read', 'n:few')]).toEqual([round, 'allow store:2']);
      expect([round, store.ask(alice, 'full', 'n:few')]).toEqual([round, 'allow store:2']);
      expect([round, store.ask(alice, 'delete', 'n:few')]).toEqual([round, 'deny default']);
      store.fold();
    }
  });

  test('of an action that neither files nor image name holds', () => {
    const store = new LiveStore('allow user:bob to run on x').do(user('alice'), acl('x'));
    store.do(grant('grant', 'users/alice', 'update', 'x'));
    expect(store.ask(alice, 'update', 'x')).toBe('allow store:2');
  });

  test('is named after the rules of files, and before those that the store has later', () => {
    const store = withCatalogue('allow user:alice to read on y\n').do(
      user('alice'),
      group('ops'),
      acl('n:tree:a'),
      acl('y'),
    );
    store.do(member('add-member', 'ops', 'alice'), grant('grant', 'users/alice', 'read', 'n:tree:a'));
    store.do(grant('grant', 'groups/ops', 'read', 'n:tree:a')).fold();
    // The entry is replaced: what it had before keeps its place.
    store.do(grant('grant', 'users/alice', 'update', 'n:tree:a'), grant('grant', 'users/alice', 'read', 'y'));
    expect(store.ask(alice, 'read', 'n:tree:a')).toBe('allow store:2');
    expect(store.ask(alice, 'read', 'y')).toMatch(/^allow a\.acl:/);
    store.do(grant('revoke', 'users/alice', 'read', 'n:tree:a'));
    expect(store.ask(alice, 'read', 'n:tree:a')).toBe('allow store:3');
    store.do(grant('grant', 'users/alice', 'read', 'n:tree:a'));
    expect(store.ask(alice, 'read', 'n:tree:a')).toBe('allow store:3');
  });

  test('gives way to a deny of the files, for superusers too', () => {
    const store = withCatalogue('deny user:alice to read on n:tree:a/**\n').do(user('alice'));
    store.do(acl('n:tree:a'), acl('n:superuser'));
    store.do(
      grant('grant', 'users/alice', 'full', 'n:tree:a'),
      grant('grant', 'users/alice', 'full', 'n:superuser'),
    );
    expect(store.ask(alice, 'read', 'n:tree:a/b')).toMatch(/^deny a\.acl:/);
    expect(store.ask(alice, 'update', 'n:tree:a/b')).toBe('allow store:3');
  });

  test('on a star that DC/OS knows is on each id of that one segment, comes and goes alone, and any other star is a character', () => {
    const store = new LiveStore('import "postern:dcos"\n', 'strict').do(
      user('alice'),
      ...stars.map(({ rid }) => acl(rid)),
      acl('dcos:secrets:default:/dev'),
    );
    store.do(grant('grant', 'users/alice', 'read', 'dcos:secrets:default:/dev'));
    for (const { rid, covered, others } of stars) {
      store.do(grant('grant', 'users/alice', 'full', rid));
      const { revision } = store.state;
      for (const round of ['overlay', 'image', 'overlay on an image', 'gone']) {
        if (round === 'image') store.fold();
        if (round === 'overlay on an image') store.do(grant('grant', 'users/alice', 'read', rid));
        if (round === 'gone')
          store.do(
            ...['full', 'read'].map((action) => grant('revoke', 'users/alice', action as Action, rid)),
          );
        for (const id of covered)
          expect([round, id, store.ask(alice, 'update', id)]).toEqual([
            round,
            id,
            round === 'gone' ? 'deny default' : `allow store:${revision}`,
          ]);
        for (const id of others)
          expect([round, id, store.ask(alice, 'update', id)]).toEqual([round, id, 'deny default']);
        // What was granted on the folder itself stays.
        expect(store.ask(alice, 'read', 'dcos:secrets:default:/dev')).toBe('allow store:2');
      }
    }
  });

  test('on an id beneath another leaves the other, and the other way round', () => {
    const store = withCatalogue().do(user('alice'), acl('n:tree:a'), acl('n:tree:a/b'));
    store
      .do(grant('grant', 'users/alice', 'read', 'n:tree:a'))
      .do(grant('grant', 'users/alice', 'read', 'n:tree:a/b'));
    store.fold().do(grant('revoke', 'users/alice', 'read', 'n:tree:a'));
    expect(store.ask(alice, 'read', 'n:tree:a/b')).toBe('allow store:3');
    expect(store.ask(alice, 'read', 'n:tree:a')).toBe('deny default');
    store.do(
      grant('grant', 'users/alice', 'read', 'n:tree:a'),
      grant('revoke', 'users/alice', 'read', 'n:tree:a/b'),
    );
    expect(store.ask(alice, 'read', 'n:tree:a/b')).toBe('allow store:5');
  });

  test('whose list another id shares comes back into its own when the other goes, and the other stays when it goes', () => {
    // What covers `n:row:1/create` by its template, and a rule on that very id, are in one list and of one class.
    const start = (): LiveStore =>
      withCatalogue()
        .do(user('alice'), acl('n:row:1'), acl('n:row:1/create'))
        .do(grant('grant', 'users/alice', 'read', 'n:row:1'))
        .do(grant('grant', 'users/alice', 'read', 'n:row:1/create'))
        .fold();
    const first = start().do(grant('revoke', 'users/alice', 'read', 'n:row:1'));
    expect(first.ask(alice, 'read', 'n:row:1/create')).toBe('allow store:3');
    expect(first.ask(alice, 'read', 'n:row:1')).toBe('deny default');
    const second = start().do(grant('revoke', 'users/alice', 'read', 'n:row:1/create'));
    expect(second.ask(alice, 'read', 'n:row:1/create')).toBe('allow store:2');
  });

  test('on ids that are not ASCII, on roots, and on ids that look like patterns is exact', () => {
    const rids = ['ключ:/é/🙂', 'a:/', '/', '**', 'a/*', '🙂'];
    const store = withCatalogue().do(user('alice'), ...rids.map(acl));
    store.do(...rids.map((rid) => grant('grant', 'users/alice', 'read', rid)));
    for (let round = 0; round < 2; round++) {
      for (const rid of rids) expect(store.ask(alice, 'read', rid)).toBe('allow store:2');
      for (const id of ['ключ:/é', 'ключ:/é/🙂/x', 'a', 'a:b', 'a:/b', '/b', 'a/b', '🙃'])
        expect(store.ask(alice, 'read', id)).toBe('deny default');
      expect(store.decide({ subject: alice, action: 'read' }).decision).toBe('deny');
      store.fold();
    }
  });
});

describe('a group', () => {
  test('of files and store has the members of both, and one of files stays one', () => {
    const store = withCatalogue(
      'group ops { user:alice }\ngroup all { group:ops }\nallow group:all to read on x\n',
    );
    store.do(user('alice'), user('bob'), group('ops'));
    store.do(member('add-member', 'ops', 'alice'), member('add-member', 'ops', 'bob'));
    for (const id of [alice, 'user:bob']) expect(store.ask(id, 'read', 'x')).toMatch(/^allow a\.acl/);
    store.fold().do(member('remove-member', 'ops', 'alice'), member('remove-member', 'ops', 'bob'));
    expect(store.ask(alice, 'read', 'x')).toMatch(/^allow a\.acl/);
    expect(store.ask('user:bob', 'read', 'x')).toBe('deny default');
    store.do({ kind: 'delete-group', gid: 'ops' }, { kind: 'delete-user', uid: 'alice' });
    expect(store.ask(alice, 'read', 'x')).toMatch(/^allow a\.acl/);
  });

  test('that is new works for its members, for requests that name it, and not beyond its end', () => {
    const store = withCatalogue('allow user:al* to read on y\n').do(user('alice'), user('bob'), acl('x'));
    const gids = Array.from({ length: 12 }, (_, i) => `g${i}`);
    store.do(...gids.map(group), ...gids.map((gid) => member('add-member', gid, 'alice')));
    store.do(grant('grant', 'groups/g11', 'read', 'x'));
    expect(store.ask(alice, 'read', 'x')).toBe('allow store:3');
    expect(store.ask(alice, 'read', 'y')).toMatch(/^allow a\.acl/);
    expect(store.ask('user:bob', 'read', 'x')).toBe('deny default');
    expect(store.ask('user:bob', 'read', 'x', ['g11'])).toBe('allow store:3');
    expect(store.ask('user:unknown', 'read', 'x', ['nobody', 'g11'])).toBe('allow store:3');
    store.do({ kind: 'delete-group', gid: 'g11' });
    expect(store.ask(alice, 'read', 'x')).toBe('deny default');
    expect(store.ask('user:bob', 'read', 'x', ['g11'])).toBe('deny default');
    store.do(group('g11'));
    expect(store.ask(alice, 'read', 'x')).toBe('deny default');
  });

  test('that is new has no number that an idle entry of the image has', () => {
    // Repeated rules leave entries that nobody may have, by classes from the count of classes on.
    const repeated = Array.from({ length: 6 }, (_, i) => `allow user:u${i} to read on x\n`.repeat(2)).join(
      '',
    );
    const store = new LiveStore(
      `${repeated}group a { user:u0 }\nallow group:a to read on x\nallow group:a to read on x\n`,
    );
    // With few classes each is compared, with many they are looked up.
    const gids = Array.from({ length: 5 }, (_, i) => `g${i}`);
    store.do(user('bob'), ...gids.map(group), ...gids.map((gid) => member('add-member', gid, 'bob')));
    expect(store.ask('user:bob', 'read', 'x')).toBe('deny default');
  });

  test('in a condition counts the members of now', () => {
    const store = withCatalogue(
      'group ops { user:carol }\nallow anyone to read on x when subject in group:ops\n',
    );
    store.do(user('alice'), group('ops'), member('add-member', 'ops', 'alice'));
    expect(store.ask(alice, 'read', 'x')).toMatch(/^allow a\.acl/);
    store.fold().do(member('remove-member', 'ops', 'alice'));
    expect(store.ask(alice, 'read', 'x')).toBe('deny default');
    expect(store.ask('user:carol', 'read', 'x')).toMatch(/^allow a\.acl/);
  });
});

describe('a superuser', () => {
  test('comes by a grant or by a group, and goes with either', () => {
    const store = withCatalogue().do(user('alice'), user('bob'), acl('n:superuser'), group('admins'));
    expect(store.ask(alice, 'delete', 'n:tree:a')).toBe('deny default');
    store.do(
      grant('grant', 'users/alice', 'read', 'n:superuser'),
      grant('grant', 'groups/admins', 'full', 'n:superuser'),
    );
    expect(store.ask(alice, 'delete', 'n:tree:a')).toBe('allow superuser store:2');
    expect(store.ask('user:bob', 'delete', 'n:tree:a')).toBe('deny default');
    store.do(member('add-member', 'admins', 'bob'));
    expect(store.ask('user:bob', 'delete', 'n:tree:a')).toBe('allow superuser store:2');
    store.fold();
    expect(store.ask(alice, 'delete', 'n:tree:a')).toBe('allow superuser store:2');
    store.do(grant('revoke', 'users/alice', 'read', 'n:superuser'));
    expect(store.ask(alice, 'delete', 'n:tree:a')).toBe('deny default');
    store.do(member('remove-member', 'admins', 'bob'));
    expect(store.ask('user:bob', 'delete', 'n:tree:a')).toBe('deny default');
  });
});

describe('a user', () => {
  test('that is deleted and made again has nothing', () => {
    const store = withCatalogue().do(user('alice'), group('ops'), acl('x'), acl('y'));
    store.do(
      member('add-member', 'ops', 'alice'),
      grant('grant', 'users/alice', 'read', 'x'),
      grant('grant', 'groups/ops', 'read', 'y'),
    );
    store.fold().do({ kind: 'delete-user', uid: 'alice' });
    for (const id of ['x', 'y']) expect(store.ask(alice, 'read', id)).toBe('deny default');
    store.do(user('alice'));
    for (const id of ['x', 'y']) expect(store.ask(alice, 'read', id)).toBe('deny default');
    store.do(grant('grant', 'users/alice', 'read', 'x'));
    expect(store.ask(alice, 'read', 'x')).toBe('allow store:5');
  });
});

test('of a long list one entry goes, and another comes', () => {
  const count = 100_000;
  const { files } = new LiveStore('allow user:bob to run on x');
  const location = { file: 'store', span: { start: 0, end: 0 } };
  const rules = Array.from(
    { length: count },
    (_, i): Rule => ({
      effect: 'allow',
      subjects: [{ kind: 'subject', id: `user:u${i}` }],
      actions: ['read'],
      resources: [{ kind: 'literal', id: 'x' }],
      location,
      line: i + 1,
    }),
  );
  const model = { ...files, rules: [...files.rules, ...rules] };
  const image = readImage(compile(model, livePartOf(files, count)));
  const base = Authorizer.fromImage(image);
  const change = (
    revision: number,
    uid: string,
    actions: Changes['entries'][number]['actions'],
  ): Changes => ({
    revision,
    newGroups: [],
    memberships: [],
    entries: [{ entry: entryOf(`users/${uid}`, 'x'), actions }],
  });
  const overlay = Overlay.on(image).with([
    change(count + 1, 'u77777', []),
    change(count + 2, 'new', [{ action: 'read', revision: count + 2 }]),
    change(count + 3, 'u5', [
      { action: 'read', revision: 6 },
      { action: 'update', revision: count + 3 },
    ]),
  ]);
  const authorizer = base.withOverlay(overlay);
  const named = (uid: string, action: string): string | undefined =>
    authorizer.decide({ subject: `user:${uid}`, action, resource: 'x' }).rule?.id;
  expect(named('u77777', 'read')).toBeUndefined();
  expect(named('u77778', 'read')).toBe('store:77779');
  expect(named('new', 'read')).toBe(`store:${count + 2}`);
  expect(named('u5', 'read')).toBe('store:6');
  expect(named('u5', 'update')).toBe(`store:${count + 3}`);
  expect(overlay.size).toBe(3);
});

describe('an overlay', () => {
  const setUp: readonly Operation[] = [user('alice'), user('bob'), group('ops'), acl('x')];

  test('stays what it was when another is made of it', () => {
    const store = withCatalogue()
      .do(...setUp)
      .do(grant('grant', 'users/alice', 'read', 'x'));
    const before = store.authorizer;
    store.do(grant('revoke', 'users/alice', 'read', 'x'), member('add-member', 'ops', 'bob'));
    store.do(grant('grant', 'groups/ops', 'read', 'x'));
    expect(before.isAllowed(alice, 'read', 'x')).toBe(true);
    expect(before.isAllowed('user:bob', 'read', 'x')).toBe(false);
    expect(store.authorizer.isAllowed(alice, 'read', 'x')).toBe(false);
    expect(store.authorizer.isAllowed('user:bob', 'read', 'x')).toBe(true);
    store.fold().do(acl('y'), grant('grant', 'users/alice', 'read', 'y'));
    store.fold().do(grant('revoke', 'users/alice', 'read', 'y'));
    const between = store.authorizer;
    store.do(grant('revoke', 'groups/ops', 'read', 'x'));
    expect(between.isAllowed(alice, 'read', 'y')).toBe(false);
    expect(between.isAllowed('user:bob', 'read', 'x')).toBe(true);
    expect(store.authorizer.isAllowed('user:bob', 'read', 'x')).toBe(false);
    const withBob = store.do(grant('grant', 'groups/ops', 'read', 'x')).authorizer;
    const withoutBob = store.do(member('remove-member', 'ops', 'bob')).authorizer;
    store.do(member('add-member', 'ops', 'bob'));
    expect(withBob.isAllowed('user:bob', 'read', 'x')).toBe(true);
    expect(withoutBob.isAllowed('user:bob', 'read', 'x')).toBe(false);
    expect(store.authorizer.isAllowed('user:bob', 'read', 'x')).toBe(true);
  });

  test('is told the same twice, or what its image holds already, and does no harm', () => {
    const store = withCatalogue().do(...setUp);
    const state = store.overlay;
    store.do(grant('grant', 'users/alice', 'read', 'x'));
    const entry = entryOf('users/alice', 'x');
    const changes = {
      revision: 2,
      newGroups: [],
      memberships: [],
      entries: [{ entry, actions: [{ action: 'read' as const, revision: 2 }] }],
    };
    const twice = state.with([changes, changes]);
    expect(twice.size).toBe(store.overlay.size);
    store.fold();
    expect(store.overlay.with(changes)).toBe(store.overlay);
  });

  test('belongs to its image', () => {
    const store = withCatalogue();
    const other = withCatalogue('allow user:x to read on x\n');
    expect(() => other.authorizer.withOverlay(store.overlay)).toThrow('another image');
    const built = build([{ file: 'a.acl', text: CATALOGUE }]);
    if (!built.ok) throw new Error('no policy');
    expect(() => Overlay.on(readImage(built.image))).toThrow(ImageError);
  });

  test('answers by handles, approvers, lists and batches, and explains', () => {
    const store = withCatalogue().do(...setUp);
    const [subject, resource] = [store.authorizer.subject(alice), store.authorizer.resource('x')];
    const approver = store.authorizer.approver(alice, 'read');
    store.do(grant('grant', 'users/alice', 'read', 'x'));
    const { authorizer } = store;
    const request = { subject: alice, action: 'read', resource: 'x' };
    expect(authorizer.isAllowed(subject, 'read', resource)).toBe(true);
    expect(authorizer.isAllowed(authorizer.subject(alice), 'read', authorizer.resource('x'))).toBe(true);
    expect(authorizer.approver(alice, 'read').allows('x')).toBe(true);
    expect(approver.allows('x')).toBe(false);
    expect(authorizer.filter(alice, 'read', ['x', 'y'])).toEqual(['x']);
    expect(authorizer.areAllowed([request, { ...request, action: 'update' }])).toEqual([true, false]);
    expect(authorizer.decideAll([request])[0]!.decision).toBe('allow');
    expect(authorizer.explain(request).rules).toEqual([
      { rule: { id: 'store:2', file: 'store', line: 2 }, effect: 'allow', outcome: 'applies' },
    ]);
  });

  test('is the one of its own call, whatever the code of the caller asks meanwhile', () => {
    const store = withCatalogue('allow anyone to read on y when context.a == 1\n').do(...setUp, acl('y'));
    const before = store.authorizer;
    store.do(grant('grant', 'users/alice', 'read', 'x'));
    const after = store.authorizer;
    const asking = (inner: Authorizer) => ({
      get subject() {
        inner.isAllowed('user:bob', 'read', 'y');
        return alice;
      },
      action: 'read',
      get resource() {
        inner.decide({ subject: 'user:bob', action: 'read', resource: 'y' });
        return 'x';
      },
    });
    expect(after.decide(asking(before)).decision).toBe('allow');
    expect(before.decide(asking(after)).decision).toBe('deny');
    expect(after.areAllowed([asking(before), asking(before)])).toEqual([true, true]);
    expect(before.areAllowed([asking(after), asking(after)])).toEqual([false, false]);
    store.do(acl('n:superuser'), grant('grant', 'users/alice', 'read', 'n:superuser'));
    const now = store.authorizer;
    const attributes = {
      get subject() {
        before.decide({ subject: 'user:bob', action: 'read', resource: 'y' });
        return {};
      },
    };
    const asked = { subject: alice, action: 'delete', resource: 'n:tree:a', attributes };
    expect(now.decide(asked).reason).toBe('superuser');
    expect(after.decide(asked).decision).toBe('deny');
    function* each(inner: Authorizer) {
      for (let i = 0; i < 3; i++) {
        inner.isAllowed('user:bob', 'read', 'y');
        yield { subject: alice, action: 'read', resource: 'x' };
      }
    }
    expect(after.decideAll(each(before)).map(({ decision }) => decision)).toEqual([
      'allow',
      'allow',
      'allow',
    ]);
    expect(before.decideAll(each(after)).map(({ decision }) => decision)).toEqual(['deny', 'deny', 'deny']);
  });

  test('is part of the answers about the policy as a whole', () => {
    const store = withCatalogue('allow group:ops to read on y\ngroup ops { user:dora }\n')
      .do(...setUp)
      .fold();
    store.do(
      grant('grant', 'users/alice', 'read', 'x'),
      group('new'),
      member('add-member', 'ops', 'bob'),
      member('add-member', 'new', 'bob'),
      acl('n:job:a'),
      grant('grant', 'groups/new', 'full', 'n:job:a'),
    );
    const { authorizer } = store;
    const known = (action: string, resource: string) =>
      authorizer.whoCan(action, resource).items.map(({ subject }) => subject);
    expect(known('read', 'x')).toEqual([alice]);
    expect(known('read', 'y')).toEqual(['user:bob', 'user:dora']);
    expect(known('delete', 'n:job:a.b')).toEqual(['user:bob']);
    expect(authorizer.why({ subject: alice, action: 'read', resource: 'x' }).decision.rule?.id).toBe(
      'store:2',
    );
    store.do(member('remove-member', 'ops', 'bob'), grant('revoke', 'users/alice', 'read', 'x'));
    const later = store.authorizer;
    expect(later.whoCan('read', 'x').items).toEqual([]);
    expect(later.whoCan('read', 'y').items.map(({ subject }) => subject)).toEqual(['user:dora']);
  });
});
