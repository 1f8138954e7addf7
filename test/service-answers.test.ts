import { setImmediate } from 'node:timers/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { PosternClient } from '../src/client.ts';
import { diffModels, renderDifferenceJson } from '../src/diff.ts';
import { Authorizer, build, readImage, readModel } from '../src/index.ts';
import { Answerer } from '../src/service/answers/answerer.ts';
import type { Answer, Answers, Question } from '../src/service/answers/question.ts';
import { AnswersOfParent, relayQuestions } from '../src/service/answers/relay.ts';
import { AuthenticationError } from '../src/service/http/errors.ts';
import { createServer } from '../src/service/http/server.ts';
import { Random, seedOfRun } from './support/generators.ts';
import { pause, startTested, until } from './support/operated-service.ts';
import type { ScriptedAnswer } from './support/scripted-answers-thread.ts';
import { createTestService, policyOf, type TestService } from './support/service.ts';
import { generateSmallPolicy, writeSmallPolicy } from './support/small-world.ts';

/** Questions about a whole policy over HTTP: they say what the library says, elsewhere than where decisions are made. */

const policy = `
group ops { user:ann, user:cory }
group pattern { user:t* }
entity user:cory { level: 3 }
@id("ops-read") allow group:ops to read on doc:/x/**
@id("no-secret") deny anyone to read on doc:/x/secret
allow user:bob to read on doc:/y when context.ip == "10.0.0.1"
allow group:pattern to read, write on doc:/t/**
`;

let service: TestService;
let app: FastifyInstance;
beforeAll(async () => {
  service = createTestService(policy);
  app = createServer(service);
  await app.ready();
});
afterAll(async () => app.close());

const asker =
  (server: FastifyInstance) =>
  async (
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<LightMyRequestResponse> =>
    server.inject({
      method: 'POST',
      url: path,
      headers: { 'content-type': 'application/json', ...headers },
      payload: typeof body === 'string' ? body : JSON.stringify(body),
    });
const ask = (path: string, body: unknown, headers?: Record<string, string>) =>
  asker(app)(path, body, headers);

/** What JSON keeps of it, patterns as texts. */
const sent = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, part: unknown) => (key === 'elements' ? undefined : part)),
  ) as unknown;
const library = (): Authorizer => Authorizer.fromImage(service.active.image);

/** For servers that are about other things: it starts once. */
const shared = new Answerer();
afterAll(() => shared.close());

/** A server with a policy of its own; it ends with the test. */
function startServer(
  text: string,
  options: Parameters<typeof createTestService>[1] = {},
  answers: Answers = shared,
): { serving: TestService; ask: ReturnType<typeof asker>; server: FastifyInstance } {
  const serving = createTestService(text, options);
  const server = createServer(Object.assign(serving, { answers }));
  onTestFinished(() => server.close());
  return { serving, ask: asker(server), server };
}

const body = (response: LightMyRequestResponse): unknown => response.json();

describe('/v1/why', () => {
  test.each([
    ['an allow', { subject: 'user:ann', action: 'read', resource: 'doc:/x/a' }],
    ['a deny', { subject: 'user:ann', action: 'read', resource: 'doc:/x/secret' }],
    ['a condition', { subject: 'user:bob', action: 'read', resource: 'doc:/y', context: { ip: '10.0.0.2' } }],
    ['added groups', { subject: 'user:eve', action: 'read', resource: 'doc:/x/a', groups: ['ops'] }],
    ['no resource', { subject: 'user:eve', action: 'read' }],
    ['a malformed id', { subject: 'user:ann', action: 'read', resource: 'doc://x' }],
    ['members of that name', { action: 'read', resource: 'doc:/q', context: { elements: [1] } }],
  ])('says of %s what the library says', async (_title, request) => {
    const response = await ask('/v1/why', request);
    expect(response.statusCode).toBe(200);
    const { suggestions, request: asked, ...rest } = library().why(request);
    expect(body(response)).toEqual({
      ...(sent(rest) as object),
      request: asked,
      suggestions: sent(suggestions),
    });
    expect((body(response) as { request: unknown }).request).toEqual(request);
  });

  test('leaves suggestions out and says less, if asked to', async () => {
    const request = { subject: 'user:eve', action: 'read', resource: 'doc:/x/a' };
    const whole = (await ask('/v1/why', request)).json();
    expect(whole.suggestions.length).toBeGreaterThan(1);
    expect((await ask('/v1/why', { ...request, suggestions: true })).json()).toEqual(whole);
    const short = (await ask('/v1/why', { ...request, limit: 1 })).json();
    expect([short.suggestions.length, short.nearMisses.length]).toEqual([1, 1]);
    expect(short.moreSuggestions).toBe(whole.suggestions.length + whole.moreSuggestions - 1);
    expect((await ask('/v1/why', { ...request, suggestions: false })).json()).toMatchObject({
      suggestions: [],
      moreSuggestions: 0,
      nearMisses: whole.nearMisses,
    });
  });
});

