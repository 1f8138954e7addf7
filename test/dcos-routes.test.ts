import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { type ChainDecision, type DeploymentFacts, decideChain } from '../src/dcos.ts';
import { createImporter } from '../src/files/importer.ts';
import { Authorizer, build, type HttpRequest } from '../src/index.ts';
import { fileAsks, launchAsks, operations } from '../src/interop/dcos/operations.ts';
import { createReference } from '../src/reference/reference.ts';
import { runInProcess } from './support/run-command-line.ts';
import { runPostern } from './support/run-postern.ts';

/**
 * `postern:dcos/routes` and the way of a request through DC/OS. What a request needs is held against the facts, row by row;
 * their notes and the reading of what they leave open are in policies/dcos/route-permissions.json.
 */
interface Facts {
  readonly adminRouter: readonly {
    readonly path: string;
    readonly match: 'prefix' | 'exact' | 'regex';
    readonly access: string;
    readonly resource: string | null;
    readonly certain: boolean;
  }[];
  readonly marathon: readonly OperationRow[];
  readonly metronome: readonly OperationRow[];
  readonly secretStore: readonly OperationRow[];
  readonly mesos: readonly {
    readonly mesosAction: string;
    readonly resource: string | null;
    readonly action: string | null;
    readonly certain: boolean;
  }[];
  readonly iamApi: readonly { readonly operation: string; readonly certain: boolean }[];
}

interface OperationRow {
  readonly operation: string;
  readonly resource: string | null;
  readonly action: string | null;
  readonly certain: boolean;
}

const facts = JSON.parse(
  readFileSync(new URL('./fixtures/dcos/route-permissions.json', import.meta.url), 'utf8'),
) as Facts;

// ---------------------------------------------------------------- what a request needs

const superuser = 'full on dcos:superuser';
const marathon = 'full on dcos:adminrouter:service:marathon';
const metronome = 'full on dcos:adminrouter:service:metronome';
const acs = 'full on dcos:adminrouter:acs';
const services = 'dcos:service:marathon:marathon:services:';
const jobs = 'dcos:service:metronome:metronome:jobs';

/** A request that stands for a row, and what the routes require for it. */
interface Need {
  readonly title: string;
  readonly method: string;
  readonly path: string;
  /** Empty: open. `none`: no route, and no access. */
  readonly needs: readonly string[] | 'none';
  /** Where the routes require more than the row says: what makes it exact, and what is required then. */
  readonly exact?: {
    readonly facts?: DeploymentFacts;
    readonly query?: string;
    readonly needs: readonly string[];
  };
}

/** What stands behind the placeholders of the facts. */
const placeholders: Readonly<Record<string, string>> = {
  '<agent-id>': 'e7f1-S0',
  '<service-endpoint>': 'kafka',
  '<unresolvable>': 'nowhere',
  '<id>': 'corp',
  '<uid>': 'bob',
};

function fillPlaceholders(text: string): string {
  return text.replace(/<[a-z-]+>/g, (name) => placeholders[name] ?? name);
}

/** `a/(b|c)` as `a/b` and `a/c`. */
function spread(pattern: string): string[] {
  const [whole, choices] = /\(([^)]*)\)/.exec(pattern) ?? [];
  return whole === undefined
    ? [pattern]
    : choices!.split('|').map((choice) => pattern.replace(whole, choice));
}

/** Rows whose requests need something beside what Admin Router asks, or are read in a way of their own. */
const otherPaths: Readonly<
  Record<string, readonly (readonly [method: string, path: string, needs: Need['needs']])[]>
> = {
  // The component behind it has a say in all the rest: its own rows are further down.
  '/service/marathon/': [
    ['GET', '/service/marathon', [marathon]],
    ['GET', '/service/marathon/', [marathon]],
    ['GET', '/service/marathon/ping', [marathon]],
    ['GET', '/service/marathon/ui/fonts/x.woff', [marathon]],
    ['GET', '/service/marathon/metrics', [marathon, superuser]],
    ['POST', '/service/marathon/logging', [marathon, superuser]],
    ['GET', '/service/marathon/v2/artifacts/x', [marathon, superuser]],
  ],
  '/marathon/': [
    ['GET', '/marathon', [marathon]],
    ['GET', '/marathon/', [marathon]],
    ['GET', '/marathon/ping', [marathon]],
    ['GET', '/marathon/v2/apps/dev/web', [marathon, `read on ${services}/dev/web`]],
    ['DELETE', '/marathon/v2/unheard-of', [marathon, superuser]],
  ],
  '/service/metronome/': [
    ['GET', '/service/metronome/', [metronome]],
    ['GET', '/service/metronome/ping', [metronome]],
    ['GET', '/service/metronome/v1/metrics', [metronome, superuser]],
  ],
  '/service/<service-endpoint>/': [
    ['GET', '/service/kafka', ['full on dcos:adminrouter:service:kafka']],
    ['GET', '/service/kafka/', ['full on dcos:adminrouter:service:kafka']],
  ],
  '/service/<unresolvable>/': [['GET', '/service/nowhere/', ['full on dcos:adminrouter:service:nowhere']]],
  '/cluster/v1/links': [
    ['GET', '/cluster/v1/links', linker('read', '*')],
    ['POST', '/cluster/v1/links/', linker('create', '*')],
    ['GET', '/cluster/v1/links/c1', linker('read', 'c1')],
    ['DELETE', '/cluster/v1/links/c1', linker('delete', '*')],
    ['PATCH', '/cluster/v1/links/c1', linker('update', '*')],
    ['PUT', '/cluster/v1/links/c1', linker('update', '*')],
    ['POST', '/cluster/v1/links/c1/x', ['full on dcos:adminrouter:ops:cluster-link', superuser]],
  ],
  '/acs/api/v1/': [
    ['GET', '/acs/api/v1/users', [acs]],
    ['GET', '/acs/api/v1/acls/dcos:secrets:default:%252Fa', [acs]],
    ['POST', '/acs/api/v1/users/bob', [acs, superuser]],
    ['HEAD', '/acs/api/v1/users', [acs, superuser]],
  ],
  '/acs/api/v1/users/<uid>/permissions': [['GET', '/acs/api/v1/users/bob/permissions', [acs, superuser]]],
  '/acs/api/v1/auth/saml/providers/<id>/acs-callback': [
    ['POST', '/acs/api/v1/auth/saml/providers/corp/acs-callback', []],
    ['POST', '/acs/api/v1/auth/saml/providers/corp/other', [acs, superuser]],
  ],
  '/secrets/v1/': [
    ['GET', '/secrets/v1/unheard-of', [superuser]],
    ['GET', '/secrets/v1/secret/other-store/a', [superuser]],
  ],
  // An open prefix for everything else would open what is misspelt.
  '/': [
    ['GET', '/', []],
    ['GET', '/assets/main.js', 'none'],
    ['GET', '/capabilities2', 'none'],
  ],
  '/internal/': [
    ['GET', '/internal/', 'none'],
    ['GET', '/internal/acs/api/v1/x', 'none'],
  ],
};

function linker(action: string, link: string): string[] {
  return ['full on dcos:adminrouter:ops:cluster-link', `${action} on dcos:cluster:linker:${link}`];
}

const adminRouterNeeds: readonly Need[] = facts.adminRouter.flatMap((row): Need[] => {
  const title = `${row.path} (${row.certain ? 'certain' : 'uncertain'})`;
  const own = otherPaths[row.path];
  if (own !== undefined) return own.map(([method, path, needs]) => ({ title, method, path, needs }));
  const isOpen = row.access === 'unauthenticated' || row.access === 'no permission needed';
  const needs = isOpen
    ? []
    : [row.resource === null ? superuser : `full on ${fillPlaceholders(row.resource)}`];
  const paths = spread(fillPlaceholders(row.path)).flatMap((path) => {
    const plain = path.replace(/\/$/, '');
    return row.match === 'prefix' ? [plain, `${plain}/`, `${plain}/x`, `${plain}/x:y/z%252F/`] : [path];
  });
  return paths.flatMap((path) => ['GET', 'POST'].map((method) => ({ title, method, path, needs })));
});

