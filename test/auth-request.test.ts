import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { completeConfig } from '../src/service/config/complete-config.ts';
import { AuthenticationError } from '../src/service/http/errors.ts';
import { createServer } from '../src/service/http/server.ts';
import type { Caller, ServiceConfig } from '../src/service/service.ts';
import { send, sendBytes } from './support/send.ts';
import { createTestService, type TestService } from './support/service.ts';

/** What proxies ask: `/auth-request`, and the decision query of the IAM of DC/OS. */
const policy = `
route GET "/healthz"        open
route GET "/pages/{page**}" requires view on wiki:/{page**}
route PUT "/pages/{page**}" requires edit on wiki:/{page**}
route any "/admin"          requires edit on wiki:settings
route POST "/move/{a}/{b}"  requires edit on wiki:/{a}, edit on wiki:/{b}

group ops { user:nobody }

allow anyone     to view on wiki:/public
allow user:ed    to view on wiki:/**
allow user:ed    to edit on wiki:/drafts
allow group:ops  to edit on wiki:settings
allow user:cory  to full on dcos:adminrouter:service:group/app
`;

interface Options {
  readonly settings?: Partial<Pick<ServiceConfig, 'auth' | 'authRequest' | 'iam'>>;
  readonly callers?: Readonly<Record<string, Caller>>;
}

const callers: Readonly<Record<string, Caller>> = {
  'Bearer ed': { subject: 'user:ed', groups: [], claims: {} },
  'Bearer ops': { subject: 'user:olga', groups: ['ops'], claims: {} },
  'Bearer odd': { subject: 'user:', groups: [], claims: {} },
};

/** A service whose tokens are the words of a table. */
async function start({ settings = {} }: Options = {}): Promise<{ address: string; service: TestService }> {
  const base = createTestService(policy, { auth: true });
  const service = Object.assign(base, {
    config: { ...base.config, ...settings },
    async authenticate({ headers }: { readonly headers: { readonly authorization?: string | undefined } }) {
      if (settings.auth === false) return undefined;
      const { authorization } = headers;
      if (authorization === undefined) throw new AuthenticationError('missing', 'a token is needed');
      const caller = new Map(Object.entries(callers)).get(authorization);
      if (caller === undefined) throw new AuthenticationError('signature', 'no such token');
      return caller;
    },
  });
  const app = createServer(service);
  onTestFinished(() => app.close());
  return { address: await app.listen({ host: '127.0.0.1', port: 0 }), service };
}

const about = (method: string, uri: string, ...more: string[]): string[] => [
  'X-Original-Method',
  method,
  'X-Original-URI',
  uri,
  ...more,
];