describe('/v1/who-can and /v1/what-can', () => {
  test.each([{ action: 'read', resource: 'doc:/x/a' }, { action: 'read' }, { action: 'nothing' }])(
    'who can %j, as the library says',
    async (question) => {
      const expected = library().whoCan(question.action, question.resource);
      expect(body(await ask('/v1/who-can', question))).toEqual(sent(expected));
    },
  );

  test.each([{}, { subject: 'user:cory' }, { subject: 'user:eve', groups: ['ops'], action: 'read' }])(
    'what %j can, as the library says',
    async ({ subject, ...options }: { subject?: string; groups?: string[]; action?: string }) => {
      const expected = library().whatCan(subject, options);
      expect(body(await ask('/v1/what-can', { subject, ...options }))).toEqual(sent(expected));
    },
  );

  const listings: readonly [path: string, question: object, other: object][] = [
    ['/v1/who-can', { action: 'read', resource: 'doc:/x/a' }, { action: 'write', resource: 'doc:/x/a' }],
    ['/v1/what-can', { subject: 'user:tess', groups: ['ops'] }, { subject: 'user:tess' }],
  ];
  test.each(listings)('%s comes in pages, whose cursor is for it alone', async (path, question, other) => {
    const whole = (await ask(path, question)).json();
    expect(whole).not.toHaveProperty('next');
    const items: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = (await ask(path, { ...question, limit: 1, cursor })).json();
      expect(page.total).toBe(whole.total);
      items.push(...page.items);
      cursor = page.next;
      if (cursor === undefined) continue;
      const refused = await ask(path, { ...other, cursor });
      expect([refused.statusCode, refused.json().error.message]).toEqual([
        400,
        expect.stringContaining('the cursor belongs to another question'),
      ]);
    } while (cursor !== undefined);
    expect(items).toEqual(whole.items);
    expect(items.length).toBeGreaterThan(1);
  });

  test('a cursor is refused after a reload, in words', async () => {
    const { serving, ask } = startServer(policy);
    const question = { action: 'read', resource: 'doc:/x/a', limit: 1 };
    const first = await ask('/v1/who-can', question);
    const { next: cursor } = first.json();
    serving.active = policyOf(`${policy}allow user:eve to read on doc:/x/a`);
    const refused = await ask('/v1/who-can', { ...question, cursor });
    expect(refused.statusCode).toBe(400);
    expect(refused.json().error.message).toBe(
      'the cursor belongs to another question or to another revision of the policy: begin again without one',
    );
    expect(refused.headers['postern-revision']).toBe(serving.active.revision);
    expect(refused.headers['postern-revision']).not.toBe(first.headers['postern-revision']);
    expect((await ask('/v1/who-can', question)).json().total).toBe(first.json().total + 1);
  });

  test('decide in the mode of the service, or in one that is asked for', async () => {
    const modes =
      'namespace doc {\n  resource doc:a { actions read enforced in strict, lenient }\n  resource doc:b { actions read enforced in strict }\n}\n';
    const { ask } = startServer(`${modes}allow user:ann to read on doc:a\n`, { mode: 'lenient' });
    const whoCan = async (mode?: string): Promise<unknown> =>
      (await ask('/v1/who-can', { action: 'read', resource: 'doc:b', mode })).json().access;
    const [lenient] = (await whoCan()) as [unknown];
    expect(lenient).toMatchObject({ subjects: [{ all: ['anyone'] }], reasons: ['not-enforced'] });
    expect(await whoCan('lenient')).toEqual([lenient]);
    expect(await whoCan('strict')).toEqual([]);
    const why = async (mode?: string): Promise<unknown> =>
      (await ask('/v1/why', { action: 'read', resource: 'doc:b', mode })).json();
    expect(await why()).toMatchObject({ mode: 'lenient', decision: { decision: 'allow' } });
    expect(await why('strict')).toMatchObject({ mode: 'strict', decision: { decision: 'deny' } });
    const whatCan = async (mode?: string): Promise<number> =>
      (await ask('/v1/what-can', { mode })).json().total;
    expect([await whatCan(), await whatCan('strict')]).toEqual([1, 0]);
    expect((await ask('/v1/what-can', { mode: 'strange' })).json().error.message).toBe(
      'the policy does not know that mode; it names `lenient`, `strict`',
    );
  });

  const seed = seedOfRun(process.env.POSTERN_SEED);
  test(`say of any policy what the library says (seed ${seed})`, async () => {
    const random = new Random(seed);
    const { serving, ask } = startServer(policy);
    for (let i = 0; i < 8; i++) {
      // Without namespaces no mode is named that nothing is enforced in.
      const text = writeSmallPolicy(
        generateSmallPolicy(random, { rules: 4, conditions: 0.3, variables: 0.1, rulesets: true }),
      );
      serving.active = policyOf(text);
      const authorizer = Authorizer.fromImage(serving.active.image);
      const whatCan = await ask('/v1/what-can', { subject: 'a:b' });
      expect(body(whatCan), text).toEqual(sent(authorizer.whatCan('a:b')));
      const whoCan = await ask('/v1/who-can', { action: 'read', resource: 'a:b' });
      expect(body(whoCan), text).toEqual(sent(authorizer.whoCan('read', 'a:b')));
      const { decision } = (await ask('/v1/why', { subject: 'a:b', action: 'write', resource: 'a' })).json();
      expect(decision, text).toEqual(
        sent(authorizer.decide({ subject: 'a:b', action: 'write', resource: 'a' })),
      );
    }
  });
});

