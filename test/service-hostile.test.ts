import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ControlClient, type ControlReport, startControlClient } from './support/control-client.ts';
import { send, sendBytes } from './support/send.ts';
import { createIssuer, type ServeProcess, startServe } from './support/serve-process.ts';

/**
 * Requests of somebody who means harm, on a service of its own process, while a client that means none asks 50 times a
 * second and must get the right answers in time.
 */
const folder = mkdtempSync(join(tmpdir(), 'postern-hostile-'));
const issuer = createIssuer();
const policy = `
route GET "/pages/{page**}" requires read on doc:/{page**}
route any "/{rest**}"       open
allow user:cory to read on doc:/**
deny  user:cory to read on doc:/secret/**
`;

let service: ServeProcess;
let token: string;
let control: ControlClient | undefined;
let slow: ReturnType<typeof startSlowClients>;
/** Bodies of all answers that hostile requests got. */
const bodies: string[] = [];

beforeAll(async () => {
  const file = join(folder, 'policy.acl');
  writeFileSync(file, policy);
  token = await issuer.tokenFor('cory');
  const limits = ['--limits-headers-timeout-ms', '1000', '--limits-request-timeout-ms', '2000'];
  service = await startServe(['-p', file, '--token-key-file', issuer.keyFile, ...limits]);
  control = startControlClient({
    url: `${service.address}/v1/check`,
    token,
    everyMs: 20,
    questions: [
      { body: JSON.stringify(question), decision: 'allow' },
      { body: JSON.stringify({ ...question, resource: 'doc:/secret/a' }), decision: 'deny' },
    ],
  });
  slow = startSlowClients();
});
afterAll(async () => {
  await report();
  slow?.stop();
  await service?.stop();
  issuer.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Of the control client, which is stopped by whoever asks first. */
let stopped: Promise<ControlReport> | undefined;
const report = () => (stopped ??= control?.stop());

const json = ['Content-Type', 'application/json'];
const bearer = () => ['Authorization', `Bearer ${token}`];

async function post(
  path: string,
  body: string | Buffer,
  headers: readonly string[] = json,
): Promise<{ readonly status: number; readonly body: string }> {
  const received = await exchange(
    [
      `POST ${path} HTTP/1.1`,
      'Host: x',
      ...pairs([...bearer(), ...headers]),
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ],
    body,
  );
  return { status: statusesOf(received)[0] ?? 0, body: received.slice(received.indexOf('\r\n\r\n') + 4) };
}

function pairs(headers: readonly string[]): string[] {
  return headers.flatMap((text, i) => (i % 2 === 0 ? [`${text}: ${headers[i + 1]}`] : []));
}

async function exchange(head: readonly string[], body: string | Buffer = ''): Promise<string> {
  const received = await sendBytes(
    service.address,
    Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body)]),
    5000,
  );
  bodies.push(received);
  return received;
}

function statusesOf(received: string): number[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
}

const question = { subject: 'user:cory', action: 'read', resource: 'doc:/a' };
const asText = JSON.stringify(question);
const nested = (depth: number) =>
  `{"action":"read","context":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`;