/** One request for each row of Marathon, by the row's `operation`; `id` is the service that it is about. */
interface MarathonRequest {
  readonly request: string;
  readonly id?: string;
  /** In place of the row's permission. */
  readonly needs?: readonly string[];
  readonly facts?: DeploymentFacts;
  /** What remains with these facts, where that is more than the row's permission. */
  readonly exactly?: readonly string[];
}

const web = { appId: '/dev/web' };

const marathonRequests: Readonly<Record<string, MarathonRequest>> = {
  'POST /v2/apps': { request: 'POST /v2/apps', needs: [`create on ${services}/`], facts: web },
  'PUT /v2/apps/<id> (app does not exist)': {
    request: 'PUT /v2/apps/dev/web',
    needs: ['create', 'update', 'read'].map((action) => `${action} on ${services}/dev/web`),
    facts: { exists: false },
  },
  'PUT or PATCH /v2/apps/<id> (app exists)': {
    request: 'PATCH /v2/apps/dev/web',
    needs: ['create', 'update', 'read'].map((action) => `${action} on ${services}/dev/web`),
    facts: { exists: true },
    exactly: ['update', 'read'].map((action) => `${action} on ${services}/dev/web`),
  },
  'DELETE /v2/apps/<id>': { request: 'DELETE /v2/apps/dev/web' },
  'POST /v2/apps/<id>/restart': { request: 'POST /v2/apps/dev/web/restart' },
  'GET /v2/apps': { request: 'GET /v2/apps', needs: [`read on ${services}/`], facts: web },
  'GET /v2/apps/<id>': { request: 'GET /v2/apps/dev/web' },
  'GET /v2/apps/<id>/versions': { request: 'GET /v2/apps/dev/web/versions' },
  'GET /v2/apps/<id>/tasks': { request: 'GET /v2/apps/dev/web/tasks' },
  'DELETE /v2/apps/<id>/tasks, POST /v2/tasks/delete': {
    request: 'POST /v2/tasks/delete',
    needs: [`update on ${services}/`],
    facts: web,
  },
  'DELETE /v2/queue/<id>/delay': { request: 'DELETE /v2/queue/dev/web/delay' },
  'POST /v2/pods': { request: 'POST /v2/pods', needs: [`create on ${services}/`], facts: web },
  'PUT /v2/pods/<id>': { request: 'PUT /v2/pods/dev/web' },
  'DELETE /v2/pods/<id>': { request: 'DELETE /v2/pods/dev/web' },
  'GET /v2/pods/<id>': { request: 'GET /v2/pods/dev/web' },
  'GET /v2/groups/<id>': { request: 'GET /v2/groups/dev', id: '/dev' },
  'POST /v2/groups': { request: 'POST /v2/groups', needs: [`full on ${services}/`], facts: web },
  'PUT /v2/groups/<id>': {
    request: 'PUT /v2/groups/dev',
    needs: [`full on ${services}/`],
    facts: { appId: '/dev' },
    exactly: [`full on ${services}/dev`],
  },
  'DELETE /v2/groups/<id>': { request: 'DELETE /v2/groups/dev', id: '/dev' },
  'DELETE /v2/deployments/<id>': {
    request: 'DELETE /v2/deployments/d1',
    needs: [`update on ${services}/`],
    facts: web,
    exactly: [`update on ${services}/dev/web`],
  },
  'GET /v2/info': { request: 'GET /v2/info' },
  'GET /v2/events': { request: 'GET /v2/events' },
  'GET /v2/eventSubscriptions (1.8, 1.9)': { request: 'GET /v2/eventSubscriptions' },
  'GET /v2/leader': { request: 'GET /v2/leader' },
  'DELETE /v2/leader': { request: 'DELETE /v2/leader' },
  'GET /v2/plugins/...': { request: 'GET /v2/plugins/p/x', needs: [superuser] },
};

const marathonNeeds: readonly Need[] = facts.marathon.flatMap((row): Need[] => {
  const asked = marathonRequests[row.operation]!;
  const [method, path] = asked.request.split(' ') as [string, string];
  const id = asked.id ?? '/dev/web';
  const resource = row.resource?.replace('<instance>', 'marathon').replace(/<[^>]*>$/, id);
  const documented = [`${row.action} on ${resource}`];
  return ['/service/marathon', '/marathon'].map((base) => ({
    title: `Marathon: ${row.operation} (${row.certain ? 'certain' : 'uncertain'})`,
    method,
    path: base + path,
    needs: [marathon, ...(asked.needs ?? documented)],
    ...(asked.facts === undefined
      ? {}
      : { exact: { facts: asked.facts, needs: [marathon, ...(asked.exactly ?? documented)] } }),
  }));
});

const metronomeNeeds: readonly Need[] = [
  {
    title: 'POST /v1/jobs',
    method: 'POST',
    path: '/v1/jobs',
    needs: [`create on ${jobs}`],
    exact: { facts: { appId: 'dev.batch' }, needs: [`create on ${jobs}:dev.batch`] },
  },
  {
    title: 'GET /v1/jobs/<id>',
    method: 'GET',
    path: '/v1/jobs/dev.batch',
    needs: [`read on ${jobs}:dev.batch`],
  },
  {
    title: 'PUT /v1/jobs/<id>',
    method: 'PUT',
    path: '/v1/jobs/dev.batch',
    needs: [`update on ${jobs}:dev.batch`],
  },
  {
    title: 'DELETE /v1/jobs/<id>',
    method: 'DELETE',
    path: '/v1/jobs/dev.batch',
    needs: [`delete on ${jobs}:dev.batch`],
  },
  {
    title: 'POST /v1/jobs/<id>/runs',
    method: 'POST',
    path: '/v1/jobs/dev.batch/runs',
    needs: [`create on ${jobs}:dev.batch`, `update on ${jobs}:dev.batch`],
  },
  {
    title: 'POST /v1/jobs/<id>/runs',
    method: 'POST',
    path: '/v1/jobs/dev.batch/runs/r1/actions/stop',
    needs: [`create on ${jobs}:dev.batch`, `update on ${jobs}:dev.batch`],
  },
].map((need) => ({
  ...need,
  path: `/service/metronome${need.path}`,
  needs: [metronome, ...need.needs],
  ...(need.exact === undefined ? {} : { exact: { ...need.exact, needs: [metronome, ...need.exact.needs] } }),
}));

const secret = 'dcos:secrets:default:/team/db/password';
const names = 'dcos:secrets:list:default:/team/db';

const secretNeeds: readonly Need[] = [
  ...[
    ['PUT', 'create'],
    ['PATCH', 'update'],
    ['DELETE', 'delete'],
  ].map(
    ([method, action]): Need => ({
      title: `${method} /secrets/v1/secret/default/<path>/<name>`,
      method: method!,
      path: '/secrets/v1/secret/default/team/db/password',
      needs: [`${action} on ${secret}`],
    }),
  ),
  {
    title: 'GET /secrets/v1/secret/default/<path>/<name>',
    method: 'GET',
    path: '/secrets/v1/secret/default/team/db/password',
    needs: [`read on ${secret}`, 'read on dcos:secrets:list:default:/team/db/password'],
    exact: { query: '', needs: [`read on ${secret}`] },
  },
  {
    title: 'GET /secrets/v1/secret/default/<path>?list=true',
    method: 'GET',
    path: '/secrets/v1/secret/default/team/db',
    needs: ['read on dcos:secrets:default:/team/db', `read on ${names}`],
    exact: { query: 'list=true', needs: [`read on ${names}`] },
  },
  {
    title: 'GET /secrets/v1/secret/default/<path>?list=true',
    method: 'GET',
    path: '/secrets/v1/secret/default/',
    needs: ['read on dcos:secrets:list:default:/'],
    exact: { query: 'list=true', needs: ['read on dcos:secrets:list:default:/'] },
  },
  ...[
    'PUT /secrets/v1/seal/default',
    'PUT /secrets/v1/unseal/default',
    'PUT /secrets/v1/auto-unseal/default',
    'PUT /secrets/v1/init/default',
    'GET /secrets/v1/init/default',
    'GET /secrets/v1/seal-status/default',
    'PUT /secrets/v1/renew/default/a/b',
    'PUT /secrets/v1/revoke/default/a/b',
  ].map((title): Need => {
    const [method, path] = title.split(' ') as [string, string];
    return { title, method, path, needs: [superuser] };
  }),
];

