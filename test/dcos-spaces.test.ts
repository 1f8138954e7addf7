import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  findSpaceIdFault,
  indirectSecrets,
  knownSubjects,
  mayRead,
  RequestError,
  type SpaceIdKind,
  Spaces,
  serviceOfJob,
} from '../src/dcos.ts';
import { Authorizer, buildFiles, type Model } from '../src/index.ts';
import { Random, seedOfRun } from './support/generators.ts';
import { ODD_SEGMENTS, SEGMENTS } from './support/generators-ids.ts';
import { runInProcess as run } from './support/run-command-line.ts';
import { runPostern } from './support/run-postern.ts';

/** Spaces of DC/OS: the rule itself, the index over a cluster, what it says about people who create services, the commands. */

const seed = seedOfRun(process.env.POSTERN_SEED);
beforeAll(() => console.log(`POSTERN_SEED=${seed}`));

const folder = mkdtempSync(join(tmpdir(), 'postern-spaces-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

interface Policy {
  readonly authorizer: Authorizer;
  readonly model: Model;
}

async function load(text: string): Promise<Policy> {
  const result = await buildFiles([write('policy.acl', text)]);
  if (!result.ok) throw new Error(`the policy does not build: ${result.diagnostics[0]?.message}\n${text}`);
  return { authorizer: Authorizer.fromImage(result.image), model: result.model };
}

/** What the engine says by the shipped policy. */
function engineSays(authorizer: Authorizer, service: string, secret: string): boolean {
  return authorizer.isAllowed(`service:${service}`, 'read', `dcos:secrets:default:/${secret}`);
}

// ---------------------------------------------------------------- the rule

/** Secret, the services that may read it, those that may not: as documentation and tests of DC/OS have them. */
const documented: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['group/secret', ['/group/hdfs/service'], ['/marathon-user/service', '/']],
  ['group/hdfs/secret', ['/group/hdfs/service'], ['/group/spark/service']],
  ['hdfs/secret', ['/hdfs'], []],
  ['secret', ['/', '/hdfs', '/group/hdfs/service', '/marathon-user/service'], []],
  [
    'secret-svc/Secret_Path1',
    ['/secret-svc', '/secret-svc/dev1', '/secret-svc/instance2/dev2', '/secret-svc/a/b/c/dev3'],
    ['/user', '/user/dev1'],
  ],
  [
    'secret-svc/instance1/Secret_Path2',
    ['/secret-svc/instance1', '/secret-svc/instance1/dev3', '/secret-svc/instance1/someDir/dev3'],
    ['/secret-svc/dev1', '/secret-svc/instance2/dev3', '/secret-svc'],
  ],
  ['hello-world/somePath/secret1', [], ['/hello-world']],
  // The id of the secret is that of the service: its directory is above.
  ['a/b', ['/a/b', '/a'], ['/b', '/']],
  // Whole segments, and letter case.
  ['dev/secret', ['/dev', '/dev/web'], ['/development', '/Dev', '/de', '/dev-1/web']],
  ['Dev/secret', ['/Dev'], ['/dev']],
];
const rows = documented.flatMap(([secret, readers, others]) => [
  ...readers.map((service) => ({ secret, service, allowed: true })),
  ...others.map((service) => ({ secret, service, allowed: false })),
]);

/** The workshop's mapping: service to the secrets that it reads; every other of these secrets it does not. */
const workshop = new Map(
  ['dev', 'test', 'prod'].flatMap((env) =>
    ['sales', 'eng', 'mktng'].map((org) => [
      `/${env}/${org}/app`,
      ['secret', `${env}/secret`, `${env}/${org}/secret`, `${env}/${org}/app/secret`],
    ]),
  ),
);
const flatWorkshop = new Map([
  ['/dev/app', ['secret', 'dev/secret']],
  ['/app', ['secret']],
]);

describe('mayRead', () => {
  test.each(rows)('$secret by $service: $allowed', async ({ secret, service, allowed }) => {
    expect(mayRead(service, secret)).toBe(allowed);
    const spaces = Spaces.from({ services: [service], secrets: [secret] });
    expect(spaces.secretsFor(service)).toEqual(allowed ? [secret] : []);
    expect(spaces.servicesFor(secret)).toEqual(allowed ? [service] : []);
  });

  test('the workshop has no edge across environments, nor to what is beneath', () => {
    const edges = new Map([...workshop, ...flatWorkshop]);
    const secrets = new Set([...edges.values()].flat());
    const spaces = Spaces.from({ services: edges.keys(), secrets });
    for (const [service, readable] of edges) {
      expect([...secrets].filter((secret) => mayRead(service, secret)).sort()).toEqual(readable.toSorted());
      expect(spaces.secretsFor(service)).toEqual(readable);
    }
  });

  const questions = JSON.parse(
    readFileSync(new URL('./fixtures/dcos/questions.json', import.meta.url), 'utf8'),
  ) as readonly { readonly kind: string; service: string; secret: string; allowed: boolean; id: string }[];

  test.each(questions.filter(({ kind }) => kind === 'space'))(
    'the question $id is answered as documented',
    ({ service, secret, allowed }) => {
      expect(mayRead(service, secret)).toBe(allowed);
    },
  );
});

interface MalformedId {
  readonly kind: SpaceIdKind;
  readonly id: unknown;
  readonly message: string;
  readonly suggestion?: string;
}

const malformedIds: readonly MalformedId[] = [
  { kind: 'service', id: '', message: 'is empty' },
  { kind: 'service', id: 'dev', message: 'does not begin with a slash', suggestion: '/dev' },
  { kind: 'service', id: 'dev/web', message: 'does not begin with a slash', suggestion: '/dev/web' },
  { kind: 'service', id: '/dev/', message: 'has an empty segment', suggestion: '/dev' },
  { kind: 'service', id: '//dev', message: 'has an empty segment', suggestion: '/dev' },
  { kind: 'service', id: '/dev//web', message: 'has an empty segment', suggestion: '/dev/web' },
  { kind: 'service', id: '//', message: 'has an empty segment' },
  { kind: 'service', id: '/dev/../prod', message: 'has a segment `.` or `..`' },
  { kind: 'service', id: '/dev:web', message: 'has a colon after a slash' },
  { kind: 'service', id: '/dev%2fweb', message: 'is percent-encoded' },
  { kind: 'service', id: '/dev\\web', message: 'has a backslash' },
  { kind: 'service', id: '/dev\n', message: 'has an invisible or forbidden character' },
  { kind: 'service', id: '/de\u200bv', message: 'has an invisible or forbidden character' },
  { kind: 'service', id: `/${'x'.repeat(1016)}`, message: 'is too long' },
  { kind: 'service', id: '/a'.repeat(256), message: 'has more than 256 segments' },
  { kind: 'service', id: 7, message: 'is not a string' },
  { kind: 'secret', id: '', message: 'is empty' },
  { kind: 'secret', id: '/', message: 'begins with a slash' },
  { kind: 'secret', id: '/secret', message: 'begins with a slash', suggestion: 'secret' },
  { kind: 'secret', id: '/dev/secret', message: 'begins with a slash', suggestion: 'dev/secret' },
  { kind: 'secret', id: 'dev/', message: 'has an empty segment', suggestion: 'dev' },
  { kind: 'secret', id: 'dev//secret', message: 'has an empty segment', suggestion: 'dev/secret' },
  { kind: 'secret', id: './secret', message: 'has a segment `.` or `..`' },
  { kind: 'secret', id: 'dev:secret', message: 'has a colon after a slash' },
  { kind: 'secret', id: 'x'.repeat(4075), message: 'is too long' },
  { kind: 'secret', id: null, message: 'is not a string' },
  { kind: 'job', id: '', message: 'is empty' },
  { kind: 'job', id: '.dev.batch', message: 'begins with a dot', suggestion: 'dev.batch' },
  { kind: 'job', id: 'dev.batch.', message: 'ends with a dot', suggestion: 'dev.batch' },
  { kind: 'job', id: 'dev..batch', message: 'has two dots in a row', suggestion: 'dev.batch' },
  { kind: 'job', id: 'dev/batch', message: 'has a slash', suggestion: 'dev.batch' },
  { kind: 'job', id: '/dev.batch.job1', message: 'has a slash', suggestion: 'dev.batch.job1' },
  { kind: 'job', id: '/', message: 'has a slash' },
  { kind: 'job', id: 'dev:batch', message: 'has a colon after a slash' },
];

describe('malformed ids', () => {
  test.each(malformedIds)('$kind id $id $message', ({ kind, id, message, suggestion }) => {
    expect(findSpaceIdFault(kind, id)).toEqual(
      suggestion === undefined ? { message } : { message, suggestion },
    );
    if (suggestion !== undefined) expect(findSpaceIdFault(kind, suggestion)).toBeUndefined();
  });

  test.each(malformedIds)('are read by nobody and read nothing: $kind $id', ({ kind, id }) => {
    const text = id as string;
    const spaces = Spaces.from({ services: ['/', '/dev', '/dev/web'], secrets: ['secret', 'dev/secret'] });
    if (kind === 'service') {
      expect(mayRead(text, 'secret')).toBe(false);
      expect(() => spaces.secretsFor(text)).toThrow(RequestError);
      expect(() => spaces.countSecretsFor(text)).toThrow(RequestError);
    } else if (kind === 'secret') {
      expect(mayRead('/dev', text)).toBe(false);
      expect(() => spaces.servicesFor(text)).toThrow(RequestError);
      expect(() => spaces.countServicesFor(text)).toThrow(RequestError);
    } else {
      expect(() => serviceOfJob(text)).toThrow(RequestError);
    }
  });

  test('in the input are reported with their place, and the rest is used', () => {
    const spaces = Spaces.from({
      services: ['/a', 'b', '/c/'],
      jobs: ['a.b', '/a'],
      secrets: ['/s', 's', 3 as unknown as string],
    });
    expect(spaces.refused).toEqual([
      { kind: 'service', index: 1, id: 'b', message: 'does not begin with a slash', suggestion: '/b' },
      { kind: 'service', index: 2, id: '/c/', message: 'has an empty segment', suggestion: '/c' },
      { kind: 'job', index: 1, id: '/a', message: 'has a slash', suggestion: 'a' },
      { kind: 'secret', index: 0, id: '/s', message: 'begins with a slash', suggestion: 's' },
      { kind: 'secret', index: 2, id: 3, message: 'is not a string' },
    ]);
    expect(spaces.refusedCount).toBe(5);
    expect(spaces.servicesFor('s')).toEqual(['/a', 'a.b']);
  });

  test('beyond a thousand are counted', () => {
    const spaces = Spaces.from({ secrets: Array.from({ length: 1500 }, () => '/s') });
    expect(spaces.refused).toHaveLength(1000);
    expect(spaces.refusedCount).toBe(1500);
  });

  test('an error names the id in printable characters, cut short, and what to write instead', () => {
    const spaces = Spaces.from({});
    expect(() => spaces.servicesFor('/a')).toThrow('secret id `/a` begins with a slash: write `a`');
    expect(() => spaces.servicesFor('a\n')).toThrow(
      'secret id `a\\u{a}` has an invisible or forbidden character',
    );
    expect(() => spaces.secretsFor('a'.repeat(999))).toThrow(
      /^service id `a{200}…` does not .* write `\/a{199}…`$/,
    );
  });
});

describe('jobs', () => {
  test('stand where their dots say', () => {
    expect(serviceOfJob('a')).toBe('/a');
    expect(serviceOfJob('dev.batch.night')).toBe('/dev/batch/night');
    expect(mayRead(serviceOfJob('dev.batch.night'), 'dev/batch/key')).toBe(true);
    expect(mayRead(serviceOfJob('dev.batch.night'), 'dev/other/key')).toBe(false);
  });

  test('are not the services whose ids have dots', () => {
    expect(mayRead('/dev.batch', 'dev/key')).toBe(false);
    const spaces = Spaces.from({ services: ['/dev.batch'], jobs: ['dev.batch'], secrets: ['dev.batch/key'] });
    expect(spaces.servicesFor('dev/key')).toEqual(['dev.batch']);
    expect(spaces.servicesFor('dev.batch/key')).toEqual(['/dev.batch']);
  });

  test('are listed among services under their own ids, behind the service at the same path', () => {
    const spaces = Spaces.from({ services: ['/a/b', '/a', '/c'], jobs: ['a.b', 'a.b.c', 'b', 'a.b'] });
    expect(spaces.servicesFor('x')).toEqual(['/a', '/a/b', 'a.b', 'a.b.c', 'b', '/c']);
    expect(spaces.servicesFor('a/b/x')).toEqual(['/a/b', 'a.b', 'a.b.c']);
    expect(spaces.serviceCount).toBe(6);
  });
});

// ---------------------------------------------------------------- the index

describe('Spaces', () => {
  const spaces = Spaces.from({
    services: ['/a-b', '/a/b', '/a', '/a/b', '/B', '/a/b/c', '/'],
    secrets: ['z', 'a/z', 'a/b/y', 'y', 'a/b', 'a-b/x', 'z', 'a/b/c/d/e'],
  });

  test('lists services by path, each before those beneath it', () => {
    expect(spaces.servicesFor('x')).toEqual(['/', '/B', '/a', '/a/b', '/a/b/c', '/a-b']);
    expect(spaces.servicesFor('a/x')).toEqual(['/a', '/a/b', '/a/b/c']);
    expect(spaces.servicesFor('a/b/c/x')).toEqual(['/a/b/c']);
    expect(spaces.servicesFor('a/b/c/d/x')).toEqual([]);
    expect(spaces.servicesFor('A/x')).toEqual([]);
  });

  test('lists secrets by directory, from the root down, in each by name', () => {
    expect(spaces.secretsFor('/')).toEqual(['y', 'z']);
    expect(spaces.secretsFor('/a/b/c')).toEqual(['y', 'z', 'a/b', 'a/z', 'a/b/y']);
    expect(spaces.secretsFor('/a-b/unknown/service')).toEqual(['y', 'z', 'a-b/x']);
    expect(spaces.secretsFor('/unknown')).toEqual(['y', 'z']);
  });

  test('counts without listing; an id that comes twice counts once', () => {
    expect(spaces.countServicesFor('a/x')).toBe(3);
    expect(spaces.countServicesFor('q/x')).toBe(0);
    expect(spaces.countSecretsFor('/a/b/c')).toBe(5);
    expect([spaces.serviceCount, spaces.secretCount]).toEqual([6, 7]);
  });

  test('a limit takes the first ones', () => {
    for (const limit of [0, 1, 2, 3, 4, 5, 6, 100]) {
      expect(spaces.servicesFor('x', { limit })).toEqual(spaces.servicesFor('x').slice(0, limit));
      expect(spaces.secretsFor('/a/b/c', { limit })).toEqual(spaces.secretsFor('/a/b/c').slice(0, limit));
    }
    for (const limit of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => spaces.servicesFor('x', { limit })).toThrow(RequestError);
      expect(() => spaces.secretsFor('/a', { limit })).toThrow(RequestError);
    }
  });

  test('is not changed by who changes an answer', () => {
    spaces.servicesFor('x').length = 0;
    expect(spaces.servicesFor('x')).toHaveLength(6);
  });

  test('holds names that every object has', () => {
    const odd = Spaces.from({ services: ['/__proto__', '/constructor/toString'], secrets: ['__proto__/x'] });
    expect(odd.servicesFor('__proto__/x')).toEqual(['/__proto__']);
    expect(odd.servicesFor('hasOwnProperty/x')).toEqual([]);
    expect(odd.secretsFor('/__proto__/toString')).toEqual(['__proto__/x']);
  });

  test('empty, it answers nothing', () => {
    const empty = Spaces.from({});
    expect(empty.servicesFor('a/b')).toEqual([]);
    expect(empty.secretsFor('/a/b')).toEqual([]);
    expect([empty.countSecretsFor('/'), empty.countServicesFor('a')]).toEqual([0, 0]);
  });

  test('paths as deep as an id can be', () => {
    const deep = '/a'.repeat(255);
    const spaces = Spaces.from({ services: [deep], secrets: [`${'a/'.repeat(252)}s`] });
    expect(spaces.refused).toEqual([]);
    expect(spaces.secretsFor(deep)).toHaveLength(1);
    expect(spaces.servicesFor(`${'a/'.repeat(252)}t`)).toEqual([deep]);
  });
});