describe('bodies', () => {
  test.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['half of it', asText.slice(0, 20)],
    ['text behind it', `${asText}x`],
    ['two of them', asText + asText],
    ['a byte order mark', `\ufeff${asText}`],
    ['a comment', `/* */${asText}`],
    ['a comma too many', asText.replace('}', ',}')],
    ['single quotes', asText.replaceAll('"', "'")],
    ['a number that is none', '{"action":"read","context":{"a":NaN}}'],
    ['a key that is there twice', '{"action":"read","subject":"user:eve","subject":"user:cory"}'],
    ['the same key in other letters', '{"action":"read","subject":"user:eve","subj\\u0065ct":"user:cory"}'],
    ['half a surrogate pair', '{"action":"read","subject":"user:\\ud800"}'],
    ['bytes that are no UTF-8', Buffer.from('{"action":"read","subject":"user:\xff"}', 'latin1')],
    ['UTF-16', Buffer.from(asText, 'utf16le')],
    ['a control character', '{"action":"re\u0000ad"}'],
    ['depth beyond the limit', nested(300)],
    ['depth beyond any stack', nested(200_000)],
    ['objects beyond any stack', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['brackets that nothing closes', '['.repeat(500_000)],
    ['null', 'null'],
    ['a list', `[${asText}]`],
    ['a text', '"user:cory"'],
    ['a number', '1e999'],
    ['no action', '{"subject":"user:cory"}'],
    ['an action that is a list', '{"action":["read"],"subject":"user:cory"}'],
    ['a subject that is a number', '{"action":"read","subject":1}'],
    ['a subject that is null', '{"action":"read","subject":null}'],
    ['a resource that is an object', '{"action":"read","resource":{"toString":1}}'],
    ['groups that are a text', '{"action":"read","groups":"ops"}'],
    ['groups of groups', '{"action":"read","groups":[["ops"]]}'],
    ['a context that is a list', '{"action":"read","context":[]}'],
    ['a member that is not known', '{"action":"read","superuser":true}'],
    ['a member with a special name', '{"action":"read","__proto__":{"decision":"allow"}}'],
    ['another special name', '{"action":"read","constructor":{"prototype":{}}}'],
    ['a mode that is not known', '{"action":"read","mode":"__proto__"}'],
  ])('%s is refused: 400', async (_title, body) => {
    const answer = await post('/v1/check', body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toEqual({ error: { status: 400, message: expect.any(String) } });
  });

  test.each([
    ['a special name for a subject', { ...question, subject: '__proto__' }],
    ['a wildcard for a subject', { ...question, subject: 'user:*' }],
    ['a subject of another kind', { ...question, subject: 'group:cory' }],
    ['a special name for an action', { ...question, action: 'constructor' }],
    ['a resource with a dot segment', { ...question, resource: 'doc:/a/../secret' }],
    ['a resource with an empty segment', { ...question, resource: 'doc://secret/a' }],
    ['a resource as long as a body', { ...question, resource: `doc:/${'a'.repeat(1_000_000)}` }],
    ['ten thousand segments', { ...question, resource: `doc:${'/a'.repeat(10_000)}` }],
    ['a hundred thousand groups', { ...question, subject: 'user:eve', groups: Array(100_000).fill('*') }],
    ['what is denied', { ...question, resource: 'doc:/secret/a' }],
    ['special names all over the context', { ...question, subject: 'user:eve', context: { toString: 1 } }],
  ])('%s is denied', async (_title, request) => {
    const answer = await post('/v1/check', JSON.stringify(request));
    expect([answer.status, JSON.parse(answer.body).decision]).toEqual([200, 'deny']);
  });

  test.each([
    ['text', ['Content-Type', 'text/plain']],
    ['a form', ['Content-Type', 'application/x-www-form-urlencoded']],
    ['parts', ['Content-Type', 'multipart/form-data; boundary=x']],
    ['something like JSON', ['Content-Type', 'application/jsonp']],
    ['what is no media type', ['Content-Type', '///']],
    ['no media type', []],
  ])('%s for a media type is refused', async (_title, headers) => {
    const { status } = await post('/v1/check', asText, headers);
    expect([400, 415]).toContain(status);
  });

  test('what is larger than a body may be is 413, whether it says so or not', async () => {
    const large = `{"action":"read","context":{"a":"${'x'.repeat(1024 * 1024)}"}}`;
    expect((await post('/v1/check', large)).status).toBe(413);
    const head = ['POST /v1/check HTTP/1.1', 'Host: x', ...pairs([...bearer(), ...json])];
    expect(statusesOf(await exchange([...head, 'Content-Length: 99999999999']))).toEqual([413]);
    const chunk = `${(64 * 1024).toString(16)}\r\n${'x'.repeat(64 * 1024)}\r\n`;
    const chunked = await exchange([...head, 'Transfer-Encoding: chunked'], chunk.repeat(20));
    expect(statusesOf(chunked)).toEqual([413]);
  });

  test('a batch of more than it may have is refused, and one of as many is answered', async () => {
    const batch = (count: number) => JSON.stringify({ requests: Array(count).fill(question) });
    expect((await post('/v1/check/batch', batch(1001))).status).toBe(400);
    expect((await post('/v1/check/batch', batch(1000))).status).toBe(200);
    const worst = { ...question, resource: `doc:${'/a'.repeat(255)}` };
    const text = JSON.stringify({ requests: Array(1000).fill(worst) });
    expect((await post('/v1/check/batch', text)).status).toBe(200);
  });

  test('lines that are none are answered one by one', async () => {
    const lines = [asText, '{"action":', '[]', nested(5000), asText].join('\n');
    const { status, body } = await post('/v1/check/batch', lines, ['Content-Type', 'application/jsonl']);
    expect(status).toBe(200);
    expect(body.match(/"decision":"allow"/g)).toHaveLength(2);
    expect(body.match(/"error":/g)).toHaveLength(3);
    const many = await post('/v1/check/batch', '{\n'.repeat(100_000), ['Content-Type', 'application/jsonl']);
    expect(many.status).toBe(200);
    expect(many.body).not.toContain('"decision"');
  });
});