const rid = 'dcos:service:marathon:marathon:services:%252Fdev%252Fweb';

const iamNeeds: readonly Need[] = [
  `PUT /acs/api/v1/acls/${rid}`,
  `PUT /acs/api/v1/acls/${rid}/users/bob/full`,
  `PUT /acs/api/v1/acls/${rid}/groups/ops/full`,
  `DELETE /acs/api/v1/acls/${rid}`,
  `DELETE /acs/api/v1/acls/${rid}/users/bob`,
  `DELETE /acs/api/v1/acls/${rid}/users/bob/full`,
  `DELETE /acs/api/v1/acls/${rid}/groups/ops/full`,
  `GET /acs/api/v1/acls/${rid}/users/bob/full`,
  'GET /acs/api/v1/users/bob/permissions',
].map((title) => {
  const [method, path] = title.split(' ') as [string, string];
  return { title, method, path, needs: [acs, superuser] };
});

/** Under `/service/` every name that the path could mean. */
const endpointNeeds: readonly Need[] = [2, 9, 10, 12].map((count) => {
  const segments = Array.from({ length: count }, (_, i) => `s${i}`);
  return {
    title: `/service/ with ${count} segments`,
    method: 'GET',
    path: `/service/${segments.join('/')}`,
    needs: segments
      .slice(0, 10)
      .map((_, i) => `full on dcos:adminrouter:service:${segments.slice(0, i + 1).join('/')}`),
  };
});

const needs: readonly Need[] = [
  ...adminRouterNeeds,
  ...marathonNeeds,
  ...metronomeNeeds,
  ...secretNeeds,
  ...iamNeeds,
  ...endpointNeeds,
];

// ---------------------------------------------------------------- one policy set for all

function buildOrThrow(text: string) {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const source = { file: join(folder, 'routes-under-test.acl'), text };
  const result = build([source], { importer: createImporter(folder) });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 2));
  return result;
}

function loadPolicy(text: string, mode?: string): Authorizer {
  return Authorizer.fromImage(
    buildOrThrow(`import "postern:dcos/routes"\n${text}`).image,
    mode === undefined ? {} : { mode },
  );
}

/** Each permission is that of a group of its own: a request then brings along exactly those that it may use. */
const permissions = [
  ...new Set(
    needs.flatMap((need) => [...(need.needs === 'none' ? [] : need.needs), ...(need.exact?.needs ?? [])]),
  ),
];

function groupsFor(needed: readonly string[]): string[] {
  return needed.map((permission) => `p${permissions.indexOf(permission)}`);
}

const rules = permissions.map((permission, i) => {
  const [action, resource] = permission.split(' on ');
  return `group p${i} { }\nallow group:p${i} to ${action} on ${JSON.stringify(resource)}\n`;
});
const { image, model } = buildOrThrow(`import "postern:dcos/routes"\n${rules.join('')}`);
const authorizer = Authorizer.fromImage(image);
const reference = createReference(model);

function ask(request: Omit<HttpRequest, 'subject'>): { readonly answer: string; readonly asked: string[] } {
  const { decision, reason, requirements } = authorizer.authorizeHttp({ ...request, subject: 'user:u' });
  const asked = requirements.map(({ action, resource }) => `${action} on ${resource}`);
  const again = reference.authorizeHttp({ ...request, subject: 'user:u' });
  expect({ decision: again.decision, reason: again.reason }).toEqual({ decision, reason });
  return { answer: decision === 'deny' && asked.length > 0 ? 'deny' : `${decision} ${reason}`, asked };
}

describe('every row of the facts has a request', () => {
  test('of Admin Router: 55 rows', () => {
    const titles = new Set(adminRouterNeeds.map(({ title }) => title.replace(/ \(.*?certain\)$/, '')));
    expect([...titles]).toEqual(facts.adminRouter.map(({ path }) => path));
    expect(titles.size).toBe(55);
    expect(Object.keys(otherPaths).filter((path) => !titles.has(path))).toEqual([]);
  });

  test('of Marathon, Metronome, the Secret Store and the IAM', () => {
    expect(Object.keys(marathonRequests)).toEqual(facts.marathon.map(({ operation }) => operation));
    const metronomeTitles = new Set(metronomeNeeds.map(({ title }) => title));
    expect([...metronomeTitles]).toEqual(facts.metronome.map(({ operation }) => operation));
    // The last row of the Secret Store is about the screens of the web interface; two rows stand for two requests each.
    expect(facts.secretStore.map(({ operation }) => operation)).toEqual([
      ...['PUT', 'GET', 'PATCH', 'DELETE'].map(
        (method) => `${method} /secrets/v1/secret/default/<path>/<name>`,
      ),
      'GET /secrets/v1/secret/default/<path>?list=true',
      'PUT /secrets/v1/seal/default',
      'PUT /secrets/v1/unseal/default',
      'PUT /secrets/v1/auto-unseal/default',
      'PUT or GET /secrets/v1/init/default',
      'GET /secrets/v1/seal-status/default',
      '/secrets/v1/renew, /revoke',
      'web interface, any secret operation',
    ]);
    expect(facts.iamApi.every(({ certain }) => certain)).toBe(true);
    expect(facts.iamApi).toHaveLength(6);
  });
});

describe('what a request needs', () => {
  test.each(needs)('$title: $method $path', ({ method, path, needs: needed }) => {
    if (needed === 'none') {
      expect(ask({ method, path, groups: groupsFor([superuser]) })).toEqual({
        answer: path.endsWith('/') ? 'deny malformed' : 'deny no-route',
        asked: [],
      });
      return;
    }
    expect(ask({ method, path, groups: groupsFor(needed) })).toEqual({
      answer: needed.length === 0 ? 'allow open' : expect.stringMatching(/^allow (?:rule|superuser)$/),
      asked: needed,
    });
    for (const missing of needed) {
      const rest = needed.filter((permission) => permission !== missing);
      // A superuser needs nothing else.
      const expected = rest.includes(superuser) ? /^allow/ : /^deny/;
      expect(ask({ method, path, groups: groupsFor(rest) }).answer, missing).toMatch(expected);
    }
  });

  test.each(needs.filter(({ needs: needed }) => needed !== 'none'))(
    'a superuser, and nobody without a permission: $method $path',
    ({ method, path, needs: needed }) => {
      expect(ask({ method, path, groups: groupsFor([superuser]) }).answer).toMatch(/^allow/);
      expect(ask({ method, path }).answer).toMatch(needed.length === 0 ? /^allow/ : /^deny/);
    },
  );

  test.each(needs.filter(({ exact }) => exact !== undefined))(
    'exactly, where more is known: $title: $method $path',
    ({ method, path, exact }) => {
      const asker = { method, path, subject: 'user:u', query: exact!.query };
      const decide = (groups: readonly string[]) =>
        decideChain(authorizer, { ...asker, groups }, exact!.facts).steps.filter(
          ({ asker: who }) => who === 'user:u',
        );
      const steps = decide(groupsFor(exact!.needs));
      expect(steps.map(({ action, resource }) => `${action} on ${resource}`)).toEqual(exact!.needs);
      expect(steps.every(({ decision }) => decision.decision === 'allow')).toBe(true);
      for (const missing of exact!.needs) {
        const rest = decide(groupsFor(exact!.needs.filter((permission) => permission !== missing)));
        expect(
          rest.some(({ decision }) => decision.decision === 'deny'),
          missing,
        ).toBe(true);
      }
    },
  );
});