describe('/v1/diff', () => {
  const other =
    'allow group:ops to read on doc:/x/**\nallow user:bob to read on doc:/z\ngroup ops { user:ann }\nentity user:cory { level: 3 }\n';
  const post = (text: string, more: object = {}) =>
    ask('/v1/diff', { policies: [{ file: 'other.acl', text }], ...more });

  test('says what the library says of both as images', async () => {
    const built = build([{ file: 'other.acl', text: other }]);
    if (!built.ok) throw new Error('it has errors');
    const models = [service.active.image, built.image].map((image) => readModel(readImage(image)));
    const expected = JSON.parse(renderDifferenceJson(diffModels(models[0]!, models[1]!))) as object;
    const response = await post(other);
    expect(response.statusCode).toBe(200);
    expect(body(response)).toEqual({ ...expected, diagnostics: [] });
    expect(expected).toMatchObject({ difference: 'different' });
  });

  test('of the same policy is none, and the posted one is never in use', async () => {
    const { revision } = service.active;
    const same = await post(policy, { gate: 'no-change' });
    expect(body(same)).toEqual({
      difference: 'equal',
      gained: [],
      lost: [],
      undecided: [],
      held: true,
      diagnostics: [],
    });
    await post(other);
    const check = await ask('/v1/check', { subject: 'user:bob', action: 'read', resource: 'doc:/z' });
    expect([check.json().decision, check.headers['postern-revision']]).toEqual(['deny', revision]);
  });

  test.each([
    [
      'allow user:zoe to read on doc:/q\n',
      { 'no-new-access': false, 'no-lost-access': true, 'no-change': false },
    ],
    [
      'deny user:ann to read on doc:/x/a\n',
      { 'no-new-access': true, 'no-lost-access': false, 'no-change': false },
    ],
    ['', { 'no-new-access': true, 'no-lost-access': true, 'no-change': true }],
  ])('tells with %j more whether a gate lets it through', async (text, expected) => {
    for (const [gate, held] of Object.entries(expected))
      expect((await post(policy + text, { gate })).json().held, gate).toBe(held);
  });

  test('is limited to some resources', async () => {
    const more = 'allow user:zoe to read on doc:/q/**\n';
    const within = (await post(policy + more, { onlyUnder: 'doc:/q/1/**' })).json();
    expect(within.gained[0].resources).toEqual([{ all: ['doc:/q/1/**'] }]);
    expect((await post(policy + more, { onlyUnder: 'doc:/x/**' })).json().difference).toBe('equal');
  });

  test('errors of the posted policies are 422, each with its place', async () => {
    const response = await post('allow user:bob tw read on doc:/y\n\nallow group:none to read on doc:/y');
    expect(response.statusCode).toBe(422);
    expect(response.headers['postern-revision']).toBe(service.active.revision);
    expect(response.json()).toEqual({
      error: { status: 422, message: 'the posted policies have 2 errors' },
      diagnostics: [
        expect.objectContaining({
          severity: 'error',
          file: 'other.acl',
          line: 1,
          column: 16,
          message: 'expected `to` or `{`, found `tw`',
        }),
        expect.objectContaining({ line: 3, message: 'unknown group `none`' }),
      ],
    });
  });

  test('imports lead from one posted file to another and to shipped policies, and nowhere else', async () => {
    const { ask } = startServer('allow user:zoe to read on doc:/q');
    const diff = async (policies: readonly { file: string; text: string }[]) =>
      (await ask('/v1/diff', { policies })).json();
    expect(
      await diff([
        { file: 'sets/main.acl', text: 'import "../common.acl"\n' },
        { file: './common.acl', text: 'allow user:zoe to read on doc:/q' },
      ]),
    ).toMatchObject({ difference: 'equal', diagnostics: [] });
    const shipped = await diff([{ file: 'main.acl', text: 'import "postern:dcos"' }]);
    expect([shipped.difference, shipped.lost.length]).toEqual(['different', 1]);
    for (const path of [
      '../../package.json',
      '/etc/passwd',
      'file:///etc/passwd',
      './absent.acl',
      'package.json',
    ]) {
      const { diagnostics } = await diff([{ file: 'main.acl', text: `import "${path}"` }]);
      expect(diagnostics, path).toEqual([expect.objectContaining({ code: 'P2001', line: 1 })]);
      expect(diagnostics[0].message).toContain('was not posted');
    }
  });
});

