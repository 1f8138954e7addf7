import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { renderText } from '../src/diagnostics/render-text.ts';
import { readRecord } from '../src/iam/read-record.ts';
import { readSnapshot } from '../src/iam/snapshot.ts';
import { type BuildResult, build } from '../src/index.ts';
import { MAX_IMPORT_DEPTH } from '../src/resolve/load-trees.ts';
import { createServer } from '../src/service/http/server.ts';
import type { Importer } from '../src/source/importer.ts';
import { useOwnFolders } from './support/own-folder.ts';
import { runInProcess } from './support/run-command-line.ts';
import { createTestService } from './support/service.ts';

/**
 * Everything that nests, and everything that reads JSON, far deeper than any stack: a recursion overflows near 13,000 frames. There is
 * an answer that names the limit, and no crash. A million deep is for `test/syntax.test.ts` and `test/json.test.ts`.
 */
const depth = 30_000;
const open = (text: string): string => text.repeat(depth);
const inside = (head: string, middle: string, tail: string): string =>
  head.repeat(depth) + middle + tail.repeat(depth);
const numbered = (count: number, pieceOf: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${pieceOf(i)}\n`).join('');

describe('what nests in a policy', () => {
  const when = (condition: string): string => `allow user:a to read on r when ${condition}\n`;
  const brackets = 'P3003 brackets nested more than 256 deep';
  const condition = 'P3003 condition nested more than 256 deep';
  const braces = 'P3003 braces nested more than 256 deep';
  const groups = 'P3003 groups nested more than 256 deep';
  const nestings: readonly (readonly [title: string, text: string, first: string | undefined])[] = [
    ['parentheses', when(inside('(', 'true', ')')), brackets],
    ['parentheses that nothing closes', when(open('(')), brackets],
    ['negations', when(`${open('!')}true`), condition],
    ['negations of parentheses', when(inside('!(', 'true', ')')), brackets],
    ['conjunctions', when(`true${open(' && true')}`), condition],
    ['disjunctions', when(`true${open(' || true')}`), condition],
    ['attributes of attributes', when(`context${open('.a')} == 1`), condition],
    ['tests of attributes', when(`context${open(' has a')}`), condition],
    ['lists', when(`context.n in ${inside('[', '1', ']')}`), brackets],
    ['calls', when(inside('ip(', '"::"', ')')), brackets],
    ['objects of an entity', `entity user:a { a: ${inside('{ a: ', '1', ' }')} }`, brackets],
    ['lists of an entity', `entity user:a { a: ${inside('[', '1', ']')} }`, brackets],
    [
      'objects of a test',
      `test "t" { allow user:a to read on r with ${inside('{ a: ', '1', ' }')} }`,
      brackets,
    ],
    ['braces', `allow user:a to read on r:${inside('{a,', 'b', '}')}`, braces],
    ['braces of a subject', `allow user:${inside('{a,', 'b', '}')} to read on r`, braces],
    ['variables', `allow user:${inside('{x', '', '}')} to read on r`, braces],
    [
      'optional parts',
      `namespace n { resource a${inside('[:b', '', ']')} { actions read } }`,
      'P3003 optional parts nested more than 256 deep',
    ],
    [
      'placeholders',
      `namespace n { resource a${inside(':<a', '', '>')} { actions read } }`,
      'P0001 unexpected character `<`',
    ],
    [
      'groups',
      `${numbered(20_000, (i) => `group g${i} { group:g${i + 1} }`)}group g20000 { user:a }\n`,
      groups,
    ],
    [
      'groups, the innermost first',
      `group g0 { user:a }\n${numbered(20_000, (i) => `group g${i + 1} { group:g${i} }`)}`,
      groups,
    ],
    [
      'actions',
      numbered(6_000, (i) => `action a${i} implies a${i + 1}`),
      'P3006 actions, what they imply and namespaces come to more than 8000000 relations',
    ],
    ['blocks of groups', 'group a {\n'.repeat(20_000), 'P0004 expected `}` after `{`'],
    ['blocks of rulesets', 'ruleset a deny-overrides {\n'.repeat(20_000), 'P0004 expected `}` after `{`'],
    ['blocks of permissions', 'allow user:a {\n'.repeat(20_000), 'P0004 expected `}` after `{`'],
    ['openings of comments', open('/*'), 'P0009 `/*` does not start a comment'],
    ['comments', open('#'), undefined],
    ['quotes', when(`context.s == "${open('\\"')}"`), undefined],
    ['quotes that nothing closes', open('"'), 'P0004 expected a statement, found '],
    ['segments', `allow user:a to read on r:${open('/a')}`, 'P1005 malformed id: it is too long'],
    ['double stars', `allow user:a to read on r:${open('/**')}`, 'P1005 malformed id: it is too long'],
    ['captures of a route', `route GET "${open('/{a}')}" open`, 'P1015 the route captures `a` twice'],
  ];

  test.each(nestings)('%s', { timeout: 60_000 }, (_title, text, first) => {
    expect(firstOf(build([{ file: 'deep.acl', text }]))).toEqual(
      first === undefined ? undefined : expect.stringMatching(startsWith(first)),
    );
  });

  test('literals of millions of units are read', { timeout: 60_000 }, () => {
    const long = 'a'.repeat(9_000_000);
    expect(firstOf(build([{ file: 'long.acl', text: when(`context.s == "${long}"`) }]))).toBeUndefined();
    expect(firstOf(build([{ file: 'long.acl', text: `entity user:a { a: "${long}" }` }]))).toBeUndefined();
    for (const literal of [`context.s == "${long}`, `context.n == 1${long}`, `subject in group:"${long}"`])
      expect(firstOf(build([{ file: 'long.acl', text: when(literal) }]))).toMatch(/^P\d{4} /);
  });

  const imports = (nextOf: (i: number) => number): Importer => ({
    resolveImport(path) {
      const text = `import "${nextOf(Number(path))}"\nallow user:a to read on r:${path}\n`;
      return { ok: true, source: { file: path, text } };
    },
  });
  const start = [{ file: 'start.acl', text: 'import "1"\n' }];

  test('imports of imports', () => {
    expect(firstOf(build(start, { importer: imports((i) => i + 1) }))).toBe(
      `P3003 imports nest more than ${MAX_IMPORT_DEPTH} deep`,
    );
  });

  test('imports in a circle are none of imports, however often they are gone round', () => {
    expect(firstOf(build(start, { importer: imports((i) => (i % 50) + 1) }))).toBeUndefined();
  });
});

const arrays = inside('[', '', ']');
const objects = inside('{"a":', '1', '}');
const asked = { subject: 'user:a', action: 'read', resource: 'r' };

describe('readers of JSON on the command line', () => {
  useOwnFolders('hostile-depths');
  const policy = 'allow user:a to read on r\n';
  const member = (name: string, value: string): string => `{"${name}":${value}}\n`;

  /** What is in `deep.json`, the words behind `postern`, and the exit code. */
  const readers: readonly (readonly [
    title: string,
    text: (value: string) => string,
    words: readonly string[],
    code: number,
  ])[] = [
    ['requests', (value) => member('subject', value), ['eval', '-p', 'a.acl', '--requests', 'deep.json'], 3],
    ['a table of tests', (value) => member('request', value), ['test', 'a.acl', 'deep.requests.jsonl'], 3],
    [
      'a decision log',
      (value) => member('decision', value),
      ['replay', 'deep.json', '--against', 'a.acl'],
      3,
    ],
    [
      'a decision log for the linter',
      (value) => member('decision', value),
      ['lint', 'a.acl', '--log', 'deep.json'],
      3,
    ],
    [
      'the linter’s configuration',
      (value) => member('rules', value),
      ['lint', 'a.acl', '--config', 'deep.json'],
      2,
    ],
    ['a baseline', (value) => member('findings', value), ['lint', 'a.acl', '--baseline', 'deep.json'], 2],
    ['the service’s configuration', (value) => member('token', value), ['serve', '--config', 'deep.json'], 2],
    ['ACLs of Mesos', (value) => member('run_tasks', value), ['import', 'mesos', 'deep.json'], 3],
    [
      'ACLs of Mesos, validated',
      (value) => member('run_tasks', value),
      ['mesos', 'validate', 'deep.json'],
      3,
    ],
    ['ACLs of Mesos, asked', (value) => member('run_tasks', value), ['mesos', 'eval', 'deep.json'], 3],
    [
      'requests to Mesos',
      (value) => member('object', value),
      ['mesos', 'eval', 'acls.json', '--requests', 'deep.json'],
      3,
    ],
    ['a dump of an IAM', (value) => member('/acls', value), ['import', 'dcos-grants', 'deep.json'], 3],
    [
      'lines of grants',
      (value) => member('resource', value),
      ['import', 'dcos-grants', '--input-format', 'jsonl', 'deep.json'],
      3,
    ],
    [
      'what a folder begins with',
      (value) => member('run_tasks', value),
      ['init', 'new', '--from', 'deep.json'],
      3,
    ],
    [
      'a dump for a store',
      (value) => member('/users', value),
      ['iam', 'load', 'deep.json', '--store', 'a.db', '--author', 'ada'],
      3,
    ],
  ];

  describe.each([
    ['arrays', arrays],
    ['objects', objects],
    ['arrays that nothing closes', open('[')],
  ])('%s', (_shape, value) => {
    test.each(readers)('%s', async (_title, textOf, words, code) => {
      writeFileSync('a.acl', policy);
      writeFileSync('acls.json', '{}');
      for (const name of ['deep.json', 'deep.requests.jsonl']) writeFileSync(name, textOf(value));
      if (words[0] === 'iam') await runInProcess('store', 'init', 'a.db');
      const run = await runInProcess(...words);
      expect(run).toMatchObject({ code });
      expect(run.stdout + run.stderr).toMatch(/nested more than \d+ deep|holds no decision/);
    });

    test.each(['--context', '--attributes'])('%s', async (option) => {
      writeFileSync('a.acl', policy);
      const run = await runInProcess('check', 'user:a', 'read', 'r', '-p', 'a.acl', option, value);
      expect(run).toMatchObject({ code: 2, stderr: expect.stringMatching(/nested more than \d+ deep/) });
    });
  });

  const hash = '0'.repeat(64);
  const head = { storeId: '0'.repeat(16), epoch: 1, revision: 1, hash };
  const record = (kind: string): string =>
    `{"revision":1,"previousHash":"${hash}","hash":"${hash}","timeMs":1,"author":"a","reason":"","operations":[{"kind":${kind}}]}`;
  const first = { format: 'postern-backup', version: 1, head, trimmed: 0 };

  test.each([
    ['its version', (value: string) => JSON.stringify(first).replace('"version":1', `"version":${value}`)],
    ['its store', (value: string) => JSON.stringify(first).replace(`"${head.storeId}"`, value)],
    ['a snapshot', (value: string) => `${JSON.stringify(first)}\n{"snapshot":${value}}`],
    ['a record', (value: string) => `${JSON.stringify(first)}\n{"record":${record(value)}}`],
  ])('a backup of a store: %s', async (_what, textOf) => {
    writeFileSync('deep.backup', `${textOf(arrays)}\n`);
    const run = await runInProcess('store', 'restore', 'deep.backup', 'new.db');
    expect(run).toMatchObject({ code: 3, stderr: expect.stringContaining('nested more than 256 deep') });
  });

  test('records and snapshots of a store', () => {
    expect(() => readRecord(record(arrays))).toThrow('a record is nested more than 256 deep');
    const reader = { user: () => true, group: () => true, acl: () => true };
    expect(() => readSnapshot(`{"version":${arrays}}\n`, reader)).toThrow(
      'line 1 of the snapshot is nested more than 256 deep',
    );
  });
});

