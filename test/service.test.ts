import { Readable } from 'node:stream';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Authorizer, type Decision, knownIds, type Request } from '../src/index.ts';
import { createActivePolicy } from '../src/service/active-policy.ts';
import { createServer } from '../src/service/http/server.ts';
import type { DecisionLogEntry } from '../src/service/service.ts';
import { builtOf, decideFixtures, requestOf } from './support/evaluators.ts';
import { createTestService, policyOf, type TestService } from './support/service.ts';

/** The native API, asked without a network: what each endpoint answers, and that it says what the library says. */

const policy = `
entity user:cory { level: 3 }
group ops { user:ann, user:cory }
@id("ops-read") allow group:ops to read on doc:/x/**
@id("no-secret") deny anyone to read on doc:/x/secret
allow user:bob to read on doc:/y when context.ip == "10.0.0.1"
`;

let service: TestService;
let app: FastifyInstance;
beforeAll(async () => {
  service = createTestService(policy);
  app = createServer(service);
  await app.ready();
});
afterAll(async () => app.close());

const ask = async (path: string, body: unknown, headers: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('/v1/check', () => {
  test('answers with the decision, its reason and the deciding rule', async () => {
    const response = await ask('/v1/check', { subject: 'user:ann', action: 'read', resource: 'doc:/x/a' });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(response.json()).toEqual({
      decision: 'allow',
      reason: 'rule',
      rule: { id: 'ops-read', file: 'test.acl', line: 4 },
    });
  });

  test('takes groups, context and attributes of the request', async () => {
    const inGroup = { subject: 'user:eve', action: 'read', resource: 'doc:/x/a', groups: ['ops'] };
    expect((await ask('/v1/check', inGroup)).json()).toMatchObject({ decision: 'allow' });
    const withContext = {
      subject: 'user:bob',
      action: 'read',
      resource: 'doc:/y',
      context: { ip: '10.0.0.1' },
    };
    expect((await ask('/v1/check', withContext)).json()).toMatchObject({ decision: 'allow' });
    const otherContext = { ...withContext, context: { ip: '10.0.0.2' } };
    expect((await ask('/v1/check', otherContext)).json()).toEqual({ decision: 'deny', reason: 'default' });
  });

  test('denies a malformed id, with status 200 and what is wrong with it', async () => {
    const response = await ask('/v1/check', { subject: 'user:ann', action: 'read', resource: 'doc://x' });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      decision: 'deny',
      reason: 'malformed',
      detail: expect.stringContaining('resource'),
    });
  });

  test('counts and records each decision once', async () => {
    service.counted.length = 0;
    service.entries.length = 0;
    await ask(
      '/v1/check',
      { subject: 'user:ann', action: 'read', resource: 'doc:/x/secret' },
      { 'x-request-id': 'r-1' },
    );
    expect(service.counted).toEqual([{ api: 'native', decision: 'deny', reason: 'rule' }]);
    expect(service.entries).toEqual([
      {
        timeMs: expect.any(Number),
        requestId: 'r-1',
        api: 'native',
        revision: service.active.revision,
        caller: undefined,
        request: { subject: 'user:ann', action: 'read', resource: 'doc:/x/secret' },
        decision: expect.objectContaining({ decision: 'deny' }),
      } satisfies DecisionLogEntry,
    ]);
  });

  test('a bug in the engine denies, and the log has it', async () => {
    const failing = createTestService(policy);
    const broken = { ...failing.active, authorizer: { decide: () => raise('secret detail') } };
    failing.active = broken as unknown as typeof failing.active;
    const server = createServer(failing);
    const response = await server.inject({ method: 'POST', url: '/v1/check', payload: { action: 'read' } });
    expect(response.json()).toMatchObject({ decision: 'deny', reason: 'malformed' });
    expect(response.body).not.toContain('secret detail');
    expect(failing.logged).toEqual([{ level: 'error', message: expect.stringContaining('denied') }]);
    await server.close();
  });
});

function raise(message: string): never {
  throw new Error(message);
}