// ---------------------------------------------------------------- other spellings

describe('another spelling of a path', () => {
  /** May do everything beneath `/dev` and look at everything else in Admin Router, and so has the most to gain. */
  const tenant = loadPolicy(`
    allow user:dev {
      full on ${services}/dev
      full on dcos:adminrouter:service:{marathon,metronome,kafka,edgelb}
      full on dcos:adminrouter:{package,capabilities,acs}
      full on dcos:adminrouter:ops:{mesos,slave,exhibitor,metadata,system-health}
      full on dcos:secrets:default:/dev/*
    }
    deny user:dev to full on ${services}/dev/locked
  `);
  const allows = (method: string, path: string) =>
    tenant.authorizeHttp({ method, path, subject: 'user:dev' }).decision === 'allow';

  test('the tenant may use its own', () => {
    expect(allows('DELETE', '/service/marathon/v2/apps/dev/web')).toBe(true);
    expect(allows('GET', '/secrets/v1/secret/default/dev/x')).toBe(false);
    expect(allows('PUT', '/secrets/v1/secret/default/dev/x')).toBe(true);
    expect(allows('DELETE', '/service/marathon/v2/apps/dev/locked')).toBe(false);
  });

  test.each([
    ['no slash where one is due', '/service/marathon/v2/appsprod/web'],
    ['two slashes', '/service/marathon/v2/apps//prod/web'],
    ['two slashes further left', '/service//marathon/v2/apps/prod/web'],
    ['two slashes at the start', '//service/marathon/v2/apps/prod/web'],
    ['a slash at the end', '/service/marathon/v2/apps/prod/web/'],
    ['a slash at the end of its own', '/service/marathon/v2/apps/dev/locked/'],
    ['an encoded slash', '/service/marathon/v2/apps/dev%2F..%2Fprod/web'],
    ['an encoded slash before all', '/service/marathon/v2/apps/%2Fprod/web'],
    ['a slash encoded twice', '/service/marathon/v2/apps/dev%252F..%252Fprod'],
    ['a slash encoded twice before all', '/service/marathon/v2/apps/%252Fprod%252Fweb'],
    ['a slash encoded twice in the API itself', '/service/marathon/v2%252Fapps%252Fprod'],
    ['dots', '/service/marathon/v2/apps/dev/../prod/web'],
    ['encoded dots', '/service/marathon/v2/apps/dev/%2e%2e/prod/web'],
    ['half encoded dots', '/service/marathon/v2/apps/dev/.%2E/prod/web'],
    ['dots encoded twice', '/service/marathon/v2/apps/dev/%252e%252e/prod/web'],
    ['dots with a parameter', '/service/marathon/v2/apps/dev/..;x/prod/web'],
    ['dots out of an open path', '/acs/api/v1/auth/login/../../users/bob'],
    ['dots encoded out of an open path', '/acs/api/v1/auth/saml/providers/x%252F..%252Fy/acs-callback'],
    ['a backslash', '/service/marathon/v2/apps/dev\\..\\prod'],
    ['an encoded backslash', '/service/marathon/v2/apps/dev%5c..%5cprod'],
    ['a parameter on the API', '/service/marathon/v2;x=1/apps/prod/web'],
    ['a parameter on the service', '/service/marathon;x=1/v2/apps/prod/web'],
    ['a parameter on the id', '/service/marathon/v2/apps/prod;x=1/web'],
    ['capitals', '/service/Marathon/v2/apps/prod/web'],
    ['capitals in the API', '/service/marathon/V2/apps/prod/web'],
    ['a colon', '/service/marathon/v2/apps/dev:x'],
    ['an encoded colon', '/service/marathon/v2/apps/dev%3Ax'],
    ['what follows a pod’s id', '/service/marathon/v2/pods/dev/web::status'],
    ['a query', '/service/marathon/v2/apps/dev/web?x'],
    ['a fragment', '/service/marathon/v2/apps/dev/web#x'],
    ['a null', '/service/marathon/v2/apps/dev%00'],
    ['invalid UTF-8', '/service/marathon/v2/apps/dev%ff'],
    ['another Marathon', '/service/marathon2/v2/apps/dev/web'],
    ['a service beneath one that is granted', '/service/kafka/other'],
    ['a prefix that ends within a segment', '/capabilities2'],
    ['a longer file name', '/metadata2'],
    ['a file of an exact route with a slash', '/metadata/'],
    ['a health page of another version', '/system/health/v10'],
    ['another page of the open one', '/exhibitor/exhibitor/v1/cluster/status/'],
    ['a secret of another', '/secrets/v1/secret/default/prod/x'],
    ['a secret beneath its directory', '/secrets/v1/secret/default/dev/deep/x'],
    ['a secret with an encoded slash', '/secrets/v1/secret/default/dev%2Fx'],
    ['a secret in another store', '/secrets/v1/secret/dev/x'],
    ['no path', ''],
    ['a whole address', 'http://master/mesos'],
  ])('%s is never a way in', (_, path) => {
    for (const method of ['DELETE', 'PUT', 'POST', 'PATCH']) expect(allows(method, path), method).toBe(false);
  });

  test('the sub-resources of a service are not taken for services', () => {
    const auditor = loadPolicy(`
      allow user:u to full on dcos:adminrouter:service:marathon
      allow user:u to full on ${services}/prod/web/{versions,tasks,restart,delay,apps}
      allow user:u to full on ${services}/prod/web/{versions,tasks}/x
    `);
    for (const [method, path] of [
      ['GET', 'apps/prod/web/versions'],
      ['GET', 'apps/prod/web/versions/x'],
      ['GET', 'apps/prod/web/tasks'],
      ['DELETE', 'apps/prod/web/tasks'],
      ['DELETE', 'apps/prod/web/tasks/x'],
      ['POST', 'apps/prod/web/restart'],
      ['DELETE', 'queue/prod/web/delay'],
      ['GET', 'groups/prod/web/versions'],
      ['GET', 'groups/prod/web/versions/x'],
      ['GET', 'groups/prod/web/apps'],
    ] as const) {
      const request = { method, path: `/service/marathon/v2/${path}`, subject: 'user:u' };
      expect(auditor.authorizeHttp(request).decision, `${method} ${path}`).toBe('deny');
    }
  });

  test('a route of one’s own says what a service is', () => {
    const known = loadPolicy(`
      route any "/service/team/web/**" requires full on dcos:adminrouter:service:team/web
      allow user:u to full on dcos:adminrouter:service:team/web
    `);
    const allowed = (path: string) =>
      known.authorizeHttp({ method: 'GET', path, subject: 'user:u' }).decision === 'allow';
    expect(allowed('/service/team/web/')).toBe(true);
    expect(allowed('/service/team/web/v1/plans')).toBe(true);
    expect(allowed('/service/team')).toBe(false);
    expect(allowed('/service/team/other')).toBe(false);
  });
});

// ---------------------------------------------------------------- the whole way

