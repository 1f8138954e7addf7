import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { knownIds } from '../src/index.ts';
import type { AuthZenConfig } from '../src/service/authzen/config.ts';
import { PageTokens } from '../src/service/authzen/page-tokens.ts';
import { Turns } from '../src/service/authzen/turns.ts';
import { AuthenticationError } from '../src/service/http/errors.ts';
import { createServer } from '../src/service/http/server.ts';
import { findKnownIds } from '../src/service/known-ids/find-known-ids.ts';
import type { ActivePolicy } from '../src/service/service.ts';
import { createTestService, type TestService, type TestServiceOptions } from './support/service.ts';

/**
 * The AuthZEN Authorization API 1.0, statement by statement: first what the certification scenario asks, over every
 * transport, then each rule of the specification, of the scenario and of the conformance suite.
 */
const root = fileURLToPath(new URL('../', import.meta.url));
const fixture = JSON.parse(readFileSync(`${root}test/fixtures/authzen/fixture.json`, 'utf8')) as Fixture;
const fixturePolicy = readFileSync(`${root}policies/examples/authzen/policy.acl`, 'utf8');
const certificate = readFileSync(`${root}test/fixtures/authzen/localhost.crt`, 'utf8');
const privateKey = readFileSync(`${root}test/fixtures/authzen/localhost.key`, 'utf8');

interface Fixture {
  readonly rules: readonly { rule: number; text: string; request: Json; decision: boolean }[];
  readonly search: readonly { id: string; endpoint: string; request: Json; mustInclude: Json[] }[];
  readonly conformanceSuiteAlsoExpects: readonly { text: string; request: Json; decision: boolean }[];
}

type Json = Record<string, unknown>;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  readonly text: string;
}