describe('what is refused', () => {
  const good = { subject: 'user:ann', action: 'read', resource: 'doc:/x/a' };
  const nested = (depth: number): string =>
    `{"action":"read","context":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`;

  test.each<[title: string, options: InjectOptions, status: number, message: string | RegExp]>([
    ['no body', { payload: '' }, 400, 'the body is no valid JSON: unexpected end at character 1'],
    [
      'broken JSON',
      { payload: '{"action":' },
      400,
      'the body is no valid JSON: unexpected end at character 11',
    ],
    [
      'text after the value',
      { payload: '{"action":"a"} x' },
      400,
      /expected the end after the value at character 16/,
    ],
    [
      'a duplicate key',
      { payload: '{"action":"a","action":"b"}' },
      400,
      /duplicate key `action` at character 15/,
    ],
    [
      'a duplicate key in disguise',
      { payload: '{"action":"a","\\u0061ction":"b"}' },
      400,
      /duplicate key `action`/,
    ],
    ['a lone surrogate', { payload: '{"action":"\\ud800"}' }, 400, /lone surrogate/],
    ['bytes that are no UTF-8', { payload: Buffer.from([0x7b, 0xff, 0x7d]) }, 400, 'the body is not UTF-8'],
    ['a byte order mark', { payload: Buffer.from('\ufeff{"action":"a"}') }, 400, /byte order mark/],
    ['nesting of 257', { payload: nested(255) }, 400, /nested more than 256 deep/],
    ['an array', { payload: '[]' }, 400, 'the body must be an object'],
    ['null', { payload: 'null' }, 400, 'the body must be an object'],
    ['a missing action', { payload: '{}' }, 400, 'the body lacks `action`'],
    [
      'an unknown member',
      { payload: '{"action":"a","contxt":{}}' },
      400,
      'the body has an unknown member `contxt`',
    ],
    [
      '__proto__',
      { payload: '{"action":"a","__proto__":{}}' },
      400,
      'the body has an unknown member `__proto__`',
    ],
    ['null for a subject', { payload: '{"action":"a","subject":null}' }, 400, '`subject` must be a string'],
    [
      'a number for a group',
      { payload: '{"action":"a","groups":["b",3]}' },
      400,
      '`groups[1]` must be a string',
    ],
    ['a text for groups', { payload: '{"action":"a","groups":"b"}' }, 400, '`groups` must be an array'],
    ['an array as context', { payload: '{"action":"a","context":[]}' }, 400, '`context` must be an object'],
    [
      'unknown attributes',
      { payload: '{"action":"a","attributes":{"object":{}}}' },
      400,
      '`attributes` has an unknown member `object`',
    ],
    [
      'a mode that the policy lacks',
      { payload: '{"action":"a","mode":"lenient"}' },
      400,
      /does not know that mode/,
    ],
    ['another media type', { payload: 'x', headers: { 'content-type': 'text/plain' } }, 415, /media type/],
    ['a body without a media type', { payload: 'x', headers: { 'content-type': '' } }, 415, /media type/],
    ['JSON lines', { payload: '{}', headers: { 'content-type': 'application/jsonl' } }, 415, /media type/],
    [
      'a body that is too long',
      { payload: `"${'x'.repeat(1024 * 1024)}"` },
      413,
      'the body is larger than 1048576 bytes',
    ],
    ['another method', { method: 'GET' }, 405, 'the path does not take this method'],
    ['a path that is not there', { url: '/v1/chek' }, 404, 'there is nothing at this path'],
    ['a slash behind the path', { url: '/v1/check/' }, 404, 'there is nothing at this path'],
    ['a path in other letters', { url: '/V1/check' }, 404, 'there is nothing at this path'],
    ['a broken path', { url: '/v1/%zz' }, 400, 'the path is not well-formed'],
  ])('%s', async (_title, options, status, message) => {
    service.entries.length = 0;
    const { headers, ...rest } = options;
    const response = await app.inject({
      method: 'POST',
      url: '/v1/check',
      payload: good,
      headers: { 'content-type': 'application/json', ...headers },
      ...rest,
    });
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(response.headers['postern-revision']).toBe(service.active.revision);
    const body: unknown = response.json();
    const text = typeof message === 'string' ? message : expect.stringMatching(message);
    expect(body).toEqual({ error: { status, message: text } });
    expect(service.entries).toEqual([]);
  });

  test('a method that a path does not take is told which it takes', async () => {
    const response = await app.inject({ method: 'DELETE', url: '/v1/policy' });
    expect(response.headers.allow).toBe('GET, HEAD');
  });

  test('nesting of 256 is read', async () => {
    expect((await ask('/v1/check', nested(254))).statusCode).toBe(200);
  });

  test('an error of ours is 500 without a word of it', async () => {
    const server = createServer(createTestService(policy), {
      routes: [(scope) => scope.get('/fails', () => raise('/etc/secret'))],
    });
    const response = await server.inject('/fails');
    expect(response.statusCode).toBe(500);
    expect(response.json()).toEqual({ error: { status: 500, message: 'internal error' } });
    await server.close();
  });
});