const chainPolicy = `
allow user:cory {
  full on dcos:adminrouter:service:{marathon,metronome}
  full on ${services}/prod
  create, update on ${jobs}:prod
}
allow user:half to full on ${services}/prod
allow user:door to full on dcos:adminrouter:service:marathon
allow user:dcos_marathon {
  create on dcos:mesos:master:task:user:nobody
  create on dcos:mesos:master:task:app_id:/prod
  create on dcos:mesos:master:framework:role:prod
}
allow user:dcos_metronome {
  create on dcos:mesos:master:task:user:nobody
  create on dcos:mesos:master:task:app_id:/prod
}
allow user:root to read on dcos:superuser
allow anyone to full on dcos:adminrouter:package
# What the documentation has people grant for looking at a service's tasks and logs.
allow user:viewer {
  full on dcos:adminrouter:ops:{mesos,slave}
  full on dcos:adminrouter:system:agent
  read on dcos:mesos:agent:executor:app_id:/prod
  read on dcos:mesos:agent:framework:role:slave_public
  read on dcos:mesos:agent:sandbox:app_id:/prod
  read on dcos:mesos:agent:task:app_id:/prod
  read on dcos:mesos:master:executor:app_id:/prod
  read on dcos:mesos:master:framework:role:slave_public
  read on dcos:mesos:master:task:app_id:/prod
}
# The same for debugging without a terminal.
allow user:debugger {
  full on dcos:adminrouter:ops:{mesos,slave}
  read on dcos:mesos:agent:container:app_id:/prod
  create on dcos:mesos:agent:nested_container_session:app_id:/prod
}
`;
const chainImage = buildOrThrow(`import "postern:dcos/routes"\n${chainPolicy}`).image;
const byMode = Object.fromEntries(
  ['disabled', 'permissive', 'strict'].map((mode) => [mode, Authorizer.fromImage(chainImage, { mode })]),
);
const unnamed = Authorizer.fromImage(chainImage);

function follow(mode: string, words: string, known: DeploymentFacts = {}): ChainDecision {
  const [subject, method, target] = words.split(' ') as [string, string, string];
  const [path, query = ''] = target.split('?') as [string, string?];
  return decideChain(
    byMode[mode] ?? unnamed,
    { method, path, query, subject: subject === 'anyone' ? undefined : subject },
    known,
  );
}

/** `who > whom: decision reason, action on resource`, and the whole. */
function tell({ decision, reason, steps }: ChainDecision): string[] {
  const lines = steps.map(
    ({ asker = 'anyone', asked, action, resource, decision: answer }) =>
      `${asker} > ${asked}: ${answer.decision} ${answer.reason}, ${action} on ${resource}`,
  );
  return [...lines, `${decision} ${reason}`];
}

describe('deploying a service', () => {
  const request = 'user:cory POST /service/marathon/v2/apps/prod/web';
  const door = `user:cory > Admin Router: allow rule, ${marathon}`;
  const service = `create on ${services}/prod/web`;
  const asNobody = 'create on dcos:mesos:master:task:user:nobody';
  const asRoot = 'create on dcos:mesos:master:task:user:root';
  const app = 'create on dcos:mesos:master:task:app_id:/prod/web';

  test('in strict mode Marathon is checked as well, under its own name', () => {
    expect(tell(follow('strict', request))).toEqual([
      door,
      `user:cory > Marathon: allow rule, ${service}`,
      `user:dcos_marathon > Mesos master: allow rule, ${asNobody}`,
      `user:dcos_marathon > Mesos master: allow rule, ${app}`,
      'allow rule',
    ]);
  });

  test('without a mode everything is checked, as in strict', () => {
    expect(tell(follow('none', request))).toEqual(tell(follow('strict', request)));
  });

  test('in permissive mode Mesos does not check', () => {
    expect(tell(follow('permissive', request))).toEqual([
      door,
      `user:cory > Marathon: allow rule, ${service}`,
      `user:dcos_marathon > Mesos master: allow not-enforced, ${asRoot}`,
      `user:dcos_marathon > Mesos master: allow not-enforced, ${app}`,
      'allow not-enforced',
    ]);
  });

  test('in disabled mode Admin Router alone checks', () => {
    expect(tell(follow('disabled', request.replace('cory', 'door')))).toEqual([
      door.replace('cory', 'door'),
      `user:door > Marathon: allow not-enforced, ${service}`,
      `user:dcos_marathon > Mesos master: allow not-enforced, ${asRoot}`,
      `user:dcos_marathon > Mesos master: allow not-enforced, ${app}`,
      'allow not-enforced',
    ]);
  });

  test('another Linux user is Marathon’s matter, not the sender’s', () => {
    const known = { linuxUser: 'root' };
    expect(tell(follow('strict', request, known)).slice(2)).toEqual([
      `user:dcos_marathon > Mesos master: deny default, ${asRoot}`,
      `user:dcos_marathon > Mesos master: allow rule, ${app}`,
      'deny default',
    ]);
    expect(follow('permissive', request, known).decision).toBe('allow');
    // Not even a superuser's request makes Marathon one.
    expect(follow('strict', request.replace('cory', 'root'), known).decision).toBe('deny');
  });

  test('a role and volumes are asked for where they are known', () => {
    const asked = (known: DeploymentFacts) => tell(follow('strict', request, known)).slice(4);
    expect(asked({ role: 'prod' })).toEqual([
      'user:dcos_marathon > Mesos master: allow rule, create on dcos:mesos:master:framework:role:prod',
      'allow rule',
    ]);
    expect(asked({ role: 'other', volumes: true })).toEqual([
      'user:dcos_marathon > Mesos master: deny default, create on dcos:mesos:master:framework:role:other',
      'user:dcos_marathon > Mesos master: deny default, create on dcos:mesos:master:reservation:role:other',
      'user:dcos_marathon > Mesos master: deny default, create on dcos:mesos:master:volume:role:other',
      'deny default',
    ]);
    expect(asked({ volumes: true })[0]).toContain('create on dcos:mesos:master:reservation:role');
  });

  test.each([
    ['strict', 'user:cory', 'allow rule'],
    ['strict', 'user:half', 'deny default'],
    ['strict', 'user:door', 'deny default'],
    ['strict', 'user:root', 'allow rule'],
    ['strict', 'user:nobody', 'deny default'],
    ['strict', 'anyone', 'deny no-token'],
    ['permissive', 'user:cory', 'allow not-enforced'],
    ['permissive', 'user:half', 'deny default'],
    ['permissive', 'user:door', 'deny default'],
    ['permissive', 'user:root', 'allow not-enforced'],
    ['permissive', 'anyone', 'deny no-token'],
    ['disabled', 'user:half', 'deny default'],
    ['disabled', 'user:door', 'allow not-enforced'],
    ['disabled', 'anyone', 'deny no-token'],
  ])('in %s mode, for %s: %s', (mode, subject, expected) => {
    expect(tell(follow(mode, request.replace('user:cory', subject))).at(-1)).toBe(expected);
  });

  test('what is in the body is asked for when it is told', () => {
    const create = 'user:cory POST /service/marathon/v2/apps';
    expect(follow('strict', create).decision).toBe('deny');
    expect(tell(follow('strict', create, { appId: '/prod/web' }))).toEqual(tell(follow('strict', request)));
    for (const appId of [
      '/',
      '/other',
      '/production',
      'prod/web',
      '/prod/../other',
      '/prod//x',
      '/prod/',
      '',
    ])
      expect(follow('strict', create, { appId }).decision, appId).toBe('deny');
  });

  test('an id in the path is the one that counts', () => {
    const steps = tell(follow('strict', request, { appId: '/other' }));
    expect(steps).toEqual(tell(follow('strict', request)));
  });

  test('whether it exists chooses, and never leaves nothing', () => {
    const asked = (exists: boolean) =>
      follow('strict', 'user:cory PUT /service/marathon/v2/apps/prod/web', { exists })
        .steps.filter(({ asked: whom }) => whom === 'Marathon')
        .map(({ action }) => action);
    expect(asked(true)).toEqual(['update', 'read']);
    expect(asked(false)).toEqual(['create']);
    const own = Authorizer.fromImage(
      buildOrThrow(`
        import "postern:dcos"
        route PUT "/service/marathon/v2/apps/{id**}" requires create on ${services}/{id**}
      `).image,
    );
    const put = { method: 'PUT', path: '/service/marathon/v2/apps/x', subject: 'user:u' };
    for (const exists of [true, false]) expect(decideChain(own, put, { exists }).decision).toBe('deny');
  });

  test.each([
    ['POST /service/marathon/v2/apps/prod/web/restart', '/prod/web'],
    ['PUT /service/marathon/v2/apps/prod/web', '/prod/web'],
    ['PATCH /marathon/v2/apps/prod/web', '/prod/web'],
    ['DELETE /service/marathon/v2/apps/prod/web/tasks', '/prod/web'],
    ['DELETE /service/marathon/v2/apps/prod/web/tasks/t1', '/prod/web'],
    ['DELETE /service/marathon/v2/queue/prod/web/delay', '/prod/web'],
    ['POST /service/marathon/v2/pods/prod/web', '/prod/web'],
    ['PUT /service/marathon/v2/pods/prod/web', '/prod/web'],
    ['POST /service/marathon/v2/tasks/delete', undefined],
    ['POST /service/marathon/v2/groups', undefined],
    ['PUT /service/marathon/v2/groups/prod', undefined],
    ['DELETE /service/marathon/v2/deployments/d1', undefined],
  ])('%s launches', (request, app) => {
    const launched = follow('strict', `user:cory ${request}`)
      .steps.filter(({ asker }) => asker === 'user:dcos_marathon')
      .map(({ resource }) => resource);
    const id = 'dcos:mesos:master:task:app_id';
    expect(launched).toEqual(['dcos:mesos:master:task:user:nobody', app === undefined ? id : `${id}:${app}`]);
  });

  test.each([
    'GET /service/marathon/v2/apps/prod/web',
    'GET /service/marathon/v2/apps',
    'DELETE /service/marathon/v2/apps/prod/web',
    'DELETE /service/marathon/v2/groups/prod',
    'DELETE /service/marathon/v2/leader',
    'GET /service/marathon/',
  ])('%s does not launch', (request) => {
    const steps = follow('strict', `user:cory ${request}`).steps;
    expect(steps.filter(({ asker }) => asker !== 'user:cory')).toEqual([]);
  });

  test('a job is launched by Metronome, and Mesos knows it by slashes', () => {
    expect(tell(follow('strict', 'user:cory POST /service/metronome/v1/jobs/prod.night/runs'))).toEqual([
      `user:cory > Admin Router: allow rule, ${metronome}`,
      `user:cory > Metronome: allow rule, create on ${jobs}:prod.night`,
      `user:cory > Metronome: allow rule, update on ${jobs}:prod.night`,
      `user:dcos_metronome > Mesos master: allow rule, ${asNobody}`,
      'user:dcos_metronome > Mesos master: allow rule, create on dcos:mesos:master:task:app_id:/prod/night',
      'allow rule',
    ]);
  });
});