interface Asking {
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS' | 'POST';
  /** A string or a buffer goes as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

type Ask = (path: string, asking?: Asking) => Promise<Answer>;

const paths = {
  evaluation: '/access/v1/evaluation',
  evaluations: '/access/v1/evaluations',
  subject: '/access/v1/search/subject',
  resource: '/access/v1/search/resource',
  action: '/access/v1/search/action',
} as const;

const alice = { type: 'user', id: 'alice' };
const bob = { type: 'user', id: 'bob' };
const read = { name: 'read' };
const write = { name: 'write' };
const record1 = { type: 'record', id: 'record-1' };
const record2 = { type: 'record', id: 'record-2' };
const aliceReads = { subject: alice, action: read, resource: record1 };
/** A request that each endpoint answers with 200. */
const sound: Readonly<Record<keyof typeof paths, Json>> = {
  evaluation: aliceReads,
  evaluations: { ...aliceReads, evaluations: [{}] },
  subject: { ...aliceReads, subject: { type: 'user' } },
  resource: { ...aliceReads, resource: { type: 'record' } },
  action: { subject: alice, resource: record1 },
};
const endpoints = Object.keys(paths) as (keyof typeof paths)[];

const open: FastifyInstance[] = [];
afterAll(() => Promise.all(open.map((app) => app.close())));

function createApp(
  policy: string,
  { authzen, ...options }: TestServiceOptions & { readonly authzen?: AuthZenConfig } = {},
): { app: FastifyInstance; service: TestService; ask: Ask } {
  const service = createTestService([{ file: 'policy.acl', text: policy }], options);
  const config = authzen === undefined ? service.config : { ...service.config, authzen };
  const app = createServer({ ...service, config });
  open.push(app);
  return { app, service, ask: askInMemory(app) };
}

function askInMemory(app: FastifyInstance): Ask {
  return async (path, { method = 'POST', body, headers = {} } = {}) => {
    const sent = bytesOf(body);
    const answer = await app.inject({
      method,
      url: path,
      headers: { ...(sent === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(sent === undefined ? {} : { payload: sent }),
    });
    return { status: answer.statusCode, headers: answer.headers, text: answer.body };
  };
}

function askThroughSocket(port: () => number, isSecure: boolean): Ask {
  return (path, { method = 'POST', body, headers = {} } = {}) =>
    new Promise((resolve, reject) => {
      const sent = bytesOf(body);
      const begin = isSecure ? requestHttps : requestHttp;
      const request = begin(
        {
          host: '127.0.0.1',
          port: port(),
          method,
          path,
          headers: { ...(sent === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
          ...(isSecure ? { ca: certificate } : {}),
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode!,
              headers: response.headers,
              text: Buffer.concat(chunks).toString(),
            }),
          );
        },
      );
      request.on('error', reject);
      request.end(sent);
    });
}

function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined || Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function expectError(answer: Answer, status: number): void {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.headers['content-type']).toMatch(/^application\/json\b/);
  expect(JSON.parse(answer.text)).toEqual({
    error: { status, message: expect.stringMatching(/^.{3,200}$/) },
  });
  expect(answer.text).not.toMatch(/\bat \S+ \(|\.ts\b|node_modules/);
}

function expectJson(answer: Answer, body: unknown): void {
  expect({ status: answer.status, body: JSON.parse(answer.text) }).toEqual({ status: 200, body });
  expect(answer.headers['content-type']).toMatch(/^application\/json\b/);
}

function resultsOf(answer: Answer): Json[] {
  expect(answer.status, answer.text).toBe(200);
  return (JSON.parse(answer.text) as { results: Json[] }).results;
}

// ---------------------------------------------------------------- the scenario, over every transport

const authzen = { publicUrl: 'https://pdp.example.com' };

describe.each(['memory', 'http', 'https'] as const)('over %s', (transport) => {
  const plain = createApp(fixturePolicy, { authzen });
  const secure = createTestService(fixturePolicy);
  const app =
    transport === 'https'
      ? createServer(
          { ...secure, config: { ...secure.config, authzen } },
          { https: { cert: certificate, key: privateKey } },
        )
      : plain.app;
  const port = (): number => (app.server.address() as AddressInfo).port;
  const ask = transport === 'memory' ? plain.ask : askThroughSocket(port, transport === 'https');

  beforeAll(async () => {
    if (transport !== 'memory') await app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => app.close());

  test.each(fixture.rules)('rule $rule: $text', async ({ request, decision }) => {
    expectJson(await ask(paths.evaluation, { body: request }), { decision });
    const context = { time: '2025-06-27T18:03-07:00', ip: '192.0.2.7' };
    expectJson(await ask(paths.evaluation, { body: { ...request, context } }), { decision });
    expectJson(await ask(paths.evaluations, { body: { evaluations: [request, { ...request, context }] } }), {
      evaluations: [{ decision }, { decision }],
    });
  });

  test.each(fixture.conformanceSuiteAlsoExpects)('the suite: $text', async ({ request, decision }) => {
    expectJson(await ask(paths.evaluation, { body: request }), { decision });
  });

  test('properties that no rule asks about change nothing', async () => {
    const body = {
      subject: { ...alice, properties: { department: 'Sales', role: 'manager' } },
      action: { ...read, properties: { method: 'GET' } },
      resource: { ...record1, properties: { status: 'active', owner: 'bob' } },
    };
    expectJson(await ask(paths.evaluation, { body }), { decision: true });
  });

  test.each(fixture.search)('search $id', async ({ endpoint, request, mustInclude }) => {
    const results = resultsOf(await ask(`/access/v1/${endpoint}`, { body: request }));
    expect(results).toEqual(expect.arrayContaining(mustInclude));
    const inContext = await ask(`/access/v1/${endpoint}`, {
      body: { ...request, context: { ip: '1.2.3.4' } },
    });
    expect(resultsOf(inContext)).toEqual(results);
  });

  test.each(endpoints)('%s: the same request gets the same answer', async (endpoint) => {
    const first = await ask(paths[endpoint], { body: sound[endpoint] });
    expect(first.status).toBe(200);
    expect((await ask(paths[endpoint], { body: sound[endpoint] })).text).toBe(first.text);
  });

  test.each(endpoints)('%s: the request id comes back, with an error too', async (endpoint) => {
    for (const id of ['6d2b7e1c-8f0a-4b43-9f0e-52c7d7f3c001', 'a/b;c=d,"e" f', 'x'.repeat(1_000)]) {
      const headers = { 'x-request-id': id };
      const answers = [
        await ask(paths[endpoint], { body: sound[endpoint], headers }),
        await ask(paths[endpoint], { body: '{', headers }),
        await ask(paths[endpoint], { body: {}, headers: { ...headers, 'content-type': 'text/plain' } }),
        await ask(paths[endpoint], { method: 'GET', headers }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([200, 400, 400, 405]);
      for (const answer of answers) expect(answer.headers['x-request-id']).toBe(id);
    }
  });

  test.each(endpoints)('%s: without a request id it works', async (endpoint) => {
    expect((await ask(paths[endpoint], { body: sound[endpoint] })).status).toBe(200);
  });

  test.each(endpoints)('%s: no body, and an empty one, are 400', async (endpoint) => {
    expectError(await ask(paths[endpoint]), 400);
    expectError(await ask(paths[endpoint], { body: '' }), 400);
  });

  test('the metadata name the service and every endpoint', async () => {
    const answer = await ask('/.well-known/authzen-configuration', { method: 'GET' });
    expectJson(answer, {
      policy_decision_point: 'https://pdp.example.com',
      access_evaluation_endpoint: 'https://pdp.example.com/access/v1/evaluation',
      access_evaluations_endpoint: 'https://pdp.example.com/access/v1/evaluations',
      search_subject_endpoint: 'https://pdp.example.com/access/v1/search/subject',
      search_resource_endpoint: 'https://pdp.example.com/access/v1/search/resource',
      search_action_endpoint: 'https://pdp.example.com/access/v1/search/action',
    });
    expect(answer.headers['cache-control']).toMatch(/^max-age=[1-9]\d*$/);
  });
});

// ---------------------------------------------------------------- transport

describe('transport', () => {
  const { app, ask } = createApp(fixturePolicy, { limits: { bodyBytes: 4096 } });

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'Application/JSON',
  ])('takes the media type %s', async (type) => {
    for (const endpoint of endpoints) {
      const answer = await ask(paths[endpoint], { body: sound[endpoint], headers: { 'content-type': type } });
      expect(answer.status, endpoint).toBe(200);
    }
  });

  test.each([
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonl',
    'application/x-ndjson',
    'application/json-patch+json',
    'application/jsonp',
    'nonsense',
    '',
  ])('another media type is 400: `%s`', async (type) => {
    for (const endpoint of endpoints)
      expectError(
        await ask(paths[endpoint], { body: sound[endpoint], headers: { 'content-type': type } }),
        400,
      );
  });

  test('no media type is 400', async () => {
    for (const endpoint of endpoints) {
      const answer = await app.inject({
        method: 'POST',
        url: paths[endpoint],
        payload: Buffer.from(JSON.stringify(sound[endpoint])),
      });
      expectError({ status: answer.statusCode, headers: answer.headers, text: answer.body }, 400);
    }
  });

  const text = JSON.stringify(aliceReads);
  test.each([
    ['an array', '[]'],
    ['an array of requests', `[${text}]`],
    ['a string', '"x"'],
    ['a number', '1'],
    ['true', 'true'],
    ['null', 'null'],
    ['an unfinished text', text.slice(0, -1)],
    ['no JSON', 'subject=alice'],
    ['text after the value', `${text}x`],
    ['a second value', `${text} {}`],
    ['a comment', `/* */${text}`],
    ['a trailing comma', `${text.slice(0, -1)},}`],
    ['white space alone', ' \n'],
    ['a byte order mark', `\ufeff${text}`],
    ['a repeated member', `{"subject":{"type":"user","id":"alice"},${text.slice(1)}`],
    ['a repeated member inside', text.replace('"type":', '"type":"user","type":')],
    ['a repeated member in other letters', text.replace('"type":', '"typ\\u0065":"user","type":')],
    ['an unpaired surrogate', text.replace('alice', '\\ud800')],
    ['a number that is not finite', text.replace('}}', '},"context":{"n":1e999}}')],
    ['a byte that is no UTF-8', Buffer.concat([Buffer.from(`${text.slice(0, 5)}`), Buffer.from([0xff])])],
  ])('a body that is %s is 400', async (_, body) => {
    for (const endpoint of endpoints) expectError(await ask(paths[endpoint], { body }), 400);
  });

  test('members may come in any order, and unknown ones are ignored at every depth', async () => {
    const unknown = { x: [1, { y: null }], constructor: 1, toString: 'x' };
    const body = {
      ...unknown,
      options: { ...unknown, deep: unknown },
      page: unknown,
      resource: { ...unknown, id: 'record-1', properties: unknown, type: 'record' },
      action: { ...unknown, properties: unknown, name: 'read' },
      subject: { ...unknown, id: 'alice', type: 'user', properties: unknown },
    };
    expectJson(await ask(paths.evaluation, { body }), { decision: true });
    expectJson(await ask(paths.evaluations, { body: { ...body, evaluations: [unknown] } }), {
      evaluations: [{ decision: true }],
    });
    expect(resultsOf(await ask(paths.subject, { body }))).toEqual([alice, bob]);
    expect(resultsOf(await ask(paths.resource, { body }))).toEqual([record1, record2]);
    expect(resultsOf(await ask(paths.action, { body }))).toEqual([read, write]);
  });

  test('`__proto__` is a member like any other', async () => {
    const body = '{"__proto__":{"subject":{"type":"user","id":"alice"}},"action":{"name":"read"}}';
    for (const endpoint of endpoints) expectError(await ask(paths[endpoint], { body }), 400);
    const item = '{"evaluations":[{"__proto__":{"subject":{"type":"user","id":"alice"}}}]}';
    expect(JSON.parse((await ask(paths.evaluations, { body: item })).text).evaluations[0].decision).toBe(
      false,
    );
  });

  test.each(['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const)('%s is 405', async (method) => {
    for (const endpoint of endpoints) {
      const answer = await ask(paths[endpoint], { method });
      expect(answer.status).toBe(405);
      expect(answer.headers.allow).toBe('POST');
    }
    const put = await ask(paths.evaluation, { method: 'PUT', body: aliceReads });
    expectError(put, 405);
  });

  test('values nest 256 deep and no deeper', async () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const bodyOf = (depth: number) => `{"context":{"x":${nested(depth - 2)}},${text.slice(1)}`;
    expectJson(await ask(paths.evaluation, { body: bodyOf(256) }), { decision: true });
    expectError(await ask(paths.evaluation, { body: bodyOf(257) }), 400);
    expectError(await ask(paths.evaluation, { body: bodyOf(1900) }), 400);
  });

  test('a body may be as large as the limit and no larger', async () => {
    const padded = (size: number) => text.replace('{', `{"x":"${' '.repeat(size - text.length - 7)}",`);
    expect(padded(4096)).toHaveLength(4096);
    expectJson(await ask(paths.evaluation, { body: padded(4096) }), { decision: true });
    expectError(await ask(paths.evaluation, { body: padded(4097) }), 413);
  });
});

describe('authentication and failures', () => {
  test.each(endpoints)('%s: without a token it is 401, and says how to authenticate', async (endpoint) => {
    const { ask, service } = createApp(fixturePolicy, {
      auth: true,
      authenticate: async () => {
        throw new AuthenticationError('missing', 'a token is required');
      },
    });
    const answer = await ask(paths[endpoint], { body: sound[endpoint], headers: { 'x-request-id': 'r1' } });
    expectError(answer, 401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer\b/);
    expect(answer.headers['x-request-id']).toBe('r1');
    expect(service.entries).toEqual([]);
  });

  test('the metadata are for everybody', async () => {
    const authenticate = async (): Promise<never> => {
      throw new AuthenticationError('missing', 'a token is required');
    };
    const { ask } = createApp(fixturePolicy, { auth: true, authenticate, authzen });
    expect((await ask('/.well-known/authzen-configuration', { method: 'GET' })).status).toBe(200);
  });

  test('the log names the caller and the subject asked about, each for what it is', async () => {
    const caller = { subject: 'user:gateway', groups: ['ops'], claims: {} };
    const { ask, service } = createApp(fixturePolicy, { auth: true, authenticate: async () => caller });
    await ask(paths.evaluation, { body: aliceReads, headers: { 'x-request-id': 'r2' } });
    expect(service.entries).toMatchObject([
      {
        api: 'authzen',
        requestId: 'r2',
        caller,
        request: { subject: 'user:alice', action: 'read', resource: 'record:record-1' },
        decision: { decision: 'allow' },
      },
    ]);
    expect(service.counted).toEqual([{ api: 'authzen', decision: 'allow', reason: 'rule' }]);
  });

  test('an engine that fails allows nothing', async () => {
    const { ask, service } = createApp(fixturePolicy);
    const fail = (): never => {
      throw new Error('out of order');
    };
    const authorizer = { decide: fail, areAllowed: fail } as unknown as ActivePolicy['authorizer'];
    service.active = { ...service.active, authorizer };
    expectJson(await ask(paths.evaluation, { body: aliceReads }), { decision: false });
    expectJson(await ask(paths.evaluations, { body: sound.evaluations }), {
      evaluations: [{ decision: false }],
    });
    for (const kind of ['subject', 'resource', 'action'] as const)
      expectError(await ask(paths[kind], { body: sound[kind] }), 500);
    expect(service.logged.filter(({ level }) => level === 'error')).toHaveLength(5);
  });
});

// ---------------------------------------------------------------- evaluation

/** What is missing or of a wrong type where an entity is needed. */
const faultyEntities: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['a string', 'user:alice'],
  ['a number', 5],
  ['an array', ['user', 'alice']],
  ['an empty object', {}],
  ['without id', { type: 'user' }],
  ['without type', { id: 'alice' }],
  ['with a numeric id', { type: 'user', id: 7 }],
  ['with a null id', { type: 'user', id: null }],
  ['with an object for id', { type: 'user', id: {} }],
  ['with a list for id', { type: 'user', id: ['alice'] }],
  ['with a numeric type', { type: 1, id: 'alice' }],
  ['with a null type', { type: null, id: 'alice' }],
  ['with a true type', { type: true, id: 'alice' }],
  ['with a string for properties', { type: 'user', id: 'alice', properties: 'role=admin' }],
  ['with a list for properties', { type: 'user', id: 'alice', properties: [] }],
  ['with a number for properties', { type: 'user', id: 'alice', properties: 0 }],
];
const faultyActions: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['a string', 'read'],
  ['an array', ['read']],
  ['an empty object', {}],
  ['with a numeric name', { name: 1 }],
  ['with a null name', { name: null }],
  ['with a list for a name', { name: ['read'] }],
  ['with a string for properties', { name: 'read', properties: 'soft' }],
  ['with a list for properties', { name: 'read', properties: [true] }],
];
const faultyContexts: readonly (readonly [string, unknown])[] = [
  ['a string', 'x'],
  ['a number', 0],
  ['false', false],
  ['an array', []],
];
const faultyEvaluations: readonly { readonly title: string; readonly body: Json }[] = [
  ...(['subject', 'action', 'resource'] as const).map((member) => {
    const { [member]: _, ...body } = aliceReads;
    return { title: `no ${member}`, body };
  }),
  ...faultyEntities.map(([title, subject]) => ({
    title: `subject: ${title}`,
    body: { ...aliceReads, subject },
  })),
  ...faultyActions.map(([title, action]) => ({ title: `action: ${title}`, body: { ...aliceReads, action } })),
  ...faultyEntities.map(([title, resource]) => ({
    title: `resource: ${title}`,
    body: { ...aliceReads, resource },
  })),
  ...faultyContexts.map(([title, context]) => ({
    title: `context: ${title}`,
    body: { ...aliceReads, context },
  })),
  { title: 'nothing at all', body: {} },
];