/** Few segments, so that paths meet; some of them odd, some ids malformed. */
class IdMaker {
  readonly random: Random;
  readonly names: readonly string[];

  constructor(seed: number) {
    this.random = new Random(seed);
    this.names = this.random.sample([...SEGMENTS, ...ODD_SEGMENTS.filter((name) => name !== '')], 4);
  }

  service(): string {
    const path = `/${this.#path(4)}`;
    return this.random.chance(0.02) ? this.#spoil(path) : path;
  }

  secret(): string {
    const path = this.#path(4) || 'a';
    return this.random.chance(0.02) ? this.#spoil(path) : path;
  }

  job(): string {
    const path = (this.#path(3) || 'a').replaceAll('/', '.');
    return this.random.chance(0.02) ? this.#spoil(path) : path;
  }

  #path(most: number): string {
    return this.random.times(this.random.below(most + 1), () => this.random.pick(this.names)).join('/');
  }

  #spoil(id: string): string {
    const at = this.random.below(id.length + 1);
    const wrong = this.random.pick([
      '/',
      '//',
      ':',
      '%41',
      '\\',
      '.',
      '..',
      '/./',
      '\u0000',
      '\u200e',
      '\ud800',
    ]);
    return id.slice(0, at) + wrong + id.slice(at);
  }
}