describe('looking on', () => {
  const app = { appId: '/prod/web', role: 'slave_public' };
  const sandbox =
    '/agent/a1/files/read?path=/var/lib/mesos/slave/slaves/a1/frameworks/f1/executors/e1/stdout';

  test('Mesos answers to the sender, who needs its permissions too', () => {
    expect(tell(follow('strict', `user:viewer GET ${sandbox}`, app))).toEqual([
      'user:viewer > Admin Router: allow rule, full on dcos:adminrouter:ops:slave',
      'user:viewer > Mesos agent: allow rule, read on dcos:mesos:agent:sandbox:app_id:/prod/web',
      'allow rule',
    ]);
    expect(tell(follow('permissive', `user:debugger GET ${sandbox}`, app)).at(-1)).toBe('allow not-enforced');
    expect(follow('strict', `user:debugger GET ${sandbox}`, app).decision).toBe('deny');
  });

  test.each([
    ['user:viewer GET /mesos/state', app, 'allow'],
    ['user:viewer GET /mesos/master/state.json', app, 'allow'],
    ['user:viewer GET /mesos/state', {}, 'deny'],
    ['user:viewer GET /mesos/state', { ...app, appId: '/other' }, 'deny'],
    ['user:viewer GET /mesos/state', { ...app, role: '*' }, 'deny'],
    ['user:viewer GET /mesos/frameworks', app, 'allow'],
    ['user:viewer GET /mesos/tasks', app, 'allow'],
    ['user:viewer GET /mesos/', {}, 'allow'],
    ['user:viewer GET /mesos/version', {}, 'allow'],
    ['user:viewer GET /mesos/flags', {}, 'deny'],
    ['user:viewer GET /mesos/files/read?path=/master/log', app, 'deny'],
    ['user:viewer POST /mesos/machine/down', app, 'deny'],
    ['user:viewer GET /mesos/unheard-of', app, 'deny'],
    ['user:viewer GET /agent/a1/state', app, 'allow'],
    ['user:viewer GET /slave/a1/slave(1)/state.json', app, 'allow'],
    ['user:viewer GET /agent/a1/containers', app, 'deny'],
    [`user:viewer GET ${sandbox}`, {}, 'deny'],
    [`user:viewer GET ${sandbox}`, { appId: '/production' }, 'deny'],
    ['user:viewer GET /agent/a1/files/read', app, 'deny'],
    ['user:viewer GET /agent/a1/files/read?path=/slave/log', app, 'deny'],
    ['user:viewer GET /agent/a1/files/read?path=/frameworks/f/../../slave/log', app, 'deny'],
    ['user:viewer GET /agent/a1/files/read?path=/frameworks/f&path=/slave/log', app, 'deny'],
    ['user:viewer GET /agent/a1/files/read?path=/frameworks/f;path=/slave/log', app, 'deny'],
    ['user:viewer GET /system/v1/agent/a1/logs/v2/task/t1/file/stdout', app, 'allow'],
    ['user:viewer GET /system/v1/agent/a1/logs/v2/task/t1/file/stdout', {}, 'deny'],
    ['user:viewer GET /system/v1/agent/a1/logs/v1/range/framework/f/executor/e/container/c', app, 'allow'],
    ['user:viewer GET /system/v1/agent/a1/logs/v2/component', {}, 'allow'],
    [
      'user:debugger POST /agent/a1/slave(1)/api/v1',
      { ...app, call: 'LAUNCH_NESTED_CONTAINER_SESSION' },
      'allow',
    ],
    ['user:debugger POST /agent/a1/api/v1', { ...app, call: 'ATTACH_CONTAINER_OUTPUT' }, 'allow'],
    ['user:debugger POST /agent/a1/api/v1', { ...app, call: 'ATTACH_CONTAINER_INPUT' }, 'deny'],
    ['user:debugger POST /agent/a1/api/v1', { ...app, call: 'toString' }, 'deny'],
    ['user:debugger POST /agent/a1/api/v1', app, 'deny'],
    ['user:root POST /agent/a1/api/v1', {}, 'allow'],
    ['user:root POST /mesos/machine/down', {}, 'allow'],
  ] as [string, DeploymentFacts, string][])('in strict mode %s with %j: %s', (words, known, expected) => {
    expect(follow('strict', words, known).decision).toBe(expected);
    // Where Mesos does not check, Admin Router is all there is.
    expect(follow('permissive', words, known).decision).toBe('allow');
  });

  test('every permission that Mesos is asked for is one of the catalogue', () => {
    const asks = [
      ...Object.values(launchAsks).flat(),
      ...Object.values(fileAsks).flat(),
      ...operations.flatMap(({ asks = [], calls = {} }) => [...asks, ...Object.values(calls).flat()]),
    ];
    expect(new Set(asks).size).toBeGreaterThan(25);
    for (const text of new Set(asks)) {
      const [action, template] = text.split(' on ') as [string, string];
      for (const resource of [template.replace(/\[.*\]/, ''), template.replace(/\[(.*)\]/, '$1')]) {
        const id = resource
          .replace('{app}', '/a/b')
          .replace(/\{endpoint\}/, 'metrics/snapshot')
          .replace(/\{\w+\}/, 'x');
        // Not enforced is what a template says, of an action that it knows.
        expect(byMode.permissive!.decide({ subject: 'user:x', action, resource: id }).reason, id).toBe(
          'not-enforced',
        );
      }
    }
  });

  test('every certain row of Mesos is asked for somewhere, but for what no request of people reaches', () => {
    const unreached = new Set([
      'create_block_disks',
      'destroy_block_disks',
      'create_mount_disks',
      'destroy_mount_disks',
    ]);
    const asked = new Set<string>(
      [
        ...Object.values(launchAsks).flat(),
        ...operations.flatMap(({ asks = [], calls = {} }) => [...asks, ...Object.values(calls).flat()]),
        ...Object.values(fileAsks).flat(),
      ].map((text) => text.replace(/\[.*\]|:\/?\{.*\}/, '')),
    );
    const rows = facts.mesos.filter((row) => row.certain && !unreached.has(row.mesosAction));
    const missing = rows
      .map(
        ({ action, resource }) =>
          `${action} on ${resource!.replace(/\[.*\]/, '').replace(/\((\w+)[^)]*\)/, '$1')}`,
      )
      .filter((text) => !asked.has(text));
    expect(missing).toEqual([]);
  });
});