describe('/auth-request', () => {
  test.each([
    ['what the route requires is allowed', 'GET', '/pages/team', 'Bearer ed', 204],
    ['the query is no part of the path', 'GET', '/pages/team?a=1/../..?b', 'Bearer ed', 204],
    ['groups of the token count', 'DELETE', '/admin', 'Bearer ops', 204],
    ['an open route needs no permission', 'GET', '/healthz', 'Bearer ed', 204],
    ['every requirement must be allowed', 'POST', '/move/drafts/drafts', 'Bearer ed', 204],
    ['one requirement is denied', 'POST', '/move/drafts/other', 'Bearer ed', 403],
    ['another method requires more', 'PUT', '/pages/team', 'Bearer ed', 403],
    ['a method in lower case is no method', 'delete', '/admin', 'Bearer ops', 403],
    ['a method with a blank is no method', 'GET PUT', '/admin', 'Bearer ops', 403],
    ['no route takes it', 'GET', '/other', 'Bearer ed', 403],
    ['an encoded separator', 'GET', '/pages/a%2Fb', 'Bearer ed', 403],
    ['an encoded backslash', 'GET', '/pages/a%5cb', 'Bearer ed', 403],
    ['a backslash', 'GET', '/pages/a\\b', 'Bearer ed', 403],
    ['dot segments', 'GET', '/pages/../admin', 'Bearer ops', 403],
    ['encoded dot segments', 'GET', '/pages/%2e%2E/admin', 'Bearer ops', 403],
    ['a dot segment with a parameter', 'GET', '/pages/..;x=1/admin', 'Bearer ops', 403],
    ['an empty segment', 'GET', '//pages/team', 'Bearer ed', 403],
    ['a slash too many', 'GET', '/admin/', 'Bearer ops', 403],
    ['a separator that is encoded twice would be captured', 'GET', '/pages/a%252Fb', 'Bearer ed', 403],
    ['an encoded NUL', 'GET', '/pages/a%00', 'Bearer ed', 403],
    ['no encoding of UTF-8', 'GET', '/pages/%ff', 'Bearer ed', 403],
    ['a fragment', 'GET', '/pages/team#top', 'Bearer ed', 403],
    ['an absolute target', 'GET', 'http://elsewhere/pages/team', 'Bearer ed', 403],
    ['the target of OPTIONS *', 'OPTIONS', '*', 'Bearer ed', 403],
    ['bytes beyond ASCII', 'GET', '/pages/\u00e9', 'Bearer ed', 403],
    ['an empty target', 'GET', '', 'Bearer ed', 403],
    ['a path beyond the limit', 'GET', `/pages/${'a'.repeat(4096)}`, 'Bearer ed', 403],
    ['a token whose name is no name', 'GET', '/healthz', 'Bearer odd', 403],
    ['a token that does not count', 'GET', '/healthz', 'Bearer eve', 401],
  ])('%s', async (_title, method, uri, token, status) => {
    const { address, service } = await start();
    const headers = about(method, uri, 'Authorization', token);
    const answer = await send(address, { path: '/auth-request', headers });
    expect(answer.status).toBe(status);
    expect(answer.headers['postern-revision']).toBe(service.active.revision);
    expect(answer.headers['postern-reason']).toBeUndefined();
    if (status === 204) expect(answer.body).toBe('');
    else expect(JSON.parse(answer.body)).toEqual({ error: { status, message: expect.any(String) } });
    if (status !== 401) expect(service.counted).toHaveLength(1);
  });

  test('without a token there is no answer but 401, with the scheme that is expected', async () => {
    const { address, service } = await start();
    const answer = await send(address, { path: '/auth-request', headers: about('GET', '/pages/public') });
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="postern"']);
    expect(service.refusedTokens).toEqual(['missing']);
  });

  test.each([
    ['no method', ['X-Original-URI', '/healthz']],
    ['no target', ['X-Original-Method', 'GET']],
    ['two methods', about('GET', '/healthz', 'x-original-method', 'GET')],
    ['two targets', about('GET', '/healthz', 'x-original-uri', '/healthz')],
    ['neither', []],
  ])('%s: refused, and the message says so', async (_title, headers) => {
    const { address } = await start();
    const answer = await send(address, {
      path: '/auth-request',
      headers: [...headers, 'Authorization', 'Bearer ed'],
    });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatch(/the header X-Original-(?:Method|URI) is (?:missing|repeated)/);
  });

  test.each(['Bearer ed', 'Bearer eve'])(
    'a body that is announced is never waited for: %s',
    async (token) => {
      const { address } = await start();
      const headers = about('GET', '/healthz', 'Authorization', token);
      const fields = headers.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
      const question = `GET /auth-request HTTP/1.1\r\nHost: x\r\n${fields}`;
      const received = await sendBytes(address, `${question}Content-Length: 400\r\n\r\n${question}\r\n`);
      expect(received.match(/^HTTP\/1\.1 .*$/gm)).toEqual(['HTTP/1.1 403 Forbidden']);
      expect(received.toLowerCase()).toContain('connection: close');
      expect(received).toContain('the question has a body');
    },
  );

  test('two tokens are two callers', async () => {
    const { address } = await start();
    const headers = about('GET', '/healthz', 'Authorization', 'Bearer ed', 'Authorization', 'Bearer ops');
    expect((await send(address, { path: '/auth-request', headers })).status).toBe(401);
  });

  test('other names of headers are those that count', async () => {
    const settings = completeConfig({
      policy: ['a'],
      auth: false,
      authRequest: { methodHeader: 'X-Forwarded-Method', uriHeader: 'X-Forwarded-Uri', reasons: true },
    });
    const { address } = await start({ settings: { authRequest: settings.authRequest! } });
    const ask = (headers: string[]) =>
      send(address, { path: '/auth-request', headers: [...headers, 'Authorization', 'Bearer ed'] });
    const forwarded = ['X-Forwarded-Method', 'GET', 'X-Forwarded-Uri', '/pages/team'];
    const allowed = await ask(forwarded);
    expect([allowed.status, allowed.headers['postern-reason']]).toEqual([204, 'rule']);
    const denied = await ask(about('GET', '/pages/team'));
    expect([denied.status, denied.headers['postern-reason']]).toEqual([403, 'malformed']);
  });

  test('a denied request without a token is told to bring one, where anonymous ones are decided', async () => {
    const authRequest = { ...completeDefaults(), anonymous: true };
    const { address } = await start({ settings: { authRequest } });
    const ask = async (uri: string, ...more: string[]) =>
      (await send(address, { path: '/auth-request', headers: about('GET', uri, ...more) })).status;
    expect(await ask('/pages/public')).toBe(204);
    expect(await ask('/pages/team')).toBe(401);
    expect(await ask('/pages/team', 'Authorization', 'Bearer ed')).toBe(204);
    expect(await ask('/pages/public', 'Authorization', 'Bearer eve')).toBe(401);
  });

  test('what is decided is written down, with the permission that decided', async () => {
    const { address, service } = await start();
    for (const uri of ['/pages/team', '/other', '/pages/../x'])
      await send(address, {
        path: '/auth-request',
        headers: about('PUT', uri, 'Authorization', 'Bearer ed', 'X-Request-ID', 'r1'),
      });
    const path = { subject: 'user:ed', groups: [] };
    expect(service.entries.map(({ api, requestId, request }) => ({ api, requestId, request }))).toEqual(
      [
        { ...path, action: 'edit', resource: 'wiki:/team', context: { method: 'PUT', path: '/pages/team' } },
        { ...path, action: 'PUT', context: { method: 'PUT', path: '/other' } },
        { ...path, action: 'PUT', context: { method: 'PUT', path: '/pages/../x' } },
      ].map((request) => ({ api: 'auth-request', requestId: 'r1', request })),
    );
    expect(service.entries.map(({ decision }) => decision.reason)).toEqual([
      'default',
      'default',
      'malformed',
    ]);
    expect(service.counted.map(({ reason }) => reason)).toEqual(['default', 'no-route', 'malformed']);
  });

  test('what passes is read in one way only: no reader makes another path of it', async () => {
    const { address } = await start();
    const piece = fc.constantFrom(
      ...[
        '/',
        'pages',
        'admin',
        'healthz',
        'a',
        '.',
        '..',
        '%2e',
        '%2E%2e',
        '%2f',
        '%5C',
        '\\',
        ';',
        ';x=1',
        '?',
        '#',
        '%',
        '%25',
        ':',
        '%00',
      ],
    );
    const target = fc.tuple(fc.constantFrom('/pages/', '/', ''), fc.array(piece, { maxLength: 6 }));
    let passed = 0;
    await fc.assert(
      fc.asyncProperty(target, async ([first, pieces]) => {
        const uri = first + pieces.join('');
        const headers = about('GET', uri, 'Authorization', 'Bearer ed');
        const { status } = await send(address, { path: '/auth-request', headers });
        expect([204, 403]).toContain(status);
        if (status !== 204) return;
        passed++;
        const path = uri.split('?', 1)[0]!;
        expect(new URL(path, 'http://x').pathname).toBe(path);
        const decoded = decodeURIComponent(path);
        expect(decoded.split(/[/\\]/)).toHaveLength(path.split('/').length);
        expect(posix.normalize(decoded)).toBe(decoded);
      }),
      { numRuns: 1000, seed: 7 },
    );
    expect(passed).toBeGreaterThan(30);
  });

  test('an engine that throws lets nothing through', async () => {
    const { address, service } = await start();
    const authorizer = Object.create(service.active.authorizer, {
      authorizeHttp: {
        value: () => {
          throw new Error('a bug');
        },
      },
    });
    service.active = { ...service.active, authorizer };
    const headers = about('GET', '/healthz', 'Authorization', 'Bearer ed');
    const answer = await send(address, { path: '/auth-request', headers });
    expect(answer.status).toBe(403);
    expect(answer.body).not.toContain('bug');
    expect(service.logged.map(({ level }) => level)).toContain('error');
  });
});