/** The rule on segments, pair by pair. */
function naiveMayRead(service: string, secret: string): boolean {
  const directory = secret.split('/').slice(0, -1);
  const path = service.split('/').slice(1);
  return directory.every((segment, i) => segment === path[i]);
}

/** Segment by segment; a path before those beneath it. */
function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (const [i, segment] of a.entries()) {
    const other = b[i];
    if (other === undefined) return 1;
    if (segment !== other) return segment < other ? -1 : 1;
  }
  return a.length - b.length;
}

function isWellFormed(kind: SpaceIdKind): (id: string) => boolean {
  return (id) => findSpaceIdFault(kind, id) === undefined;
}

describe('on random clusters', () => {
  test('mayRead is what the engine decides by the shipped policy, malformed ids included', async () => {
    const { authorizer } = await load('import "postern:dcos/spaces"');
    const random = new Random(seed);
    let allowed = 0;
    for (let i = 0; i < 200; i++) {
      const make = new IdMaker(random.seed());
      for (let j = 0; j < 100; j++) {
        const service = make.service();
        const secret = make.secret();
        const expected = engineSays(authorizer, service, secret);
        if (mayRead(service, secret) !== expected)
          expect.fail(`${service} and ${secret}: the engine says ${expected}, with POSTERN_SEED=${seed}`);
        if (expected) allowed++;
      }
    }
    expect(allowed).toBeGreaterThan(1000);
  });

  test('mayRead is what the engine decides for the documented pairs', async () => {
    const { authorizer } = await load('import "postern:dcos/spaces"');
    for (const { secret, service, allowed } of rows)
      expect(engineSays(authorizer, service, secret), `${service} and ${secret}`).toBe(allowed);
  });

  test('the index answers as the rule does pair by pair, in order', () => {
    const random = new Random(seed);
    for (let i = 0; i < 100; i++) {
      const make = new IdMaker(random.seed());
      const size = random.pick([0, 1, 5, 60]);
      const services = random.times(size, () => make.service());
      const jobs = random.times(random.pick([0, size]), () => make.job());
      const secrets = random.times(random.pick([1, 60]), () => make.secret());
      const spaces = Spaces.from({ services, jobs, secrets });
      const readers = [
        ...new Set(services.filter(isWellFormed('service'))),
        ...new Set(jobs.filter(isWellFormed('job'))),
      ].map((id) => ({ id, path: id.startsWith('/') ? id : serviceOfJob(id) }));
      const known = [...new Set(secrets.filter(isWellFormed('secret')))];
      const place = `POSTERN_SEED=${seed}, round ${i}`;
      expect(spaces.serviceCount + spaces.secretCount, place).toBe(readers.length + known.length);
      for (const secret of [
        ...known,
        ...random.times(20, () => make.secret()).filter(isWellFormed('secret')),
      ]) {
        const expected = readers
          .filter(({ path }) => naiveMayRead(path, secret))
          .sort(
            (a, b) => comparePaths(segmentsOf(a.path), segmentsOf(b.path)) || (a.id.startsWith('/') ? -1 : 1),
          )
          .map(({ id }) => id);
        const limit = random.below(10);
        expect(spaces.servicesFor(secret), place).toEqual(expected);
        expect(spaces.servicesFor(secret, { limit }), place).toEqual(expected.slice(0, limit));
        expect(spaces.countServicesFor(secret), place).toBe(expected.length);
      }
      for (const service of [
        ...readers.map(({ path }) => path),
        ...random.times(20, () => make.service()).filter(isWellFormed('service')),
      ]) {
        const expected = known
          .filter((secret) => naiveMayRead(service, secret))
          .sort((a, b) => directoryOf(a).length - directoryOf(b).length || (a < b ? -1 : 1));
        const limit = random.below(10);
        expect(spaces.secretsFor(service), place).toEqual(expected);
        expect(spaces.secretsFor(service, { limit }), place).toEqual(expected.slice(0, limit));
        expect(spaces.countSecretsFor(service), place).toBe(expected.length);
      }
    }
  });
});

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function directoryOf(secret: string): string[] {
  return secret.split('/').slice(0, -1);
}