describe('the way of other requests', () => {
  test.each([
    ['no service', 'user:cory GET /service/nowhere/', { endpoints: ['kafka'] }, [superuser]],
    [
      'a service',
      'user:cory GET /service/kafka/v1/plans',
      { endpoints: ['kafka'] },
      ['full on dcos:adminrouter:service:kafka'],
    ],
    [
      'the first from the left',
      'user:cory GET /service/a/b/c',
      { endpoints: ['a/b', 'a/b/c'] },
      ['full on dcos:adminrouter:service:a/b'],
    ],
    ['a group is none', 'user:cory GET /service/a/x', { endpoints: ['a/b'] }, [superuser]],
    [
      'beyond ten segments there is none',
      'user:cory GET /service/1/2/3/4/5/6/7/8/9/10/11',
      { endpoints: ['1/2/3/4/5/6/7/8/9/10/11'] },
      [superuser],
    ],
    [
      'the ten are looked at',
      'user:cory GET /service/1/2/3/4/5/6/7/8/9/10/11',
      { endpoints: ['1/2/3/4/5/6/7/8/9/10'] },
      ['full on dcos:adminrouter:service:1/2/3/4/5/6/7/8/9/10'],
    ],
    ['Marathon is always there', 'user:cory GET /service/marathon/', { endpoints: [] }, [marathon]],
  ] as [string, string, DeploymentFacts, string[]][])(
    'with the services known: %s',
    (_, words, known, expected) => {
      const { steps } = follow('strict', words, known);
      expect(steps.map(({ action, resource }) => `${action} on ${resource}`)).toEqual(expected);
    },
  );

  test('nowhere is a superuser’s alone, also for who holds its name', () => {
    const holder = loadPolicy(
      'allow user:u to full on dcos:adminrouter:service:nowhere\nallow user:root to full on dcos:superuser',
    );
    const decide = (subject: string) =>
      decideChain(holder, { method: 'GET', path: '/service/nowhere/', subject }, { endpoints: [] }).decision;
    expect([decide('user:u'), decide('user:root')]).toEqual(['deny', 'allow']);
  });

  test.each([
    ['list=true', ['list']],
    ['', ['value']],
    ['x=1', ['value']],
    ['l%69st=true', ['list']],
    ['list=false', ['value', 'list']],
    ['list', ['value', 'list']],
    ['list=true&list=true', ['value', 'list']],
    ['x=1;list=true', ['value', 'list']],
    [undefined, ['value', 'list']],
  ])('of a secret with the query %j is asked: %j', (query, expected) => {
    const request = { method: 'GET', path: '/secrets/v1/secret/default/a/b', subject: 'user:u', query };
    const { steps } = decideChain(byMode.strict!, request);
    const kinds = steps.map(({ resource }) => (resource.startsWith('dcos:secrets:list') ? 'list' : 'value'));
    expect(kinds).toEqual(expected);
    expect(steps.every(({ asked }) => asked === 'Secret Store')).toBe(true);
  });

  test('nobody passes Admin Router without a token, whatever anyone may do', () => {
    expect(tell(follow('permissive', 'anyone GET /package/search'))).toEqual([
      'anyone > Admin Router: allow rule, full on dcos:adminrouter:package',
      'deny no-token',
    ]);
    expect(follow('permissive', 'user:x GET /package/search').decision).toBe('allow');
    expect(tell(follow('permissive', 'anyone GET /service/marathon/v2/apps/prod/web'))).toEqual([
      `anyone > Admin Router: deny default, ${marathon}`,
      `anyone > Marathon: allow not-enforced, read on ${services}/prod/web`,
      'deny no-token',
    ]);
    for (const mode of ['disabled', 'permissive', 'strict']) {
      expect(tell(follow(mode, 'anyone GET /secrets/v1/secret/default/a')).at(-1)).toBe('deny no-token');
      expect(tell(follow(mode, 'anyone GET /ca/dcos-ca.crt'))).toEqual(['allow open']);
      expect(tell(follow(mode, 'anyone POST /acs/api/v1/auth/login'))).toEqual(['allow open']);
    }
  });

  test('who asks for a superuser shows the path', () => {
    const asked = (path: string) =>
      follow('strict', `user:u POST ${path}`).steps.find(({ resource }) => resource === 'dcos:superuser')
        ?.asked;
    expect(asked('/acs/api/v1/users/bob')).toBe('IAM');
    expect(asked('/secrets/v1/seal/default')).toBe('Secret Store');
    expect(asked('/service/marathon/v2/x')).toBe('Marathon');
    expect(asked('/service/metronome/v1/x')).toBe('Metronome');
    expect(asked('/cluster/v1/links/c/x')).toBe('cluster linker');
    expect(asked('/pkgpanda/x')).toBe('Admin Router');
    expect(asked('/mesos/machine/up')).toBe('Mesos master');
  });

  test('the sender’s groups count for the sender, not for Marathon', () => {
    const policy = loadPolicy(`
      group ops { }
      allow group:ops { full on dcos:adminrouter:service:marathon  full on ${services}/  create on dcos:mesos:master:task }
      allow group:ops to create on dcos:mesos:master:task:user:**
      allow group:ops to create on dcos:mesos:master:task:app_id:**
    `);
    const request = {
      method: 'POST',
      path: '/service/marathon/v2/apps/x',
      subject: 'user:u',
      groups: ['ops'],
    };
    expect(decideChain(policy, request).steps.map(({ decision }) => decision.decision)).toEqual([
      'allow',
      'allow',
      'deny',
      'deny',
    ]);
  });

  test.each([
    ['/service/marathon/v2/apps//prod', 'the path has an empty segment: write one `/`'],
    ['/service/marathon/v2/apps/prod/', 'the path ends with `/`, which its route does not take'],
    ['/service/marathon/v2/apps/%2Fprod', 'the path has an encoded `/`'],
    ['/service/marathon/v2/apps/../x', 'the path has a dot segment'],
    ['/service/marathon/v2/apps/a:b', 'the path has a `:` or a twice encoded `/` where an id is made of it'],
    ['service', 'the path does not begin with `/`'],
  ])('of what is malformed in %s is told: %s', (path, detail) => {
    expect(decideChain(byMode.strict!, { method: 'PUT', path, subject: 'user:cory' })).toEqual({
      decision: 'deny',
      reason: 'malformed',
      detail,
      steps: [],
    });
  });

  test('what is not of DC/OS has its routes alone', () => {
    const wiki = Authorizer.fromImage(
      buildOrThrow(
        'route GET "/mesos/{page**}" requires view on wiki:/{page**}\nallow anyone to view on wiki:/**',
      ).image,
    );
    expect(decideChain(wiki, { method: 'GET', path: '/mesos/flags' })).toEqual({
      decision: 'allow',
      reason: 'rule',
      steps: [
        {
          action: 'view',
          resource: 'wiki:/flags',
          decision: expect.objectContaining({ decision: 'allow', reason: 'rule' }),
        },
      ],
    });
  });

  test('facts never open what the sender has no permission for', () => {
    const all: DeploymentFacts = {
      appId: '/prod/web',
      exists: true,
      linuxUser: 'nobody',
      role: 'prod',
      endpoints: ['kafka', 's0'],
      call: 'GET_STATE',
    };
    for (const { method, path, needs: needed } of needs) {
      const isForAnyone = needed.length === 0 || needed.includes('full on dcos:adminrouter:package');
      if (isForAnyone) continue;
      expect(follow('strict', `user:nobody ${method} ${path}`, all).decision, path).toBe('deny');
    }
  });
});

