import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { PosternClient } from '../src/client.ts';
import type { Action, Operation } from '../src/iam/operation.ts';
import { backUpStore, restoreStore } from '../src/store/backup.ts';
import { openStore } from '../src/store/open-store.ts';
import { readState } from '../src/store/read-state.ts';
import { makeToken, readToken } from '../src/store/tokens.ts';
import { Random, seedOfRun } from './support/generators.ts';
import { startTested, type TestedService, until } from './support/operated-service.ts';
import { PostgresServer, wantsPostgres } from './support/postgres.ts';
import { startServe } from './support/serve-process.ts';
import { newGroup, newUser, type StoreHand } from './support/store-hand.ts';
import { createTestStore } from './support/test-stores.ts';
import { probeTokens } from './support/token-probes.ts';

const seed = seedOfRun(process.env.POSTERN_SEED);
const hasPostgres = wantsPostgres();
let server: PostgresServer | undefined;
beforeAll(async () => {
  if (hasPostgres) server = await PostgresServer.create();
});
afterAll(() => server?.remove());

const backEnds: readonly (readonly [name: string, server: () => PostgresServer | undefined])[] = [
  ['SQLite', () => undefined],
  ['PostgreSQL', () => server],
];

const secret = 'dcos:secrets:default:/team/db';
const services = 'dcos:service:marathon:marathon:services:/team';
const policy = `import "postern:dcos"\ndeny user:mallory to full on ${services}\n`;

async function start(
  { url }: Pick<StoreHand, 'url'>,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<TestedService> {
  return startTested({
    files: { 'policy/a.acl': policy },
    settings: { store: url, storePollMs: 50, ...settings },
  });
}

interface Answered {
  readonly status: number;
  readonly decision: string | undefined;
  readonly rule: string | undefined;
  readonly code: string | undefined;
  readonly token: string;
  readonly revision: string;
}

async function ask(
  { address }: TestedService,
  subject: string,
  resource: string,
  consistency?: string,
): Promise<Answered> {
  const response = await fetch(`${address}/v1/check`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(consistency === undefined ? {} : { 'postern-consistency': consistency }),
    },
    body: JSON.stringify({ subject, action: 'read', resource }),
  });
  const body = (await response.json()) as {
    readonly decision?: string;
    readonly rule?: { readonly id: string };
    readonly error?: { readonly code?: string };
  };
  return {
    status: response.status,
    decision: body.decision,
    rule: body.rule?.id,
    code: body.error?.code,
    token: response.headers.get('postern-token') ?? '',
    revision: response.headers.get('postern-revision') ?? '',
  };
}

async function atLeast(tested: TestedService, revision: number): Promise<string> {
  const { token } = await ask(tested, 'user:nobody', secret);
  return `at-least ${makeToken({ ...readToken(token), revision })}`;
}

function grant(
  rid: string,
  id: string,
  action: Action = 'read',
  kind: 'grant' | 'revoke' = 'grant',
): Operation {
  const isGroup = id.startsWith('@');
  return { kind, entry: { rid, subjects: isGroup ? 'groups' : 'users', id: id.replace('@', '') }, action };
}

const acl = (rid: string): Operation => ({ kind: 'create-acl', rid, description: '' });

