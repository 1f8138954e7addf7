import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useOwnFolders } from './support/own-folder.ts';
import { runInProcess } from './support/run-command-line.ts';

/** `postern diff` and `postern equal` as a user runs them, in a folder of its own for each test. */
useOwnFolders('diff');

function write(file: string, text: string): void {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
}

function git(...words: readonly string[]): void {
  const author = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...author, ...words], { stdio: 'ignore' });
}

const old = 'allow user:a to read on x:/**\n';
const wider = 'allow user:a to read on x:/**\nallow user:b to read on x:/y\n';

describe('diff', () => {
  test('says what is gained and lost, with a request and the rules', async () => {
    write('old.acl', `${old}allow user:c to write on x:/z when context.n > 1\n`);
    write('new.acl', `${wider}allow user:c to write on x:/z when context.n > 2\n`);
    expect(await runInProcess('diff', 'old.acl', 'new.acl')).toEqual({
      code: 1,
      stderr: '',
      stdout: `+ gained by user:b
    read on x:/y
      postern check user:b read x:/y -p new.acl
      by new.acl:2

- lost by user:c
    write on x:/z
      when context.n > 1, and where \`context.n > 2\` does not hold
      postern check user:c write x:/z --context '{"n":2}' -p new.acl
      by old.acl:2
      by new.acl:3

1 gained, 1 lost
`,
    });
  });

  test('of policies that decide alike is empty', async () => {
    write('old.acl', 'allow user:a, user:b to read, write on x:/**');
    write('new.acl', 'allow user:b { write on x:/**\n read on x:/** }\nallow user:a to write, read on x:/**');
    expect(await runInProcess('diff', 'old.acl', 'new.acl')).toEqual({
      code: 0,
      stderr: '',
      stdout: 'no difference: every request is decided alike\n',
    });
  });

  test.each([
    ['no-new-access', wider, 1],
    ['no-lost-access', wider, 0],
    ['no-change', wider, 1],
    ['no-new-access', '', 0],
    ['no-lost-access', '', 1],
    ['no-new-access', old, 0],
  ])('with the gate %s ends for %j with %i', async (gate, text, code) => {
    write('old.acl', old);
    write('new.acl', text);
    expect((await runInProcess('diff', 'old.acl', 'new.acl', '--gate', gate)).code).toBe(code);
  });

  test('lets nothing undecided through a gate', async () => {
    write('old.acl', 'allow user:a to read on x when context.a == context.b');
    write('new.acl', 'allow user:a to read on x when context.b == context.a');
    const { code, stdout } = await runInProcess('diff', 'old.acl', 'new.acl', '--gate', 'no-lost-access');
    expect(code).toBe(1);
    expect(stdout).toContain('? undecided by');
    expect(stdout).toContain('attributes beside one another');
  });

  test('looks under a pattern alone', async () => {
    write('old.acl', old);
    write('new.acl', 'allow user:b to read on **\nallow user:a to read on x:/**');
    const { stdout } = await runInProcess(
      'diff',
      'old.acl',
      'new.acl',
      '--only-under',
      'x:/*',
      '--format',
      'json',
    );
    expect(JSON.parse(stdout)).toMatchObject({
      difference: 'different',
      gained: [{ subjects: [{ all: ['user:b'] }], actions: ['read'], resources: [{ all: ['x:/*'] }] }],
      lost: [],
    });
    const bad = await runInProcess('diff', 'old.acl', 'new.acl', '--only-under', 'x://');
    expect(bad).toMatchObject({ code: 2, stdout: '' });
    expect(bad.stderr).toContain('is no pattern of resources');
  });

  test('compares images with each other, and with text', async () => {
    write('old.acl', old);
    write('new.acl', wider);
    for (const name of ['old', 'new']) await runInProcess('compile', `${name}.acl`, '-o', `${name}.pimg`);
    for (const [one, other] of [
      ['old.pimg', 'new.pimg'],
      ['old.pimg', 'new.acl'],
      ['old.acl', 'new.pimg'],
    ] as const) {
      const { code, stdout } = await runInProcess('diff', one, other);
      expect({ code, stdout }).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('+ gained by user:b'),
      });
    }
    expect((await runInProcess('diff', 'old.acl', 'old.pimg')).code).toBe(0);
  });

  test('compares revisions, whatever lies in the working tree', async () => {
    git('init', '-q', '-b', 'main');
    write('acl/shared.acl', 'group g { user:b }\n');
    write('policies/a.acl', `import "../acl/shared.acl"\n${old}`);
    git('add', '.');
    git('commit', '-qm', 'one');
    git('checkout', '-q', '-b', 'branch');
    write('policies/a.acl', `import "../acl/shared.acl"\n${old}allow group:g to read on x:/y\n`);
    git('commit', '-qam', 'two');
    write('policies/a.acl', 'not a policy');
    const expected = { code: 1, stderr: '', stdout: expect.stringContaining('+ gained by group:g') };
    expect(await runInProcess('diff', 'main..branch')).toEqual(expected);
    expect(await runInProcess('diff', 'main...', 'policies')).toEqual(expected);
    expect(await runInProcess('diff', 'git:main:policies', 'git:branch:policies')).toEqual(expected);
    expect(await runInProcess('diff', 'branch..branch', 'policies')).toMatchObject({ code: 0 });
    expect((await runInProcess('diff', 'main..', 'policies')).stdout).toContain('by policies/a.acl:3');
    expect(await runInProcess('diff', 'git:branch', 'policies')).toMatchObject({ code: 3 });
    write('policies/a.acl', old);
    expect(await runInProcess('diff', 'git:main', 'policies')).toMatchObject({ code: 0 });
    expect(execFileSync('git', ['status', '--porcelain'], { encoding: 'utf8' })).toBe(' M policies/a.acl\n');
  });

  test.each([
    [['nowhere..main'], 'git knows no revision `nowhere`'],
    [['main..HEAD', 'nothing'], 'no such policies: nothing'],
    [['HEAD', 'main'], 'for the policies of that git revision write HEAD..main, or git:HEAD git:main'],
    [
      ['one.acl', 'HEAD'],
      'no such file or folder: `HEAD`; for the policies of that git revision write git:HEAD',
    ],
    [['one.acl', 'nowhere'], 'no such file or folder: `nowhere`\n'],
    [['one.acl'], 'write OLD NEW'],
    [['one.acl', 'two.acl', 'three.acl'], 'name a folder'],
  ])('says what is wrong with %j', async (words, message) => {
    git('init', '-q', '-b', 'main');
    write('one.acl', old);
    git('add', '.');
    git('commit', '-qm', 'one');
    const { code, stdout, stderr } = await runInProcess('diff', ...words);
    expect(code).toBeGreaterThan(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
  });

  test('writes Markdown, SARIF and a page', async () => {
    write('old.acl', old);
    write('new.acl', `${wider}allow user:"b|\`" to read on x:/y\n`);
    const markdown = await runInProcess('diff', 'old.acl', 'new.acl', '--format', 'markdown');
    expect(markdown.stdout).toContain('| `user:b` | `read` | `x:/y` |');
    expect(markdown.stdout).toContain('`` "user:b\\|`" ``');
    const sarif = JSON.parse((await runInProcess('diff', 'old.acl', 'new.acl', '--format', 'sarif')).stdout);
    expect(sarif.runs[0].results[0]).toMatchObject({
      ruleId: 'access-gained',
      level: 'warning',
      locations: [{ physicalLocation: { artifactLocation: { uri: 'new.acl' }, region: { startLine: 2 } } }],
    });
    const page = await runInProcess('diff', 'old.acl', 'new.acl', '--format', 'html', '-o', 'x.html');
    expect(page).toEqual({ code: 1, stdout: '', stderr: '2 gained, 0 lost: written to `x.html`\n' });
    expect(readFileSync('x.html', 'utf8')).toMatch(/^<!doctype html>/);
  });
});

describe('equal', () => {
  test('is proved, or disproved by a request', async () => {
    write('old.acl', old);
    write('new.acl', wider);
    expect(await runInProcess('equal', 'old.acl', 'old.acl')).toEqual({
      code: 0,
      stderr: '',
      stdout: 'equal: every request is decided alike\n',
    });
    expect(await runInProcess('equal', 'old.acl', 'new.acl')).toEqual({
      code: 1,
      stderr: '',
      stdout: 'different: deny becomes allow\n  postern check user:b read x:/y -p new.acl\n',
    });
    expect(await runInProcess('equal', 'old.acl', 'new.acl', '--format', 'json')).toMatchObject({
      stdout:
        '{"kind":"different","witness":{"subject":"user:b","action":"read","resource":"x:/y","before":"deny","after":"allow"}}\n',
    });
  });
});