// ---------------------------------------------------------------- the command line

const folder = mkdtempSync(join(tmpdir(), 'postern-routes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(
  join(folder, 'prod.acl'),
  `import "postern:dcos/routes"
mode strict
allow user:cory {
  full on dcos:adminrouter:service:marathon
  full on ${services}/prod
}
allow user:dcos_marathon {
  create on dcos:mesos:master:task:user:nobody
  create on dcos:mesos:master:task:app_id
}
`,
);

function check(...words: string[]): ReturnType<typeof runInProcess> {
  return runInProcess('check', ...words, '--root', folder, '-p', join(folder, 'prod.acl'));
}

describe('check --http', () => {
  test('shows the whole way, and its answer last', async () => {
    const words = ['user:cory', '--http', 'POST', '/service/marathon/v2/apps/prod/web'];
    const shown = await runPostern(['check', ...words, '-p', 'prod.acl'], { cwd: folder });
    expect(await check(...words)).toEqual(shown);
    expect(shown).toEqual({
      code: 0,
      stderr: '',
      stdout: `\
  allow  user:cory           Admin Router  full on dcos:adminrouter:service:marathon                    rule prod.acl:4
  allow  user:cory           Marathon      create on dcos:service:marathon:marathon:services:/prod/web  rule prod.acl:5
  allow  user:dcos_marathon  Mesos master  create on dcos:mesos:master:task:user:nobody                 rule prod.acl:8
  allow  user:dcos_marathon  Mesos master  create on dcos:mesos:master:task:app_id:/prod/web            rule prod.acl:9
allow  all 4 steps
`,
    });
    const asRoot = await check(...words, '--linux-user', 'root');
    expect(asRoot).toMatchObject({ code: 1, stderr: '' });
    expect(asRoot.stdout).toMatch(/\n {2}deny {3}user:dcos_marathon .*task:user:root +default\n/);
    expect(asRoot.stdout).toMatch(/\ndeny {3}default at step 3 of 4\n$/);
    expect(await check(...words, '--linux-user', 'root', '--mode', 'permissive')).toMatchObject({ code: 0 });
  });

  test.each([
    [
      ['user:cory', 'POST', '/service/marathon/v2/apps', '--http', '--facts', '{"appId":"/prod/x"}'],
      0,
      'allow  all 4 steps',
    ],
    [['user:cory', '--http', 'POST', '/service/marathon/v2/apps'], 1, 'deny   default at step 2 of 4'],
    [['user:cory', '--http', 'DELETE', '/service/marathon/v2/apps/dev'], 1, 'deny   default at step 2 of 2'],
    [['user:cory', '--http', 'GET', '/service/marathon/'], 0, 'allow  the one step'],
    [
      ['user:cory', '--http', 'POST', '/service/marathon/v2/apps//prod/web'],
      1,
      'deny   malformed: the path has an empty segment: write one `/`',
    ],
    [['user:cory', '--http', 'GET', '/elsewhere'], 1, 'deny   no-route'],
    [['anyone', '--http', 'GET', '/'], 0, 'allow  open'],
    [
      ['anyone', '--http', 'GET', '/service/marathon/v2/apps/prod/web', '--mode', 'permissive'],
      1,
      'deny   no-token',
    ],
    [
      ['user:cory', '--http', 'GET', '/secrets/v1/secret/default/prod?list=true'],
      1,
      'deny   default at step 1 of 1',
    ],
    [['cory', '--http', 'GET', '/mesos/'], 1, 'deny   malformed: the subject is not of the form `type:name`'],
  ] as [string[], number, string][])('%j: exit code %i and %j', async (words, code, last) => {
    const run = await check(...words);
    expect(run).toMatchObject({ code, stderr: '' });
    expect(run.stdout.trimEnd().split('\n').at(-1)).toBe(last);
  });

  test('says the same as JSON', async () => {
    const run = await check('user:cory', '--http', 'GET', '/service/marathon/v2/info', '--format', 'json');
    expect(run).toMatchObject({ code: 1, stderr: '' });
    expect(run.stdout.endsWith('\n')).toBe(true);
    expect(JSON.parse(run.stdout)).toEqual({
      decision: 'deny',
      reason: 'default',
      steps: [
        {
          asker: 'user:cory',
          asked: 'Admin Router',
          action: 'full',
          resource: 'dcos:adminrouter:service:marathon',
          decision: {
            decision: 'allow',
            reason: 'rule',
            rule: { id: 'prod.acl:4', file: 'prod.acl', line: 4 },
          },
        },
        {
          asker: 'user:cory',
          asked: 'Marathon',
          action: 'read',
          resource: 'dcos:service:marathon:marathon:admin:config',
          decision: { decision: 'deny', reason: 'default' },
        },
      ],
    });
    expect(await check('-q', 'user:cory', '--http', 'GET', '/x')).toEqual({
      code: 1,
      stdout: '',
      stderr: '',
    });
  });

  test.each([
    [['user:cory', '--http', 'GET'], 'no path given: write SUBJECT --http METHOD PATH before `-p`'],
    [['user:cory', '--http', 'GET', '/', '--explain'], '--http and --explain exclude each other'],
    [
      ['user:cory', '--http', 'GET', '/', '--every-resource'],
      '--http and --every-resource exclude each other',
    ],
    [['user:cory', 'read', 'a', '--linux-user', 'root'], '--linux-user goes with --http'],
    [['user:cory', 'read', 'a', '--facts', '{}'], '--facts goes with --http'],
    [['user:cory', '--http', 'GET', '/', '--facts', '[]'], '--facts is no JSON object'],
    [['user:cory', '--http', 'GET', '/', '--facts', '{'], '--facts is not valid JSON'],
    [
      ['user:cory', '--http', 'GET', '/', '--facts', '{"app":"/a"}'],
      '--facts has an unknown key `app` (known: appId, ',
    ],
    [
      ['user:cory', '--http', 'GET', '/', '--facts', '{"exists":"yes"}'],
      '`exists` in --facts must be true or false',
    ],
    [
      ['user:cory', '--http', 'GET', '/', '--facts', '{"endpoints":[1]}'],
      '`endpoints` in --facts must be a list of strings',
    ],
  ])('%j is no question', async (words, message) => {
    const run = await check(...words);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain(`postern: ${message}`);
  });

  test('works with any routes', async () => {
    const cwd = fileURLToPath(new URL('../policies/examples/http-routes/', import.meta.url));
    const words = ['check', 'user:ed', '--http', 'POST', '/move/team/to/public', '-p', 'policy.acl'];
    expect(await runPostern(words, { cwd })).toEqual({
      code: 1,
      stderr: '',
      stdout: `\
  deny   user:ed  remove on wiki:/team  default
  allow  user:ed  edit on wiki:/public  rule policy.acl:27
deny   default at step 1 of 2
`,
    });
  });
});