describe.each(hasPostgres ? backEnds : backEnds.slice(0, 1))('a service on a store in %s', (_name, back) => {
  test('grants, revocations and memberships count as soon as a request asks for them', async () => {
    const store = await createTestStore(back());
    const tested = await start(store);
    expect(await ask(tested, 'user:ann', secret)).toMatchObject({ status: 200, decision: 'deny' });
    const granted = await store.write(newUser('ann'), acl(secret), grant(secret, 'ann'));
    expect(await ask(tested, 'user:ann', secret, await atLeast(tested, granted))).toMatchObject({
      decision: 'allow',
      rule: `store:${granted}`,
    });
    const revoked = await store.write(grant(secret, 'ann', 'read', 'revoke'));
    expect(await ask(tested, 'user:ann', secret, await atLeast(tested, revoked))).toMatchObject({
      decision: 'deny',
    });
    await store.write(newGroup('dev'), newUser('root'), grant('dcos:superuser', 'root', 'full'));
    await store.write(grant('dcos:superuser', '@dev', 'full'));
    const joined = await store.write({ kind: 'add-member', gid: 'dev', uid: 'ann' });
    expect(
      await ask(tested, 'user:ann', 'dcos:adminrouter:acs', await atLeast(tested, joined)),
    ).toMatchObject({
      decision: 'allow',
    });
    const gone = await store.write({ kind: 'delete-user', uid: 'ann' });
    expect(await ask(tested, 'user:ann', 'dcos:adminrouter:acs', await atLeast(tested, gone))).toMatchObject({
      decision: 'deny',
    });
  });

  test('a deny of the files wins, and a grant covers what is beneath as the catalogue says', async () => {
    const store = await createTestStore(back());
    const tested = await start(store);
    const revision = await store.write(
      newUser('mallory'),
      newUser('ann'),
      acl(services),
      grant(services, 'mallory'),
      grant(services, 'ann'),
    );
    const consistency = await atLeast(tested, revision);
    const app = `${services}/app`;
    expect(await ask(tested, 'user:ann', app, consistency)).toMatchObject({ decision: 'allow' });
    expect(await ask(tested, 'user:mallory', app, consistency)).toMatchObject({ decision: 'deny' });
  });

  test('the secrets of a folder are granted by a star, as installers do it', async () => {
    const store = await createTestStore(back());
    const tested = await start(store, { foldAfter: 2 });
    const folder = 'dcos:secrets:default:/dev/kafka/*';
    await store.write(newUser('ann'), acl(folder));
    for (const kind of ['grant', 'revoke', 'grant'] as const) {
      const written = await store.write(grant(folder, 'ann', 'read', kind));
      const consistency = await atLeast(tested, written);
      const decision = kind === 'grant' ? 'allow' : 'deny';
      expect(await ask(tested, 'user:ann', 'dcos:secrets:default:/dev/kafka/key', consistency)).toMatchObject(
        { decision },
      );
      for (const other of ['/dev/kafka', '/dev/kafka/a/key', '/dev/kafkaesque/key'])
        expect(await ask(tested, 'user:ann', `dcos:secrets:default:${other}`, consistency)).toMatchObject({
          decision: 'deny',
        });
    }
  });

  test('a fold changes no answer, and what came meanwhile is not lost', async () => {
    const store = await createTestStore(back());
    const tested = await start(store, { foldAfter: 3 });
    const imageOf = ({ revision }: Answered): string => revision.split('@')[0]!;
    const first = imageOf(await ask(tested, 'user:ann', secret));
    await store.write(newUser('ann'), ...Array.from({ length: 12 }, (_, i) => acl(`dcos:x:${i}`)));
    let last = 0;
    for (let i = 0; i < 12; i++) last = await store.write(grant(`dcos:x:${i}`, 'ann'));
    const consistency = await atLeast(tested, last);
    expect(await ask(tested, 'user:ann', 'dcos:x:0', consistency)).toMatchObject({ decision: 'allow' });
    await until(
      'all but the last of the changes are in an image',
      async () => (await tested.metric('postern_store_changes'))! <= 3,
    );
    for (let i = 0; i < 12; i++)
      expect(await ask(tested, 'user:ann', `dcos:x:${i}`)).toMatchObject({
        decision: 'allow',
        rule: `store:${i + 3}`,
      });
    expect(imageOf(await ask(tested, 'user:ann', 'dcos:x:0'))).not.toBe(first);
    expect((await ask(tested, 'user:ann', 'dcos:x:0')).revision).toMatch(
      new RegExp(`^[0-9a-f]{32}@${last}$`),
    );
  });

  test(`an answer is never older than its token, POSTERN_SEED=${seed}`, async () => {
    const hand = await createTestStore(back());
    const serve = await startServe(['--no-auth', '--store', hand.url, '--replica', '--store-poll-ms', '100']);
    onTestFinished(serve.stop);
    const probes = { hand, addresses: [serve.address], count: 150, lanes: 4, random: new Random(seed) };
    expect(await probeTokens(probes)).toMatchObject({ asked: 150, wrong: [] });
  });

  test('a session of real use: users, groups and lists, a grant, a decision, its end', async () => {
    const store = await createTestStore(back());
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const folder = mkdtempSync(join(tmpdir(), 'postern-iam-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const signingKeyFile = join(folder, 'iam.pem');
    writeFileSync(signingKeyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const tested = await start(store, { iam: { signingKeyFile, trustProxy: true } });
    const call = async (
      method: string,
      path: string,
      body?: object,
    ): Promise<{ readonly status: number; readonly token: string }> => {
      const response = await fetch(`${tested.address}/acs/api/v1/${path}`, {
        method,
        ...(body === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      await response.arrayBuffer();
      return { status: response.status, token: response.headers.get('postern-token') ?? '' };
    };
    const list = 'acls/dcos:service:marathon:marathon:services:%252Fteam';
    expect(await call('PUT', 'users/ann', { password: 'a long one', description: 'Ann' })).toMatchObject({
      status: 201,
    });
    expect(await call('PUT', 'groups/dev', { description: 'Developers' })).toMatchObject({ status: 201 });
    expect(await call('PUT', 'groups/dev/users/ann')).toMatchObject({ status: 204 });
    expect(await call('PUT', list, { description: '' })).toMatchObject({ status: 201 });
    expect(await ask(tested, 'user:ann', `${services}/app`)).toMatchObject({ decision: 'deny' });
    const { status, token } = await call('PUT', `${list}/groups/dev/read`);
    expect(status).toBe(204);
    // The process that wrote needs no token.
    expect(await ask(tested, 'user:ann', `${services}/app`)).toMatchObject({ decision: 'allow', token });
    expect(await call('PUT', `${list}/groups/dev/read`)).toMatchObject({ status: 409 });
    expect(await call('DELETE', `${list}/groups/dev/read`)).toMatchObject({ status: 204 });
    expect(await ask(tested, 'user:ann', `${services}/app`)).toMatchObject({ decision: 'deny' });
  });

  test('exactly, latest and fastest', async () => {
    const store = await createTestStore(back());
    const tested = await start(store, { storePollMs: 60_000 });
    const { token } = await ask(tested, 'user:ann', secret);
    expect(await ask(tested, 'user:ann', secret, `exactly ${token}`)).toMatchObject({ status: 200, token });
    await store.write(newUser('ann'), acl(secret), grant(secret, 'ann'));
    expect(await ask(tested, 'user:ann', secret, 'latest')).toMatchObject({ decision: 'allow' });
    expect(await ask(tested, 'user:ann', secret, 'fastest')).toMatchObject({ decision: 'allow' });
    expect(await ask(tested, 'user:ann', secret, `exactly ${token}`)).toMatchObject({
      status: 409,
      code: 'passed',
      decision: undefined,
    });
  });

  test('what cannot be had is an error and never an old answer', async () => {
    const store = await createTestStore(back());
    const tested = await start(store, { consistencyWaitMs: 100 });
    const point = readToken((await ask(tested, 'user:ann', secret)).token);
    const at = (changed: Partial<typeof point>): string => `at-least ${makeToken({ ...point, ...changed })}`;
    const asked = (consistency: string): Promise<Answered> => ask(tested, 'user:ann', secret, consistency);
    expect(await asked(at({ revision: point.revision + 5 }))).toMatchObject({ status: 503, code: 'stale' });
    expect(await asked(at({ storeId: '0123456789abcdef' }))).toMatchObject({
      status: 409,
      code: 'other-store',
    });
    expect(await asked(at({ epoch: point.epoch + 1 }))).toMatchObject({ status: 503, code: 'stale' });
    expect(await asked('at-least pst1.x')).toMatchObject({ status: 400 });
    expect(await asked('sometimes')).toMatchObject({ status: 400 });
    expect(await asked('latest now')).toMatchObject({ status: 400 });
  });

  test('readiness and metrics tell how the store is followed', async () => {
    const store = await createTestStore(back());
    const tested = await start(store);
    const revision = await store.write(newUser('ann'));
    await until('it is followed', async () => (await tested.metric('postern_store_revision')) === revision);
    expect(await tested.metric('postern_store_stale_seconds')).toBeLessThan(1);
    const { status, body } = await tested.readiness();
    expect({ status, body }).toMatchObject({ status: 200, body: { ready: true, store: { revision } } });
    expect(tested.failures).toEqual([]);
    const policy = (await (await fetch(`${tested.address}/v1/policy`)).json()) as object;
    expect(policy).toMatchObject({ store: { epoch: 1, revision, changes: 1 } });
  });
});

test('several workers decide by one store', async () => {
  const store = await createTestStore(undefined);
  const tested = await start(store, { workers: 2 });
  const { token } = await ask(tested, 'user:ann', secret);
  for (let i = 0; i < 10; i++) {
    const uid = `u${i}`;
    const rid = `${secret}/${i}`;
    const revision = await store.write(newUser(uid), acl(rid), grant(rid, uid));
    const consistency = `at-least ${makeToken({ ...readToken(token), revision })}`;
    for (let n = 0; n < 8; n++)
      expect(await ask(tested, `user:${uid}`, rid, consistency)).toMatchObject({ decision: 'allow' });
  }
});

test('without policies the catalogue of DC/OS stands beside the store', async () => {
  const store = await createTestStore(undefined);
  const tested = await start(store, { policy: undefined, root: undefined });
  await store.write(newUser('ann'), acl(services), grant(services, 'ann'));
  expect(await ask(tested, 'user:ann', `${services}/app`, 'latest')).toMatchObject({ decision: 'allow' });
});

test('without a store nobody can ask for consistency', async () => {
  const tested = await startTested();
  expect(await ask(tested, 'user:cory', 'doc:/a', 'latest')).toMatchObject({ status: 400, token: '' });
});

test.skipIf(!hasPostgres)(
  'PostgreSQL that goes away leaves the answers, and takes the readiness',
  async () => {
    const own = await PostgresServer.create();
    try {
      const store = await createTestStore(own);
      const tested = await start(store, { maxStaleMs: 300, consistencyWaitMs: 300 });
      const written = await store.write(newUser('ann'), acl(secret), grant(secret, 'ann'));
      expect(await ask(tested, 'user:ann', secret, 'latest')).toMatchObject({ decision: 'allow' });
      await own.stop('immediate');
      await until('it is not ready', async () => (await tested.readiness()).status === 503);
      expect(await ask(tested, 'user:ann', secret)).toMatchObject({ status: 200, decision: 'allow' });
      expect(await ask(tested, 'user:ann', secret, 'latest')).toMatchObject({ status: 503, code: 'stale' });
      expect(tested.failures.map(({ msg }) => msg).join()).toMatch(/the store cannot be/);
      await own.start();
      await until('it is ready again', async () => (await tested.readiness()).status === 200);
      const after = await store.write(grant(secret, 'ann', 'update'));
      expect(after).toBe(written + 1);
      expect(await ask(tested, 'user:ann', secret, 'latest')).toMatchObject({ decision: 'allow' });
    } finally {
      await own.remove();
    }
  },
  60_000,
);

test.skipIf(!hasPostgres)(
  'a replica that starts while the store is away answers by what was verified last, and is not ready',
  async () => {
    const own = await PostgresServer.create();
    try {
      const store = await createTestStore(own);
      await store.write(newUser('ann'), acl(secret), grant(secret, 'ann'));
      const settings = { replica: true, storeCache: '$/cache.pimg', maxStaleMs: 300 };
      const first = await start(store, settings);
      expect(await ask(first, 'user:ann', secret)).toMatchObject({ decision: 'allow' });
      await own.stop('fast');
      const cache = first.path('cache.pimg');
      const second = await start(store, { ...settings, storeCache: cache });
      expect(await ask(second, 'user:ann', secret)).toMatchObject({ status: 200, decision: 'allow' });
      expect(await second.readiness()).toMatchObject({ status: 503 });
      await expect(start(store, { replica: true })).rejects.toThrow(/cannot be reached|away|connect/);
      await own.start();
      await until('it is ready', async () => (await second.readiness()).status === 200);
      await store.write(grant(secret, 'ann', 'read', 'revoke'));
      expect(await ask(second, 'user:ann', secret, 'latest')).toMatchObject({ decision: 'deny' });
    } finally {
      await own.remove();
    }
  },
  60_000,
);

test('questions about the whole policy know what the store has said since its image was built', async () => {
  const store = await createTestStore(undefined);
  const tested = await start(store);
  await store.write(newUser('ann'), acl(secret), grant(secret, 'ann'));
  const post = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${tested.address}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'postern-consistency': 'latest' },
      body: JSON.stringify(body),
    });
    return response.json();
  };
  expect(await post('/v1/who-can', { action: 'read', resource: secret })).toMatchObject({
    items: [{ subject: 'user:ann' }],
  });
  // What is posted stands for the files, and not for what the store adds to them.
  expect(await post('/v1/diff', { policies: [{ file: 'a.acl', text: policy }] })).toMatchObject({
    difference: 'equal',
  });
});

test('a client asks for answers that are no older than a write', async () => {
  const store = await createTestStore(undefined);
  const tested = await start(store, { storePollMs: 60_000 });
  const client = new PosternClient({ url: tested.address, retries: 0, deadlineMs: 20_000 });
  const revision = await store.write(newUser('ann'), acl(secret), grant(secret, 'ann'));
  const request = { subject: 'user:ann', action: 'read', resource: secret };
  const consistency = await atLeast(tested, revision);
  expect(await client.check(request, { consistency })).toMatchObject({ decision: 'allow' });
  expect(await client.checkAll([request], { consistency })).toMatchObject([{ decision: 'allow' }]);
  const later = await atLeast(tested, revision + 1);
  await expect(client.check(request, { consistency: later })).rejects.toThrow(/not as new/);
});

test('a store that is trimmed under a follower is read from its snapshot', async () => {
  const store = await createTestStore(undefined);
  const tested = await start(store, { storePollMs: 60_000 });
  await store.write(newUser('ann'), acl(secret));
  const revision = await store.write(grant(secret, 'ann'));
  const own = await openStore(store.url);
  const { state } = await readState(own);
  await own.saveSnapshot({ revision: state.revision, hash: state.hash, state: state.serialize() });
  await own.trim(revision);
  await own.close();
  expect(await ask(tested, 'user:ann', secret, await atLeast(tested, revision))).toMatchObject({
    decision: 'allow',
  });
});

test('a restored store has tokens of its own, and those of the lost history are refused', async () => {
  const store = await createTestStore(undefined);
  const tested = await start(store);
  const own = await openStore(store.url);
  const backup = tested.path('backup');
  await backUpStore(own, backup);
  const lost = await store.write(newUser('ann'), acl(secret), grant(secret, 'ann'));
  const consistency = await atLeast(tested, lost);
  expect(await ask(tested, 'user:ann', secret, consistency)).toMatchObject({ decision: 'allow' });
  await restoreStore(backup, own, { replace: true });
  await own.close();
  await until('the restored history decides', async () => {
    const answer = await ask(tested, 'user:ann', secret);
    return answer.decision === 'deny';
  });
  expect(await ask(tested, 'user:ann', secret, consistency)).toMatchObject({
    status: 409,
    code: 'other-epoch',
  });
  const revision = await store.write(newUser('ann'), acl(secret), grant(secret, 'ann', 'full'));
  expect(await ask(tested, 'user:ann', secret, await atLeast(tested, revision))).toMatchObject({
    decision: 'allow',
    rule: `store:${revision}`,
  });
});