describe('what is refused', () => {
  const file = { file: 'a.acl', text: '' };
  test.each<[path: string, body: unknown, message: string | RegExp]>([
    ['/v1/why', '{"action":', 'the body is no valid JSON: unexpected end at character 11'],
    ['/v1/why', {}, 'the body lacks `action`'],
    ['/v1/why', { action: 'a', contxt: {} }, 'the body has an unknown member `contxt`'],
    ['/v1/why', { action: 'a', suggestions: 'no' }, '`suggestions` must be a boolean'],
    ['/v1/why', { action: 'a', limit: -1 }, '`limit` must be >= 0'],
    ['/v1/why', { action: 'a', groups: ['b', 3] }, '`groups[1]` must be a string'],
    ['/v1/why', { action: 'a', mode: 'lenient' }, /does not know that mode/],
    ['/v1/who-can', {}, 'the body lacks `action`'],
    ['/v1/who-can', { action: 'a', subject: 'user:ann' }, 'the body has an unknown member `subject`'],
    ['/v1/who-can', { action: 'a', limit: 0 }, '`limit` must be >= 1'],
    ['/v1/who-can', { action: 'a', limit: 1.5 }, '`limit` must be an integer'],
    ['/v1/who-can', { action: 'a', limit: 10_001 }, '`limit` must be <= 10000'],
    ['/v1/who-can', { action: 'a', cursor: 'x' }, /the cursor belongs to another question/],
    ['/v1/who-can', { action: 'a', resource: 'doc://x' }, 'the resource has an empty segment'],
    ['/v1/who-can', { action: '' }, /^the action /],
    ['/v1/who-can', { action: 'a', mode: 'lenient' }, /does not know that mode/],
    ['/v1/what-can', { subject: 'group:ops' }, /^the subject /],
    ['/v1/what-can', { subject: 'user:' }, /^the subject /],
    ['/v1/what-can', { groups: [''] }, /^the name of a group /],
    ['/v1/what-can', { resource: 'doc:/a' }, 'the body has an unknown member `resource`'],
    ['/v1/what-can', { mode: 'lenient' }, /does not know that mode/],
    ['/v1/diff', {}, 'the body lacks `policies`'],
    ['/v1/diff', { policies: [] }, /`policies` must not have fewer than 1 items/],
    ['/v1/diff', { policies: [file, { file: 'b.acl' }] }, '`policies[1]` lacks `text`'],
    ['/v1/diff', { policies: [{ file: '', text: '' }] }, /`policies\[0\]\.file` must not have fewer/],
    [
      '/v1/diff',
      { policies: [file, { ...file, file: './a.acl' }] },
      '`policies[1].file` is the name of another file too',
    ],
    [
      '/v1/diff',
      { policies: [{ file: 'postern:dcos', text: '' }] },
      '`policies[0].file` is the name of a shipped policy',
    ],
    [
      '/v1/diff',
      { policies: [file], gate: 'none' },
      '`gate` must be one of `no-new-access`, `no-lost-access`, `no-change`',
    ],
    ['/v1/diff', { policies: [file], onlyUnder: 'a:/b to c' }, /`onlyUnder` `a:\/b to c` is no pattern/],
    ['/v1/diff', { policies: [file], mode: 'strict' }, 'the body has an unknown member `mode`'],
  ])('%s refuses %j', async (path, asked, message) => {
    const response = await ask(path, asked);
    const text = typeof message === 'string' ? message : expect.stringMatching(message);
    expect(response.json()).toEqual({ error: { status: 400, message: text } });
    expect(response.statusCode).toBe(400);
  });

  const paths = ['/v1/why', '/v1/who-can', '/v1/what-can', '/v1/diff'];
  test.each(paths)('%s takes JSON alone, of the size that all bodies have, and POST alone', async (path) => {
    expect((await ask(path, '{}', { 'content-type': 'text/plain' })).statusCode).toBe(415);
    expect((await ask(path, `"${'x'.repeat(1024 * 1024)}"`)).statusCode).toBe(413);
    expect((await app.inject(path)).statusCode).toBe(405);
  });

  test.each(paths)('%s needs a token where decisions do', async (path) => {
    const refusal = new AuthenticationError('missing', 'a token is needed');
    const { ask, serving } = startServer(policy, {
      auth: true,
      authenticate: () => Promise.reject(refusal),
    });
    const response = await ask(path, '{"broken');
    expect(response.json()).toEqual({ error: { status: 401, message: 'a token is needed' } });
    expect(response.headers['www-authenticate']).toBe('Bearer realm="postern"');
    expect(serving.refusedTokens).toEqual(['missing']);
  });

  test('nothing of it counts as a decision', async () => {
    service.entries.length = 0;
    service.counted.length = 0;
    await ask('/v1/why', { action: 'read', resource: 'doc:/x/a' });
    await ask('/v1/who-can', { action: 'read', resource: 'doc:/x/a' });
    expect([service.entries, service.counted]).toEqual([[], []]);
  });
});