describe('readers of JSON of the service', async () => {
  const app = createServer(createTestService('allow user:a to read on r\n'));
  const { paths } = (await app.inject('/openapi.json')).json<{
    readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }>();
  const posts = Object.keys(paths).filter((path) => 'post' in paths[path]!);

  test('are found', () => {
    expect(posts).toEqual(expect.arrayContaining(['/v1/check', '/v1/why', '/access/v1/evaluations']));
  });

  test.each(posts)('%s', async (url) => {
    const bodies = [arrays, objects, open('['), `{"context":${arrays}}`, `{"subject":${objects}}`];
    for (const payload of bodies) {
      const answer = await app.inject({
        method: 'POST',
        url,
        payload,
        headers: { 'content-type': 'application/json' },
      });
      expect([answer.statusCode, answer.body]).toEqual([
        400,
        expect.stringContaining('nested more than 256 deep'),
      ]);
    }
  });

  test('a line of many', async () => {
    const payload = `${JSON.stringify(asked)}\n{"context":${arrays}}\n${JSON.stringify(asked)}\n`;
    const headers = { 'content-type': 'application/jsonl' };
    const { body } = await app.inject({ method: 'POST', url: '/v1/check/batch', payload, headers });
    const lines = body.split('\n').slice(0, 3);
    expect(lines.map((line) => (JSON.parse(line) as { readonly decision?: string }).decision)).toEqual([
      'allow',
      undefined,
      'allow',
    ]);
    expect(lines[1]).toContain('nested more than 256 deep');
  });
});

function firstOf({ ok, diagnostics, textOf }: BuildResult): string | undefined {
  expect(ok).toBe(diagnostics.length === 0);
  renderText(diagnostics, textOf);
  return diagnostics[0] === undefined ? undefined : `${diagnostics[0].code} ${diagnostics[0].message}`;
}

function startsWith(text: string): RegExp {
  return new RegExp(`^${text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}`);
}