describe('evaluation', () => {
  const { ask, service } = createApp(fixturePolicy);

  test.each(faultyEvaluations)('is 400: $title', async ({ body }) => {
    expectError(await ask(paths.evaluation, { body }), 400);
  });

  test('the message names the fault', async () => {
    const messageFor = async (body: Json) =>
      JSON.parse((await ask(paths.evaluation, { body })).text).error.message as string;
    expect(await messageFor({ subject: alice, action: read })).toBe('the body lacks `resource`');
    expect(await messageFor({ ...aliceReads, subject: { type: 'user', id: 7 } })).toBe(
      '`subject.id` must be a string',
    );
    expect(await messageFor({ ...aliceReads, context: [] })).toBe('`context` must be an object');
  });

  test('a null where a member may be absent is an absent one', async () => {
    const body = {
      subject: { ...alice, properties: null },
      action: { ...read, properties: null },
      resource: { ...record1, properties: null },
      context: null,
      options: null,
      page: null,
      evaluations: null,
    };
    expectJson(await ask(paths.evaluation, { body }), { decision: true });
    expectJson(await ask(paths.evaluations, { body }), { decision: true });
    expect(resultsOf(await ask(paths.subject, { body }))).toEqual([alice, bob]);
  });

  test.each([
    ['an unknown subject', { subject: { type: 'user', id: 'nonexistent-user' } }],
    ['an unknown type of subject', { subject: { type: 'robot', id: 'alice' } }],
    ['an unknown resource', { resource: { type: 'record', id: 'record-99' } }],
    ['an unknown type of resource', { resource: { type: 'spaceship', id: 'record-1' } }],
    ['an unknown action', { action: { name: 'fly' } }],
    ['an empty id of the subject', { subject: { type: 'user', id: '' } }],
    ['an empty type of the subject', { subject: { type: '', id: 'alice' } }],
    ['an empty id of the resource', { resource: { type: 'record', id: '' } }],
    ['an empty type of the resource', { resource: { type: '', id: 'record-1' } }],
    ['an empty name', { action: { name: '' } }],
    ['a group for a subject', { subject: { type: 'group', id: 'users' } }],
    ['letters of another case', { subject: { type: 'user', id: 'Alice' } }],
    ['a type of another case', { subject: { type: 'User', id: 'alice' } }],
    ['a blank behind the id', { subject: { type: 'user', id: 'alice ' } }],
    ['a NUL in the id', { subject: { type: 'user', id: 'alice\0' } }],
    ['a zero-width character', { subject: { type: 'user', id: 'al\u200bice' } }],
    ['a star', { resource: { type: 'record', id: '*' } }],
    ['two stars', { resource: { type: 'record', id: '**' } }],
    ['a dot segment', { resource: { type: 'record', id: 'x/../record-1' } }],
    ['a percent-encoded id', { resource: { type: 'record', id: 'record%2D1' } }],
    ['an id of 5,000 letters', { resource: { type: 'record', id: 'r'.repeat(5000) } }],
    ['the whole id as type', { subject: { type: 'user:alice', id: '' } }],
    ['the whole id as id', { subject: { type: '', id: 'user:alice' } }],
    ['`constructor`', { subject: { type: 'constructor', id: '__proto__' }, action: { name: 'toString' } }],
  ])('is a denial, with 200: %s', async (_, part) => {
    expectJson(await ask(paths.evaluation, { body: { ...aliceReads, ...part } }), { decision: false });
    expectJson(await ask(paths.evaluations, { body: { evaluations: [{ ...aliceReads, ...part }] } }), {
      evaluations: [{ decision: false }],
    });
  });

  test('an answer has nothing beside the decision', async () => {
    expect((await ask(paths.evaluation, { body: aliceReads })).text).toBe('{"decision":true}');
    const denied = { ...aliceReads, resource: { type: 'record', id: 'none' } };
    expect((await ask(paths.evaluation, { body: denied })).text).toBe('{"decision":false}');
  });

  test('properties of one request are gone in the next', async () => {
    const body = { subject: bob, action: write, resource: record1 };
    const archived = { ...body, resource: { ...record1, properties: { status: 'archived' } } };
    expectJson(await ask(paths.evaluation, { body: archived }), { decision: true });
    expectJson(await ask(paths.evaluation, { body }), { decision: false });
  });

  test('an answer names the policy that gave it', async () => {
    const answer = await ask(paths.evaluation, { body: aliceReads });
    expect(answer.headers['postern-revision']).toBe(service.active.revision);
  });
});

