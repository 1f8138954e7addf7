import type { InjectOptions } from 'fastify';
import { createServer } from '../../../src/service/http/server.ts';
import { startAsking } from '../../../test/support/iam-conformance-asking.ts';
import { send, sendBytes } from '../../../test/support/send.ts';
import { createTestService } from '../../../test/support/service.ts';
import { Broken, type FuzzTarget } from '../target.ts';
import { fixturesOf, inputOf, textOf } from '../texts.ts';

/** The service: what comes in requests, and requests themselves. */

const policy = `
route GET "/pages/{page**}" requires read on doc:/{page**}
route GET "/open" open
group ops { user:bob }
allow user:alice to read on doc:/**
deny group:ops to read on doc:/secret/** when context.hour > 8
allow service:/{space**}/** to read on dcos:secrets:default:/{space**}/*
entity user:alice { level: 3 }
`;

const question = { subject: 'user:alice', action: 'read', resource: 'doc:/a' };
const bodies: readonly unknown[] = [
  question,
  {
    ...question,
    groups: ['ops'],
    context: { hour: 9 },
    attributes: { subject: { level: 1 } },
    mode: 'strict',
  },
  { requests: [question, { action: 'read' }] },
  { subject: 'user:alice', action: 'read', resources: ['doc:/a', 'doc:/secret/b'] },
  { action: 'read', resource: 'doc:/a', limit: 5, cursor: 'x' },
  { subject: 'user:alice', limit: 5 },
  { sources: [{ file: 'a.acl', text: 'allow user:a to read on doc:/a' }] },
  {
    subject: { type: 'user', id: 'alice', properties: { groups: ['ops'] } },
    action: { name: 'read' },
    resource: { type: 'doc', id: '/a' },
    context: { time: '2026-01-01T00:00:00Z' },
  },
  {
    subject: { type: 'user', id: 'alice' },
    action: { name: 'read' },
    evaluations: [{ resource: { type: 'doc', id: '/a' } }],
    options: { evaluations_semantic: 'deny_on_first_deny' },
    page: { token: 'x', limit: 2 },
  },
];

const bodyTokens: readonly string[] = [
  ...[
    '"subject"',
    '"action"',
    '"resource"',
    '"groups"',
    '"context"',
    '"attributes"',
    '"mode"',
    '"requests"',
    '"resources"',
    '"page"',
  ],
  ...[
    '"user:alice"',
    '"doc:/a"',
    '"read"',
    '"evaluations"',
    '"properties"',
    '"type"',
    '"id"',
    '"name"',
    '"limit":',
    '"token":',
    '[]',
    '{}',
  ],
  ...[
    '"latest"',
    'null',
    '"cursor":',
    '"options"',
    '"before"',
    '"after"',
    '"files"',
    '"text"',
    '?x=1',
    '%2e%2e/',
    '"subject":"user:bob",',
  ],
];

/** `POST /v1/check`, an empty line or headers, and the body. */
export const bodiesTarget: FuzzTarget = {
  name: 'bodies',
  title:
    'every route of the service answers every body: with what was asked for, or with an error that is JSON',
  seeds: () => [...routeInputs, ...fixturesOf('bodies').map(({ input }) => input)],
  tokens: [
    ...bodyTokens,
    'GET ',
    'POST ',
    'PUT ',
    'application/json',
    'postern-consistency: latest\n',
    'x-original-uri: /pages/a\n',
  ],
  maxLength: 8 * 1024,
  async open() {
    const app = createServer(createTestService(policy));
    await app.ready();
    // A thread that answers for it keeps no process alive, and here nothing else does.
    const waiting = setInterval(() => {}, 60_000);
    return {
      run: async (input) => {
        const asked = readAsked(textOf(input));
        if (asked === undefined) return;
        const answer = await app.inject(asked);
        checkAnswer(answer.statusCode, String(answer.headers['content-type']), answer.body);
        const control = await app.inject({ method: 'POST', url: '/v1/check', payload: question });
        if (control.json<{ decision: string }>().decision !== 'allow')
          throw new Broken('a good request is denied');
      },
      close: async () => {
        clearInterval(waiting);
        await app.close();
      },
    };
  },
};