// ---------------------------------------------------------------- indirect grants

const cluster = Spaces.from({
  services: ['/prod/web', '/prod/db/main', '/dev/web', '/prod/db/copy'],
  jobs: ['prod.nightly'],
  secrets: [
    'root',
    'prod/key',
    'prod/web/tls',
    'prod/db/password',
    'prod/db/main/x',
    'prod/vault/y',
    'dev/key',
  ],
});
const inProd = [
  'root',
  'prod/key',
  'prod/db/password',
  'prod/db/main/x',
  'prod/vault/y',
  'prod/web/tls',
] as const;
const services = 'dcos:service:marathon:marathon:services:/';
const jobs = 'dcos:service:metronome:metronome:jobs';

interface IndirectCase {
  readonly title: string;
  readonly policy: string;
  readonly grants: readonly (readonly [kind: string, group: string, secrets: readonly string[]])[];
  readonly secrets?: readonly string[];
  readonly subject?: string;
}

const indirectCases: readonly IndirectCase[] = [
  {
    title: 'a tenant reaches what is above, in and beneath its group',
    policy: `allow user:ann to full on ${services}prod`,
    grants: [['service', '/prod', inProd]],
  },
  {
    title: 'full on the root Marathon reaches everything',
    policy: `allow user:ann to full on ${services}`,
    grants: [
      [
        'service',
        '/',
        ['root', 'dev/key', 'prod/key', 'prod/db/password', 'prod/db/main/x', 'prod/vault/y', 'prod/web/tls'],
      ],
    ],
  },
  {
    title: 'create on one service reaches what lies on its path',
    policy: `allow user:ann to create on ${services}prod/web`,
    grants: [['service', '/prod/web', ['root', 'prod/key', 'prod/web/tls']]],
  },
  {
    title: 'create on a service that nobody has listed counts as well',
    policy: `allow user:ann to create on ${services}prod/db/new-one`,
    grants: [['service', '/prod/db/new-one', ['root', 'prod/key', 'prod/db/password']]],
  },
  {
    title: 'a denial beneath a group takes the secrets there away',
    policy: `allow user:ann to create on ${services}prod\ndeny anyone to create on ${services}prod/db`,
    grants: [['service', '/prod', ['root', 'prod/key', 'prod/vault/y', 'prod/web/tls']]],
  },
  {
    title: 'a denial of another action takes nothing away',
    policy: `allow user:ann to create on ${services}prod\ndeny anyone to delete on ${services}prod`,
    grants: [['service', '/prod', inProd]],
  },
  {
    title: 'a denial of the group leaves nothing',
    policy: `allow user:ann to full on ${services}prod\ndeny user:ann to create on ${services}prod`,
    grants: [],
  },
  {
    title: 'without create nothing is reached',
    policy: `allow user:ann to read, update, delete on ${services}`,
    grants: [],
  },
  {
    title: 'a grant on secrets plays no part',
    policy: 'allow user:ann to full on dcos:secrets:default:/**',
    grants: [],
  },
  {
    title: 'a superuser reaches everything, by services and by jobs',
    policy: 'allow user:ann to read on dcos:superuser',
    grants: [
      ['service', '/', cluster.secretsFor('/').concat(['dev/key', ...inProd.slice(1)])],
      ['job', '/', cluster.secretsFor('/').concat(['dev/key', ...inProd.slice(1)])],
    ],
  },
  {
    title: 'two groups are told apart',
    policy: `allow user:ann to create on ${services}{dev,prod/db}`,
    grants: [
      ['service', '/dev', ['root', 'dev/key']],
      ['service', '/prod/db', ['root', 'prod/key', 'prod/db/password', 'prod/db/main/x']],
    ],
    secrets: ['root', 'dev/key', 'prod/key', 'prod/db/password', 'prod/db/main/x'],
  },
  {
    title: 'the groups of the subject count',
    policy: `group staff { user:ann }\nallow group:staff to create on ${services}dev`,
    grants: [['service', '/dev', ['root', 'dev/key']]],
  },
  {
    title: 'jobs are asked for by their dots',
    policy: `allow user:ann to create on ${jobs}:prod.db`,
    grants: [['job', '/prod/db', ['root', 'prod/key', 'prod/db/password', 'prod/db/main/x']]],
  },
  {
    title: 'all jobs',
    policy: `allow user:ann to create on ${jobs}`,
    grants: [['job', '/', ['root', 'dev/key', ...inProd.slice(1)]]],
  },
  {
    title: 'a job that nobody has listed',
    policy: `allow user:ann to create on ${jobs}:prod.vault.scan.deep`,
    grants: [['job', '/prod/vault/scan/deep', ['root', 'prod/key', 'prod/vault/y']]],
  },
  {
    title: 'a pattern allows what is there, by name',
    policy: `allow user:ann to create on ${services}prod/*`,
    grants: [
      ['service', '/prod/db', ['root', 'prod/key', 'prod/db/password']],
      ['service', '/prod/nightly', ['root', 'prod/key']],
      ['service', '/prod/vault', ['root', 'prod/key', 'prod/vault/y']],
      ['service', '/prod/web', ['root', 'prod/key', 'prod/web/tls']],
    ],
    secrets: ['root', 'prod/key', 'prod/db/password', 'prod/vault/y', 'prod/web/tls'],
  },
  {
    title: 'a pattern allows what is not there yet',
    policy: `allow user:ann to create on ${services}dev/web/*`,
    grants: [['service', '/dev/web/<new>', ['root', 'dev/key']]],
  },
  {
    title: 'a pattern whose end is nowhere yet',
    policy: `allow user:ann to create on ${services}*/vault/scanner`,
    grants: [
      ['service', '/dev/vault/scanner', ['root', 'dev/key']],
      ['service', '/prod/vault/scanner', ['root', 'prod/key', 'prod/vault/y']],
    ],
    secrets: ['root', 'dev/key', 'prod/key', 'prod/vault/y'],
  },
  {
    title: 'a rule on a part of a group that is allowed anyway adds no group',
    policy: `allow user:ann to create on ${services}prod\nallow user:ann to create on ${services}prod/db/new-one`,
    grants: [['service', '/prod', inProd]],
  },
  {
    title: 'a pattern goes on by more than one name where a denial takes the shortest',
    policy: `allow user:ann to create on ${services}prod/vault/**/app\ndeny anyone to create on ${services}prod/vault/{app,prod,vault}`,
    grants: [['service', '/prod/vault/<new>/app', ['root', 'prod/key', 'prod/vault/y']]],
  },
  {
    title: 'a home of its own',
    policy: `allow user:{name} to create on ${services}prod/db/{name}`,
    grants: [['service', '/prod/db/ann', ['root', 'prod/key', 'prod/db/password']]],
  },
  {
    title: 'a ruleset that allows by default',
    policy: `ruleset open deny-overrides {\n scope create on ${services}dev/web/next\n default allow\n}`,
    grants: [['service', '/dev/web/next', ['root', 'dev/key']]],
  },
  {
    title: 'a subject that no rule speaks of reaches nothing',
    policy: `allow user:bob to full on ${services}`,
    grants: [],
  },
];