describe('types and ids', () => {
  const { ask, service } = createApp(`
    allow a:b, "a:b:c", user:x { read on r:1  read on r:a:b  read on r:/a/b  read on doc:x }
    allow "a:b:c" to write on r:1
    allow anyone to list on /plain
  `);
  const decisionOn = async (subject: Json, resource: Json, name = 'read') =>
    JSON.parse((await ask(paths.evaluation, { body: { subject, action: { name }, resource } })).text)
      .decision;
  const one = { type: 'r', id: '1' };

  test('an id may have colons, a type has none: two entities never share an id', async () => {
    expect(await decisionOn({ type: 'a', id: 'b:c' }, one)).toBe(true);
    expect(await decisionOn({ type: 'a:b', id: 'c' }, one)).toBe(false);
    expect(await decisionOn({ type: 'a', id: 'b:c' }, one, 'write')).toBe(true);
    expect(await decisionOn({ type: 'a:b', id: 'c' }, one, 'write')).toBe(false);
    expect(await decisionOn({ type: 'user', id: 'x' }, { type: 'r', id: 'a:b' })).toBe(true);
    expect(await decisionOn({ type: 'user', id: 'x' }, { type: 'r:a', id: 'b' })).toBe(false);
  });

  test('an id may be a path', async () => {
    expect(await decisionOn({ type: 'user', id: 'x' }, { type: 'r', id: '/a/b' })).toBe(true);
    expect(await decisionOn({ type: 'user', id: 'x' }, { type: 'r:', id: 'a/b' })).toBe(false);
  });

  test('an id without a type cannot be said', async () => {
    const somebody = { type: 'user', id: 'x' };
    expect(await decisionOn(somebody, { type: '', id: '/plain' }, 'list')).toBe(false);
    expect(await decisionOn(somebody, { type: '/plain', id: '' }, 'list')).toBe(false);
  });

  test('the log keeps both parts of what is no id', async () => {
    service.entries.length = 0;
    await decisionOn({ type: 'a:b', id: 'c' }, one);
    expect(service.entries).toMatchObject([
      { request: { subject: 'a:b\0c' }, decision: { decision: 'deny', reason: 'malformed' } },
    ]);
  });

  test('results are split where requests are joined', async () => {
    const body = { subject: { type: 'a' }, action: read, resource: one };
    expect(resultsOf(await ask(paths.subject, { body }))).toEqual([
      { type: 'a', id: 'b' },
      { type: 'a', id: 'b:c' },
    ]);
    for (const type of ['a:b', 'a:', ':', '', 'use', 'user:x'])
      expect(resultsOf(await ask(paths.subject, { body: { ...body, subject: { type } } })), type).toEqual([]);
    const search = { subject: { type: 'user', id: 'x' }, action: read, resource: { type: 'r' } };
    expect(resultsOf(await ask(paths.resource, { body: search }))).toEqual([
      { type: 'r', id: '/a/b' },
      { type: 'r', id: '1' },
      { type: 'r', id: 'a:b' },
    ]);
    const plain = { ...search, action: { name: 'list' }, resource: { type: '' } };
    expect(resultsOf(await ask(paths.resource, { body: plain }))).toEqual([]);
  });
});

describe('settings', () => {
  const bobWrites = { subject: bob, action: write, resource: record2 };
  const asAdmin = {
    subject: { type: 'user', id: 'carol', properties: { role: 'admin' } },
    action: write,
    resource: record2,
  };

  test('who may send properties can be set', async () => {
    const { ask } = createApp(fixturePolicy, { authzen: { properties: ['action', 'resource'] } });
    const decisionOf = async (body: Json) =>
      JSON.parse((await ask(paths.evaluation, { body })).text).decision as boolean;
    expect(await decisionOf(asAdmin)).toBe(false);
    expect(await decisionOf(bobWrites)).toBe(true);
    expect(await decisionOf({ ...bobWrites, subject: { ...bob, properties: { role: 'clerk' } } })).toBe(true);
    expect(
      await decisionOf({ ...bobWrites, resource: { ...record1, properties: { status: 'archived' } } }),
    ).toBe(true);
    const search = { ...asAdmin, resource: { type: 'record' } };
    expect(resultsOf(await ask(paths.resource, { body: search }))).toEqual([]);
  });

  test('as it comes what is sent wins over what is stored', async () => {
    const { ask } = createApp(fixturePolicy);
    expectJson(await ask(paths.evaluation, { body: asAdmin }), { decision: true });
    const clerk = { ...bobWrites, subject: { ...bob, properties: { role: 'clerk' } } };
    expectJson(await ask(paths.evaluation, { body: clerk }), { decision: false });
  });

  test('`id` is never a property', async () => {
    const { ask } = createApp('allow user:* to read on r:1 when subject.id == "user:root"');
    const subject = { type: 'user', id: 'x', properties: { id: 'user:root' } };
    const body = { subject, action: read, resource: { type: 'r', id: '1' } };
    expectJson(await ask(paths.evaluation, { body }), { decision: false });
  });

  test('with reasons a denial says why, and a permit says nothing', async () => {
    const policy = '@id("closed") deny anyone to read on r:2\nallow user:x to read on r:**';
    const { ask } = createApp(policy, { authzen: { reasons: true } });
    const body = (id: string, type = 'user') => ({
      subject: { type, id: 'x' },
      action: read,
      resource: { type: 'r', id },
    });
    expect((await ask(paths.evaluation, { body: body('1') })).text).toBe('{"decision":true}');
    expectJson(await ask(paths.evaluation, { body: body('2') }), {
      decision: false,
      context: { reason: 'rule', rule: { id: 'closed', file: 'policy.acl', line: 1 } },
    });
    expectJson(await ask(paths.evaluations, { body: { evaluations: [body('1', 'robot'), body('')] } }), {
      evaluations: [
        { decision: false, context: { reason: 'default' } },
        { decision: false, context: { reason: 'malformed', detail: expect.any(String) } },
      ],
    });
  });

  test.each([
    'http://pdp.example.com',
    'https://pdp.example.com/',
    'https://pdp.example.com/tenant1/',
    'https://pdp.example.com?x=1',
    'https://pdp.example.com#x',
    'https://user@pdp.example.com',
    'https://PDP.example.com',
    'https://pdp.example.com:443',
    'https://pdp.example.com/a/../b',
    'https://pdp.example.com/:tenant',
    'https://pdp.example.com/*',
    'https://',
    'pdp.example.com',
    '',
  ])('the service does not start with the public URL `%s`', async (publicUrl) => {
    const { app } = createApp(fixturePolicy, { authzen: { publicUrl } });
    await expect(app.ready()).rejects.toThrow('invalid public URL');
  });

  test('the service does not start with a short key for pages', async () => {
    const { app } = createApp(fixturePolicy, { authzen: { pageKey: 'x'.repeat(31) } });
    await expect(app.ready()).rejects.toThrow('less than 32 characters');
  });
});

// ---------------------------------------------------------------- evaluations