describe('paths', () => {
  test.each([
    '/v1%2Fcheck',
    '/v1/%63heck/',
    '//v1/check',
    '/v1//check',
    '/v1/./check',
    '/v1/x/../check',
    '/v1/%2e%2e/v1/check',
    '/V1/check',
    '/v1/check/',
    '/v1/check;x=1',
    '/v1/check%00',
    '/v1/check%ff',
    '/v1/check%',
    '/v1\\check',
    '/../../etc/passwd',
    '/docs/static/../../../package.json',
    '/docs/static/%2e%2e%2f%2e%2e%2fpackage.json',
    `/${'a'.repeat(12_000)}`,
    '*',
    'v1/check',
    'http://127.0.0.1:1/v1/nothing',
  ])('%s is nothing', async (path) => {
    const { status } = await post(path, asText);
    expect([400, 404, 405]).toContain(status);
  });

  test('what a proxy is asked about is decided as it was sent', async () => {
    const ask = async (uri: string) => {
      const headers = [...bearer(), 'X-Original-Method', 'GET', 'X-Original-URI', uri];
      const answer = await send(service.address, { path: '/auth-request', headers });
      bodies.push(answer.body);
      return answer.status;
    };
    expect(await ask('/pages/a')).toBe(204);
    for (const uri of [
      '/pages/secret/a',
      '/pages/secret%2Fa',
      '/pages/a/../secret/a',
      '/pages/%2e%2e/a',
      '//pages/secret/a',
      '/pages/..;x=1/a',
      '/pages/secret%252Fa',
    ])
      expect(await ask(uri), uri).toBe(403);
  });
});