describe('indirectSecrets', () => {
  test.each(indirectCases)('$title', async ({ policy, grants, secrets }) => {
    const { authorizer, model } = await load(`import "postern:dcos"\n${policy}\n`);
    const found = indirectSecrets(authorizer, 'user:ann', cluster, { model });
    expect(found.grants.map(({ kind, group, secrets }) => [kind, group, secrets()])).toEqual(grants);
    expect(found.grants.map(({ secretCount }) => secretCount)).toEqual(
      grants.map(([, , list]) => list.length),
    );
    expect(found.secrets()).toEqual(secrets ?? grants[0]?.[2] ?? []);
    expect(found.secretCount).toBe(found.secrets().length);
    for (const { secrets } of [...found.grants, found])
      expect(secrets({ limit: 2 })).toEqual(secrets().slice(0, 2));
  });

  test('without the model it asks where something is, and for a new name there', async () => {
    const policy = `allow user:ann to create on ${services}prod/*\nallow user:ann to create on ${services}dev/unlisted`;
    const { authorizer } = await load(`import "postern:dcos"\n${policy}\n`);
    const found = indirectSecrets(authorizer, 'user:ann', cluster);
    expect(found.grants.map(({ group }) => group)).toEqual([
      '/prod/db',
      '/prod/nightly',
      '/prod/vault',
      '/prod/web',
    ]);
    const bare = indirectSecrets(authorizer, 'user:ann', Spaces.from({ secrets: ['prod/key'] }));
    expect(bare.grants.map(({ group, secrets }) => [group, secrets()])).toEqual([
      ['/prod/<new>', ['prod/key']],
    ]);
  });

  test('where creating is not enforced, everybody reaches everything', async () => {
    const result = await buildFiles([write('open.acl', 'import "postern:dcos"\n')]);
    if (!result.ok) throw new Error('the policy does not build');
    for (const [mode, subject, count] of [
      ['disabled', 'user:ann', 7],
      ['permissive', 'user:ann', 0],
      ['permissive', undefined, 7],
      ['strict', undefined, 0],
    ] as const) {
      const authorizer = Authorizer.fromImage(result.image, { mode });
      expect(indirectSecrets(authorizer, subject, cluster).secretCount, `${mode} ${subject}`).toBe(count);
    }
  });

  test('a pattern on something else costs no question', async () => {
    const text = `import "postern:dcos"\nallow user:ann to create on ${services}nowhere\n`;
    const other =
      'allow user:ann to create on dcos:secrets:default:/**/x/y\nallow user:ann to edit on wiki:/*\n';
    const countQuestions = async (policy: string): Promise<number> => {
      const { authorizer, model } = await load(policy);
      let questions = 0;
      const approver = (subject: string | undefined, action: string) => ({
        allows(resource: string | undefined): boolean {
          questions++;
          return authorizer.isAllowed(subject, action, resource);
        },
      });
      indirectSecrets({ approver }, 'user:ann', cluster, { model });
      return questions;
    };
    expect(await countQuestions(text + other)).toBe(await countQuestions(text));
  });

  test('there may be more groups than a call has room for arguments', async () => {
    const services = Array.from({ length: 150_000 }, (_, i) => `/service-${i}`);
    const spaces = Spaces.from({ services, secrets: ['root'] });
    const { authorizer, model } = await load(
      'import "postern:dcos"\nallow user:ann to create on dcos:service:marathon:marathon:services:/*\n',
    );
    const found = indirectSecrets(authorizer, 'user:ann', spaces, { model });
    expect(found.grants).toHaveLength(150_000);
    expect(found.secretCount).toBe(1);
  });

  test('a service with a dot in its id is no group of jobs', async () => {
    const spaces = Spaces.from({ services: ['/a.b/c'], secrets: ['a.b/key', 'a/b/key'] });
    const { authorizer, model } = await load(
      `import "postern:dcos"\nallow user:ann to create on ${jobs}:a.b\n`,
    );
    const found = indirectSecrets(authorizer, 'user:ann', spaces, { model });
    expect(found.grants.map(({ group, secrets }) => [group, secrets()])).toEqual([['/a/b', ['a/b/key']]]);
  });

  test.each(['ann', '', ':', 'group:staff', 'user:', 'user:a\n'])(
    'the subject %j cannot ask',
    async (subject) => {
      const { authorizer } = await load('import "postern:dcos"\n');
      expect(() => indirectSecrets(authorizer, subject, cluster)).toThrow(RequestError);
    },
  );

  test('subjects that a model names', async () => {
    const { model } = await load(
      'group a { user:kim, group:b }\ngroup b { user:"two words" }\nallow user:ann, anyone, service:/x to read on a:b\n' +
        'role r { read on a:c }\ngrant r to user:bob, user:ann, user:* \n',
    );
    expect(knownSubjects(model)).toEqual([
      'service:/x',
      'user:ann',
      'user:bob',
      'user:kim',
      'user:two words',
    ]);
  });

  test('it reaches what some service reads that the engine lets be created', {
    timeout: 120_000,
  }, async () => {
    const random = new Random(seed);
    let reached = 0;
    for (let round = 0; round < 60; round++) {
      const names = ['a', 'b', 'ann'];
      const path = (most: number): string =>
        random.times(random.below(most) + 1, () => random.pick(names)).join('/');
      const rules = random.times(random.between(1, 4), () => randomRule(random, path));
      const policy = `import "postern:dcos"\n${rules.join('\n')}\n`;
      const { authorizer, model } = await load(policy);
      const secrets = random.times(12, () => `${path(3)}/s${random.below(3)}`).concat('s');
      const spaces = Spaces.from({ services: random.times(5, () => `/${path(4)}`), secrets });
      const found = indirectSecrets(authorizer, 'user:ann', spaces, { model });
      const place = `POSTERN_SEED=${seed}\n${policy}${secrets}`;
      const creatable = (kind: 'service' | 'job'): string[] =>
        everyPath([...names, '<new>'], 5).filter((candidate) =>
          authorizer.isAllowed(
            'user:ann',
            'create',
            kind === 'service'
              ? `${services}${candidate}`
              : `${jobs}${candidate === '' ? '' : `:${candidate.replaceAll('/', '.')}`}`,
          ),
        );
      const created = { service: creatable('service'), job: creatable('job') };
      const all = [...new Set(secrets)];
      expect(found.secrets().sort(), place).toEqual(
        all
          .filter((secret) =>
            [...created.service, ...created.job].some((at) => naiveMayRead(`/${at}`, secret)),
          )
          .sort(),
      );
      reached += found.secretCount;
      for (const { kind, group, secrets } of found.grants) {
        const beneath = created[kind].filter((at) => `/${at}/`.startsWith(group === '/' ? '/' : `${group}/`));
        expect(created[kind], place).toContain(group.slice(1));
        expect(secrets().sort(), `${place} ${group}`).toEqual(
          all.filter((secret) => beneath.some((at) => naiveMayRead(`/${at}`, secret))).sort(),
        );
      }
    }
    expect(reached).toBeGreaterThan(60);
  });
});