const posts = [
  ...['check', 'check/batch', 'explain', 'filter', 'why', 'who-can', 'what-can', 'diff'].map(
    (name) => `/v1/${name}`,
  ),
  ...['may-read', 'secrets-for', 'services-for', 'indirect'].map((name) => `/v1/spaces/${name}`),
  ...['evaluation', 'evaluations', 'search/subject', 'search/resource', 'search/action'].map(
    (name) => `/access/v1/${name}`,
  ),
];
const gets = [
  ...[
    '/',
    '/healthz',
    '/readyz',
    '/livez',
    '/metrics',
    '/openapi.json',
    '/docs',
    '/v1/policy',
    '/auth-request',
  ],
  ...['/v1/spaces/may-read', '/.well-known/authzen-configuration', '/v1/spaces/secrets-for'],
];
const routeInputs = [
  ...posts.flatMap((path) => bodies.map((body) => inputOf(`POST ${path}\n\n${JSON.stringify(body)}`))),
  ...gets.map((path) =>
    inputOf(`GET ${path}?resource=doc:/a&action=read\nx-original-uri: /pages/a\nx-original-method: GET\n\n`),
  ),
];

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

function readAsked(text: string): InjectOptions | undefined {
  const [head = '', ...rest] = text.split('\n\n');
  const [first = '', ...lines] = head.split('\n');
  const [method = '', url = ''] = first.split(' ');
  // Whatever else a client library would not send is for the target `http`.
  if (!methods.includes(method) || !/^\/[!-~]*$/.test(url)) return undefined;
  const headers = lines.flatMap((line) => {
    const [name = '', value = ''] = line.split(': ');
    return /^[a-z-]+$/.test(name) && /^[ -~]*$/.test(value) && name !== 'content-length'
      ? [[name, value]]
      : [];
  });
  const payload = inputOf(rest.join('\n\n'));
  return {
    method: method as 'GET',
    url,
    headers: { 'content-type': 'application/json', ...Object.fromEntries(headers) },
    ...(payload.length > 0 && method !== 'GET' && method !== 'HEAD' ? { payload } : {}),
  };
}

function checkAnswer(status: number, type: string, body: string): void {
  if (status >= 500 && status !== 503 && status !== 501)
    throw new Broken(`answered with ${status}`, body.slice(0, 500));
  if (/\bat .*:\d+:\d+\b|node_modules/.test(body) && status >= 400)
    throw new Broken('an error shows a stack', body.slice(0, 500));
  if (type.startsWith('application/json') && body !== '') JSON.parse(body);
}