describe('evaluations', () => {
  const { ask, service } = createApp(fixturePolicy, { limits: { batchSize: 20 } });
  const allowed = { subject: alice, action: read, resource: record1 };
  const denied = { subject: bob, action: write, resource: record1 };
  const failed = { decision: false, context: { error: { status: 400, message: expect.any(String) } } };
  const answerTo = async (body: unknown) => {
    const answer = await ask(paths.evaluations, { body });
    expect(answer.status, answer.text).toBe(200);
    return JSON.parse(answer.text) as unknown;
  };

  test.each([{}, { evaluations: [] }, { evaluations: null }, { options: {} }])(
    'without items it answers as for a single request: %j',
    async (more) => {
      expect(await answerTo({ ...allowed, ...more })).toEqual({ decision: true });
      expect(await answerTo({ ...denied, ...more })).toEqual({ decision: false });
    },
  );

  test.each(faultyEvaluations)('without items it is 400: $title', async ({ body }) => {
    expectError(await ask(paths.evaluations, { body }), 400);
    expectError(await ask(paths.evaluations, { body: { ...body, evaluations: [] } }), 400);
  });

  test.each(['x', 5, true, {}, { 0: {} }])(
    '`evaluations` of another type is 400: %j',
    async (evaluations) => {
      expectError(await ask(paths.evaluations, { body: { ...allowed, evaluations } }), 400);
    },
  );

  test.each([
    'execute_some',
    'EXECUTE_ALL',
    '',
    'constructor',
    '__proto__',
    null,
    1,
    true,
    ['execute_all'],
    {},
  ])('another semantic is 400: %j', async (semantic) => {
    const options = { evaluations_semantic: semantic };
    expectError(await ask(paths.evaluations, { body: { ...allowed, options, evaluations: [{}] } }), 400);
    expectError(await ask(paths.evaluations, { body: { ...allowed, options } }), 400);
  });

  test.each(['x', 1, []])('options of another type are 400: %j', async (options) => {
    expectError(await ask(paths.evaluations, { body: { ...allowed, options, evaluations: [{}] } }), 400);
  });

  test('an item takes from the defaults what it lacks, as a whole', async () => {
    const body = {
      subject: { ...alice, properties: { role: 'admin' } },
      action: write,
      resource: { ...record2, properties: { status: 'archived' } },
      evaluations: [
        {},
        // An entity of its own: the properties of the default are not its.
        { subject: alice },
        { subject: bob },
        { resource: record1 },
        { resource: { ...record1, properties: { status: 'archived' } } },
        { action: read },
        { action: { name: 'delete', properties: { soft: true } }, subject: alice, resource: record1 },
        { action: { name: 'delete' }, subject: alice, resource: record1 },
      ],
    };
    expect(await answerTo(body)).toEqual({
      evaluations: [true, false, true, true, true, true, true, false].map((decision) => ({ decision })),
    });
  });

  test('a null is no default', async () => {
    const evaluations = [{ subject: null }, { action: null }, { resource: null }, {}];
    expect(await answerTo({ ...allowed, evaluations })).toEqual({
      evaluations: [failed, failed, failed, { decision: true }],
    });
  });

  test('nothing is merged inside an entity', async () => {
    const body = {
      ...allowed,
      evaluations: [{ resource: { id: 'record-1' } }, { subject: { type: 'user' } }, { action: {} }],
    };
    expect(await answerTo(body)).toEqual({ evaluations: [failed, failed, failed] });
  });

  test('the context is a default like the others', async () => {
    const { ask: askOther } = createApp('allow user:x to read on r:1 when context.ok == true');
    const body = {
      subject: { type: 'user', id: 'x' },
      action: read,
      resource: { type: 'r', id: '1' },
      context: { ok: true, more: 1 },
      evaluations: [{}, { context: { ok: false } }, { context: {} }, { context: null }, { context: 'x' }],
    };
    expectJson(await askOther(paths.evaluations, { body }), {
      evaluations: [{ decision: true }, { decision: false }, { decision: false }, { decision: true }, failed],
    });
  });

  test('a useless default is no error where every item brings its own', async () => {
    const body = {
      subject: 5,
      action: null,
      resource: {},
      context: { x: 1 },
      evaluations: [allowed, { ...allowed, resource: record2 }],
    };
    expect(await answerTo(body)).toEqual({ evaluations: [{ decision: true }, { decision: true }] });
  });

  test('a faulty default fails the items that use it, and no other', async () => {
    const body = {
      ...allowed,
      resource: {},
      evaluations: [{ resource: record1 }, {}, { resource: record2 }],
    };
    expect(await answerTo(body)).toEqual({ evaluations: [{ decision: true }, failed, { decision: true }] });
    const inContext = { ...allowed, context: 'x', evaluations: [{}, { context: {} }] };
    expect(await answerTo(inContext)).toEqual({ evaluations: [failed, { decision: true }] });
  });

  test.each(faultyEvaluations)('an item fails by itself: $title', async ({ body }) => {
    expect(await answerTo({ evaluations: [allowed, body, denied, allowed] })).toEqual({
      evaluations: [{ decision: true }, failed, { decision: false }, { decision: true }],
    });
  });

  test.each([null, 5, 'x', true, [], [allowed]])(
    'an item that is no object fails by itself: %j',
    async (item) => {
      expect(await answerTo({ ...allowed, evaluations: [{}, item] })).toEqual({
        evaluations: [{ decision: true }, failed],
      });
    },
  );

  test('no item has a subject: each fails, the request does not', async () => {
    const evaluations = [{ resource: record1 }, { resource: record2 }];
    expect(await answerTo({ action: read, evaluations })).toEqual({ evaluations: [failed, failed] });
  });

  test('a failed item says what it lacks', async () => {
    const body = { subject: alice, action: read, evaluations: [{ resource: record1 }, {}] };
    expect(await answerTo(body)).toEqual({
      evaluations: [
        { decision: true },
        { decision: false, context: { error: { status: 400, message: 'the item lacks `resource`' } } },
      ],
    });
  });

  test('the answers are in the order of the items, and bare', async () => {
    const evaluations = [allowed, denied, denied, allowed, denied];
    const { text } = await ask(paths.evaluations, { body: { evaluations } });
    expect(text).toBe(
      '{"evaluations":[{"decision":true},{"decision":false},{"decision":false},{"decision":true},{"decision":false}]}',
    );
  });

  const broken = { subject: alice };
  test.each([
    { semantic: 'execute_all', items: [denied, allowed, broken], expected: [false, true, false] },
    { semantic: 'deny_on_first_deny', items: [allowed, denied, allowed], expected: [true, false] },
    { semantic: 'deny_on_first_deny', items: [allowed, broken, allowed], expected: [true, false] },
    { semantic: 'deny_on_first_deny', items: [denied, allowed], expected: [false] },
    { semantic: 'deny_on_first_deny', items: [allowed, allowed], expected: [true, true] },
    { semantic: 'permit_on_first_permit', items: [denied, allowed, denied], expected: [false, true] },
    { semantic: 'permit_on_first_permit', items: [broken, denied, allowed], expected: [false, false, true] },
    { semantic: 'permit_on_first_permit', items: [allowed, denied], expected: [true] },
    { semantic: 'permit_on_first_permit', items: [denied, broken], expected: [false, false] },
  ])('$semantic: $expected', async ({ semantic, items, expected }) => {
    service.entries.length = 0;
    const body = { options: { evaluations_semantic: semantic, other: 1 }, evaluations: items };
    const { evaluations } = (await answerTo(body)) as { evaluations: { decision: boolean }[] };
    expect(evaluations.map(({ decision }) => decision)).toEqual(expected);
    // What comes behind the end is not evaluated either.
    const evaluated = items.slice(0, expected.length).filter((item) => item !== broken);
    expect(service.entries).toHaveLength(evaluated.length);
  });

  test('a batch may be as long as the limit and no longer', async () => {
    const { evaluations } = (await answerTo({ ...allowed, evaluations: Array(20).fill({}) })) as {
      evaluations: unknown[];
    };
    expect(evaluations).toHaveLength(20);
    const longer = { ...allowed, evaluations: Array(21).fill({}) };
    expectError(await ask(paths.evaluations, { body: longer }), 413);
  });

  test('a single request and an item get the same answer', async () => {
    for (const { request, decision } of fixture.rules) {
      const evaluations = [denied, request, allowed];
      expect(await answerTo({ evaluations })).toEqual({
        evaluations: [{ decision: false }, { decision }, { decision: true }],
      });
    }
  });
});

// ---------------------------------------------------------------- search

const searches = {
  subject: { subject: { type: 'user' }, action: read, resource: record1 },
  resource: { subject: alice, action: read, resource: { type: 'record' } },
  action: { subject: alice, resource: record1 },
} as const;
const kinds = ['subject', 'resource', 'action'] as const;

