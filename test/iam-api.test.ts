import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { AuthenticationError } from '../src/service/http/errors.ts';
import { StoreError } from '../src/store/errors.ts';
import { type Started, startAsking } from './support/iam-conformance-asking.ts';
import { asker, sign, signing } from './support/iam-conformance-service.ts';
import { passwords, placeholders, robotKey } from './support/iam-conformance-world.ts';
import { send, sendBytes } from './support/send.ts';

/** Who may call the permission API, how one logs in, and what it does with what is no request at all. */

const now = (): number => Math.floor(Date.now() / 1000);
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicPem = signing.publicKey.export({ type: 'spki', format: 'pem' }).toString();

const start = async (options: Parameters<typeof startAsking>[0] = {}): Promise<Started> => {
  const started = await startAsking(options);
  onTestFinished(started.close);
  return started;
};

/** One for all requests that change nothing. */
let shared: Started;
beforeAll(async () => {
  shared = await startAsking();
});
afterAll(() => shared.close());

describe('who may call', () => {
  test('nobody without a token: 401 as Admin Router answers it', async () => {
    const { address, audit, service } = await start();
    for (const path of [
      '/groups',
      '/users/',
      '/acls/dcos:none',
      '/nothing',
      '/acls/a%2Fb',
      '/ldap/config',
      '/authx',
    ]) {
      const answer = await asker(address, undefined)('GET', path);
      expect([path, answer.status, answer.headers['www-authenticate']]).toEqual([path, 401, 'acsjwt']);
      expect(answer.headers['content-type']).toMatch(/^text\/html/);
    }
    expect(audit[0]).toMatchObject({
      uid: '-',
      object: 'dcos:iam:groups',
      action: 'read',
      result: 'deny',
      status: 401,
    });
    expect(new Set(service.refusedTokens)).toEqual(new Set(['missing']));
  });

  test.each<[title: string, token: () => Promise<string>]>([
    ['none at all', async () => 'nonsense'],
    ['one without a signature', async () => new UnsecuredJWT({ uid: 'admin' }).encode()],
    [
      'HS256 with the public key for a secret',
      () => sign({ uid: 'admin' }, { alg: 'HS256', key: Buffer.from(publicPem) }),
    ],
    ['another algorithm with the right key', () => sign({ uid: 'admin' }, { alg: 'PS256' })],
    ['another key', () => sign({ uid: 'admin' }, { key: other.privateKey })],
    ['the key of a service account', () => sign({ uid: 'robot' }, { key: robotKey })],
    ['one that has expired', () => sign({ uid: 'admin', exp: now() - 1 })],
    ['no uid', () => sign({ sub: 'admin' })],
    ['a uid of null', () => sign({ uid: null })],
    ['a uid that is no text', () => sign({ uid: ['admin'] })],
    ['a uid of nobody', () => sign({ uid: 'eve' })],
    ['an expiry that is no number', () => sign({ uid: 'admin', exp: '9' as never })],
  ])('nobody with a token of: %s', async (_title, make) => {
    const answer = await asker(shared.address, await make())('GET', '/groups');
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'acsjwt']);
  });

  test('whoever has the permission, with a token in the header or the cookie', async () => {
    const { address } = await start();
    const token = await sign({ uid: 'admin', exp: now() + 60 });
    const ask = asker(address, undefined);
    for (const headers of [
      ['Authorization', `token=${token}`],
      ['Authorization', `Bearer ${token}`],
      ['Cookie', `a=b; dcos-acs-auth-cookie=${token}`],
    ])
      expect((await ask('GET', '/groups', undefined, { headers })).status, headers[1]).toBe(200);
  });

  test.each([
    [
      'a good cookie does not rescue a bad header',
      ['Authorization', 'token=x.y.z', 'Cookie', 'dcos-acs-auth-cookie=$'],
    ],
    ['nor an empty one', ['Authorization', '', 'Cookie', 'dcos-acs-auth-cookie=$']],
    ['two headers are two callers', ['Authorization', 'token=$', 'Authorization', 'token=$']],
    ['two cookies are two callers', ['Cookie', 'dcos-acs-auth-cookie=$; dcos-acs-auth-cookie=$']],
  ])('%s', async (_title, headers) => {
    const token = await sign({ uid: 'admin' });
    const filled = headers.map((text) => text.replaceAll('$', token));
    expect(
      (await asker(shared.address, undefined)('GET', '/groups', undefined, { headers: filled })).status,
    ).toBe(401);
  });

  test('nobody else: 403, whether the path exists or not, and nothing is done', async () => {
    const { address, audit, directory } = await start();
    const { revision } = directory.state();
    const ask = asker(address, await sign({ uid: 'alice' }));
    for (const [method, path] of [
      ['GET', '/groups'],
      ['GET', '/nothing'],
      ['GET', '/acls/a%2Fb'],
      ['GET', '/users/bob/permissions'],
      ['GET', '/users/alice'],
      ['PUT', '/groups/superusers/users/alice'],
      ['DELETE', '/users/alice/permissions'],
      ['PUT', '/users/alice/permissions'],
    ] as const) {
      const answer = await ask(method, path);
      expect([path, answer.status]).toEqual([path, 403]);
      expect(answer.headers['content-type']).toMatch(/^text\/html/);
    }
    expect(directory.state().revision).toBe(revision);
    expect(audit.map(({ uid, result, status }) => [uid, result, status])).toEqual(
      Array(audit.length).fill(['alice', 'deny', 403]),
    );
    expect(audit.map(({ object }) => object)).toContain('dcos:iam:groups:superusers:users:alice');
  });

  test('a user asks about itself without a permission', async () => {
    const { address } = await start();
    for (const path of [
      '/users/alice/permissions',
      '/users/alice/permissions/',
      '/users/%61lice/permissions',
    ]) {
      const answer = await asker(address, await sign({ uid: 'alice' }))('GET', path);
      expect([path, answer.status]).toEqual([path, 200]);
    }
  });

  test('a grant of the permission opens it, and its end closes it', async () => {
    const { address, ask } = await start();
    const alice = asker(address, await sign({ uid: 'alice' }));
    expect((await alice('GET', '/users')).status).toBe(403);
    await ask('PUT', '/acls/dcos:adminrouter:acs/groups/team/full');
    expect((await alice('GET', '/users')).status).toBe(200);
    await ask('DELETE', '/groups/team/users/alice');
    expect((await alice('GET', '/users')).status).toBe(403);
  });

  test('tokens that the service is configured for count too', async () => {
    const known = { subject: 'user:admin', groups: [], claims: {} };
    const open = await start({ authenticate: async () => known });
    const foreign = await sign({ uid: 'whoever' }, { key: other.privateKey });
    expect((await asker(open.address, foreign)('GET', '/groups')).status).toBe(200);
    // One of our own that has expired is refused before anybody else is asked.
    expect((await asker(open.address, await sign({ uid: 'admin', exp: 1 }))('GET', '/groups')).status).toBe(
      401,
    );
    const closed = await start({
      authenticate: async () => {
        throw new AuthenticationError('signature', 'no');
      },
    });
    expect((await asker(closed.address, foreign)('GET', '/groups')).status).toBe(401);
  });

  test('with a proxy in front nobody needs a token, and only its peers are answered', async () => {
    const behind = await start({ iam: { trustProxy: true } });
    expect((await asker(behind.address, undefined)('GET', '/groups')).status).toBe(200);
    expect((await asker(behind.address, undefined)('PUT', '/groups/new', { description: '' })).status).toBe(
      201,
    );
    expect(behind.audit.at(-1)).toMatchObject({
      uid: 'proxy',
      object: 'dcos:iam:groups:new',
      action: 'create',
      result: 'done',
    });
    // A token is not demanded, and still says who it is.
    await asker(behind.address, await sign({ uid: 'alice' }))('PUT', '/groups/other', { description: '' });
    expect(behind.audit.at(-1)).toMatchObject({ uid: 'alice' });
    const apart = await start({ iam: { trustProxy: true, peers: ['192.0.2.0/24'] } });
    for (const path of ['/groups', '/auth/jwks', '/internal/policyquery?rid=dcos:b&uid=x&action=full'])
      expect((await asker(apart.address, await sign({ uid: 'admin' }))('GET', path)).status).toBe(404);
  });

  test('each write is in the audit log, and so is what was refused', async () => {
    const { ask, audit } = await start();
    await ask('PUT', '/acls/dcos:x:%252Fa', { description: '' });
    await ask('PUT', '/acls/dcos:x:%252Fa', { description: '' });
    await ask('PUT', '/acls/dcos:x:%252Fa/users/alice/read');
    await ask('GET', '/acls/dcos:x:%252Fa');
    expect(audit).toMatchObject([
      { type: 'audit', uid: 'admin', object: 'dcos:iam:acls:dcos:x:/a', action: 'create', result: 'done' },
      {
        uid: 'admin',
        object: 'dcos:iam:acls:dcos:x:/a',
        action: 'create',
        result: 'refused',
        status: 409,
        reason: 'ERR_ACL_EXISTS',
      },
      { uid: 'admin', object: 'dcos:iam:acls:dcos:x:/a:users:alice:read', action: 'create', result: 'done' },
    ]);
  });

  test('is not there without a key, or without a directory', async () => {
    const { address } = await start({ iam: { signingKeyFile: undefined } as never });
    expect((await asker(address, await sign({ uid: 'admin' }))('GET', '/groups')).status).toBe(404);
  });
});

