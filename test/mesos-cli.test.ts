import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { runInProcess as run } from './support/run-command-line.ts';
import { runPostern } from './support/run-postern.ts';

/** The commands about Mesos: `mesos validate`, `mesos eval`, `import mesos` and `export mesos`. */

interface VectorGroup {
  readonly name: string;
  readonly acls: unknown;
  readonly invalid?: true;
  readonly cases?: readonly {
    readonly action: string;
    readonly subject: unknown;
    readonly object: unknown;
    readonly allowed: boolean | 'error';
  }[];
}

const fixtures = fileURLToPath(new URL('./fixtures/mesos/', import.meta.url));
const examples = fileURLToPath(new URL('../policies/mesos/examples/', import.meta.url));
const vectors: readonly VectorGroup[] = JSON.parse(readFileSync(join(fixtures, 'vectors.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'postern-mesos-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function jsonLines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

describe('mesos eval', () => {
  test.each(vectors)('$name', async ({ acls, cases = [], invalid }) => {
    const file = write('acls.json', JSON.stringify(acls));
    const requests = write(
      'requests.jsonl',
      jsonLines(cases.map(({ action, subject, object }) => ({ action, subject, object }))),
    );
    const { code, stdout, stderr } = await run('mesos', 'eval', file, '--requests', requests);
    const answers = stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { allowed?: boolean; error?: string });
    expect(answers.map(({ allowed, error }) => (error === undefined ? allowed : 'error'))).toEqual(
      cases.map(({ allowed }) => allowed),
    );
    const hasErrors = invalid === true || cases.some(({ allowed }) => allowed === 'error');
    expect(code).toBe(hasErrors ? 3 : 0);
    if (invalid) expect(stderr).toMatch(/^error\[P400[1-5]\]: .*cannot be loaded, so nothing is decided\n$/s);
  });

  test.each(readdirSync(examples))(
    'the example %s gets its answers, from a process of its own',
    async (name) => {
      const cwd = join(examples, name);
      const { code, stdout } = await runPostern(
        ['mesos', 'eval', 'acls.json', '--requests', 'requests.jsonl'],
        { cwd },
      );
      expect(stdout).toBe(readFileSync(join(cwd, 'answers.jsonl'), 'utf8'));
      expect(code).toBe(stdout.includes('"error"') ? 3 : 0);
    },
  );

  test('ACLs may be a file, a file: URL, JSON on the command line, or standard input', async () => {
    const acls = '{"permissive": false, "view_roles": {"principals": {}, "roles": {"type": "ANY"}}}';
    const file = write('acls.json', acls);
    const requests = write('one.jsonl', jsonLines([{ action: 'VIEW_ROLE', subject: null, object: null }]));
    for (const argument of [file, `file://${file}`, acls]) {
      expect(await run('mesos', 'eval', argument, '--requests', requests)).toMatchObject({
        code: 0,
        stdout: '{"allowed":false}\n',
      });
    }
    const words = ['mesos', 'eval', '-', '--requests', requests];
    expect(await runPostern(words, { input: acls })).toMatchObject({ stdout: '{"allowed":false}\n' });
  });

  test('ACLs and requests cannot both be standard input', async () => {
    expect(await run('mesos', 'eval', '-')).toMatchObject({ code: 2 });
  });

  test('a line that is no request, or that Mesos aborts on, gets an error in its place', async () => {
    const lines = [
      '{"action":"VIEW_ROLE","subject":null,"object":{"framework_info":{}}}',
      '{"action":"VIEW_ROLE"}',
      '{"action":"VIEW_ROLES"}',
      '{"actoin":"VIEW_ROLE"}',
      '{"action":"RUN_TASK","subject":{"value":3}}',
      '{"action":"RUN_TASK","subject":{}}',
      '{"action":"RUN_TASK","object":{"machine_id":{}}}',
      '[]',
      '{"action":"UNKNOWN","subject":{"value":"a"}}',
    ];
    const requests = write('bad.jsonl', lines.join('\n'));
    const { code, stdout, stderr } = await run('mesos', 'eval', '{}', '--requests', requests);
    expect(code).toBe(3);
    expect(stderr).toBe('postern: 7 of 9 lines could not be answered\n');
    await expect(stdout).toMatchFileSnapshot(join(fixtures, 'bad-requests.expected'));
  });

  test('--explain names the list, what it was asked, and the entry by index and pointer', async () => {
    const acls = write(
      'acls.json',
      '{"run_tasks": [null, [{"principals": {"values": ["a"]}, "users": {"values": ["x"]}}, {"principals": {"type": "NONE"}, "users": {"values": ["root"]}}]]}',
    );
    const requests = write(
      'requests.jsonl',
      jsonLines([
        { action: 'RUN_TASK', subject: { value: 'b' }, object: { framework_info: { user: 'root' } } },
        { action: 'RUN_TASK', subject: null, object: null },
        { action: 'WAIT_NESTED_CONTAINER', subject: { claims: {} }, object: null },
      ]),
    );
    const json = await run('mesos', 'eval', acls, '--requests', requests, '--explain');
    expect(json.stdout).toBe(
      jsonLines([
        {
          allowed: false,
          by: 'lists',
          asked: [
            {
              list: 'run_tasks',
              principal: 'b',
              object: 'root',
              allowed: false,
              entry: { index: 1, pointer: '/run_tasks/1/1' },
            },
          ],
        },
        {
          allowed: true,
          by: 'lists',
          asked: [{ list: 'run_tasks', principal: null, object: null, allowed: true }],
        },
        { allowed: false, by: 'claims', asked: [] },
      ]),
    );
    const text = await run('mesos', 'eval', acls, '--requests', requests, '--explain', '--format', 'text');
    expect(text.stdout).toBe(
      'deny   run_tasks: entry 1 at /run_tasks/1/1 for principal "b", object "root"\nallow  run_tasks: permissive is true for principal ANY, object ANY\ndeny   by claims\n',
    );
  });
});

describe('mesos validate', () => {
  const several = join(fixtures, 'validate/many-faults-at-once.json');

  test('shows every fault with its pointer, and ends with 1', async () => {
    const { code, stdout, stderr } = await run('mesos', 'validate', several);
    expect(code).toBe(1);
    expect(stdout.match(/^error\[P40/gm)?.length).toBeGreaterThanOrEqual(5);
    expect(stdout.match(/^ +--> .*:\d+:\d+ at \//gm)?.length).toBeGreaterThanOrEqual(8);
    expect(stderr).toMatch(/: Mesos refuses it: \d+ errors, \d+ warnings/);
  });

  test('with --format json it is data', async () => {
    const { stdout } = await run('mesos', 'validate', several, '--format', 'json');
    const found = JSON.parse(stdout) as { code: string; pointer: string; line: number; message: string }[];
    expect(found.length).toBeGreaterThanOrEqual(8);
    for (const { pointer, line } of found) {
      expect(pointer).toMatch(/^(\/|$)/);
      expect(line).toBeGreaterThan(0);
    }
  });

  test('warnings alone end with 0, unless they are asked to fail', async () => {
    const acls =
      '{"permissive": false, "run_tasks": {"principals": {"type": "none"}, "users": {"type": "ANY"}}}';
    expect(await run('mesos', 'validate', acls)).toMatchObject({ code: 0 });
    expect(await run('mesos', 'validate', acls, '--fail-level', 'warning')).toMatchObject({ code: 1 });
    const allowed = ['--allow', 'P4101', 'P4107', 'P4112'];
    expect(await run('mesos', 'validate', acls, '--fail-level', 'info', ...allowed)).toMatchObject({
      code: 0,
      stdout: '',
    });
    expect(await run('mesos', 'validate', acls, '--fail-level', 'nothing')).toMatchObject({ code: 2 });
  });

  test('what is no JSON ends with 3, and so does a file that is not there', async () => {
    expect(await run('mesos', 'validate', '{"a": 1,}')).toMatchObject({ code: 3 });
    const { code, stderr } = await run('mesos', 'validate', join(folder, 'nothing.json'));
    expect(code).toBe(3);
    expect(stderr).toMatch(/^postern: ACLs .*nothing\.json.* cannot be read: no such file or folder\n$/);
  });

  test('says so where there is nothing to say', async () => {
    const acls = readFileSync(join(examples, '../hardened.acls.json'), 'utf8');
    const { code, stderr } = await run('mesos', 'validate', acls);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toMatch(/^postern: \(command line\): Mesos loads it/);
  });
});

describe('import mesos and export mesos', () => {
  test.each(readdirSync(examples))('the ACLs of %s become a policy and come back', async (name) => {
    const imported = await run('import', 'mesos', join(examples, name, 'acls.json'));
    expect(imported).toMatchObject({ code: 0 });
    expect(imported.stderr).toMatch(/^postern: proved: .* decide alike: all \d+ kinds of questions/);
    const policy = write('imported.acl', imported.stdout);
    const exported = await run('export', 'mesos', policy);
    expect(exported).toMatchObject({ code: 0 });
    expect(exported.stderr).toMatch(/^postern: proved: the policy and its ACLs decide alike/);
    const requests = join(examples, name, 'requests.jsonl');
    const acls = write('exported.json', exported.stdout);
    const { stdout } = await run('mesos', 'eval', acls, '--requests', requests);
    expect(stdout).toBe(readFileSync(join(examples, name, 'answers.jsonl'), 'utf8'));
  });

  test('ACLs that Mesos refuses are not imported', async () => {
    expect(await run('import', 'mesos', '{"permissive": 1}')).toMatchObject({ code: 3, stdout: '' });
  });

  test('ACLs that no policy can name are refused with the reason', async () => {
    const acls = { view_roles: { principals: { values: ['x'.repeat(2000)] }, roles: { type: 'ANY' } } };
    const { code, stdout, stderr } = await run('import', 'mesos', JSON.stringify(acls));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error[P4006]');
  });

  test('a rule that ACLs cannot say is named with its place, and nothing is written', async () => {
    const policy = write(
      'policy.acl',
      'allow principal:a to run_tasks on mesos:user:x when context.hour > 8\nallow user:b to run_tasks on mesos:user:x\n',
    );
    const { code, stdout, stderr } = await run('export', 'mesos', policy);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.match(/error\[P4201\]: rule at .*policy\.acl:[12]/g)).toHaveLength(2);
  });

  test.each(['mesos validate', 'mesos eval', 'import mesos', 'export mesos'])(
    '%s --help has examples and the exit codes',
    async (command) => {
      const { code, stdout } = await runPostern([...command.split(' '), '--help']);
      expect(code).toBe(0);
      expect(stdout).toContain('Examples:');
      expect(stdout).toContain('Exit codes:');
      await expect(stdout).toMatchFileSnapshot(
        join(fixtures, `../cli/help-${command.replace(' ', '-')}.txt`),
      );
    },
  );

  test('a format that there is not is wrong usage', async () => {
    expect(await run('import', 'casbin', 'x')).toMatchObject({ code: 2 });
    expect(await run('export', 'mesos')).toMatchObject({ code: 2 });
  });
});
