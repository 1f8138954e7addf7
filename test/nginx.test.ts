import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, send, sendBytes } from './support/send.ts';
import { createIssuer, type Issuer, type ServeProcess, startServe } from './support/serve-process.ts';

/** The configuration of docs/nginx.md, in a real NGINX between a client, an application and `postern serve`. */
const root = fileURLToPath(new URL('../', import.meta.url));
const policy = join(root, 'policies/examples/http-routes/policy.acl');
const hasNginx = spawnSync('nginx', ['-v']).status === 0;

test('nginx is installed', () => {
  if (!hasNginx)
    console.warn('nginx is not installed: its tests are left out. On Debian: apt-get install nginx-light');
  // Whoever changes something elsewhere need not have it; what is merged has been tested with it, where it can be had.
  if (process.env.CI && spawnSync('apt-get', ['--version']).status === 0) expect(hasNginx).toBe(true);
});

describe.runIf(hasNginx)('the configuration of docs/nginx.md', () => {
  const seen: { method: string; url: string; headers: IncomingMessage['headers'] }[] = [];
  const application = createServer((request, response) => {
    seen.push({ method: request.method!, url: request.url!, headers: request.headers });
    response.end('from the application');
  });
  const tokens = new Map<string, string>();
  let folder: string;
  let issuer: Issuer;
  let postern: ServeProcess;
  let nginx: ChildProcess;
  let address: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postern-nginx-'));
    issuer = createIssuer();
    for (const name of ['ed', 'edna', 'admin']) tokens.set(name, await issuer.tokenFor(name));
    postern = await startServe(['-p', policy, '--token-key-file', issuer.keyFile]);
    ({ nginx, address } = await startNginx(folder, {
      '127.0.0.1:8181': new URL(postern.address).host,
      '127.0.0.1:9000': await listen(application),
    }));
  });
  beforeEach(() => {
    seen.length = 0;
  });
  afterAll(async () => {
    nginx?.kill('SIGTERM');
    await postern?.stop();
    application.close();
    issuer.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (
    method: string,
    path: string,
    { as, headers = [], body }: { as?: string; headers?: readonly string[]; body?: string } = {},
  ): Promise<Answer> => {
    const token = as === undefined ? [] : ['Authorization', `Bearer ${tokens.get(as)}`];
    return send(address, { method, path, headers: [...token, ...headers], ...(body && { body }) });
  };

  test.each([
    ['GET', '/pages/team/plan', 'edna'],
    ['GET', '/pages/team/plan?x=/../../settings', 'edna'],
    ['GET', '/pages/team%20plan', 'edna'],
    ['GET', '/pages/team;x=1', 'edna'],
    ['GET', '/healthz', 'edna'],
    ['PUT', '/pages/team/plan', 'edna'],
    ['DELETE', '/pages/drafts/old', 'ed'],
    ['PATCH', '/settings', 'admin'],
  ])('%s %s reaches the application as it was sent', async (method, path, as) => {
    const answer = await ask(method, path, { as });
    expect([answer.status, answer.body]).toEqual([200, 'from the application']);
    expect(answer.headers['postern-revision']).toMatch(/^[0-9a-f]{32}$/);
    expect(seen.map(({ method, url }) => [method, url])).toEqual([[method, path]]);
  });

  test('a body passes through, and the question has none', async () => {
    const answer = await ask('PUT', '/pages/team/plan', { as: 'edna', body: 'new text' });
    expect([answer.status, seen[0]?.headers['content-length']]).toEqual([200, '8']);
    // The service would take the beginning of the next question for a body that is announced and does not come.
    for (const as of ['edna', 'ed'])
      expect((await ask('DELETE', '/pages/drafts/old', { as })).status).toBe(as === 'ed' ? 200 : 403);
  });

  test('a body in chunks passes through too, and the question has none', async () => {
    const head = `Host: x\r\nAuthorization: Bearer ${tokens.get('edna')}\r\n`;
    const put = `PUT /pages/team HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n8\r\nnew text\r\n0\r\n\r\n`;
    const get = `GET /pages/team HTTP/1.1\r\n${head}\r\n`;
    const remove = `DELETE /pages/team HTTP/1.1\r\n${head}Connection: close\r\n\r\n`;
    const received = await sendBytes(address, put + get + remove, 5000);
    expect([...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
      '200',
      '200',
      '403',
    ]);
    expect(seen.map(({ method }) => method)).toEqual(['PUT', 'GET']);
  });

  test.each([
    ['a method that requires more', 'DELETE', '/pages/drafts/old', 'edna'],
    ['a method that no route names', 'PATCH', '/pages/team', 'edna'],
    ['HEAD where only GET has a route', 'HEAD', '/pages/team', 'edna'],
    ['another page', 'DELETE', '/pages/team', 'ed'],
    ['what only the administrator may', 'GET', '/settings', 'ed'],
    ['a path of no route', 'GET', '/other', 'admin'],
    ['the root', 'GET', '/', 'admin'],
    ['an encoded slash', 'GET', '/pages/a%2Fb', 'edna'],
    ['an encoded slash in lower case', 'GET', '/pages/a%2fb', 'edna'],
    ['a slash that is encoded twice', 'GET', '/pages/a%252Fb', 'edna'],
    ['dot segments', 'GET', '/pages/../settings', 'admin'],
    ['encoded dot segments', 'GET', '/pages/%2e%2e/settings', 'admin'],
    ['half encoded dot segments', 'GET', '/pages/.%2E/settings', 'admin'],
    ['a single dot', 'GET', '/pages/./team', 'edna'],
    ['a dot segment with a parameter', 'GET', '/pages/..;x=1/settings', 'admin'],
    ['an empty segment', 'GET', '//settings', 'admin'],
    ['an empty segment within', 'GET', '/pages//team', 'edna'],
    ['a slash at the end', 'GET', '/settings/', 'admin'],
    ['another case', 'GET', '/Settings', 'admin'],
    ['a parameter of a segment', 'GET', '/settings;x=1', 'admin'],
    ['a colon', 'GET', '/pages/a:b', 'edna'],
    ['an encoded colon', 'GET', '/pages/a%3Ab', 'edna'],
    ['no UTF-8', 'GET', '/pages/%ff', 'edna'],
    ['a fragment', 'GET', '/pages/team#x', 'edna'],
  ])('%s is refused: 403', async (_title, method, path, as) => {
    expect([(await ask(method, path, { as })).status, seen]).toEqual([403, []]);
  });

  test.each([
    ['a path above the root', '/../settings', 400],
    ['an encoded NUL', '/pages/%00', 400],
    ['a broken encoding', '/pages/%zz', 400],
    ['the place where nginx asks', '/_postern', 404],
  ])('%s ends at nginx', async (_title, path, status) => {
    expect([(await ask('GET', path, { as: 'admin' })).status, seen]).toEqual([status, []]);
  });

  test('a token is needed', async () => {
    const none = await ask('GET', '/pages/public/start');
    expect([none.status, none.headers['www-authenticate']]).toEqual([401, expect.stringMatching(/^Bearer/)]);
    const bad = await ask('GET', '/pages/public/start', { headers: ['Authorization', 'Bearer a.b.c'] });
    expect(bad.status).toBe(401);
    const basic = await ask('GET', '/pages/public/start', { headers: ['Authorization', 'Basic ZWQ6eA=='] });
    expect([basic.status, seen]).toEqual([401, []]);
  });

  test('two tokens are refused', async () => {
    const other = ['Authorization', `Bearer ${tokens.get('admin')}`];
    const answer = await ask('GET', '/settings', { as: 'ed', headers: other });
    expect([[400, 401].includes(answer.status), seen]).toEqual([true, []]);
  });

  test.each([
    ['X-Original-URI', '/healthz'],
    ['x-original-uri', '/pages/public'],
    ['X-Original-Method', 'GET'],
    ['X_Original_URI', '/healthz'],
    ['X-Subject', 'admin'],
    ['X-Request-ID', '\t'.repeat(3)],
    ['X-HTTP-Method-Override', 'GET'],
    ['Connection', 'X-Original-URI, Authorization'],
    ['X-Large', 'a'.repeat(7000)],
  ])('a client that sends %s itself changes nothing', async (name, value) => {
    const denied = await ask('DELETE', '/pages/team', { as: 'edna', headers: [name, value] });
    expect([denied.status, seen]).toEqual([403, []]);
    const allowed = await ask('GET', '/pages/team', { as: 'edna', headers: [name, value, name, value] });
    expect(allowed.status).toBe(200);
  });

  test('while the service is not there nothing passes', async () => {
    const own = mkdtempSync(join(folder, 'down-'));
    const { nginx: second, address: lonely } = await startNginx(own, {
      '127.0.0.1:8181': `127.0.0.1:${await freePort()}`,
      '127.0.0.1:9000': `127.0.0.1:${(application.address() as AddressInfo).port}`,
    });
    try {
      const headers = ['Authorization', `Bearer ${tokens.get('admin')}`];
      expect((await send(lonely, { path: '/healthz', headers })).status).toBe(500);
      expect(seen).toEqual([]);
    } finally {
      second.kill('SIGTERM');
    }
  });
});

