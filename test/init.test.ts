import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { runPostern } from './support/run-postern.ts';

const scratch = mkdtempSync(join(tmpdir(), 'postern-init-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const acls = fileURLToPath(new URL('../policies/mesos/hardened.acls.json', import.meta.url));

const grants = `dcos security org users grant dev dcos:adminrouter:service:marathon full
dcos security org users grant dev dcos:service:marathon:marathon:services:/dev full
dcos security org users grant root dcos:superuser full
`;

/** What the last line of `init` says to do next. */
async function expectReady(cwd: string): Promise<void> {
  for (const words of [['lint'], ['test', 'policies/'], ['fmt', '--check']]) {
    const run = await runPostern(words, { cwd });
    expect(run.code, `${words.join(' ')}: ${run.stdout}${run.stderr}`).toBe(0);
  }
}

describe('postern init', () => {
  test('makes a folder that lints, tests and formats at once', async () => {
    const run = await runPostern(['init', 'start'], { cwd: scratch });
    expect(run).toMatchObject({ code: 0, stdout: '' });
    expect(run.stderr).toContain(
      'postern: ready; next: cd start && postern lint && postern test && postern fmt --check',
    );
    const folder = join(scratch, 'start');
    expect(readdirSync(folder).sort()).toEqual([
      'README.md',
      'package.json',
      'policies',
      'postern.lint.json',
    ]);
    await expectReady(folder);
    const coverage = await runPostern(['test', 'policies/', '--coverage-threshold', '100'], { cwd: folder });
    expect(coverage.code, coverage.stdout).toBe(0);
  });

  test('overwrites nothing, and writes nothing then', async () => {
    const folder = mkdtempSync(join(scratch, 'taken-'));
    writeFileSync(join(folder, 'postern.lint.json'), '{}');
    const run = await runPostern(['init'], { cwd: folder });
    expect(run).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'postern: `postern.lint.json` exists already\n' +
        'postern: nothing is written: name another folder, or move these files away\n',
    });
    expect(readdirSync(folder)).toEqual(['postern.lint.json']);
  });

  test('leaves a README and a package.json that are there as they are', async () => {
    const folder = mkdtempSync(join(scratch, 'project-'));
    writeFileSync(join(folder, 'package.json'), '{"name":"mine"}');
    writeFileSync(join(folder, 'README.md'), 'mine');
    expect(await runPostern(['init'], { cwd: folder })).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, 'package.json'), 'utf8')).toBe('{"name":"mine"}');
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe('mine');
  });

  test('a folder that cannot be filled is left as it was', async () => {
    writeFileSync(join(scratch, 'a-file'), '');
    const run = await runPostern(['init', 'a-file/in-it'], { cwd: scratch });
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toMatch(
      /^postern: `a-file\/in-it` cannot be filled: a part of its path is not a folder\n$/,
    );
  });

  test('--from grants of DC/OS begins with their policy', async () => {
    writeFileSync(join(scratch, 'grants.sh'), grants);
    const run = await runPostern(['init', 'dcos', '--from', 'grants.sh'], { cwd: scratch });
    expect(run.code, run.stderr).toBe(0);
    const folder = join(scratch, 'dcos');
    expect(readFileSync(join(folder, 'policies/imported.acl'), 'utf8')).toContain(
      'full on dcos:adminrouter:service:marathon',
    );
    // What the system does today is shown, and fails nothing.
    expect(JSON.parse(readFileSync(join(folder, 'postern.lint.json'), 'utf8'))).toMatchObject({
      target: 'dcos',
      overrides: [{ files: ['policies/imported.acl'], rules: { 'superuser-grant': 'info' } }],
    });
    await expectReady(folder);
  });

  test('--from tells what it refuses, and begins with the rest', async () => {
    const input = `${grants}dcos security org users grant $WHO dcos:superuser full\n`;
    const run = await runPostern(['init', 'partly', '--from', '-'], { cwd: scratch, input });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('error[P4302]: `$WHO` stands for something that is not known here');
    expect(run.stderr).toContain('postern: 1 error: what they are about is not imported');
    await expectReady(join(scratch, 'partly'));
  });

  test('--from ACLs of Mesos begins with their policy', async () => {
    const run = await runPostern(['init', 'mesos', '--from', acls], { cwd: scratch });
    expect(run.code, run.stderr).toBe(0);
    expect(readFileSync(join(scratch, 'mesos/policies/imported.acl'), 'utf8')).toContain(
      'import "postern:mesos"',
    );
    await expectReady(join(scratch, 'mesos'));
  });

  test('--from what cannot be read writes nothing', async () => {
    const run = await runPostern(['init', 'none', '--from', '-', '--input-format', 'mesos'], {
      cwd: scratch,
      input: '{"permissive": 1',
    });
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('postern: nothing is written: `(standard input)` cannot be loaded');
    expect(await runPostern(['init', 'none', '--from', 'no-such-file'], { cwd: scratch })).toMatchObject({
      code: 3,
    });
    expect(await runPostern(['init', 'none', '--input-format', 'mesos'], { cwd: scratch })).toMatchObject({
      code: 2,
    });
    expect(existsSync(join(scratch, 'none'))).toBe(false);
  });
});