function completeDefaults(): NonNullable<ServiceConfig['authRequest']> {
  return completeConfig({ policy: ['a'], auth: false }).authRequest!;
}

describe('a caller whom the proxy names', () => {
  const named = { ...completeDefaults(), subjectHeader: 'X-Subject', trustedPeers: ['127.0.0.1'] };

  test.each([
    ['the name of a trusted proxy counts', ['X-Subject', 'ed'], 204],
    ['before what stands in Authorization', ['X-Subject', 'ed', 'Authorization', 'Basic eA=='], 204],
    ['another name has other rights', ['X-Subject', 'eve'], 403],
    ['a name cannot choose its type', ['X-Subject', 'service:/x'], 403],
    ['nor be read in another encoding', ['X-Subject', '\u00e9d'], 401],
    ['nor be nobody', ['X-Subject', ''], 401],
    ['two names are no name', ['X-Subject', 'ed', 'x-subject', 'ed'], 401],
    ['without a name the token counts', ['Authorization', 'Bearer ed'], 204],
    ['and without both nobody asks', [], 401],
  ])('%s', async (_title, headers, status) => {
    const { address } = await start({ settings: { authRequest: named } });
    const answer = await send(address, {
      path: '/auth-request',
      headers: about('GET', '/pages/team', ...headers),
    });
    expect(answer.status).toBe(status);
  });

  test('counts from trusted peers only, whatever else is sent', async () => {
    const authRequest = { ...named, trustedPeers: ['10.0.0.0/8', '::1'] };
    const { address } = await start({ settings: { authRequest } });
    const headers = about('GET', '/pages/team', 'X-Subject', 'ed', 'Authorization', 'Bearer ed');
    expect((await send(address, { path: '/auth-request', headers })).status).toBe(401);
  });

  test('is the only one where tokens are not looked at', async () => {
    const { address } = await start({ settings: { auth: false, authRequest: named } });
    const ask = async (...more: string[]) =>
      (await send(address, { path: '/auth-request', headers: about('GET', '/pages/public', ...more) }))
        .status;
    expect(await ask()).toBe(401);
    expect(await ask('X-Subject', 'ed')).toBe(204);
  });

  test.each([
    [{ subjectHeader: 'X-Subject' }, 'go together'],
    [{ trustedPeers: ['::1'] }, 'go together'],
    [{ subjectHeader: 'X-Subject', trustedPeers: ['10.0.0.0/33'] }, 'neither an address nor a network'],
    [{ subjectHeader: 'X-Subject', trustedPeers: ['proxy.example'] }, 'neither an address nor a network'],
    [{ subjectHeader: 'authorization', trustedPeers: ['::1'] }, 'must differ'],
    [{ methodHeader: 'X-Original-URI' }, 'must differ'],
    [{ uriHeader: 'X Original' }, 'expected the name of the header'],
  ])('%o does not start', (authRequest, message) => {
    expect(() => completeConfig({ policy: ['a'], auth: false, authRequest })).toThrow(message);
  });
});