describe('the OpenAPI document', () => {
  test('has them, and their answers are what it says', async () => {
    const document = (await app.inject('/openapi.json')).json();
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(document, 'document');
    const schemaOf = (path: string, place: string) => {
      const pointer = ['paths', path, 'post', place, 'content/application~1json/schema'];
      const [paths, name, ...rest] = pointer;
      return ajv.compile({
        $ref: `document#/${paths}/${name!.replaceAll('/', '~1')}/${rest.join('/')}`,
      });
    };
    const policies = [
      { file: 'a.acl', text: `${policy}allow user:zoe to read on doc:/q/** when context.a == 1` },
    ];
    const cases: readonly [path: string, body: object, status?: number][] = [
      ['/v1/why', { subject: 'user:ann', action: 'read', resource: 'doc:/x/a' }],
      ['/v1/why', { subject: 'user:eve', action: 'read', resource: 'doc:/x/a', suggestions: true, limit: 2 }],
      ['/v1/why', { subject: 'user:eve', action: 'read', resource: 'doc:/x/' }],
      ['/v1/who-can', { action: 'read', resource: 'doc:/y' }],
      ['/v1/who-can', { action: 'read', limit: 1 }],
      ['/v1/what-can', { subject: 'user:bob' }],
      ['/v1/what-can', { subject: 'user:tess', groups: ['ops'], limit: 1 }],
      ['/v1/diff', { policies, gate: 'no-change', onlyUnder: 'doc:**' }],
      ['/v1/diff', { policies: [{ file: 'a.acl', text: '' }] }],
      ['/v1/diff', { policies: [{ file: 'a.acl', text: 'no policy' }] }, 422],
      ['/v1/who-can', { action: '' }, 400],
    ];
    for (const [path, body, status = 200] of cases) {
      const response = await ask(path, body);
      expect(response.statusCode, path).toBe(status);
      const isQuestion = schemaOf(path, 'requestBody');
      expect(isQuestion(body), JSON.stringify(isQuestion.errors)).toBe(true);
      const isAnswer = schemaOf(path, `responses/${status}`);
      expect(isAnswer(response.json()), JSON.stringify(isAnswer.errors)).toBe(true);
      expect(schemaOf(path, 'responses/503')({ error: { status: 503, message: '' } })).toBe(true);
    }
  });
});