describe('headers', () => {
  test('a request id comes back, and is none where none was sent', async () => {
    const body = { action: 'read' };
    const response = await ask('/v1/check', body, { 'x-request-id': 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716' });
    expect(response.headers['x-request-id']).toBe('bfe9eb29-ab87-4ca3-be83-a1d5d8305716');
    const odd = `a b\u00e9 ${'c'.repeat(200)}`;
    expect((await ask('/v1/check', body, { 'x-request-id': odd })).headers['x-request-id']).toBe(odd);
    expect((await ask('/v1/check', body)).headers).not.toHaveProperty('x-request-id');
  });

  test('the revision is that of the policy that decided', async () => {
    const changing = createTestService('allow anyone to read on a:b');
    const server = createServer(changing);
    const request = {
      method: 'POST',
      url: '/v1/check',
      payload: { action: 'read', resource: 'a:b' },
    } as const;
    const before = await server.inject(request);
    changing.active = policyOf('deny anyone to read on a:b');
    const after = await server.inject(request);
    expect([before.json().decision, after.json().decision]).toEqual(['allow', 'deny']);
    expect(after.headers['postern-revision']).toBe(changing.active.revision);
    expect(before.headers['postern-revision']).not.toBe(changing.active.revision);
    await server.close();
  });

  test('a decision waits while the decision log takes no more', async () => {
    let wake: () => void = () => {};
    const blocked = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const waiting = createTestService(policy, { whenWritable: () => blocked });
    const server = createServer(waiting);
    const answer = server.inject({ method: 'POST', url: '/v1/check', payload: { action: 'read' } });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(waiting.entries).toEqual([]);
    wake();
    expect((await answer).statusCode).toBe(200);
    expect(waiting.entries).toHaveLength(1);
    await server.close();
  });
});

describe('/v1/check/batch', () => {
  const requests = [
    { subject: 'user:ann', action: 'read', resource: 'doc:/x/a' },
    { subject: 'user:ann', action: 'read', resource: 'doc:/x/secret' },
    { action: 'read', resource: 'doc:/x/a' },
  ];

  test('answers in the order of the requests', async () => {
    const response = await ask('/v1/check/batch', { requests });
    const effects = response.json<{ decisions: Decision[] }>().decisions.map(({ decision }) => decision);
    expect(effects).toEqual(['allow', 'deny', 'deny']);
  });

  test.each([
    ['no request is no answer', { requests: [] }, { decisions: [] }],
    [
      'a request that is none refuses the batch, by its place',
      { requests: [requests[0], { subject: 'user:ann' }] },
      { error: { status: 400, message: '`requests[1]` lacks `action`' } },
    ],
    ['an array is no batch', requests, { error: { status: 400, message: 'the body must be an object' } }],
    [
      'an unknown mode refuses the batch',
      { requests: [requests[0], { action: 'read', mode: 'lenient' }] },
      { error: { status: 400, message: 'the policy does not know that mode; it names none' } },
    ],
  ])('%s', async (_title, body, expected) => {
    expect((await ask('/v1/check/batch', body)).json()).toEqual(expected);
  });

  test('takes as many requests as the limit says, and no more', async () => {
    const many = Array.from({ length: 1000 }, () => requests[0]);
    expect((await ask('/v1/check/batch', { requests: many })).statusCode).toBe(200);
    const tooMany = await ask('/v1/check/batch', { requests: [...many, requests[0]] });
    expect(tooMany.json()).toEqual({
      error: { status: 400, message: '`requests` must not have more than 1000 items' },
    });
  });

  test.each(['application/jsonl', 'application/x-ndjson'])(
    'answers %s line by line, a bad line too',
    async (type) => {
      const lines = [
        JSON.stringify(requests[0]),
        '{"action":',
        '',
        '{"action":"read","contxt":1}',
        '{"action":"read","mode":"lenient"}',
        JSON.stringify(requests[1]),
      ];
      const response = await ask('/v1/check/batch', lines.join('\n'), { 'content-type': type });
      expect(response.statusCode).toBe(200);
      expect(response.headers['content-type']).toBe('application/jsonl');
      const answers = response.body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown);
      expect(answers).toEqual([
        expect.objectContaining({ decision: 'allow' }),
        { error: 'no valid JSON: unexpected end at character 11', line: 2 },
        { error: 'no valid JSON: unexpected end at character 1', line: 3 },
        { error: 'the line has an unknown member `contxt`', line: 4 },
        { error: 'the policy does not know that mode; it names none', line: 5 },
        expect.objectContaining({ decision: 'deny', reason: 'rule' }),
      ]);
    },
  );

  test('one policy decides all lines, even if it is exchanged meanwhile', async () => {
    const changing = createTestService('allow anyone to read on a:b');
    const server = createServer(changing);
    const line = '{"action":"read","resource":"a:b"}\n';
    async function* lines(): AsyncGenerator<string> {
      yield line;
      changing.active = policyOf('deny anyone to read on a:b');
      yield line;
    }
    const response = await server.inject({
      method: 'POST',
      url: '/v1/check/batch',
      headers: { 'content-type': 'application/jsonl' },
      payload: Readable.from(lines()),
    });
    expect(response.body.match(/"decision":"allow"/g)).toHaveLength(2);
    expect(response.headers['postern-revision']).not.toBe(changing.active.revision);
    await server.close();
  });
});

describe('other questions', () => {
  const spacesOfTwo = { services: ['/a/b', '/q'], jobs: ['a.c'] };

  test.each<[path: string, body: unknown, answer: unknown]>([
    [
      '/v1/filter',
      { subject: 'user:ann', action: 'read', resources: ['doc:/x/secret', 'doc:/x/a', 'doc:/y', 'x//'] },
      { resources: ['doc:/x/a'] },
    ],
    [
      '/v1/filter',
      { subject: 'user:eve', action: 'read', groups: ['ops'], resources: ['doc:/x/a'] },
      { resources: ['doc:/x/a'] },
    ],
    ['/v1/spaces/may-read', { service: '/a/b', secret: 'a/x' }, { allowed: true }],
    ['/v1/spaces/may-read', { job: 'a.b', secret: 'c/x' }, { allowed: false }],
    [
      '/v1/spaces/secrets-for',
      { service: '/a/b', secrets: ['a/x', 'x', 'c/x'], limit: 1 },
      { count: 2, secrets: ['x'] },
    ],
    ['/v1/spaces/services-for', { secret: 'a/x', ...spacesOfTwo }, { count: 2, services: ['/a/b', 'a.c'] }],
    ['/v1/spaces/indirect', { subject: 'user:ann', secrets: ['a/x'] }, { secretCount: 0, groups: [] }],
  ])('%s %j', async (path, body, answer) => {
    const response = await ask(path, body);
    expect(response.json()).toEqual(answer);
    expect(response.statusCode).toBe(200);
  });

  test.each<[path: string, body: unknown, message: string | RegExp]>([
    ['/v1/filter', { action: 'read' }, 'the body lacks `resources`'],
    ['/v1/filter', { action: 'read', resources: [], mode: 'lenient' }, /does not know that mode/],
    ['/v1/explain', { action: 'read', mode: 'lenient' }, /does not know that mode/],
    ['/v1/spaces/may-read', { secret: 'a/x' }, 'the body needs either `service` or `job`'],
    [
      '/v1/spaces/may-read',
      { service: '/a', job: 'a', secret: 'a/x' },
      'the body needs either `service` or `job`',
    ],
    ['/v1/spaces/may-read', { service: 'a', secret: 'a/x' }, /service/],
    ['/v1/spaces/secrets-for', { service: '/a', secrets: ['a/x', '/b'] }, /secrets, item 2/],
    ['/v1/spaces/indirect', { subject: 'cory', secrets: [] }, /subject/],
  ])('%s refuses %j', async (path, body, message) => {
    const response = await ask(path, body);
    const text = typeof message === 'string' ? message : expect.stringMatching(message);
    expect(response.json()).toEqual({ error: { status: 400, message: text } });
  });

  test('/v1/explain names the rules that cover the resource, and records nothing', async () => {
    service.entries.length = 0;
    const response = await ask('/v1/explain', {
      subject: 'user:ann',
      action: 'read',
      resource: 'doc:/x/secret',
    });
    expect(response.json()).toEqual({
      decision: { decision: 'deny', reason: 'rule', rule: { id: 'no-secret', file: 'test.acl', line: 5 } },
      rules: [
        { rule: { id: 'ops-read', file: 'test.acl', line: 4 }, effect: 'allow', outcome: 'applies' },
        { rule: { id: 'no-secret', file: 'test.acl', line: 5 }, effect: 'deny', outcome: 'applies' },
      ],
    });
    expect(service.entries).toEqual([]);
  });

  test('/v1/policy tells what is loaded', async () => {
    const response = await app.inject('/v1/policy');
    expect(response.json()).toEqual({
      revision: service.active.revision,
      loadedAt: '2023-11-14T22:13:20.000Z',
      files: ['test.acl'],
      modes: [],
      counts: expect.objectContaining({ rules: 3, groups: 1 }),
    });
  });
});

describe('the OpenAPI document', () => {
  test('describes every route, by the schemas that validate', async () => {
    const document = (await app.inject('/openapi.json')).json<{
      openapi: string;
      paths: Record<string, unknown>;
      components: { schemas: Record<string, unknown> };
    }>();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/v1/check',
        '/v1/check/batch',
        '/v1/explain',
        '/v1/filter',
        '/v1/policy',
        '/v1/spaces/may-read',
        '/v1/spaces/indirect',
      ]),
    );
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['Request', 'Decision', 'Rule', 'Error']),
    );
    expect(document.components.schemas.Request).toMatchObject({
      additionalProperties: false,
      required: ['action'],
    });
  });

  test('is shown on a page that loads nothing from elsewhere', async () => {
    const page = await app.inject('/docs/');
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    const policyOfPage = String(page.headers['content-security-policy']);
    expect(policyOfPage).toContain("default-src 'self'");
    expect(policyOfPage).not.toContain('http');
  });
});