describe('what is no request', () => {
  test.each([
    ['bad percent-encoding', '/acs/api/v1/users/%zz', [400, 404]],
    ['bytes that are not UTF-8', '/acs/api/v1/users/%ff', [400, 404]],
    ['a base path that is encoded', '/acs%2Fapi%2Fv1/users', [404]],
    ['a base path in other letters', '/ACS/api/v1/users', [404]],
    ['a base path that is spelled otherwise', '/%61cs/api/v1/users', [404]],
    ['the base path alone', '/acs/api/v1', [404]],
    ['dots out of an open path', '/acs/api/v1/auth/../users', [404]],
    ['encoded dots out of an open path', '/acs/api/v1/auth/%2e%2e/users', [404]],
    ['a semicolon', '/acs/api/v1/users;x=y', [404]],
    ['a fragment', '/acs/api/v1/nothing#/users', [404]],
    ['a very long rid', `/acs/api/v1/acls/dcos:${'a'.repeat(8000)}`, [400]],
    ['a NUL', '/acs/api/v1/users/a%00', [400]],
  ])('%s', async (_title, path, statuses) => {
    expect(statuses).toContain((await shared.ask('GET', path)).status);
  });

  test('a body that is too large', async () => {
    const answer = await shared.ask('PUT', '/groups/new', { description: 'x'.repeat(1_100_000) });
    expect([answer.status, answer.json]).toMatchObject([413, { title: '413 Payload Too Large' }]);
  });

  test('bytes that are not UTF-8 in a body', async () => {
    const { address } = await start();
    const body = Buffer.concat([Buffer.from('{"description": "'), Buffer.from([0xff]), Buffer.from('"}')]);
    const head = `PUT /acs/api/v1/groups/new HTTP/1.1\r\nHost: a\r\nAuthorization: token=${await sign({ uid: 'admin' })}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
    const answer = await sendBytes(address, Buffer.concat([Buffer.from(head), body]));
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('Cannot decode JSON body');
  });

  test.each([
    [undefined, 200],
    ['*/*', 200],
    ['application/json', 200],
    ['application/json; charset=utf-8', 200],
    ['text/html, application/*;q=0.5', 200],
    ['text/html', 406],
    ['*/*, application/json;q=0', 406],
    ['application/xml, image/*', 406],
  ])('Accept: %s', async (accept, status) => {
    const answer = await shared.ask('GET', '/groups', undefined, {
      headers: accept === undefined ? [] : ['Accept', accept],
    });
    expect(answer.status).toBe(status);
    if (status === 406) expect(answer.json).toMatchObject({ title: '406 Not Acceptable' });
  });

  test('HEAD is GET without a body', async () => {
    const { ask } = shared;
    expect(await ask('HEAD', '/users/alice')).toMatchObject({ status: 200, body: '' });
    expect(await ask('HEAD', '/users/eve')).toMatchObject({ status: 400, body: '' });
  });
});

describe('a store that fails', () => {
  const failing = async (error: Error) => {
    const started = await start();
    Object.assign(started.directory, { write: () => Promise.reject(error) });
    return { ...started, answer: await started.ask('PUT', '/groups/new', { description: '' }) };
  };

  test('is 503, and the log says more', async () => {
    const { answer, audit, service } = await failing(new StoreError('disk full at /secret/place'));
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
    expect(answer.json).toMatchObject({ title: '503 Service Unavailable' });
    expect(answer.body).not.toContain('/secret/place');
    expect(audit).toMatchObject([{ uid: 'admin', result: 'failed', status: 503 }]);
    expect(service.logged).toContainEqual({ level: 'error', message: 'a request to the store failed' });
  });

  test('and may have written all the same', async () => {
    const { answer } = await failing(new StoreError('lost', { isUncertain: true }));
    expect(answer.json).toMatchObject({ description: expect.stringContaining('It is not known whether') });
  });

  test('a fault of ours is 500 and says nothing', async () => {
    const { answer, service } = await failing(new Error('secret'));
    expect([answer.status, answer.json]).toEqual([
      500,
      { title: '500 Internal Server Error', description: 'internal error' },
    ]);
    expect(service.logged).toContainEqual({ level: 'error', message: 'a request failed' });
  });
});

describe('logging in', () => {
  const login = async (body: unknown, options?: Parameters<typeof startAsking>[0]) => {
    const { address, audit } = options === undefined ? shared : await start(options);
    audit.length = 0;
    return { address, audit, answer: await asker(address, undefined)('POST', '/auth/login', body) };
  };
  const expectLogin = ({ json }: { readonly json: unknown }): string => {
    expect(json).toEqual({ token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) });
    return (json as { readonly token: string }).token;
  };

  test('with a password: a token that the API and its list of keys know, and two cookies', async () => {
    const { answer, address, audit } = await login({ uid: 'alice', password: passwords.alice });
    expect(answer.status).toBe(200);
    const token = expectLogin(answer);
    const claims = decodeJwt(token);
    expect(Object.keys(claims).sort()).toEqual(['exp', 'uid']);
    expect(claims.uid).toBe('alice');
    expect(claims.exp! - now()).toBeGreaterThan(5 * 24 * 3600 - 60);
    const ask = asker(address, token);
    expect((await ask('GET', '/users/alice/permissions')).status).toBe(200);
    const { keys } = (await asker(address, undefined)('GET', '/auth/jwks')).json as {
      readonly keys: readonly object[];
    };
    expect(keys).toEqual([
      {
        kty: 'RSA',
        n: expect.any(String),
        e: 'AQAB',
        alg: 'RS256',
        use: 'sig',
        kid: expect.stringMatching(/^[\w-]{43}$/),
      },
    ]);
    expect(decodeProtectedHeader(token)).toEqual({
      alg: 'RS256',
      typ: 'JWT',
      kid: (keys[0] as { kid: string }).kid,
    });
    const [auth, info] = answer.headers['set-cookie'] as string[];
    expect(auth).toMatch(
      /^dcos-acs-auth-cookie=[\w.-]+; Path=\/; Expires=[^;]+ GMT; SameSite=Lax; HttpOnly$/,
    );
    expect(auth).toContain(token);
    expect(info).toMatch(/^dcos-acs-info-cookie=[\w+/=]+; Path=\/; Expires=[^;]+; SameSite=Lax$/);
    const shown = Buffer.from(/=([^;]+)/.exec(info!)![1]!, 'base64').toString();
    expect(JSON.parse(shown)).toEqual({ uid: 'alice', description: 'Alice Ä.', is_remote: false });
    expect(audit).toMatchObject([{ uid: 'alice', object: 'dcos:iam:auth:login', result: 'done' }]);
  });

  test('for as long as the configuration says', async () => {
    const { answer } = await login({ uid: 'bob', password: passwords.bob }, { iam: { tokenLifetimeS: 600 } });
    expect(decodeJwt(expectLogin(answer)).exp! - now()).toBeLessThanOrEqual(600);
  });

  test.each<[title: string, body: unknown]>([
    ['neither', { uid: 'alice' }],
    ['both', { uid: 'alice', password: 'x', token: 'y' }],
    ['no uid', { password: 'x' }],
    ['an empty uid', { uid: '', password: 'x' }],
    ['an empty password', { uid: 'alice', password: '' }],
    ['an empty token', { uid: 'robot', token: '' }],
    ['a password of a wrong type', { uid: 'alice', password: 1 }],
    ['a uid of a wrong type', { uid: ['alice'], password: 'x' }],
    ['an unknown property', { uid: 'alice', password: 'x', exp: 0 }],
  ])('%s is 400', async (_title, body) => {
    const { answer } = await login(body);
    expect([answer.status, answer.json]).toMatchObject([400, { code: 'ERR_INVALID_DATA' }]);
  });

  test.each<[title: string, body: () => Promise<unknown>]>([
    ['a wrong password', async () => ({ uid: 'alice', password: 'wrong' })],
    ['the password of somebody else', async () => ({ uid: 'alice', password: passwords.bob })],
    ['nobody', async () => ({ uid: 'eve', password: passwords.alice })],
    ['nobody of a strange name', async () => ({ uid: '__proto__', password: 'x' })],
    ['a user of a directory', async () => ({ uid: 'lydia', password: 'x' })],
    ['a service account with a password', async () => ({ uid: 'robot', password: 'x' })],
    ['a very long password', async () => ({ uid: 'alice', password: 'x'.repeat(100_000) })],
    ['no token', async () => ({ uid: 'robot', token: 'nonsense' })],
    [
      'a token without a signature',
      async () => ({ uid: 'robot', token: new UnsecuredJWT({ uid: 'robot' }).encode() }),
    ],
    [
      'a token of another uid',
      async () => ({ uid: 'robot', token: await sign({ uid: 'admin' }, { key: robotKey }) }),
    ],
    ['a token without a uid', async () => ({ uid: 'robot', token: await sign({}, { key: robotKey }) })],
    [
      'a token of another key',
      async () => ({ uid: 'robot', token: await sign({ uid: 'robot' }, { key: other.privateKey }) }),
    ],
    [
      'a token that has expired',
      async () => ({ uid: 'robot', token: await sign({ uid: 'robot', exp: now() - 1 }, { key: robotKey }) }),
    ],
    [
      'a token of HS256 with the public key for a secret',
      async () => ({
        uid: 'robot',
        token: await sign({ uid: 'robot' }, { alg: 'HS256', key: Buffer.from(placeholders.$PEM!) }),
      }),
    ],
    [
      'a token for a user with a password',
      async () => ({ uid: 'alice', token: await sign({ uid: 'alice' }, { key: robotKey }) }),
    ],
    ['a token of the API itself', async () => ({ uid: 'alice', token: await sign({ uid: 'alice' }) })],
    ['a token of nobody', async () => ({ uid: 'eve', token: await sign({ uid: 'eve' }, { key: robotKey }) })],
  ])('%s is 401', async (_title, make) => {
    const { answer, audit } = await login(await make());
    expect([answer.status, answer.json]).toMatchObject([
      401,
      { title: '401 Unauthorized', code: 'ERR_INVALID_CREDENTIALS' },
    ]);
    expect(answer.headers['www-authenticate']).toBe('acsjwt');
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(audit).toMatchObject([{ object: 'dcos:iam:auth:login', result: 'deny', status: 401 }]);
  });

  test('who mistakes the field has no password in the log', async () => {
    const { audit } = await login({ uid: passwords.alice, password: 'alice' });
    expect(JSON.stringify(audit)).not.toContain(passwords.alice);
  });

  test.each<[title: string, claims: object]>([
    ['that is about to expire', { uid: 'robot', exp: now() + 300 }],
    ['without an expiry', { uid: 'robot' }],
    ['with one far away', { uid: 'robot', exp: now() + 10 * 365 * 24 * 3600 }],
    ['with other claims', { uid: 'robot', aud: 'x', description: {} }],
  ])('as a service account with a token %s', async (_title, claims) => {
    const { answer } = await login({ uid: 'robot', token: await sign({ ...claims }, { key: robotKey }) });
    expect(answer.status).toBe(200);
    expect(decodeJwt(expectLogin(answer)).uid).toBe('robot');
  });

  test('with a password that DC/OS has hashed', async () => {
    const salt = 'rounds=20000$saltsalt';
    const hash = execFileSync('openssl', ['passwd', '-6', '-salt', salt, '-stdin'], {
      input: 'pässwörd',
    }).toString();
    const { directory, address } = await start();
    await directory.write([{ kind: 'update-user', uid: 'bob', passwordHash: hash.trim() }], {
      author: 'test',
      reason: '',
    });
    const ask = asker(address, undefined);
    expect((await ask('POST', '/auth/login', { uid: 'bob', password: 'pässwörd' })).status).toBe(200);
    expect((await ask('POST', '/auth/login', { uid: 'bob', password: 'passwörd' })).status).toBe(401);
  });

  test('with the password that was set last, and with none once the user is gone', async () => {
    const { address, ask } = await start();
    const try_ = async (password: string) =>
      (await asker(address, undefined)('POST', '/auth/login', { uid: 'bob', password })).status;
    expect((await ask('PATCH', '/users/bob', { password: 'brand new' })).status).toBe(204);
    expect([await try_(passwords.bob), await try_('brand new')]).toEqual([401, 200]);
    expect((await ask('DELETE', '/users/bob')).status).toBe(204);
    expect(await try_('brand new')).toBe(401);
  });

  test('a token ends to count with its account', async () => {
    const { address, ask } = await start();
    const bob = asker(address, await sign({ uid: 'bob' }));
    expect((await bob('GET', '/users/bob/permissions')).status).toBe(200);
    await ask('DELETE', '/users/bob');
    expect((await bob('GET', '/users/bob/permissions')).status).toBe(401);
  });

  test('elsewhere: without a provider 400, with one 501', async () => {
    const { address } = await start();
    const ask = asker(address, undefined);
    const missing = await ask('GET', '/auth/login?target=%2F');
    expect([missing.status, missing.json]).toMatchObject([
      400,
      {
        code: 'ERR_MISSING_QUERY_PARAMETERS',
        description: expect.stringContaining('Expected query parameter'),
      },
    ]);
    expect((await ask('GET', '/auth/login?oidc-provider=corp')).status).toBe(501);
    expect((await ask('GET', '/auth/login?saml-provider=corp')).status).toBe(501);
    expect((await ask('PUT', '/auth/login')).headers.allow).toBe('GET, HEAD, POST');
  });

  test('logging out empties the cookies', async () => {
    const { address } = await start();
    const answer = await asker(address, undefined)('GET', '/auth/logout');
    expect([answer.status, answer.body]).toEqual([200, '']);
    expect(answer.headers['set-cookie']).toEqual([
      'dcos-acs-auth-cookie=; Path=/; Expires=Sat, 01 Jan 2000 00:00:00 GMT; SameSite=Lax; HttpOnly',
      'dcos-acs-info-cookie=; Path=/; Expires=Sat, 01 Jan 2000 00:00:00 GMT; SameSite=Lax',
    ]);
  });

  test('providers are those that the command line knows', async () => {
    const { address } = await start();
    const { json } = await asker(address, undefined)('GET', '/auth/providers');
    const config = { start_flow_url: '/acs/api/v1/auth/login' };
    expect(json).toEqual({
      'dcos-users': {
        'authentication-type': 'dcos-uid-password',
        'client-method': 'dcos-usercredential-post-receive-authtoken',
        config,
        description: expect.any(String),
      },
      'dcos-services': {
        'authentication-type': 'dcos-uid-servicekey',
        'client-method': 'dcos-servicecredential-post-receive-authtoken',
        config,
        description: expect.any(String),
      },
    });
  });

  test('no cookie is for everybody on the way where there is TLS', async () => {
    const { answer } = await login({ uid: 'bob', password: passwords.bob }, { isSecure: true });
    for (const cookie of answer.headers['set-cookie'] as string[]) expect(cookie).toContain('; Secure');
  });
});

test('the revision is on answers, and the policy query on its own address', async () => {
  const { address, ask } = await start();
  for (const path of ['/groups', '/nothing'])
    expect((await ask('GET', path)).headers).toHaveProperty('postern-revision');
  const query = await send(address, {
    path: '/acs/api/v1/internal/policyquery?rid=dcos:b&uid=admin&action=full',
  });
  expect([query.status, JSON.parse(query.body)]).toEqual([200, { allowed: true }]);
});
