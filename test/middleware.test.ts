import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FastifyRequest, type FastifyServerOptions, fastify } from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type MiddlewareRequest, posternExpress } from '../src/express.ts';
import { type FastifyAuthorizationOptions, posternFastify } from '../src/fastify.ts';
import { Authorizer } from '../src/index.ts';
import { send } from './support/send.ts';

/** The engine inside somebody's server: `postern/fastify` and `postern/express`. */
const authorizer = Authorizer.fromSources([
  {
    file: 'test.acl',
    text: `
route GET "/healthz"        open
route GET "/pages/{page**}" requires view on wiki:/{page**}
route PUT "/pages/{page**}" requires edit on wiki:/{page**}
route any "/admin"          requires edit on wiki:settings

group ops { user:nobody }

allow anyone    to view on wiki:/public
allow user:ed   to view on wiki:/**
allow user:ed   to edit on wiki:/drafts
allow group:ops to edit on wiki:settings when context.office
`,
  },
]);

/** Who asks stands in a header: a test needs no more. */
const subjectOf = ({ headers }: { readonly headers: IncomingMessage['headers'] }) => {
  const name = headers['x-user'];
  return typeof name === 'string' ? `user:${name}` : undefined;
};

interface Server {
  readonly ask: (method: string, path: string, user?: string) => Promise<number>;
  readonly address: string;
  /** Requests that reached a handler. */
  readonly handled: string[];
}

const serverOf = (address: string, handled: string[]): Server => ({
  address,
  handled,
  ask: async (method, path, user) =>
    (await send(address, { method, path, headers: user === undefined ? [] : ['X-User', user] })).status,
});

async function startFastify(
  options: Partial<FastifyAuthorizationOptions> = {},
  settings: FastifyServerOptions = {},
): Promise<Server> {
  const handled: string[] = [];
  const app = fastify(settings);
  await app.register(posternFastify, { authorizer, subject: subjectOf, ...options });
  const handler = async (request: FastifyRequest) => {
    handled.push(request.url);
    return 'handled';
  };
  app.get('/healthz', handler);
  app.get('/pages/*', handler);
  app.put('/pages/*', handler);
  app.all('/admin', handler);
  app.get('/forgotten', handler);
  app.get('/open', { config: { postern: 'open' } }, handler);
  const pageOf = (request: FastifyRequest) => `wiki:/${(request.params as { name: string }).name}`;
  await app.register(async (scope) => {
    scope.get('/named/:name', { config: { postern: { action: 'view', resource: pageOf } } }, handler);
    const both = [
      { action: 'edit', resource: pageOf },
      { action: 'view', resource: 'wiki:/other' },
    ];
    scope.get('/both/:name', { config: { postern: both } }, handler);
    scope.get('/none', { config: { postern: [] } }, handler);
    const noId = (() => undefined) as unknown as () => string;
    scope.get('/no-id', { config: { postern: { action: 'view', resource: noId } } }, handler);
    const fails = (): string => {
      throw new Error('a secret of the program');
    };
    scope.get('/fails', { config: { postern: { action: 'view', resource: fails } } }, handler);
    const byBody = (request: FastifyRequest) => `wiki:/${(request.body as { page: string }).page}`;
    scope.post('/by-body', { config: { postern: { action: 'view', resource: byBody } } }, handler);
  });
  onTestFinished(() => app.close());
  return serverOf(await app.listen({ host: '127.0.0.1', port: 0 }), handled);
}

/**
 * What Express does for a middleware, without its router: `originalUrl`, `app.enabled`, and an error ends with 500. Express
 * itself is no dependency.
 */
async function startExpress(
  subject: (request: MiddlewareRequest & IncomingMessage) => ReturnType<typeof subjectOf> | Promise<never>,
  { guard, isCaseSensitive = true }: { readonly guard?: 'named'; readonly isCaseSensitive?: boolean } = {},
): Promise<Server> {
  const handled: string[] = [];
  const postern = posternExpress<MiddlewareRequest & IncomingMessage>({ authorizer, subject });
  const middleware =
    guard === undefined
      ? postern.routes()
      : postern.requires({
          action: 'view',
          resource: (request) => `wiki:/${request.originalUrl!.slice(1)}`,
        });
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const enabled = (setting: string) => setting === 'case sensitive routing' && isCaseSensitive;
    const extended = Object.assign(request, { originalUrl: request.url!, app: { enabled } });
    middleware(extended, response, (error) => {
      response.statusCode = error === undefined ? 200 : 500;
      if (error === undefined) handled.push(request.url!);
      response.end();
    });
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return serverOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, handled);
}

describe.each([
  ['fastify', () => startFastify()],
  ['express', () => startExpress(subjectOf)],
])('the routes of the policy in %s', (_name, start) => {
  test.each([
    ['GET', '/healthz', undefined, 200],
    ['GET', '/pages/public', undefined, 200],
    ['GET', '/pages/public?x=/../admin', undefined, 200],
    ['GET', '/pages/team', 'ed', 200],
    ['PUT', '/pages/drafts', 'ed', 200],
    ['GET', '/pages/team', undefined, 401],
    ['GET', '/pages/team', 'eve', 403],
    ['PUT', '/pages/team', 'ed', 403],
    ['GET', '/admin', 'ed', 403],
    ['GET', '/forgotten', 'ed', 403],
    ['GET', '/unknown', 'ed', 403],
    ['GET', '/pages/a%2Fb', 'ed', 403],
    ['GET', '/pages/%2e%2e/admin', 'ed', 403],
    ['GET', '/pages//team', 'ed', 403],
    ['GET', '/pages/team/', 'ed', 403],
    ['GET', '/pages/..;x=1/team', 'ed', 403],
    ['GET', '/PAGES/team', 'ed', 403],
    ['GET', '/pages/a%3Ab', 'ed', 403],
    ['GET', '/healthz', '', 403],
  ])('%s %s by %s: %s', async (method, path, user, status) => {
    const server = await start();
    expect([await server.ask(method, path, user), server.handled]).toEqual([
      status,
      status === 200 ? [path] : [],
    ]);
  });
});