function randomRule(random: Random, path: (most: number) => string): string {
  if (random.chance(0.3)) return `deny anyone to create on ${services}${path(4)}`;
  if (random.chance(0.25)) return `allow user:ann to create on ${jobs}:${path(3).replaceAll('/', '.')}`;
  const wild = random.pick([
    '',
    '',
    `${path(2)}/*`,
    `*/${path(2)}`,
    `**/${path(1)}`,
    `${path(1)}/*/${path(1)}`,
  ]);
  return `allow user:ann to ${random.pick(['create', 'full'])} on ${services}${wild || path(4)}`;
}

/** Every path of up to `depth` segments; the empty one is the root. */
function everyPath(names: readonly string[], depth: number): string[] {
  let level = [''];
  const paths = [''];
  for (let i = 0; i < depth; i++) {
    level = level.flatMap((head) => names.map((name) => (head === '' ? name : `${head}/${name}`)));
    paths.push(...level);
  }
  return paths;
}

// ---------------------------------------------------------------- commands

function spacesCommand(...words: readonly string[]): ReturnType<typeof run> {
  return run('dcos', 'spaces', ...words);
}

describe('dcos spaces may-read', () => {
  test.each(rows)('$secret by $service: $allowed', async ({ secret, service, allowed }) => {
    const { code, stdout, stderr } = await spacesCommand('may-read', service, secret);
    expect({ code, stderr }).toEqual({ code: allowed ? 0 : 1, stderr: '' });
    expect(stdout.startsWith(allowed ? 'allow  ' : 'deny   ')).toBe(true);
  });

  test('says why, as text and as JSON, or nothing', async () => {
    expect((await spacesCommand('may-read', '/a/b', 'a/x')).stdout).toBe(
      'allow  directory a is on the path of the service\n',
    );
    expect((await spacesCommand('may-read', '/a/b', 'x')).stdout).toBe(
      'allow  the secret lies in the root\n',
    );
    expect((await spacesCommand('may-read', '/a', 'x/y', '--format', 'json')).stdout).toBe(
      '{"allowed":false}\n',
    );
    expect(await spacesCommand('may-read', '-q', '/a', 'x/y')).toEqual({ code: 1, stdout: '', stderr: '' });
  });

  test('takes the id of a job', async () => {
    expect(await spacesCommand('may-read', '--job', 'a.b', 'a/x')).toMatchObject({ code: 0 });
    expect((await spacesCommand('may-read', '--job', 'a.b', 'b/x')).stdout).toBe(
      'deny   directory b is not on the path of the job\n',
    );
  });

  test.each([
    [['a', 'x'], 'service id `a` does not begin with a slash: write `/a`'],
    [['/a', '/x'], 'secret id `/x` begins with a slash: write `x`'],
    [['--job', '/a/b', 'x'], 'job id `/a/b` has a slash: write `a.b`'],
    [['/a/../b', 'x'], 'service id `/a/../b` has a segment `.` or `..`'],
  ])('%j is wrong usage, and never "no"', async (words, message) => {
    expect(await spacesCommand('may-read', ...words)).toEqual({
      code: 2,
      stdout: '',
      stderr: `postern: ${message}\n`,
    });
  });
});