const host = 'Host: x\r\n';
const requestSeeds = [
  `GET /healthz HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
  `GET /v1/policy HTTP/1.1\r\n${host}\r\nGET /metrics HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
  `POST /v1/check HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 58\r\nConnection: close\r\n\r\n${JSON.stringify(question)}`,
  `POST /v1/check HTTP/1.1\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3a\r\n${JSON.stringify(question)}\r\n0\r\n\r\n`,
  `POST /access/v1/evaluation HTTP/1.1\r\n${host}Expect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
  `GET /auth-request HTTP/1.1\r\n${host}X-Original-URI: /pages/a\r\nX-Original-Method: GET\r\nAuthorization: token=x\r\nConnection: close\r\n\r\n`,
  `OPTIONS * HTTP/1.1\r\n${host}Connection: upgrade\r\nUpgrade: h2c\r\n\r\n`,
];

/** Bytes on a socket. Ones that end no request are closed by the client. */
export const httpTarget: FuzzTarget = {
  name: 'http',
  title:
    'whatever bytes come over a connection, the service answers or closes it, and goes on answering others',
  seeds: () => [...requestSeeds.map(inputOf), ...fixturesOf('http').map(({ input }) => input)],
  tokens: [
    ...[
      '\r\n',
      '\r\n\r\n',
      ' HTTP/1.1',
      ' HTTP/1.0',
      ' HTTP/2.0',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'Host: y\r\n',
      'Content-Length: 0\r\n',
    ],
    ...[
      'Content-Length: -1\r\n',
      'Content-Length: 99999999999\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Transfer-Encoding: chunked, identity\r\n',
    ],
    ...[
      'Connection: keep-alive\r\n',
      'Authorization: Bearer a.b.c\r\n',
      'Cookie: a=b; a=c\r\n',
      'X-Request-Id: 1\r\n',
      'Expect: 100-continue\r\n',
    ],
    ...[
      '0\r\n\r\n',
      'ffffffff\r\n',
      '1;x=y\r\n',
      'POST ',
      'GET ',
      'CONNECT x:1',
      'http://x/v1/check',
      '/v1/check',
      '//',
      '/%00',
      '/%',
      '\n',
      '\r',
    ],
  ],
  maxLength: 24 * 1024,
  async open() {
    const app = createServer(createTestService(policy));
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    return {
      run: async (input) => {
        const received = await sendBytes(address, input, 40);
        for (const [, status] of received.matchAll(/^HTTP\/1\.1 (\d{3})/gm)) {
          if (/^5/.test(status!) && status !== '503' && status !== '501' && status !== '505')
            throw new Broken(`answered with ${status}`, received.slice(0, 500));
        }
        const headers = ['Content-Type', 'application/json'];
        const control = await send(address, {
          method: 'POST',
          path: '/v1/check',
          headers,
          body: JSON.stringify(question),
        });
        if (control.status !== 200 || !control.body.includes('"allow"'))
          throw new Broken('a good request is not answered', control.body);
      },
      close: () => app.close(),
    };
  },
};

const iamPaths = [
  ...[
    '/users',
    '/users/alice',
    '/users/alice/permissions',
    '/users/alice/groups',
    '/groups',
    '/groups/team',
    '/groups/team/users',
  ],
  ...[
    '/groups/team/users/alice',
    '/groups/team/permissions',
    '/acls',
    '/acls/a:x',
    '/acls/dcos%3Asecrets%3Adefault%3A%252Fa',
    '/acls/a:x/permissions',
  ],
  ...[
    '/acls/a:x/users/alice',
    '/acls/a:x/users/alice/read',
    '/acls/a:x/groups/team/full',
    '/auth/login',
    '/internal/policy',
    '/ldap/config',
    '/saml/providers',
  ],
];
const iamBodies = [
  '',
  '{"description":"x"}',
  '{"uid":"alice","password":"secret-secret"}',
  '{"description":"x","password":"long enough","public_key":"x","provider_type":"internal","is_service":true}',
  '{"uid":"x","token":"a.b.c","exp":1}',
];

export const iamTarget: FuzzTarget = {
  name: 'iam',
  title: 'every route of the permission API answers every body and path without failing',
  seeds: () => [
    ...iamPaths.flatMap((path, i) =>
      ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'].map((method, j) =>
        inputOf(`${method} ${path}\n\n${method === 'GET' ? '' : iamBodies[(i + j) % iamBodies.length]}`),
      ),
    ),
    ...fixturesOf('iam').map(({ input }) => input),
  ],
  tokens: [
    ...iamPaths,
    '"uid"',
    '"gid"',
    '"password"',
    '"description"',
    '"array"',
    '%252F',
    '%2F',
    '%25',
    '/',
    '?type=service',
    'PUT ',
    'DELETE ',
    'dcos:superuser',
    '/users/admin',
    '/groups/superusers',
  ],
  maxLength: 8 * 1024,
  async open() {
    const started = await startAsking({
      authenticate: async () => ({ subject: 'user:admin', groups: [], claims: {} }),
    });
    return {
      run: async (input) => {
        const asked = readAsked(textOf(input));
        if (asked === undefined) return;
        const { method = 'GET', url, payload } = asked;
        const answer = await started.ask(
          method,
          String(url),
          payload === undefined ? undefined : String(payload),
        );
        checkAnswer(answer.status, String(answer.headers['content-type']), answer.body);
      },
      close: async () => started.close(),
    };
  },
};
