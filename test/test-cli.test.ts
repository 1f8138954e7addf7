import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { runCommandLine } from '../src/cli/main.ts';
import { Terminal } from '../src/cli/terminal.ts';
import { runInProcess } from './support/run-command-line.ts';
import { runPostern } from './support/run-postern.ts';

const fixtures = fileURLToPath(new URL('fixtures/policy-tests/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'postern-test-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is in the fixture folders, to change as a test likes. */
let work: string;
beforeEach(() => {
  work = mkdtempSync(join(folder, 'work-'));
  for (const name of ['shop', 'broken']) cpSync(join(fixtures, name), join(work, name), { recursive: true });
});

/** Names in the output are relative to the root, wherever the folder is. */
function testIn(name: string, ...words: readonly string[]) {
  return runInProcess('test', join(work, name), '--root', join(work, name), ...words);
}

describe('the output', () => {
  test.each([
    ['pretty', 'txt'],
    ['json', 'json'],
    ['junit', 'xml'],
  ])('as %s shows what failed, and why', async (format, suffix) => {
    const { code, stdout, stderr } = await testIn('broken', '--format', format);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    await expect(stdout).toMatchFileSnapshot(join(fixtures, `broken.expected.${suffix}`));
  });

  test.each([
    ['pretty', 'txt'],
    ['json', 'json'],
    ['junit', 'xml'],
  ])('as %s shows coverage and mutants', async (format, suffix) => {
    const { code, stdout, stderr } = await testIn('shop', '--format', format, '--coverage', '--mutate');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot(join(fixtures, `shop.expected.${suffix}`));
  });

  test('as JSON is one object', async () => {
    const { stdout } = await testIn('shop', '--format', 'json', '--coverage', '--mutate');
    const report = JSON.parse(stdout) as Record<string, unknown>;
    expect(report).toMatchObject({ passed: 11, failed: 0, leftOut: 0, notRun: 0 });
    expect(Object.keys(report)).toEqual([
      'passed',
      'failed',
      'leftOut',
      'notRun',
      'tests',
      'coverage',
      'mutation',
    ]);
  });

  test('of --help', async () => {
    const { code, stdout, stderr } = await runPostern(['test', '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot(join(fixtures, 'help.txt'));
  });
});

describe('what is run', () => {
  test.each([
    ['folders, with the tables in them', ['shop'], 11],
    ['a policy alone', ['shop/policy.acl'], 7],
    ['a policy and a table', ['shop/policy.acl', 'shop/shop.requests.jsonl'], 11],
    ['a glob of both', ['shop/*'], 11],
    ['a table twice, once', ['shop', 'shop/shop.requests.jsonl'], 11],
  ])('is %s', async (_, names, count) => {
    const paths = names.map((name) => join(work, name));
    const { code, stdout } = await runInProcess(
      'test',
      ...paths,
      '--root',
      join(work, 'shop'),
      '--format',
      'json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ passed: count });
  });

  test('may be named with -p, too', async () => {
    const { stdout } = await runInProcess('test', '-p', join(work, 'shop'), '--root', join(work, 'shop'));
    expect(stdout).toContain('11 passed');
  });

  test('is a table on an image', async () => {
    const image = join(work, 'shop.pimg');
    const root = join(work, 'shop');
    await runInProcess('compile', join(root, 'policy.acl'), '--root', root, '-o', image);
    const table = join(root, 'shop.requests.jsonl');
    const { code, stdout } = await runInProcess('test', image, table, '--root', root);
    expect({ code, end: stdout.slice(-9) }).toEqual({ code: 0, end: '4 passed\n' });
    const refused = await runInProcess('test', image, table, '--coverage');
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('an image holds no rules');
  });

  test.each([
    ['a part of the title', ['--filter', 'opening'], 3],
    ['a pattern of the title', ['--filter', 'auditors*'], 2],
    ['a pattern that is none of a whole title', ['--filter', '*opening'], 0],
    ['a part of the file', ['--file', 'policy'], 7],
    ['a pattern of the file', ['--file', '*.jsonl'], 4],
    ['both', ['--file', '*.jsonl', '--filter', 'matters'], 2],
  ])('is left by a filter: %s', async (_, words, count) => {
    const { stdout } = await testIn('shop', ...words, '--format', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ passed: count, leftOut: 11 - count });
  });

  test('is in the mode asked for what names no other', async () => {
    const path = join(fixtures, 'modes.acl');
    const run = (...words: string[]) => runInProcess('test', path, '--root', fixtures, ...words);
    expect((await run('--mode', 'strict')).stdout).toContain('2 passed, 1 left out');
    expect((await run()).stdout).toContain('3 passed\n');
    expect(await run('--mode', 'unheard-of')).toMatchObject({ code: 2, stdout: '' });
  });

  test('ends at the first failure with --bail', async () => {
    const { code, stdout } = await testIn('broken', '--bail');
    expect(code).toBe(1);
    expect(stdout).toMatch(/\n1 passed, 1 failed, 4 not run\n$/);
  });
});

describe('a run fails', () => {
  test.each([
    ['with no test at all', ['empty'], 'no tests: write'],
    ['with none left', ['shop', '--filter', 'nobody'], 'no test is left by --filter `nobody`, of 11'],
  ])('%s, unless told otherwise', async (_, [name, ...words], message) => {
    mkdirSync(join(work, 'empty'));
    writeFileSync(join(work, 'empty/policy.acl'), 'allow anyone to read on a:b\n');
    const run = await testIn(name!, ...words);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain(message);
    expect(await testIn(name!, ...words, '--pass-with-no-tests')).toMatchObject({
      code: 0,
      stderr: run.stderr,
    });
  });

  test.each([
    ['coverage', ['--coverage-threshold', '80'], 'rule coverage is 77.7 %, below 80 %'],
    ['mutants', ['--mutate-threshold', '99.5'], 'below 99.5 %'],
  ])('below the threshold of %s', async (_, words, message) => {
    const run = await testIn('shop', ...words);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(message);
    expect(await testIn('shop', words[0]!, '10')).toMatchObject({ code: 0, stderr: '' });
  });

  test('with a table that has bad lines, and runs nothing', async () => {
    cpSync(join(fixtures, 'bad-lines.requests.jsonl'), join(work, 'shop/bad.requests.jsonl'));
    const run = await testIn('shop');
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toContain('bad.requests.jsonl:2:13: unknown key `subjekt`');
    expect(run.stderr).toMatch(/postern: 16 lines are no test: nothing is run\n$/);
    const json = await testIn('shop', '--format', 'json');
    expect((JSON.parse(json.stdout) as { errors: unknown[] }).errors).toHaveLength(16);
  });

  test.each([
    ['a policy that does not parse', 3, 'policy.acl', 'allow allow'],
    ['bytes that are no text', 3, 'bad.requests.jsonl', Buffer.from([0xff, 0x41])],
  ])('with %s', async (_, code, name, content) => {
    writeFileSync(join(work, 'shop', name), content);
    expect(await testIn('shop')).toMatchObject({ code, stdout: '' });
  });

  test.each([
    ['a table alone', ['shop/shop.requests.jsonl'], 'tables of requests alone'],
    ['a threshold that is no number', ['shop', '--mutate-threshold', 'all'], 'a number from 0 to 100'],
  ])('with %s: wrong usage', async (_, words, message) => {
    const run = await runInProcess(
      'test',
      ...words.map((word) => (word.startsWith('shop') ? join(work, word) : word)),
    );
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain(message);
  });

  test('with a folder that holds neither policies nor tables', async () => {
    mkdirSync(join(work, 'nothing'));
    const run = await runInProcess('test', join(work, 'nothing'));
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toContain('holds no `*.acl` and no `*.requests.jsonl` file');
  });
});

describe('--write', () => {
  test.each([['more.tests.acl'], ['more.requests.jsonl']])(
    'adds the missing tests to %s, and a second run has nothing to add',
    async (name) => {
      const path = join(work, 'shop', name);
      const first = await testIn('shop', '--write', path);
      expect(first.code).toBe(0);
      expect(first.stderr).toMatch(/^postern: \d+ tests written to `.*`\n$/);
      const written = readFileSync(path, 'utf8');
      await expect(written).toMatchFileSnapshot(join(fixtures, `written-${name.replace(/^more/, 'shop')}`));
      const second = await testIn('shop', '--write', path, '--mutate-threshold', '100');
      expect(second).toMatchObject({
        code: 0,
        stderr: 'postern: nothing to write: no fault goes unnoticed\n',
      });
      expect(readFileSync(path, 'utf8')).toBe(written);
    },
  );

  test('keeps what a file holds, and says where the next run would not look', async () => {
    const path = join(work, 'elsewhere.acl');
    writeFileSync(path, '# mine');
    const { stderr } = await testIn('shop', '--write', path);
    expect(readFileSync(path, 'utf8')).toMatch(/^# mine\n\ntest "/);
    expect(stderr).toContain(`postern: name \`${path}\` beside the policies to have them run`);
  });

  test('writes nothing while a test fails', async () => {
    const path = join(work, 'more.tests.acl');
    const { code, stderr } = await testIn('broken', '--write', path);
    expect(code).toBe(1);
    expect(stderr).toBe('postern: no fault is put in while a test fails: mend that first\n');
    expect(() => readFileSync(path)).toThrow(/ENOENT/);
  });
});

test('progress is shown on a terminal, and gone at the end', async () => {
  const [results, talks] = [new PassThrough(), new PassThrough()];
  let talk = '';
  talks.on('data', (chunk) => {
    talk += String(chunk);
  });
  results.resume();
  const terminal = new Terminal(results, Object.assign(talks, { isTTY: true }), { NO_COLOR: '1' });
  const examples = fileURLToPath(new URL('../policies/examples/document-sharing', import.meta.url));
  expect(await runCommandLine(['test', examples, '--mutate'], terminal)).toBe(0);
  expect(talk).toMatch(/\r\u001b\[Kmutants: \d+ of \d+/);
  expect(talk.endsWith('\r\u001b[K')).toBe(true);
});