describe('dcos spaces secrets-for and services-for', () => {
  const serviceFile = write('services.txt', '/b/c\n/a/b\n\n/a\r\n/a/b\n/a-b');
  const jobFile = write('jobs.txt', 'a.b\na.c\n');
  const secretFile = write('secrets.txt', 'z\na/y\na/b/x\nb/w\ny\nz\n');
  const badFile = write('bad.txt', '/z\ny\na//b\n');

  test('list what there is, once each, in order', async () => {
    expect(await spacesCommand('secrets-for', '/a/b', '--secrets', secretFile)).toEqual({
      code: 0,
      stdout: 'y\nz\na/y\na/b/x\n',
      stderr: '',
    });
    expect(
      (await spacesCommand('services-for', 'a/q', '--services', serviceFile, '--jobs', jobFile)).stdout,
    ).toBe('/a\n/a/b\na.b\na.c\n');
    expect((await spacesCommand('services-for', 'q', '--services', serviceFile)).stdout).toBe(
      '/a\n/a/b\n/a-b\n/b/c\n',
    );
    expect((await spacesCommand('secrets-for', '--job', 'a.b', '--secrets', secretFile)).stdout).toBe(
      'y\nz\na/y\na/b/x\n',
    );
    expect(await spacesCommand('services-for', 'none/q', '--services', serviceFile)).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  test('--count, --limit and --format json', async () => {
    const words = ['secrets-for', '/a/b', '--secrets', secretFile];
    expect((await spacesCommand(...words, '--count')).stdout).toBe('4\n');
    expect((await spacesCommand(...words, '--limit', '3')).stdout).toBe('y\nz\na/y\n');
    expect((await spacesCommand(...words, '--limit', '0')).stdout).toBe('');
    expect((await spacesCommand(...words, '--format', 'json', '--limit', '1')).stdout).toBe(
      '{"count":4,"secrets":["y"]}\n',
    );
    expect((await spacesCommand(...words, '--format', 'json', '--count')).stdout).toBe('{"count":4}\n');
    expect((await spacesCommand('services-for', 'q', '--jobs', jobFile, '--format', 'json')).stdout).toBe(
      '{"count":2,"services":["a.b","a.c"]}\n',
    );
  });

  test('malformed ids are told with their place, left out, and end with 3', async () => {
    expect(await spacesCommand('secrets-for', '/a/b', '--secrets', badFile)).toEqual({
      code: 3,
      stdout: 'y\n',
      stderr: `postern: ${badFile}:1: secret id \`/z\` begins with a slash: write \`z\`
postern: ${badFile}:3: secret id \`a//b\` has an empty segment: write \`a/b\`
postern: 2 of 3 ids are malformed and left out
`,
    });
  });

  test('many malformed ids are counted', async () => {
    const many = write('many.txt', '/z\n'.repeat(50));
    const { code, stderr } = await spacesCommand('secrets-for', '/a', '--secrets', many);
    expect(code).toBe(3);
    expect(stderr.match(/begins with a slash/g)).toHaveLength(20);
    expect(stderr).toContain('postern: 50 of 50 ids are malformed and left out\n');
  });

  test('bytes that are no UTF-8 spoil their line alone', async () => {
    const file = join(folder, 'latin.txt');
    writeFileSync(file, Buffer.from('a/\xe9\ny\n', 'latin1'));
    const { code, stdout, stderr } = await spacesCommand('secrets-for', '/a', '--secrets', file);
    expect({ code, stdout }).toEqual({ code: 3, stdout: 'y\n' });
    expect(stderr).toContain('latin.txt:1: not UTF-8: byte 3');
  });

  test('wrong usage ends with 2, a file that is not there with 3', async () => {
    expect(await spacesCommand('secrets-for', 'a', '--secrets', secretFile)).toMatchObject({ code: 2 });
    expect(await spacesCommand('secrets-for', '/a')).toMatchObject({ code: 2 });
    expect(await spacesCommand('services-for', 'a')).toMatchObject({ code: 2 });
    expect(await spacesCommand('services-for', '/a', '--services', serviceFile)).toMatchObject({ code: 2 });
    expect(await spacesCommand('services-for', 'a', '--services', '-', '--jobs', '-')).toMatchObject({
      code: 2,
    });
    for (const limit of ['-1', 'many', '1.5', '', '1e3'])
      expect(await spacesCommand('services-for', 'a', '--jobs', jobFile, `--limit=${limit}`)).toMatchObject({
        code: 2,
      });
    const { code, stderr } = await spacesCommand('services-for', 'a', '--services', join(folder, 'nothing'));
    expect(code).toBe(3);
    expect(stderr).toMatch(/^postern: list of services .*nothing. cannot be read: no such file or folder\n$/);
    expect(await spacesCommand('services-for', 'a', '--services', folder)).toMatchObject({ code: 3 });
  });

  test('a list may come from standard input, and a large one is written whole', async () => {
    const input = Array.from({ length: 60_000 }, (_, i) => `/group-${i % 10}/service-${i}\n`).join('');
    const words = ['dcos', 'spaces', 'services-for', 'group-3/key', '--services', '-'];
    const { code, stdout } = await runPostern(words, { input });
    expect(code).toBe(0);
    expect(stdout.split('\n')).toHaveLength(6001);
    expect(await runPostern([...words, '--count'], { input })).toMatchObject({ stdout: '6000\n' });
    const all = ['dcos', 'spaces', 'services-for', 'key', '--services', '-'];
    const text = await runPostern(all, { input });
    const json = await runPostern([...all, '--format', 'json'], { input });
    expect(text.stdout.split('\n').slice(0, -1).sort()).toEqual(input.split('\n').slice(0, -1).sort());
    expect(JSON.parse(json.stdout)).toEqual({
      count: 60_000,
      services: text.stdout.split('\n').slice(0, -1),
    });
  });
});

describe('dcos spaces indirect', () => {
  const policy = write(
    'tenants.acl',
    `import "postern:dcos"
group prod { user:ann, user:bob }
allow group:prod to full on ${services}prod
allow user:bob to create on ${jobs}:dev.batch
allow user:eve to read on ${services}
`,
  );
  const secrets = write('cluster-secrets.txt', 'root\nprod/key\nprod/db/password\ndev/key\n');
  const serviceFile = write('cluster-services.txt', '/prod/web\n/dev/web\n');
  const files = ['--secrets', secrets, '--services', serviceFile, '-p', policy];

  test('lists groups and their secrets, and ends with 1', async () => {
    expect(await spacesCommand('indirect', 'user:bob', ...files)).toEqual({
      code: 1,
      stdout: `user:bob service /prod 3 secrets
  root
  prod/key
  prod/db/password
user:bob job /dev/batch 2 secrets
  root
  dev/key
`,
      stderr: 'postern: user:bob reaches secrets by creating services or jobs\n',
    });
  });

  test('ends with 0 where nothing is reached', async () => {
    expect(await spacesCommand('indirect', 'user:eve', ...files)).toEqual({
      code: 0,
      stdout: '',
      stderr: 'postern: user:eve reaches no secret by creating services or jobs\n',
    });
  });

  test('--count, --limit and --format json', async () => {
    expect((await spacesCommand('indirect', 'user:ann', '--count', ...files)).stdout).toBe(
      'user:ann service /prod 3 secrets\n',
    );
    expect((await spacesCommand('indirect', 'user:ann', '--limit', '1', ...files)).stdout).toBe(
      'user:ann service /prod 3 secrets\n  root\n',
    );
    const json = await spacesCommand('indirect', 'user:ann', '--format', 'json', ...files);
    expect(JSON.parse(json.stdout)).toEqual({
      subject: 'user:ann',
      secretCount: 3,
      groups: [
        {
          kind: 'service',
          group: '/prod',
          secretCount: 3,
          secrets: ['root', 'prod/key', 'prod/db/password'],
        },
      ],
    });
    const counts = await spacesCommand('indirect', 'user:ann', '--format', 'json', '--count', ...files);
    expect(counts.stdout).not.toContain('prod/key');
  });

  test('asks for every subject that the policies name', async () => {
    const { code, stdout, stderr } = await spacesCommand('indirect', '--every-subject', '--count', ...files);
    expect(code).toBe(1);
    expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'user:ann',
      'user:bob',
      'user:bob',
      '',
    ]);
    expect(stderr).toBe('postern: 2 of 4 subjects reach secrets by creating services or jobs\n');
  });

  test('anyone is a request without a subject', async () => {
    const words = ['indirect', 'anyone', '--count', '--mode', 'permissive'];
    expect(await spacesCommand(...words, ...files)).toMatchObject({
      code: 1,
      stdout: 'anyone service / 4 secrets\nanyone job / 4 secrets\n',
    });
  });

  test('an image is asked where something is, and says so', async () => {
    const image = join(folder, 'tenants.pimg');
    expect(await run('compile', policy, '-o', image)).toMatchObject({ code: 0 });
    const words = ['indirect', 'user:bob', '--count', '--secrets', secrets];
    const found = await spacesCommand(...words, '-p', image);
    expect(found).toMatchObject({ code: 1, stdout: 'user:bob service /prod 3 secrets\n' });
    expect(found.stderr).toContain('a compiled image does not tell the paths that its rules name');
    expect(
      await spacesCommand('indirect', '--every-subject', '--secrets', secrets, '-p', image),
    ).toMatchObject({
      code: 2,
    });
  });

  test('malformed ids make the answer incomplete: 3', async () => {
    const bad = write('bad-secrets.txt', 'root\n/key\n');
    expect(await spacesCommand('indirect', 'user:eve', '--secrets', bad, '-p', policy)).toMatchObject({
      code: 3,
    });
  });

  test('wrong usage ends with 2, a policy with errors with 3', async () => {
    for (const words of [
      ['indirect', '--secrets', secrets, '-p', policy],
      ['indirect', 'user:ann', '--every-subject', '--secrets', secrets, '-p', policy],
      ['indirect', 'user:ann', '-p', policy],
      ['indirect', 'user:ann', '--secrets', secrets],
      ['indirect', 'ann', '--secrets', secrets, '-p', policy],
      ['indirect', 'group:prod', '--secrets', secrets, '-p', policy],
      ['indirect', 'user:ann', '--secrets', '-', '--services', '-', '-p', policy],
      ['indirect', 'user:ann', '--secrets', secrets, '--mode', 'lax', '-p', policy],
    ])
      expect(await spacesCommand(...words), words.join(' ')).toMatchObject({ code: 2, stdout: '' });
    const broken = write('broken.acl', 'allow user:ann to\n');
    const { code, stderr } = await spacesCommand('indirect', 'user:ann', '--secrets', secrets, '-p', broken);
    expect(code).toBe(3);
    expect(stderr).toContain('no policy is loaded');
  });
});