describe('the decision query of the IAM', () => {
  const path = '/acs/api/v1/internal/policyquery';
  const on = { policyQuery: true, peers: ['127.0.0.0/8', '::1'] };
  const query = (rid: string, uid: string, action: string) =>
    `${path}?rid=${encodeURIComponent(rid)}&uid=${encodeURIComponent(uid)}&action=${action}`;

  test.each([
    ['what is granted', query('dcos:adminrouter:service:group/app', 'cory', 'full'), true],
    ['a slash that stands raw', `${path}?action=full&uid=cory&rid=dcos:adminrouter:service:group/app`, true],
    ['what is not', query('dcos:adminrouter:ops:mesos', 'cory', 'full'), false],
    ['an unknown user', query('dcos:adminrouter:service:group/app', 'eve', 'full'), false],
    ['an unknown action', query('dcos:adminrouter:service:group/app', 'cory', 'fly'), false],
    ['a malformed rid', query('dcos::x', 'cory', 'full'), false],
    ['an empty rid', query('', 'cory', 'full'), false],
    ['an empty user', query('dcos:adminrouter:service:group/app', '', 'full'), false],
  ])('%s is answered with 200', async (_title, asked, allowed) => {
    const { address, service } = await start({ settings: { iam: on } });
    const answer = await send(address, { path: asked });
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { allowed }]);
    expect(service.counted.map(({ api }) => api)).toEqual(['iam']);
  });

  test.each([
    ['a parameter that another one brought with it', `${query('a:b', 'cory', 'read')}&action=full`],
    ['a parameter too few', `${path}?rid=a:b&uid=cory`],
    ['no parameter', path],
    ['a parameter too many', `${query('a:b', 'cory', 'full')}&as=root`],
    ['a name without a value', `${path}?rid&uid=cory&action=full`],
    ['an encoding that is none', `${path}?rid=%ff&uid=cory&action=full`],
  ])('%s is refused', async (_title, asked) => {
    const { address, service } = await start({ settings: { iam: on } });
    const answer = await send(address, { path: asked });
    expect(answer.status).toBe(400);
    expect(service.counted).toEqual([]);
  });

  test('is not there unless it is configured, nor for other peers', async () => {
    const asked = { path: query('dcos:adminrouter:service:group/app', 'cory', 'full') };
    const off = await start();
    expect((await send(off.address, asked)).status).toBe(404);
    const others = await start({ settings: { iam: { policyQuery: true, peers: ['192.0.2.0/24'] } } });
    expect((await send(others.address, asked)).status).toBe(404);
  });
});