describe('the library and the service', () => {
  /** What JSON has no way to say is left out. */
  const isSayable = (request: unknown): boolean =>
    JSON.stringify(request)?.isWellFormed() && !JSON.stringify(request).includes('\\ud');

  /** A body that the schema refuses is a malformed request; an unknown member alone is nothing to the library. */
  const expectSame = (response: LightMyRequestResponse, expected: Decision, title: string): void => {
    if (response.statusCode === 200) expect(response.json(), title).toEqual(expected);
    else if (!response.body.includes('unknown member')) {
      expect(response.statusCode, title).toBe(400);
      expect(expected.reason, title).toBe('malformed');
    }
  };

  test('give the same answer to every request of the fixtures', async () => {
    let asked = 0;
    let allowed = 0;
    for (const fixture of decideFixtures) {
      const { image } = builtOf(fixture);
      const serving = createTestService('');
      serving.active = createActivePolicy(image, { loadedAtMs: 0 });
      const server = createServer(serving);
      for (const { http, mode, ...one } of fixture.cases) {
        const request = requestOf(one);
        if (http !== undefined || !isSayable(request)) continue;
        const payload = JSON.stringify(mode === undefined ? request : { ...request, mode });
        const headers = { 'content-type': 'application/json' };
        const response = await server.inject({ method: 'POST', url: '/v1/check', headers, payload });
        const authorizer = Authorizer.fromImage(image, mode === undefined ? {} : { mode });
        const expected = authorizer.decide(JSON.parse(JSON.stringify(request)) as Request);
        expectSame(response, expected, `${fixture.name}: ${one.title}`);
        asked++;
        if (expected.decision === 'allow') allowed++;
      }
      await server.close();
    }
    expect(asked).toBeGreaterThan(1000);
    expect(allowed / asked).toBeGreaterThan(0.25);
  }, 120_000);
});

describe('known ids', () => {
  test('are the subjects, resources and actions that a policy names, entities too', () => {
    const { image } = policyOf(`
      group ops { user:ann, group:dev }
      group dev { user:"zoé" }
      entity doc:/only-entity { owner: "x" }
      allow group:ops, user:bob to read, write on doc:{/x/**,/x/y,/a/*/b}
      deny user:svc-* to read on doc:**`);
    expect(knownIds(image)).toEqual({
      // An entity may well be a subject: nothing else says what it is.
      subjects: ['doc:/only-entity', 'user:ann', 'user:bob', 'user:zoé'],
      resources: ['doc:/only-entity', 'doc:/x', 'doc:/x/y'],
      actions: ['read', 'write'],
    });
  });
});