describe('messages that two readers read in two ways', () => {
  const hidden = () => `GET /v1/policy HTTP/1.1\r\nHost: x\r\n${pairs(bearer()).join('\r\n')}\r\n\r\n`;
  const head = () => ['POST /v1/check HTTP/1.1', 'Host: x', ...pairs([...bearer(), ...json])];

  test.each<[string, readonly string[]]>([
    ['both lengths', ['Content-Length: 4', 'Transfer-Encoding: chunked']],
    ['both lengths, the other way round', ['Transfer-Encoding: chunked', 'Content-Length: 4']],
    ['two encodings', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity']],
    ['an encoding that is none', ['Transfer-Encoding: xchunked']],
    ['an encoding behind it', ['Transfer-Encoding: chunked, identity']],
    ['an encoding with a tab before it', ['Transfer-Encoding:\tchunked', 'Content-Length: 4']],
    ['a blank before the colon', ['Transfer-Encoding : chunked', 'Content-Length: 4']],
    ['two lengths', ['Content-Length: 4', 'Content-Length: 0']],
    ['the same length twice', ['Content-Length: 4', 'Content-Length: 4']],
    ['a list of lengths', ['Content-Length: 4, 4']],
    ['a length with a sign', ['Content-Length: +4']],
    ['a negative length', ['Content-Length: -4']],
    ['a length in hexadecimal', ['Content-Length: 0x4']],
    ['a length beyond all numbers', ['Content-Length: 18446744073709551620']],
    ['a header that is folded', ['X-A: b', ' Content-Length: 0']],
    ['a carriage return in a header', ['X-A: b\rContent-Length: 0']],
    ['a NUL in a header', ['X-A: b\0c']],
    ['a line that is no header', ['no header']],
    ['a header without a name', [': x']],
    ['a header with a blank in its name', ['X A: b']],
    ['two hosts', ['Host: y', 'Content-Length: 5']],
    ['the same host twice', ['hOST: x', 'Content-Length: 5']],
  ])('%s: the request is refused and nothing behind it is read', async (_title, lines) => {
    const received = await exchange([...head(), ...lines], `0\r\n\r\n${hidden()}`);
    expect(statusesOf(received)).toEqual([400]);
    expect(received.toLowerCase()).toContain('connection: close');
  });

  test.each<[string, string | Buffer]>([
    ['no HTTP', 'hello\r\n\r\n'],
    ['HTTP 0.9', 'GET /v1/policy\r\n\r\n'],
    ['HTTP of the future', 'GET /v1/policy HTTP/9.9\r\nHost: x\r\n\r\n'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a TLS hello', Buffer.from('16030100a5010000a10303', 'hex')],
    ['bytes of chance', Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7919) % 256))],
    ['a method that is none', 'G@T / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['no host', 'GET /v1/policy HTTP/1.1\r\n\r\n'],
    ['a blank in the path', 'GET /v1/ policy HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('%s is refused', async (_title, bytes) => {
    const received = await sendBytes(service.address, bytes, 3000);
    bodies.push(received);
    expect(statusesOf(received).every((status) => status >= 400 && status < 500)).toBe(true);
  });

  test('a header section beyond the limit is 431', async () => {
    const received = await exchange([...head(), `X-A: ${'a'.repeat(20_000)}`]);
    expect(statusesOf(received)).toEqual([431]);
    const many = await exchange([...head(), ...Array.from({ length: 3000 }, (_, i) => `X-${i}: a`)]);
    expect(statusesOf(many)).toEqual([431]);
  });
});

describe('tokens', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const inTenMinutes = Math.floor(Date.now() / 1000) + 600;
  const claims = { sub: 'cory', exp: inTenMinutes };
  const hmac = (header: object, secret: string | Buffer) => {
    const text = `${encode(header)}.${encode(claims)}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };
  const signed = (payload: Record<string, unknown>) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'RS256' }).sign(issuer.privateKey);
  const signedByHand = (header: object) => {
    const text = `${encode(header)}.${encode(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), issuer.privateKey).toString('base64url')}`;
  };
  const publicPem = () => issuer.publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 });

  test.each<[string, () => string | Promise<string>]>([
    ['no signature', () => `${encode({ alg: 'none' })}.${encode(claims)}.`],
    ['no signature, in other letters', () => `${encode({ alg: 'nOnE' })}.${encode(claims)}.`],
    ['no algorithm', () => `${encode({ typ: 'JWT' })}.${encode(claims)}.`],
    ['the public key for a secret', () => hmac({ alg: 'HS256' }, publicPem())],
    ['the public key for a secret, cut to one line', () => hmac({ alg: 'HS256' }, publicPem().trim())],
    [
      'the public key as bytes for a secret',
      () => hmac({ alg: 'HS256' }, issuer.publicKey.export({ type: 'spki', format: 'der' })),
    ],
    ['an empty secret', () => hmac({ alg: 'HS256' }, '')],
    ['RS256 over an HMAC', () => hmac({ alg: 'RS256' }, publicPem())],
    ['no end', () => signed({ sub: 'cory' })],
    ['an end that is a text', () => signed({ sub: 'cory', exp: String(inTenMinutes) })],
    ['an end that is past', () => signed({ sub: 'cory', exp: 1 })],
    ['a beginning to come', () => signed({ ...claims, nbf: inTenMinutes })],
    ['no name', () => signed({ exp: inTenMinutes })],
    ['an empty name', () => signed({ ...claims, sub: '' })],
    [
      'the key of somebody else',
      () => new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).sign(other.privateKey),
    ],
    [
      'a key that it brings along',
      () =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'RS256', jwk: other.publicKey.export({ format: 'jwk' }) as never })
          .sign(other.privateKey),
    ],
    ['an extension that must be understood', () => signedByHand({ alg: 'RS256', crit: ['x'], x: 1 })],
    ['half of its signature', async () => (await signed(claims)).slice(0, -100)],
    [
      'another signature',
      async () => (await signed(claims)).replace(/.$/, (last) => (last === 'A' ? 'g' : 'A')),
    ],
    [
      'other claims',
      async () => (await signed(claims)).replace(/\..*\./, `.${encode({ ...claims, sub: 'root' })}.`),
    ],
    ['claims that are a list', () => `${encode({ alg: 'RS256' })}.${encode([claims])}.AAAA`],
    ['five parts', () => 'a.b.c.d.e'],
    ['dots', () => '..'],
    ['a very long word', () => `${'a'.repeat(5000)}.${'b'.repeat(5000)}.c`],
  ])('%s: 401', async (_title, make) => {
    const headers = [...json, 'Authorization', `Bearer ${await make()}`];
    const answer = await send(service.address, { method: 'POST', path: '/v1/check', headers, body: asText });
    bodies.push(answer.body);
    expect(answer.status).toBe(401);
    expect(answer.body).not.toContain('decision');
  });

  test.each<[string, () => string[]]>([
    ['none', () => []],
    ['two of them', () => [...bearer(), ...bearer()]],
    ['two of them in other letters', () => [...bearer(), 'AUTHORIZATION', 'Bearer x']],
    ['another scheme', () => ['Authorization', `Basic ${token}`]],
    ['no scheme', () => ['Authorization', token]],
    ['a list', () => ['Authorization', `Bearer ${token}, Bearer ${token}`]],
    ['a cookie that nobody configured', () => ['Cookie', `token=${token}`]],
    ['another header', () => ['X-Authorization', `Bearer ${token}`]],
  ])('%s in the headers: 401', async (_title, make) => {
    const headers = [...json, ...make()];
    const answer = await send(service.address, { method: 'POST', path: '/v1/check', headers, body: asText });
    bodies.push(answer.body);
    expect(answer.status).toBe(401);
  });
});

describe('in the end', () => {
  test('who sends slowly is cut off', async () => {
    const answers = await slow.ended;
    expect(answers).toHaveLength(slow.count);
    for (const answer of answers) expect(answer).toMatch(/^(?:HTTP\/1\.1 408 |$)/);
  });

  test('no answer shows what is inside', () => {
    expect(bodies.length).toBeGreaterThan(100);
    const inside =
      /node_modules|node:internal|\.[cm]?[jt]s:\d+|\bat .+:\d+:\d+|\bstack\b|\w+Error\b|\/work\/|\/src\//;
    expect(bodies.filter((body) => inside.test(body))).toEqual([]);
  });

  test('the log has no line of a request that failed inside', () => {
    expect(service.log()).not.toContain('"level":"error"');
  });

  test('whoever means no harm has noticed nothing', async () => {
    // However quick the rest was, enough is asked to tell the usual from the worst.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const { wrong, latenciesMs } = (await report())!;
    expect(wrong).toEqual([]);
    expect(latenciesMs.length).toBeGreaterThan(100);
    const sorted = [...latenciesMs].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)]!;
    console.info(
      `${sorted.length} answers: median ${at(0.5).toFixed(1)} ms, 99 % ${at(0.99).toFixed(1)} ms, worst ${at(1).toFixed(1)} ms`,
    );
    // 250 ms is the goal; a machine that is busy with other things is slower now and then.
    expect(at(0.5)).toBeLessThan(250);
    expect(at(1)).toBeLessThan(1_000);
  });
});

/** Connections that send a byte now and then: some of a header section, some of a body. */
function startSlowClients() {
  const sockets: Socket[] = [];
  const { hostname, port } = new URL(service.address);
  const body = `POST /v1/check HTTP/1.1\r\nHost: x\r\n${pairs([...bearer(), ...json]).join('\r\n')}\r\nContent-Length: 9999\r\n\r\n`;
  const ended = Array.from({ length: 100 }, (_, i) => {
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    socket.write(i % 2 === 0 ? 'GET /healthz HTTP/1.1\r\nX-A: ' : body);
    const timer = setInterval(() => socket.write(' '), 100);
    return new Promise<string>((resolve) => {
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1');
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        clearInterval(timer);
        resolve(received);
      });
    });
  });
  return {
    count: ended.length,
    ended: Promise.all(ended),
    stop: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