describe('the thread that answers', () => {
  const scripted = new URL('./support/scripted-answers-thread.ts', import.meta.url);
  const { image, revision } = policyOf(policy);
  const question = (action: string): Question => ({ kind: 'who-can', asked: { action } });
  const start = (options: ConstructorParameters<typeof Answerer>[0] = {}): Answerer => {
    const answerer = new Answerer({ module: scripted, ...options });
    onTestFinished(() => answerer.close());
    return answerer;
  };
  const read = (answer: Answer): ScriptedAnswer => {
    if (answer.kind !== 'answered') throw new Error(JSON.stringify(answer));
    return JSON.parse(new TextDecoder().decode(answer.body)) as ScriptedAnswer;
  };

  test('answers in the order of the questions, and is sent each policy once', async () => {
    const answerer = start();
    const [one, two] = [
      { image, revision: 'one' },
      { image, revision: 'two' },
    ];
    const asked = [one, one, two, two, one].map((policy, i) => answerer.ask(policy, question(`${i}`)));
    const answers = (await Promise.all(asked)).map(read);
    expect(answers.map(({ action }) => action)).toEqual(['0', '1', '2', '3', '4']);
    expect(answers.map(({ sent }) => sent)).toEqual(['one', null, 'two', null, 'one']);
    expect(new Set(answers.map(({ threadId }) => threadId)).size).toBe(1);
  });

  test.each([
    ['takes too long', 'busy', { limitMs: 50 }, { kind: 'refused', status: 503, message: /longer than 1 s/ }],
    [
      'takes too long to read',
      'never-read',
      { readingLimitMs: 50 },
      { kind: 'refused', status: 503, message: /longer/ },
    ],
    ['breaks', 'break', {}, { kind: 'failed', message: /secret detail/ }],
    ['ends', 'end', {}, { kind: 'failed', message: /ended with code 3/ }],
    ['takes too much memory', 'exhaust', {}, { kind: 'refused', status: 503, message: /more memory/ }],
  ])('is replaced where a question %s', async (_title, action, limits, { message, ...expected }) => {
    const answerer = start(limits);
    const policy = { image, revision };
    // The limit on reading holds for the thread that starts too, so it is not small for the others.
    const failing = answerer.ask(policy, question(action));
    const waiting = action === 'never-read' ? undefined : answerer.ask(policy, question('next'));
    expect(await failing).toEqual({ ...expected, message: expect.stringMatching(message) });
    if (waiting === undefined) return;
    const next = read(await waiting);
    expect(next.sent).toBe(revision);
    expect(read(await answerer.ask(policy, question('later')))).toMatchObject({
      threadId: next.threadId,
      sent: null,
    });
  });

  test('lets so many wait, and forgets those for which nobody waits', async () => {
    const answerer = start({ maxWaiting: 2 });
    const policy = { image, revision };
    const busy = answerer.ask(policy, question('busy'));
    const controller = new AbortController();
    const first = answerer.ask(policy, question('first'), controller.signal);
    const second = answerer.ask(policy, question('second'));
    expect(await answerer.ask(policy, question('third'))).toMatchObject({
      status: 503,
      message: expect.stringContaining('too many questions'),
    });
    controller.abort();
    expect(await first).toMatchObject({ message: 'the question was given up' });
    const fourth = answerer.ask(policy, question('fourth'));
    await answerer.close();
    for (const answer of [busy, second, fourth, answerer.ask(policy, question('late'))])
      expect(await answer).toEqual({ kind: 'refused', status: 503, message: 'the service stops' });
  });

  test('ends when nobody asks for a while, and comes back', async () => {
    const answerer = start({ idleMs: 1 });
    const policy = { image, revision };
    const { threadId } = read(await answerer.ask(policy, question('one')));
    await until('another thread answers', async () => {
      const next = read(await answerer.ask(policy, question('two')));
      return next.threadId !== threadId && next.sent === revision;
    });
  });

  test('is asked no more than it can bear, and what breaks it is not told', async () => {
    const { ask, serving } = startServer(policy, {}, start({ maxWaiting: 0 }));
    const refused = await ask('/v1/who-can', { action: 'any' });
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '5']);
    const failing = startServer(policy, {}, start());
    for (const action of ['break', 'fail']) {
      const failed = await failing.ask('/v1/who-can', { action });
      expect(failed.json()).toEqual({ error: { status: 500, message: 'internal error' } });
      expect(failed.headers['postern-revision']).toBe(serving.active.revision);
    }
    expect(failing.serving.logged).toHaveLength(2);
  });

  test('keeps no decision waiting, however long it takes', async () => {
    const answerer = start();
    const { ask } = startServer(policy, {}, answerer);
    let isAnswered = false;
    const slow = ask('/v1/who-can', { action: 'busy' }).finally(() => {
      isAnswered = true;
    });
    for (let i = 0; i < 50; i++) {
      const checked = await ask('/v1/check', { subject: 'user:ann', action: 'read', resource: 'doc:/x/a' });
      expect(checked.json().decision).toBe('allow');
    }
    expect(isAnswered).toBe(false);
    await answerer.close();
    expect((await slow).json().error).toEqual({ status: 503, message: 'the service stops' });
  });

  test('is told by threads that serve what is asked, and what is no longer', async () => {
    const answerer = start({ maxWaiting: 1 });
    const relay = relayQuestions(answerer, (message) => parent.take(message));
    const parent = new AnswersOfParent((message) => relay(message));
    const policy = { image, revision };
    const { signal } = new AbortController();
    const busy = parent.ask(policy, question('busy'), signal);
    const controller = new AbortController();
    const forgotten = parent.ask(policy, question('one'), controller.signal);
    expect(await parent.ask(policy, question('two'), signal)).toMatchObject({ status: 503 });
    controller.abort();
    expect(await forgotten).toMatchObject({ message: 'the question was given up' });
    const kept = parent.ask(policy, question('three'), signal);
    await answerer.close();
    for (const answer of [busy, kept]) expect(await answer).toMatchObject({ message: 'the service stops' });
  });

  test('is not kept by those who hang up', async () => {
    const answerer = start({ maxWaiting: 1 });
    const { server } = startServer(policy, {}, answerer);
    const address = await server.listen({ host: '127.0.0.1', port: 0 });
    const send = async (action: string, signal?: AbortSignal): Promise<number> => {
      const headers = { 'content-type': 'application/json' };
      const payload = { method: 'POST', headers, body: JSON.stringify({ action }), signal: signal ?? null };
      return (await fetch(`${address}/v1/who-can`, payload)).status;
    };
    const { image, revision } = policyOf(policy);
    void answerer.ask({ image, revision }, question('busy'));
    const controller = new AbortController();
    const waiting = send('first', controller.signal).catch(() => 'hung up');
    await until(
      'it waits',
      async () => (await send('second', AbortSignal.timeout(200)).catch(() => 0)) === 503,
    );
    controller.abort();
    expect(await waiting).toBe('hung up');
    let third: Promise<number> | undefined;
    await until('there is room', async () => {
      third = send('third');
      return (await Promise.race([third, pause(200)])) === undefined;
    });
    await answerer.close();
    expect(await third).toBe(503);
    server.server.closeAllConnections();
  });

  test('does all the work: rounds of the event loop go on while it does', async () => {
    const large = Array.from({ length: 3000 }, (_, i) => `allow user:u${i} to read on doc:/${i % 50}/**`);
    const { ask } = startServer(large.join('\n'));
    let rounds = 0;
    let isAnswered = false;
    const slow = ask('/v1/what-can', { subject: 'user:u7' }).finally(() => {
      isAnswered = true;
    });
    for (; !isAnswered; rounds++) await setImmediate();
    expect((await slow).json().total).toBe(1);
    expect(rounds).toBeGreaterThan(100);
  });

  test('ends a question on the policy that it began with', async () => {
    const after = policyOf('allow user:zoe to read on a:b');
    const { serving, ask } = startServer(
      'allow user:ann to read on a:b',
      {},
      {
        ask(...asked) {
          serving.active = after;
          return shared.ask(...asked);
        },
      },
    );
    const before = serving.active;
    const question = { action: 'read', resource: 'a:b' };
    for (const [subject, { revision }] of [['user:ann', before] as const, ['user:zoe', after] as const]) {
      const response = await ask('/v1/who-can', question);
      expect([response.json().items[0].subject, response.headers['postern-revision']]).toEqual([
        subject,
        revision,
      ]);
    }
  });
});