/** NGINX as the page shows it, at other addresses, on files of its own. */
async function startNginx(
  folder: string,
  addresses: Readonly<Record<string, string>>,
): Promise<{ nginx: ChildProcess; address: string }> {
  const page = readFileSync(join(root, 'docs/nginx.md'), 'utf8');
  let text = /^```nginx nginx\.conf\n(.*?)^```$/ms.exec(page)![1]!;
  const host = `127.0.0.1:${await freePort()}`;
  for (const [from, to] of Object.entries({ ...addresses, '127.0.0.1:8080': host })) {
    expect(text).toContain(from);
    text = text.replaceAll(from, to);
  }
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
    .join(' ');
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, text.replace('http {', `http { access_log off; ${temporary}`));
  const globals = `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;`;
  const nginx = spawn('nginx', ['-p', folder, '-e', join(folder, 'error.log'), '-c', file, '-g', globals], {
    stdio: 'ignore',
  });
  const address = `http://${host}`;
  await waitFor(address, nginx, join(folder, 'error.log'));
  return { nginx, address };
}

async function waitFor(address: string, nginx: ChildProcess, errorLog: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (nginx.exitCode !== null) throw new Error(`nginx ended: ${readFileSync(errorLog, 'utf8')}`);
    try {
      await send(address, { path: '/_postern' });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  throw new Error('nginx does not listen');
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