describe('search', () => {
  const { ask } = createApp(fixturePolicy);
  const found = { subject: [alice, bob], resource: [record1, record2], action: [read, write] };

  test.each(kinds)('%s: what is found comes bare, with the type first', async (kind) => {
    const { text } = await ask(paths[kind], { body: searches[kind] });
    expect(text).toBe(JSON.stringify({ results: found[kind] }));
  });

  test.each(kinds)('%s: every result evaluates to true', async (kind) => {
    for (const result of resultsOf(await ask(paths[kind], { body: searches[kind] })))
      expectJson(await ask(paths.evaluation, { body: { ...searches[kind], [kind]: result } }), {
        decision: true,
      });
  });

  test('the id of what is searched for is ignored, whatever it is', async () => {
    for (const id of ['alice', 'record-1', 'nobody', '', 5, null, {}, []]) {
      const subject = { ...searches.subject, subject: { type: 'user', id } };
      expect(resultsOf(await ask(paths.subject, { body: subject }))).toEqual(found.subject);
      const resource = { ...searches.resource, resource: { type: 'record', id } };
      expect(resultsOf(await ask(paths.resource, { body: resource }))).toEqual(found.resource);
    }
  });

  test('other members of what is searched for are ignored too', async () => {
    for (const properties of [{ role: 'admin', status: 'archived' }, 'x', 5]) {
      const subject = { subject: { type: 'user', properties }, action: write, resource: record2 };
      expect(resultsOf(await ask(paths.subject, { body: subject }))).toEqual([bob]);
      const resource = { subject: alice, action: write, resource: { type: 'record', properties } };
      expect(resultsOf(await ask(paths.resource, { body: resource }))).toEqual([record1]);
    }
  });

  test('an action search ignores an action', async () => {
    const soft = { name: 'delete', properties: { soft: true } };
    for (const action of [read, soft, { name: 'fly' }, null, 'x', 5, {}, { name: 7 }])
      expect(resultsOf(await ask(paths.action, { body: { ...searches.action, action } }))).toEqual(
        found.action,
      );
  });

  test.each([
    ['subject', { resource: { type: 'record', id: 'record-99' } }],
    ['subject', { resource: { type: 'spaceship', id: 'record-1' } }],
    ['subject', { resource: { type: '', id: '' } }],
    ['subject', { resource: { type: 'record:record-1', id: '' } }],
    ['subject', { subject: { type: 'spaceship' } }],
    ['subject', { subject: { type: 'group' } }],
    ['subject', { subject: { type: '' } }],
    ['subject', { subject: { type: 'constructor' } }],
    ['subject', { action: { name: 'fly' } }],
    ['subject', { action: { name: '' } }],
    ['resource', { subject: { type: 'user', id: 'nonexistent-user' } }],
    ['resource', { subject: { type: 'spaceship', id: 'alice' } }],
    ['resource', { subject: { type: 'group', id: 'users' } }],
    ['resource', { resource: { type: 'spaceship' } }],
    ['resource', { resource: { type: '' } }],
    ['resource', { action: { name: 'fly' } }],
    ['action', { subject: { type: 'user', id: 'nonexistent-user' } }],
    ['action', { subject: { type: 'spaceship', id: 'alice' } }],
    ['action', { resource: { type: 'record', id: 'record-99' } }],
    ['action', { resource: { type: 'spaceship', id: 'record-1' } }],
  ] as const)('%s: nothing is found, with 200: %j', async (kind, part) => {
    expectJson(await ask(paths[kind], { body: { ...searches[kind], ...part } }), { results: [] });
  });

  const { subject: _, ...withoutSubject } = searches.subject;
  const { action: __, ...withoutAction } = searches.subject;
  const { resource: ___, ...withoutResource } = searches.subject;
  const { action: ____, ...resourceWithoutAction } = searches.resource;
  test.each<readonly [(typeof kinds)[number], string, Json]>([
    ['subject', 'no subject', withoutSubject],
    ['subject', 'no action', withoutAction],
    ['subject', 'no resource', withoutResource],
    ['subject', 'no type', { ...searches.subject, subject: {} }],
    ['subject', 'only an id', { ...searches.subject, subject: { id: 'alice' } }],
    ['subject', 'a null for the subject', { ...searches.subject, subject: null }],
    ['subject', 'a numeric type', { ...searches.subject, subject: { type: 5 } }],
    ['subject', 'no id of the resource', { ...searches.subject, resource: { type: 'record' } }],
    ['resource', 'no id of the subject', { ...searches.resource, subject: { type: 'user' } }],
    ['resource', 'no type of the resource', { ...searches.resource, resource: { id: 'record-1' } }],
    ['resource', 'no action', resourceWithoutAction],
    ['resource', 'no subject', { action: read, resource: { type: 'record' } }],
    ['action', 'no subject', { resource: record1 }],
    ['action', 'no resource', { subject: alice }],
    ['action', 'no id of the subject', { subject: { type: 'user' }, resource: record1 }],
    ['action', 'no id of the resource', { subject: alice, resource: { type: 'record' } }],
    ...faultyEntities.map(([title, resource]) => {
      return ['subject', `resource: ${title}`, { ...searches.subject, resource }] as const;
    }),
    ...faultyEntities.map(([title, subject]) => {
      return ['resource', `subject: ${title}`, { ...searches.resource, subject }] as const;
    }),
    ...faultyEntities.map(([title, subject]) => {
      return ['action', `subject: ${title}`, { ...searches.action, subject }] as const;
    }),
    ...(['subject', 'resource'] as const).flatMap((kind) =>
      faultyActions.map(
        ([title, action]) => [kind, `action: ${title}`, { ...searches[kind], action }] as const,
      ),
    ),
    ...kinds.flatMap((kind) =>
      faultyContexts.map(
        ([title, context]) => [kind, `context: ${title}`, { ...searches[kind], context }] as const,
      ),
    ),
  ])('%s: is 400: %s', async (kind, _title, body) => {
    expectError(await ask(paths[kind], { body }), 400);
  });

  test('one body is right for one search and 400 for another', async () => {
    const body = { subject: { type: 'user' }, action: read, resource: record1 };
    expect((await ask(paths.subject, { body })).status).toBe(200);
    expectError(await ask(paths.resource, { body }), 400);
    expectError(await ask(paths.action, { body }), 400);
  });

  test('a search goes through groups, conditions and denials', async () => {
    const { ask: askOther } = createApp(`
      group inner { user:in, user:out }
      group outer { group:inner, user:own }
      allow group:outer to read on doc:**
      deny user:out to read on doc:a
      allow user:late to read on doc:a when context.hour >= 8
      entity user:rich { level: 9 }
      allow user:* to read on doc:b when subject.level > 5
      allow user:in to read on doc:a
      entity doc:c { }
    `);
    const readersOf = async (id: string, context?: Json) => {
      const body = { subject: { type: 'user' }, action: read, resource: { type: 'doc', id }, context };
      return resultsOf(await askOther(paths.subject, { body })).map((result) => result.id);
    };
    expect(await readersOf('a')).toEqual(['in', 'own']);
    expect(await readersOf('a', { hour: 9 })).toEqual(['in', 'late', 'own']);
    expect(await readersOf('b')).toEqual(['in', 'out', 'own', 'rich']);
    const body = { subject: { type: 'user', id: 'own' }, action: read, resource: { type: 'doc' } };
    expect(resultsOf(await askOther(paths.resource, { body })).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  test('a search decides, counts and logs nothing', async () => {
    const { ask: askOther, service } = createApp(fixturePolicy);
    for (const kind of kinds) await askOther(paths[kind], { body: searches[kind] });
    expect(service.entries).toEqual([]);
    expect(service.counted).toEqual([]);
  });
});

describe('pages', () => {
  const ids = Array.from({ length: 25 }, (_, i) => `d${String(i).padStart(2, '0')}`);
  const policy = ids
    .map((id, i) => `${i % 5 === 4 ? 'deny' : 'allow'} user:x to read on doc:${id}`)
    .concat('allow user:x { read on docs:z  read on doc-a:z  read on "doc;z" }')
    .join('\n');
  const allowed = ids.filter((_, i) => i % 5 !== 4);
  const search = { subject: { type: 'user', id: 'x' }, action: read, resource: { type: 'doc' } };
  const { ask } = createApp(policy);

  interface Page {
    readonly page?: { readonly next_token: string; readonly count: number };
    readonly results: readonly { readonly type: string; readonly id: string }[];
  }

  const pageOf = async (page: unknown, body: Json = search): Promise<Page> => {
    const answer = await ask(paths.resource, { body: { ...body, page } });
    expect(answer.status, answer.text).toBe(200);
    return JSON.parse(answer.text) as Page;
  };
  const refused = async (page: unknown, body: Json = search, path: string = paths.resource) =>
    expectError(await ask(path, { body: { ...body, page } }), 400);

  test.each([
    { title: 'repeats the limit', next: (token: string) => ({ token, limit: 7 }) },
    { title: 'leaves the limit out', next: (token: string) => ({ token }) },
  ])('pages neither overlap nor leave anything out: the client $title', async ({ next }) => {
    const pages = [await pageOf({ limit: 7 })];
    for (let token = pages[0]!.page!.next_token; token !== ''; token = pages.at(-1)!.page!.next_token)
      pages.push(await pageOf(next(token)));
    expect(pages.map(({ page, results }) => [page!.count, results.length])).toEqual([
      [7, 7],
      [7, 7],
      [6, 6],
    ]);
    expect(pages.flatMap(({ results }) => results)).toEqual(allowed.map((id) => ({ type: 'doc', id })));
  });

  test('the last page has an empty token, also where it is full', async () => {
    const first = await pageOf({ limit: 10 });
    const last = await pageOf({ token: first.page!.next_token });
    expect(last.page).toEqual({ next_token: '', count: 10 });
    expect((await pageOf({ limit: 20 })).page).toEqual({ next_token: '', count: 20 });
    expect((await pageOf({ limit: 1000 })).page).toEqual({ next_token: '', count: 20 });
  });

  test('a complete answer has a page only if one was asked for, and then first', async () => {
    expect(Object.keys(await pageOf(undefined))).toEqual(['results']);
    expect(Object.keys(await pageOf(null))).toEqual(['results']);
    expect(Object.keys(await pageOf({}))).toEqual(['page', 'results']);
    expect((await pageOf({ token: null, limit: null, properties: null })).page).toEqual({
      next_token: '',
      count: 20,
    });
  });

  test('a limit of 0 finds nothing, and says whether there is something', async () => {
    const none = await pageOf({ limit: 0 });
    expect(none).toEqual({ page: { next_token: expect.stringMatching(/./), count: 0 }, results: [] });
    const nobody = await pageOf({ limit: 0 }, { ...search, subject: { type: 'user', id: 'y' } });
    expect(nobody).toEqual({ page: { next_token: '', count: 0 }, results: [] });
  });

  test.each([
    'x',
    5,
    true,
    [],
    { limit: -1 },
    { limit: 1.5 },
    { limit: '7' },
    { limit: true },
    { token: 5 },
    { token: {} },
    { token: '' },
    { token: 'x' },
    { token: 'A'.repeat(60) },
    { properties: 'id' },
  ])('a page that is none is 400: %j', async (page) => {
    await refused(page);
    await refused(page, searches.subject, paths.subject);
    await refused(page, searches.action, paths.action);
  });

  test('a token counts for its own request, however its members are ordered', async () => {
    const body = { ...search, context: { a: 1, b: { c: [1, 2], d: null } } };
    const { page } = await pageOf({ limit: 7 }, body);
    const token = page!.next_token;
    const { results } = await pageOf({ token }, body);
    const reordered = {
      context: { b: { d: null, c: [1, 2] }, a: 1 },
      unknown: true,
      resource: { id: 'ignored', type: 'doc' },
      action: { ...read, properties: null },
      subject: { id: 'x', type: 'user' },
    };
    expect((await pageOf({ token, limit: 7, properties: { sort: 'id' } }, reordered)).results).toEqual(
      results,
    );
    for (const other of [
      { ...body, subject: { type: 'user', id: 'y' } },
      { ...body, subject: { type: 'user', id: 'x', properties: { a: 1 } } },
      { ...body, action: write },
      { ...body, action: { ...read, properties: { a: 1 } } },
      { ...body, resource: { type: 'docs' } },
      { ...body, context: { a: 1, b: { c: [2, 1], d: null } } },
      { ...body, context: { a: 1, b: { c: [1, 2] } } },
      search,
    ])
      await refused({ token }, other);
    await refused({ token }, { ...body, resource: record1 }, paths.action);
    await refused({ token, limit: 8 }, body);
    await refused({ token, limit: 0 }, body);
  });

  test('a token of a request without limit takes none either', async () => {
    const many = createApp('allow user:x to read on doc:**');
    const resources = Array.from({ length: 10_001 }, (_, i) => `doc:d${String(i).padStart(5, '0')}`);
    many.service.active = {
      ...many.service.active,
      known: async () => ({ subjects: [], resources, actions: [] }),
    };
    const first = JSON.parse((await many.ask(paths.resource, { body: search })).text) as Page;
    expect(first.page!.count).toBe(10_000);
    const token = first.page!.next_token;
    expectError(await many.ask(paths.resource, { body: { ...search, page: { token, limit: 5 } } }), 400);
    expectJson(await many.ask(paths.resource, { body: { ...search, page: { token } } }), {
      page: { next_token: '', count: 1 },
      results: [{ type: 'doc', id: 'd10000' }],
    });
    // A greater limit does not lift that of the service.
    const wanted = await many.ask(paths.resource, { body: { ...search, page: { limit: 50_000 } } });
    expect((JSON.parse(wanted.text) as Page).page!.count).toBe(10_000);
  });

  test('a token with any character changed is 400', async () => {
    const token = (await pageOf({ limit: 7 })).page!.next_token;
    for (let i = 0; i < token.length; i++) {
      const other = token[i] === 'A' ? 'B' : 'A';
      await refused({ token: token.slice(0, i) + other + token.slice(i + 1) });
    }
    for (const changed of [`${token}A`, `${token}=`, ` ${token}`, token.slice(1), token.slice(0, 43)])
      await refused({ token: changed });
  });

  test('processes that share a key take tokens of each other, others do not', async () => {
    const shared = { pageKey: 'the same 32 characters and more, here' };
    const [one, two] = [createApp(policy, { authzen: shared }), createApp(policy, { authzen: shared })];
    const first = await one.ask(paths.resource, { body: { ...search, page: { limit: 7 } } });
    const { token } = { token: (JSON.parse(first.text) as Page).page!.next_token };
    const body = { ...search, page: { token } };
    expect(resultsOf(await two.ask(paths.resource, { body }))).toEqual(
      resultsOf(await one.ask(paths.resource, { body })),
    );
    await refused({ token });
  });

  test('workers of one process take tokens of each other', async () => {
    const position = { limit: 7, last: 'doc:d06' };
    const token = new PageTokens().make('search', position);
    const module = new URL('../src/service/authzen/page-tokens.ts', import.meta.url).href;
    const program = `import(${JSON.stringify(module)}).then(({ PageTokens }) =>
      require('node:worker_threads').parentPort.postMessage(new PageTokens().read('search', ${JSON.stringify(token)})))`;
    const worker = new Worker(program, { eval: true });
    const [read] = (await once(worker, 'message')) as unknown[];
    await worker.terminate();
    expect(read).toEqual(position);
  });

  test('a policy that changes between two pages leaves out nothing that stays', async () => {
    const changing = createApp(policy);
    const first = await changing.ask(paths.resource, { body: { ...search, page: { limit: 3 } } });
    const token = (JSON.parse(first.text) as Page).page!.next_token;
    // `d02`, at which the first page ended, is gone; `d005` and `d055` are new.
    const changed = policy.replace('to read on doc:d02\n', '{ read on doc:d005  read on doc:d055 }\n');
    changing.service.active = createTestService([{ file: 'policy.acl', text: changed }]).active;
    const second = await changing.ask(paths.resource, { body: { ...search, page: { token } } });
    expect(resultsOf(second).map(({ id }) => id)).toEqual(['d03', 'd05', 'd055']);
  });

  test.each(['subject', 'action'] as const)('%s searches have pages too', async (kind) => {
    const { ask: askFixture } = createApp(fixturePolicy);
    const answerTo = async (page: Json) =>
      JSON.parse((await askFixture(paths[kind], { body: { ...searches[kind], page } })).text) as Page;
    const first = await answerTo({ limit: 1 });
    expect(first.page).toEqual({ next_token: expect.stringMatching(/./), count: 1 });
    const second = await answerTo({ token: first.page!.next_token });
    expect(second.page).toEqual({ next_token: '', count: 1 });
    const all = resultsOf(await askFixture(paths[kind], { body: searches[kind] }));
    expect([...first.results, ...second.results]).toEqual(all);
  });
});

describe('large searches', () => {
  const resources = Array.from({ length: 100_000 }, (_, i) => `doc:d${String(i).padStart(6, '0')}`);

  test('of 100,000 resources do not keep others waiting', async () => {
    const { ask, service } = createApp('allow user:x to read on "doc:d099999"');
    service.active = { ...service.active, known: async () => ({ subjects: [], resources, actions: [] }) };
    const body = { subject: { type: 'user', id: 'x' }, action: read, resource: { type: 'doc' } };
    let isRunning = true;
    const answers = Promise.all(Array.from({ length: 8 }, () => ask(paths.resource, { body }))).finally(
      () => {
        isRunning = false;
      },
    );
    let rounds = 0;
    for (; isRunning; rounds++) await setImmediate();
    for (const answer of await answers) expect(resultsOf(answer)).toEqual([{ type: 'doc', id: 'd099999' }]);
    // Others have their turn after each of theirs, which takes some milliseconds: how long, a busy machine decides.
    expect(rounds).toBeGreaterThan(20);
  });

  test('find the ids of a large policy in a thread of its own, once for all that wait', async () => {
    const lines = Array.from({ length: 4_000 }, (_, i) => `allow user:u${i} to read on doc:"/é${i}"`);
    const { ask, service } = createApp(lines.join('\n'));
    const { active } = service;
    expect(active.image.byteLength).toBeGreaterThan(64 * 1024);
    const body = { subject: { type: 'user', id: 'u3999' }, action: read, resource: { type: 'doc' } };
    const pauses = monitorEventLoopDelay({ resolution: 1 });
    const [first, second] = [active.known(), active.known()];
    expect(second).toBe(first);
    pauses.enable();
    const { subjects, resources, actions } = await first;
    pauses.disable();
    const expected = knownIds(active.image);
    for (const [list, ids] of [
      [subjects, expected.subjects],
      [resources, expected.resources],
      [actions, expected.actions],
    ] as const) {
      expect(Array.from({ length: list.length }, (_, i) => list.at(i))).toEqual(ids);
      expect(list.at(list.length)).toBeUndefined();
    }
    expect(resultsOf(await ask(paths.resource, { body }))).toEqual([{ type: 'doc', id: '/é3999' }]);
    // Not a measurement: by itself the sorting alone would take longer.
    expect(pauses.count).toBeGreaterThan(20);
  });

  test('of which the ids cannot be found are 500, and the next one tries again', async () => {
    const { ask, service } = createApp('allow user:x to read on "doc:d1"');
    const { active } = service;
    const body = { subject: { type: 'user', id: 'x' }, action: read, resource: { type: 'doc' } };
    service.active = { ...active, known: () => Promise.reject(new Error('out of memory')) };
    expectError(await ask(paths.resource, { body }), 500);
    expect(service.logged.map(({ level }) => level)).toContain('error');
    service.active = active;
    expect(resultsOf(await ask(paths.resource, { body }))).toEqual([{ type: 'doc', id: 'd1' }]);
    // An image that is none: the thread fails, and nothing is remembered of it.
    const broken = new Uint8Array(100_000);
    await expect(findKnownIds(broken, broken)).rejects.toThrow('not a Postern image');
  });

  test('take turns: one goes on in each round of the event loop', async () => {
    const turns = new Turns();
    let round = 0;
    const taken: number[] = [];
    const searches = [0, 1, 2].map(async () => {
      for (let i = 0; i < 3; i++) {
        await turns.take();
        taken.push(round);
      }
    });
    const done = Promise.all(searches);
    for (; taken.length < 9 && round < 100; round++) await setImmediate();
    await done;
    expect(new Set(taken).size).toBe(9);
  });

  test('end when the client has gone', async () => {
    const { app, service } = createApp('allow user:x to read on "doc:d099999"');
    let decided = 0;
    const { authorizer } = service.active;
    const counting = {
      areAllowed: (requests: Parameters<typeof authorizer.areAllowed>[0]) => {
        decided += requests.length;
        return authorizer.areAllowed(requests);
      },
    } as typeof authorizer;
    const known = { subjects: [], resources: Array(40).fill(resources).flat().sort(), actions: [] };
    service.active = { ...service.active, authorizer: counting, known: async () => known };
    await app.listen({ host: '127.0.0.1', port: 0 });
    const body = JSON.stringify({ subject: alice, action: read, resource: { type: 'doc' } });
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(
      `POST ${paths.resource} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    while (decided === 0) await setImmediate();
    socket.destroy();
    let before = -1;
    for (let quietRounds = 0; quietRounds < 50; ) {
      quietRounds = decided === before ? quietRounds + 1 : 0;
      before = decided;
      await setImmediate();
    }
    expect(decided).toBeLessThan(known.resources.length);
  });
});

// ---------------------------------------------------------------- metadata

describe('metadata', () => {
  const wellKnown = '/.well-known/authzen-configuration';

  test('of a service with a path stand behind the well-known one, and nowhere else', async () => {
    const { ask } = createApp(fixturePolicy, {
      authzen: { publicUrl: 'https://pdp.example.com:8443/eu/tenant1' },
    });
    const answer = await ask(`${wellKnown}/eu/tenant1`, { method: 'GET' });
    const document = JSON.parse(answer.text) as Record<string, string>;
    expect(answer.status).toBe(200);
    expect(document.policy_decision_point).toBe('https://pdp.example.com:8443/eu/tenant1');
    for (const path of [wellKnown, `${wellKnown}/eu`, `${wellKnown}/eu/tenant1/`, `${wellKnown}/eu/tenant2`])
      expectError(await ask(path, { method: 'GET' }), 404);
    // A proxy may leave the path, or take it off.
    for (const [name, url] of Object.entries(document).filter(([name]) => name.endsWith('_endpoint'))) {
      const { pathname } = new URL(url);
      const endpoint = endpoints.find((key) => pathname === `/eu/tenant1${paths[key]}`)!;
      for (const path of [pathname, paths[endpoint]])
        expect((await ask(path, { body: sound[endpoint] })).status, `${name} ${path}`).toBe(200);
    }
  });

  test('name every endpoint, and have no member without a value', async () => {
    const { ask } = createApp(fixturePolicy, { authzen });
    const document = JSON.parse((await ask(wellKnown, { method: 'GET' })).text) as Json;
    expect(Object.keys(document)).toHaveLength(1 + endpoints.length);
    for (const value of Object.values(document)) expect(value).toMatch(/^https:\/\/[^?#]+$/);
  });

  test('are never made from the Host of a request', async () => {
    const { ask } = createApp(fixturePolicy, { authzen });
    const headers = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      forwarded: 'host=evil.example',
    };
    const answer = await ask(wellKnown, { method: 'GET', headers });
    expect(answer.text).not.toContain('evil');
    expect(answer.text).toBe((await ask(wellKnown, { method: 'GET' })).text);
  });

  test('are not there without a public URL', async () => {
    const { ask } = createApp(fixturePolicy);
    expectError(await ask(wellKnown, { method: 'GET' }), 404);
  });

  test('are read only', async () => {
    const { ask } = createApp(fixturePolicy, { authzen });
    for (const method of ['POST', 'PUT', 'DELETE'] as const)
      expectError(await ask(wellKnown, { method, body: {} }), 405);
  });
});

// ---------------------------------------------------------------- documentation

describe('docs/authzen.md', () => {
  const page = readFileSync(`${root}docs/authzen.md`, 'utf8');
  const shown = /^```http\nPOST (\S+)\n\n([^`]*?)\n\n(\d+)\n\n(.*)\n```$/gm;
  const { ask } = createApp(fixturePolicy);

  test.each([...page.matchAll(shown)].map(([, path, body, status, text]) => ({ path, body, status, text })))(
    'the answer of $path is as shown',
    async ({ path, body, status, text }) => {
      const answer = await ask(path!, { body });
      expect({ status: String(answer.status), text: answer.text }).toEqual({ status, text });
    },
  );

  test('every kind of request has an example', () => {
    expect([...page.matchAll(shown)].map(([, path]) => path)).toEqual([
      paths.evaluation,
      paths.evaluations,
      paths.subject,
      paths.action,
    ]);
  });
});