describe('two workers', () => {
  test('answer by one thread, each from the policy of its moment', async () => {
    const { address, write, service: tested } = await startTested({ settings: { workers: 2 } });
    const client = new PosternClient({ url: address });
    const question = { action: 'read', resource: 'doc:/a' };
    const answers = await Promise.all(Array.from({ length: 12 }, () => client.whoCan(question)));
    expect(new Set(answers.map(({ items }) => items[0]?.subject))).toEqual(new Set(['user:cory']));
    write('policy/a.acl', 'allow user:dora to read on doc:/a\n');
    await until('the other policy answers', async () => {
      const next = await Promise.all(Array.from({ length: 4 }, () => client.whoCan(question)));
      return next.every(({ items }) => items[0]?.subject === 'user:dora');
    });
    await expect(client.whoCan({ ...question, resource: 'doc://a' })).rejects.toMatchObject({ status: 400 });
    await tested.stop();
  });
});

describe('the client', () => {
  test('asks all four', async () => {
    const { server } = startServer(policy);
    const client = new PosternClient({
      url: await server.listen({ host: '127.0.0.1', port: 0 }),
      deadlineMs: 1,
    });
    const request = { subject: 'user:eve', action: 'read', resource: 'doc:/x/a' };
    const why = await client.why(request, { limit: 1 });
    expect([why.decision.decision, why.suggestions.length]).toEqual(['deny', 1]);
    expect((await client.why(request, { suggestions: false })).suggestions).toEqual([]);
    const first = await client.whoCan({ action: 'read', resource: 'doc:/x/a', limit: 1 });
    const second = await client.whoCan({
      action: 'read',
      resource: 'doc:/x/a',
      limit: 1,
      cursor: first.next!,
    });
    expect([...first.items, ...second.items].map(({ subject }) => subject)).toEqual([
      'user:ann',
      'user:cory',
    ]);
    expect((await client.whatCan({ subject: 'user:ann' })).items[0]?.actions).toEqual(['read']);
    const policies = [{ file: 'a.acl', text: `${policy}allow user:zoe to read on doc:/q` }];
    const difference = await client.diff({ policies, gate: 'no-lost-access' });
    expect([difference.held, difference.gained[0]?.resources]).toEqual([true, [{ all: ['doc:/q'] }]]);
    await expect(client.diff({ policies: [{ file: 'a.acl', text: 'no' }] })).rejects.toMatchObject({
      code: 'refused',
      status: 422,
    });
  });
});