describe('postern/fastify', () => {
  test.each([
    ['/open', undefined, 200],
    ['/named/team', 'ed', 200],
    ['/named/public', undefined, 200],
    ['/named/team', undefined, 401],
    ['/named/team', 'eve', 403],
    ['/both/drafts', 'ed', 200],
    ['/both/team', 'ed', 403],
    ['/none', 'ed', 403],
    ['/no-id', 'ed', 403],
    ['/fails', 'ed', 500],
  ])('a route with an option of its own: %s by %s: %s', async (path, user, status) => {
    const { ask, handled } = await startFastify();
    expect([await ask('GET', path, user), handled.length]).toEqual([status, status === 200 ? 1 : 0]);
  });

  test.each([
    ['throws', () => Promise.reject(new Error('no'))],
    ['throws nothing', () => Promise.reject(undefined)],
  ])('a subject that %s ends the request', async (_title, subject) => {
    const { ask, handled } = await startFastify({ subject });
    expect([await ask('GET', '/pages/public'), handled]).toEqual([500, []]);
  });

  test('a subject brings groups and context, and nothing else', async () => {
    const asker = { subject: 'user:olga', groups: ['ops'], context: { office: true }, action: 'view' };
    const inOffice = await startFastify({ subject: async () => asker });
    expect(await inOffice.ask('POST', '/admin')).toBe(200);
    const outside = await startFastify({ subject: () => ({ ...asker, context: {} }) });
    expect(await outside.ask('POST', '/admin')).toBe(403);
    const nobody = await startFastify({ subject: () => 42 as unknown as string });
    expect(await nobody.ask('GET', '/healthz')).toBe(401);
  });

  test('what is decided by the body is decided once it is there', async () => {
    const { address, handled } = await startFastify({ hook: 'preHandler' });
    const post = async (page: string) => {
      const headers = ['X-User', 'eve', 'Content-Type', 'application/json'];
      return (
        await send(address, { method: 'POST', path: '/by-body', headers, body: JSON.stringify({ page }) })
      ).status;
    };
    expect([await post('public'), await post('team'), handled.length]).toEqual([200, 403, 1]);
  });

  test('bodies of refusals are those of the server', async () => {
    const { address } = await startFastify();
    const usual = await send(address, { path: '/pages/team' });
    expect([usual.headers['www-authenticate'], JSON.parse(usual.body)]).toEqual([
      'Bearer',
      { error: { status: 401, message: 'authentication is needed' } },
    ]);
    const own = await startFastify({
      body: ({ status, reason, requirements }, { url }) => ({
        code: status,
        reason,
        url,
        needs: requirements.map(({ action, resource }) => `${action} on ${resource}`),
      }),
      challenge: 'acsjwt',
    });
    const headers = ['X-User', 'eve'];
    const answer = await send(own.address, { path: '/pages/team', headers });
    expect([answer.status, answer.headers['www-authenticate'], JSON.parse(answer.body)]).toEqual([
      403,
      undefined,
      { code: 403, reason: 'default', url: '/pages/team', needs: ['view on wiki:/team'] },
    ]);
    expect((await send(own.address, { path: '/pages/team' })).headers['www-authenticate']).toBe('acsjwt');
  });

  test('routes from before are guarded too, and those of scopes', async () => {
    const app = fastify();
    app.get('/same', async () => 'through');
    app.register(async (scope) => void scope.get('/earlier', async () => 'through'));
    app.register(posternFastify, { authorizer, subject: subjectOf });
    app.register(async (scope) => void scope.get('/later', async () => 'through'));
    for (const path of ['/same', '/earlier', '/later', '/nowhere'])
      expect((await app.inject(path)).statusCode, path).toBe(401);
  });

  test.each([
    { caseSensitive: false },
    { routerOptions: { caseSensitive: false } },
    { routerOptions: { useSemicolonDelimiter: true } },
  ])('a server that reads paths otherwise is refused: %o', async (settings) => {
    await expect(startFastify({}, settings)).rejects.toThrow(/leave `\w+` o/);
  });
});

test('both are entries of the package, and so is the client', () => {
  const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  for (const name of ['fastify', 'express', 'client'])
    expect(exports[`./${name}`]).toEqual({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` });
});

describe('postern/express', () => {
  test('one handler may be guarded by itself', async () => {
    const { ask, handled } = await startExpress(subjectOf, { guard: 'named' });
    expect([
      await ask('GET', '/public'),
      await ask('GET', '/team'),
      await ask('GET', '/team', 'eve'),
    ]).toEqual([200, 401, 403]);
    expect(handled).toEqual(['/public']);
  });

  test.each([new Error('no'), undefined, null, 'route', 'router', 0])(
    'a subject that throws %s ends the request',
    async (thrown) => {
      const { ask, handled } = await startExpress(() => Promise.reject(thrown));
      expect([await ask('GET', '/pages/public'), handled]).toEqual([500, []]);
    },
  );

  test('an application that takes `/Admin` for `/admin` is refused', async () => {
    const { ask, handled } = await startExpress(subjectOf, { isCaseSensitive: false });
    expect([await ask('GET', '/healthz'), handled]).toEqual([500, []]);
  });
});