describe('help', () => {
  test.each(['may-read', 'secrets-for', 'services-for', 'indirect'])(
    'dcos spaces %s --help has examples and the exit codes',
    async (command) => {
      const { code, stdout } = await runPostern(['dcos', 'spaces', command, '--help']);
      expect(code).toBe(0);
      expect(stdout).toContain('Examples:');
      expect(stdout).toContain('Exit codes:');
      const file = new URL(`./fixtures/cli/help-dcos-spaces-${command}.txt`, import.meta.url);
      await expect(stdout).toMatchFileSnapshot(fileURLToPath(file));
    },
  );

  test('dcos spaces --help tells the rule and the commands', async () => {
    const { stdout } = await runPostern(['dcos', 'spaces', '--help']);
    expect(stdout).toContain('A service reads the secrets in the root');
    for (const command of ['may-read', 'secrets-for', 'services-for', 'indirect'])
      expect(stdout).toContain(command);
  });
});

test('the benchmark runs, and its answers have the sizes that it asks for', async () => {
  const file = fileURLToPath(new URL('../bench/spaces.ts', import.meta.url));
  const words = [file, '--services', '1000', '--secrets', '100', '--rounds', '1', '--ms', '1'];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const sizes = stdout.match(/^ +\d+(?= )/gm)?.map(Number);
  expect(sizes).toEqual([1, 10, 100, 1000]);
});
