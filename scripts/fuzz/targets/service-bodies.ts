import { createServer } from '../../../src/service/http/server.ts';
import { createTestService } from '../../../test/support/service.ts';
import { Broken, type FuzzTarget } from '../target.ts';
import { fixturesOf, inputOf, textOf } from '../texts.ts';
import { checkAnswer, goodQuestion, readAsked, servicePolicy } from './service-requests.ts';

const bodies: readonly unknown[] = [
  goodQuestion,
  {
    ...goodQuestion,
    groups: ['ops'],
    context: { hour: 9 },
    attributes: { subject: { level: 1 } },
    mode: 'strict',
  },
  { requests: [goodQuestion, { action: 'read' }] },
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
    const app = createServer(createTestService(servicePolicy));
    await app.ready();
    // A thread that answers for it keeps no process alive, and here nothing else does.
    const waiting = setInterval(() => {}, 60_000);
    return {
      run: async (input) => {
        const asked = readAsked(textOf(input));
        if (asked === undefined) return;
        const answer = await app.inject(asked);
        checkAnswer(answer.statusCode, String(answer.headers['content-type']), answer.body);
        const control = await app.inject({ method: 'POST', url: '/v1/check', payload: goodQuestion });
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
