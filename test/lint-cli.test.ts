import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { presetNames, reportFormats, rules } from '../src/lint.ts';
import { useOwnFolders } from './support/own-folder.ts';
import { runInProcess } from './support/run-command-line.ts';
import { runPostern } from './support/run-postern.ts';

/** `postern lint` as a user runs it, in a folder of its own for each test. */
const root = process.cwd();
useOwnFolders('lint');

const lint = (...words: readonly string[]) => runInProcess('lint', ...words);

function write(files: Readonly<Record<string, string | object>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(path) || '.', { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  }
}

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

const once = 'allow user:cory to read on docs:/a\n';
const twice = once + once;
/** Nothing but what a test turns on. */
const quiet = { extends: [] as string[] };
const onlyDuplicates = { ...quiet, rules: { 'duplicate-definition': 'warning' } };

describe('exit codes', () => {
  test('0 where nothing is found, and a summary to standard error', async () => {
    write({ 'a.acl': once, 'b/c.acl': 'group ops { user:kim }\n', 'postern.lint.json': onlyDuplicates });
    expect(await lint()).toEqual({ code: 0, stdout: '', stderr: 'postern: no findings in 2 files\n' });
  });

  test('1 where something is found', async () => {
    write({ 'a.acl': twice, 'postern.lint.json': onlyDuplicates });
    const { code, stdout, stderr } = await lint('a.acl');
    expect(code).toBe(1);
    expect(stdout).toBe(`warning[duplicate-definition]: rule is written twice
  --> a.acl:2:1
   |
 2 | allow user:cory to read on docs:/a
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   = note: the same rule at a.acl:1:1
   = help: delete one of the two                                        (fix: safe)
`);
    expect(stderr).toBe('postern: 1 warning in 1 file, 1 can be fixed with --fix\n');
  });

  test('0 where what is found lies below --fail-level', async () => {
    write({ 'a.acl': twice, 'postern.lint.json': onlyDuplicates });
    expect((await lint('--fail-level', 'error')).code).toBe(0);
    expect((await lint('--fail-level', 'info')).code).toBe(1);
    write({ 'postern.lint.json': { ...quiet, rules: { 'duplicate-definition': 'info' } } });
    expect((await lint()).code).toBe(0);
  });

  test('3 where the policies do not load, and what did not run is counted', async () => {
    write({
      'a.acl': `${twice}allow group:nobody to read on docs:/a\n`,
      'postern.lint.json': onlyDuplicates,
    });
    const { code, stdout, stderr } = await lint('--fail-level', 'error');
    expect(code).toBe(3);
    expect(stdout).toMatch(/^error\[P1002 [a-z-]+\]: unknown group `nobody`\n/);
    expect(stderr).toBe('postern: 1 error in 1 file, 1 rule not run because of errors\n');
  });

  test('3 where a file cannot be read, and the others are linted', async () => {
    write({
      'a.acl': 'group ops {user:kim}\n',
      'postern.lint.json': { ...quiet, rules: { format: 'warning' } },
    });
    writeFileSync('b.acl', Uint8Array.of(0xff));
    const { code, stdout } = await lint();
    expect(code).toBe(3);
    expect(stdout).toContain('warning[format]');
    expect(stdout).toContain('error[P0010 syntax]: `b.acl` is not UTF-8');
  });

  test('3 where there is nothing to lint', async () => {
    expect(await lint('missing.acl')).toEqual({
      code: 3,
      stdout: '',
      stderr: 'postern: no such file or folder: `missing.acl`\n',
    });
  });

  test.each([
    [['--dry-run'], '--dry-run goes with --fix'],
    [['--write-baseline'], '--write-baseline goes with --baseline'],
    [['--write-baseline', '--baseline', 'b.json', '--fix'], 'exclude each other'],
    [['--preset', 'strictest'], 'unknown preset `strictest`: presets are recommended, strict, dcos, mesos'],
    [['--target', 'k8s'], 'unknown target `k8s`'],
    [['--target', 'dcos@9'], 'unknown target `dcos@9`'],
    [['--target', 'mesos@2.2'], 'unknown target `mesos@2.2`'],
    [['--format', 'text'], "argument 'text' is invalid"],
    [['--days', '0'], 'expected a number of days'],
    [['--explain', 'shadow-rule'], 'unknown rule `shadow-rule`: did you mean `shadowed-rule`'],
    [['--fix', '-'], 'standard input cannot be fixed'],
    [['-', 'a.acl'], '`-` stands alone'],
    [['--test-rules'], 'name the folder of the fixtures'],
  ])('2 for %j', async (words, message) => {
    write({ 'a.acl': once });
    const { code, stdout, stderr } = await lint(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^postern: .*\n$/);
    expect(stderr).toContain(message);
  });

  test('--quiet says nothing: the exit code is the answer', async () => {
    write({ 'a.acl': twice, 'postern.lint.json': onlyDuplicates });
    expect(await lint('--quiet')).toEqual({ code: 1, stdout: '', stderr: '' });
  });

  test('standard input is linted alone', async () => {
    write({ 'postern.lint.json': onlyDuplicates });
    const { code, stdout } = await runPostern(['lint', '-', '--format', 'compact'], {
      cwd: process.cwd(),
      input: twice,
    });
    expect(code).toBe(1);
    expect(stdout).toBe('(standard input):2:1: warning: rule is written twice [duplicate-definition]\n');
  });
});

describe('configuration', () => {
  test('is the nearest file upwards from the policies, wherever the command is started', async () => {
    write({
      'postern.lint.json': quiet,
      'policies/postern.lint.json': onlyDuplicates,
      'policies/deep/a.acl': twice,
      'other/a.acl': twice,
    });
    expect((await lint('policies/deep')).code).toBe(1);
    expect((await lint('other')).code).toBe(0);
    expect((await lint('policies', 'other')).code).toBe(0);
    process.chdir('policies/deep');
    expect((await lint()).code).toBe(1);
  });

  test('--config names another', async () => {
    write({ 'postern.lint.json': quiet, 'strict.json': onlyDuplicates, 'a.acl': twice });
    expect((await lint('--config', 'strict.json')).code).toBe(1);
    const { code, stderr } = await lint('--config', 'missing.json');
    expect(code).toBe(3);
    expect(stderr).toBe('postern: configuration `missing.json` cannot be read: no such file or folder\n');
  });

  test('overrides and ignored files are globs from its folder; the last override wins', async () => {
    const file = twice.replaceAll('docs', 'x');
    write({
      'policies/a.acl': file.replaceAll('x:', 'a:'),
      'policies/old/b.acl': file.replaceAll('x:', 'b:'),
      'policies/old/kept/c.acl': file.replaceAll('x:', 'c:'),
      'generated/d.acl': file.replaceAll('x:', 'd:'),
      'postern.lint.json': {
        ...onlyDuplicates,
        overrides: [
          { files: ['policies/old/**'], rules: { 'duplicate-definition': 'off' } },
          { files: ['**/kept/*.acl'], rules: { 'duplicate-definition': 'error' } },
        ],
        ignore: ['generated/**'],
      },
    });
    const shown = async () =>
      (await lint('--format', 'compact', ...patterns)).stdout.replace(/: rule.*/g, '');
    let patterns: readonly string[] = [];
    const expected = 'policies/a.acl:2:1: warning\npolicies/old/kept/c.acl:2:1: error\n';
    expect(await shown()).toBe(expected);
    process.chdir('policies');
    patterns = ['.', '../generated'];
    expect(await shown()).toBe(expected.replaceAll('policies/', ''));
  });

  test('errors are found in ignored files too', async () => {
    write({ 'a.acl': 'allow', 'postern.lint.json': { ...quiet, ignore: ['**'] } });
    expect((await lint()).code).toBe(3);
  });

  test('a preset on the command line takes the place of `extends`', async () => {
    write({ 'a.acl': twice, 'postern.lint.json': quiet });
    expect((await lint()).code).toBe(0);
    expect((await lint('--preset', 'recommended,dcos')).stdout).toContain('duplicate-definition');
  });

  test('every fault is told with its place, and what was meant', async () => {
    write({
      'a.acl': once,
      'postern.lint.json': `{
  "extend": ["recommended"],
  "extends": ["reccomended"],
  "rules": { "format": "warn", "naming": ["error", 3] },
  "overrides": [{ "files": [] }],
  "target": "dcos-2.2"
}`,
    });
    const { code, stderr } = await lint();
    expect(code).toBe(2);
    expect(stderr.split('\n').sort()).toEqual([
      '',
      'postern: postern.lint.json:2:3: unknown key `extend`, did you mean `extends`',
      'postern: postern.lint.json:3:15: expected a preset: recommended, strict, dcos, mesos',
      'postern: postern.lint.json:4:14: expected `"off"`, `"info"`, `"warning"` or `"error"`',
      'postern: postern.lint.json:4:52: expected an object of options',
      'postern: postern.lint.json:5:17: `rules` is missing',
      'postern: postern.lint.json:5:19: expected a list of globs',
      'postern: postern.lint.json:6:3: expected `"dcos"` or `"mesos"`, with a version or without: `"dcos@2.2"`',
    ]);
  });

  test('unknown rules are told with the nearest one', async () => {
    write({
      'a.acl': once,
      'postern.lint.json': {
        rules: { 'shadow-rule': 'off' },
        overrides: [{ files: ['**'], rules: { formats: 'off', 'xyzzy-plugh': 'off' } }],
      },
    });
    const { code, stderr } = await lint();
    expect(code).toBe(2);
    expect(stderr).toBe(
      [
        'postern: postern.lint.json:3:5: unknown rule `shadow-rule`: did you mean `shadowed-rule`',
        'postern: postern.lint.json:11:9: unknown rule `formats`: did you mean `format`',
        'postern: postern.lint.json:12:9: unknown rule `xyzzy-plugh`: see `postern lint --rules`\n',
      ].join('\n'),
    );
  });

  test('text that is no JSON is told with its place', async () => {
    write({ 'a.acl': once, 'postern.lint.json': '{\n  "rules": {},\n}' });
    const { code, stderr } = await lint();
    expect(code).toBe(2);
    expect(stderr).toMatch(/^postern: postern\.lint\.json:3:1: not valid JSON: .+\n$/);
  });

  test('a mode that nothing names is told', async () => {
    write({ 'a.acl': 'import "postern:dcos"\n' });
    const { stderr } = await lint('--mode', 'strickt');
    expect(stderr).toContain(
      'postern: unknown mode `strickt`, which changes nothing; the policy names `disabled`',
    );
    expect((await lint('--mode', 'strict')).stderr).not.toContain('mode');
  });

  test('a directory tells rules who exists; its faults are told', async () => {
    write({
      'a.acl': once,
      'policies.json': { subjects: ['user:kim'], groups: [] },
      'postern.lint.json': { ...quiet, rules: { 'undefined-subject': 'error' }, directory: 'policies.json' },
    });
    expect((await lint()).stdout).toContain('error[undefined-subject]');
    write({ 'policies.json': { subjects: ['user:cory'], groups: [] } });
    expect((await lint()).code).toBe(0);
    write({ 'policies.json': { subjects: 'user:cory' } });
    const { code, stderr } = await lint();
    expect(code).toBe(2);
    expect(stderr).toContain('policies.json:1:1: `groups` is missing');
    expect(stderr).toContain('policies.json:2:3: expected a list of subject ids, such as `"user:cory"`');
  });
});

describe('suppressions', () => {
  const suppressed = async (comment: (line: string) => string) => {
    write({ 'a.acl': once + comment(once.trimEnd()), 'postern.lint.json': onlyDuplicates });
    return (await lint()).stderr;
  };

  test.each([
    ['above the line', (line: string) => `# lint: allow duplicate-definition -- why\n${line}\n`],
    ['behind it', (line: string) => `${line} # lint: allow duplicate-definition\n`],
    [
      'above comments, blank lines and annotations',
      (line: string) => `#lint: allow duplicate-definition\n# more\n\n@owner("x")\n${line}\n`,
    ],
    [
      'anywhere, for the file',
      (line: string) => `${line}\n# lint: allow format, duplicate-definition in file -- why\n`,
    ],
    [
      'up to a day that is not over',
      (line: string) => `# lint: allow duplicate-definition until 2999-12-31\n${line}\n`,
    ],
  ])('%s', async (_, comment) => {
    expect(await suppressed(comment)).toBe('postern: no findings in 1 file, 1 suppressed\n');
  });

  test.each([
    [
      'two lines above',
      (line: string) => `# lint: allow duplicate-definition\ngroup ops { user:kim }\n${line}\n`,
    ],
    [
      'behind the line above',
      (line: string) => `group ops { user:kim } # lint: allow duplicate-definition\n${line}\n`,
    ],
    ['for another rule', (line: string) => `# lint: allow format\n${line}\n`],
    ['in a doc comment', (line: string) => `## lint: allow duplicate-definition\n${line}\n`],
    [
      'up to a day that is over',
      (line: string) => `# lint: allow duplicate-definition until 2020-12-31\n${line}\n`,
    ],
    [
      'up to what is no day',
      (line: string) => `# lint: allow duplicate-definition until 2999-02-30\n${line}\n`,
    ],
  ])('not %s', async (_, comment) => {
    expect(await suppressed(comment)).toMatch(/^postern: 1 warning in 1 file/);
  });

  test('errors cannot be suppressed', async () => {
    write({ 'a.acl': '# lint: allow syntax, malformed-id in file\nallow user:cory to read on docs:/a//b\n' });
    expect((await lint()).code).toBe(3);
  });
});

describe('a baseline', () => {
  const three = `${once}${once}allow user:kim to read on docs:/b\nallow user:kim to read on docs:/b\n`;

  test('keeps what is in it from being reported; only more of it counts', async () => {
    write({ 'policies/a.acl': three, 'postern.lint.json': onlyDuplicates });
    const written = await lint('--baseline', 'policies/known.json', '--write-baseline');
    expect(written).toEqual({
      code: 0,
      stdout: '',
      stderr: 'postern: 2 findings written to policies/known.json\n',
    });
    expect(JSON.parse(read('policies/known.json'))).toEqual({
      version: 1,
      findings: [
        { rule: 'duplicate-definition', file: 'a.acl', line: 'allow user:cory to read on docs:/a', count: 1 },
        { rule: 'duplicate-definition', file: 'a.acl', line: 'allow user:kim to read on docs:/b', count: 1 },
      ],
    });
    const now = await lint('--baseline', 'policies/known.json');
    expect(now).toEqual({
      code: 0,
      stdout: '',
      stderr: 'postern: no findings in 1 file, 2 known to the baseline\n',
    });
    write({ 'policies/a.acl': `\n\ngroup ops { user:x }\n${three}  allow   user:kim to read on docs:/b\n` });
    process.chdir('policies');
    const later = await lint('--baseline', 'known.json', '--format', 'compact');
    expect(later.code).toBe(1);
    expect(later.stdout).toBe('a.acl:8:3: warning: rule is written twice [duplicate-definition]\n');
  });

  test('tells what is no longer there', async () => {
    write({ 'a.acl': three, 'postern.lint.json': onlyDuplicates });
    await lint('--baseline', 'known.json', '--write-baseline');
    write({ 'a.acl': twice });
    expect((await lint('--baseline', 'known.json')).stderr).toBe(
      'postern: no findings in 1 file, 1 known to the baseline, 1 of the baseline gone (--write-baseline)\n',
    );
  });

  test('never holds an error', async () => {
    write({ 'a.acl': 'allow user:cory to read on docs://a\n' });
    expect((await lint('--baseline', 'known.json', '--write-baseline')).code).toBe(3);
    expect(JSON.parse(read('known.json')).findings).toEqual([]);
    expect((await lint('--baseline', 'known.json')).code).toBe(3);
  });

  test('that is damaged, or missing, is told', async () => {
    write({ 'a.acl': once, 'known.json': { version: 2, findings: [] } });
    expect(await lint('--baseline', 'known.json')).toMatchObject({
      code: 2,
      stderr: 'postern: known.json:2:3: expected `1`\n',
    });
    expect((await lint('--baseline', 'missing.json')).code).toBe(3);
  });

  test('is not fixed', async () => {
    write({ 'a.acl': three, 'postern.lint.json': onlyDuplicates });
    await lint('--baseline', 'known.json', '--write-baseline');
    expect((await lint('--baseline', 'known.json', '--fix')).code).toBe(0);
    expect(read('a.acl')).toBe(three);
  });
});

describe('fixes', () => {
  const untidy = `# Who may read.\n${once}${once}allow   user:kim to read on docs:/b\n`;
  const tidy = `# Who may read.\n${once}allow user:kim to read on docs:/b\n`;
  const both = { ...quiet, rules: { 'duplicate-definition': 'warning', format: 'warning' } };

  test('compose, and a second run finds nothing to fix', async () => {
    write({
      'a.acl': untidy,
      'b.acl': 'import "./c.acl"\n',
      'c.acl': 'group ops {user:kim}\n',
      'postern.lint.json': both,
    });
    const first = await lint('--fix', 'a.acl', 'b.acl');
    expect(first.code).toBe(0);
    expect(first.stderr).toMatch(
      /^postern: \d findings fixed in 2 files\npostern: no findings in 3 files\n$/,
    );
    const second = await lint('--fix');
    expect(second).toEqual({ code: 0, stdout: '', stderr: 'postern: no findings in 3 files\n' });
    const formatted = await runInProcess('fmt', '--check');
    expect(formatted.code).toBe(0);
    expect(read('c.acl')).toBe('group ops { user:kim }\n');
  });

  test('in a dry run are a patch, which does what they would have done', async () => {
    write({ 'a.acl': untidy, 'postern.lint.json': both });
    const dry = await lint('--fix', '--dry-run');
    expect(dry.code).toBe(1);
    expect(read('a.acl')).toBe(untidy);
    write({ 'fix.patch': dry.stdout });
    const applied = spawnSync('git', ['apply', 'fix.patch'], { encoding: 'utf8' });
    expect({ status: applied.status, stderr: applied.stderr }).toEqual({ status: 0, stderr: '' });
    const patched = read('a.acl');
    write({ 'a.acl': untidy });
    await lint('--fix');
    expect(read('a.acl')).toBe(patched);
    expect(patched.replace(/ +/g, ' ')).toBe(tidy);
  });

  test('take the comments of a rule with it, and leave those of its neighbours', async () => {
    const heading = '# Cory.\n';
    write({
      'a.acl': `${heading}${once}## The same again.\n@owner("x")\n${once.trimEnd()} # here\nallow user:kim to read on docs:/b\n`,
      'postern.lint.json': onlyDuplicates,
    });
    await lint('--fix');
    expect(read('a.acl')).toBe(`${heading}${once}allow user:kim to read on docs:/b\n`);
  });

  test('of a line in a block take the line, and of the last line the block', async () => {
    const block = 'allow user:cory {\n  read on docs:/a\n  write on docs:/b\n}\n';
    write({ 'a.acl': `${once}${block}`, 'postern.lint.json': onlyDuplicates });
    await lint('--fix');
    expect(read('a.acl')).toBe(`${once}allow user:cory {\n  write on docs:/b\n}\n`);
    write({ 'a.acl': `${once}allow user:cory to write on docs:/b\n${block}` });
    await lint('--fix');
    expect(read('a.acl')).toBe(`${once}allow user:cory to write on docs:/b\n`);
  });

  const line = once.trimEnd();

  test.each([
    [
      'lines that end in \\r\\n',
      `${line}\r\n${line}\r\n\r\ngroup a { user:x }\r\n`,
      `${line}\r\n\r\ngroup a { user:x }\r\n`,
    ],
    ['a last line without an end', `${once}${line}`, once],
    ['two rules on one line', `${line} ${line} group a { user:x }\n`, `${line} group a { user:x }\n`],
    [
      'a comment that is the heading of a paragraph of its own',
      `${once}\n# Cory again.\n${once}\n# Others.\ngroup a { user:x }\n`,
      `${once}\n# Others.\ngroup a { user:x }\n`,
    ],
    [
      'a rule in a ruleset',
      `ruleset r deny-overrides {\n  ${once}  ${once}}\n`,
      `ruleset r deny-overrides {\n  ${once}}\n`,
    ],
  ])('know %s', async (_, text, fixed) => {
    write({ 'a.acl': text, 'postern.lint.json': onlyDuplicates });
    await lint('--fix');
    expect(read('a.acl')).toBe(fixed);
  });

  test('are not applied where the policies do not load', async () => {
    const text = `${untidy}allow group:nobody to read on docs:/a\n`;
    write({ 'a.acl': text, 'postern.lint.json': both });
    const { code, stdout } = await lint('--fix');
    expect(code).toBe(3);
    expect(stdout).toContain('(fix: review)');
    expect(read('a.acl')).toBe(text);
  });

  test('that a rule calls safe and that change a decision are shown as what they are, and applied on demand alone', async () => {
    const text = 'allow user:cory to read on docs:/a\nallow user:kim to read on docs:/b\n';
    write({
      'a.acl': text,
      'postern.lint.json': { ...quiet, plugins: ['./liar.js'], rules: { liar: 'warning' } },
      'liar.js': liar,
    });
    expect((await lint()).stdout).toContain('(fix: review)');
    expect((await lint('--fix')).code).toBe(1);
    expect(read('a.acl')).toBe(text);
    const forced = await lint('--fix-unsafe');
    expect(forced.stderr).toBe('postern: 1 finding fixed in 1 file\npostern: no findings in 1 file\n');
    expect(read('a.acl')).toBe(text.replace('allow user:cory to read on docs:/a\n', ''));
  });

  test('that hold are applied beside one that does not', async () => {
    write({
      'a.acl': `${once}${once}allow user:kim to read on docs:/b\n`,
      'postern.lint.json': {
        ...quiet,
        plugins: ['./liar.js'],
        rules: { liar: 'info', 'duplicate-definition': 'warning' },
      },
      'liar.js': liar.replace('cory', 'kim'),
    });
    expect((await lint('--fix')).code).toBe(0);
    expect(read('a.acl')).toBe(`${once}allow user:kim to read on docs:/b\n`);
  });
});

/** A rule whose fix takes access away and is said to be safe. */
const liar = `export const rule = {
  id: 'liar',
  summary: 'a rule of cory',
  category: 'style',
  presets: {},
  check: {
    of: 'policy',
    run({ model, sources, report }) {
      for (const rule of model.rules) {
        if (rule.subjects[0].id !== 'user:cory') continue;
        const span = sources.spanToDelete(rule);
        report({ ...rule.location, message: 'rule of cory', fix: { safety: 'safe', edits: [{ span, newText: '' }] } });
      }
    },
  },
};
`;

describe('outputs', () => {
  test.each(Object.keys(reportFormats))('%s goes to a file', async (format) => {
    write({ 'policies/a.acl': twice, 'postern.lint.json': onlyDuplicates });
    const direct = await lint('--format', format);
    expect(direct.stdout).toMatch(/policies(\/|%2F)a\.acl/);
    const { code, stdout } = await lint('--format', format, '--output', 'out');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(read('out')).toBe(direct.stdout);
  });

  test('paths are those from here, whatever the policy root', async () => {
    write({ 'policies/a.acl': twice, 'postern.lint.json': onlyDuplicates });
    const { stdout } = await lint('--root', 'policies', 'policies', '--format', 'compact');
    expect(stdout).toMatch(/^policies\/a\.acl:2:1:/);
  });
});

test('the help names every format and every preset', async () => {
  const { stdout } = await runPostern(['lint', '--help']);
  const words = new Set(stdout.split(/[^\w-]+/));
  for (const name of [...Object.keys(reportFormats), ...presetNames]) expect(words).toContain(name);
});

test('the pages of rules are part of the package, and the linter is an entry of it', () => {
  const manifest = JSON.parse(read(join(root, 'package.json')));
  expect(manifest.files).toContain('docs/rules');
  expect(manifest.exports['./lint']).toEqual({ types: './dist/lint.d.ts', default: './dist/lint.js' });
});

describe('a log of decisions', () => {
  const line = (time: string, file: string, row: number) =>
    JSON.stringify({ time, decision: 'allow', rule: { file, line: row } });

  test('tells which rules were not used, and passes over what is no decision', async () => {
    write({
      'a.acl': 'allow user:cory to read on docs:/a\nallow user:kim to read on docs:/b\n',
      'log.ndjson': [
        line('2026-01-01T00:00:00Z', 'a.acl', 2),
        'no json',
        '{"decision":"allow"}',
        line('2026-03-01T00:00:00Z', 'a.acl', 1),
        '{"time":"2026-03-01T00:00:00Z","decision":"deny","reason":"default"}',
      ].join('\n'),
      'postern.lint.json': { ...quiet, rules: { 'unused-grant': 'warning' } },
    });
    const { code, stdout, stderr } = await lint('--log', 'log.ndjson', '--days', '30', '--format', 'compact');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^a\.acl:2:1: warning: .* \[unused-grant\]\n$/);
    expect(stderr).toMatch(
      /^postern: log `log\.ndjson`: 2 lines passed over, the first at line 2: not valid JSON: .+\n/,
    );
    expect((await lint('--log', 'log.ndjson', '--days', '90')).code).toBe(0);
  });

  test('without a decision is refused: every rule would seem unused', async () => {
    write({ 'a.acl': once, 'log.ndjson': '{}\n' });
    expect(await lint('--log', 'log.ndjson')).toMatchObject({
      code: 3,
      stderr: 'postern: log `log.ndjson` holds no decision\n',
    });
  });
});

describe('pages and lists', () => {
  test.each(rules.map(({ id }) => id))('--explain %s', async (id) => {
    const { code, stdout, stderr } = await lint('--explain', id);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^${id}\n\nWhat it reports\n`));
    expect(stdout).not.toContain('```');
  });

  test('the number of an error leads to the rule that shows it', async () => {
    expect((await lint('--explain', 'P1007')).stdout).toMatch(/^cyclic-group\n/);
  });

  test('--rules lists every rule', async () => {
    const { code, stdout } = await lint('--rules');
    expect(code).toBe(0);
    for (const { id } of rules) expect(stdout).toMatch(new RegExp(`^  ${id} .*`, 'm'));
    for (const { summary } of rules) expect(stdout).toContain(`  ${summary}\n`);
    const json = JSON.parse((await lint('--rules', '--format', 'json')).stdout);
    expect(json.map(({ id }: { id: string }) => id)).toEqual(rules.map(({ id }) => id));
  });
});

describe('rules of a project', () => {
  const plugin = `
    export const noBob = {
      id: 'no-bob',
      summary: 'a rule for bob',
      category: 'security',
      presets: { recommended: 'error' },
      check: {
        of: 'tree',
        run({ tree, settings, report }) {
          const name = settings.options.get('no-bob')?.name ?? 'bob';
          for (const statement of tree.statements) {
            const at = statement.kind === 'rule' ? tree.text.indexOf('user:' + name, statement.span.start) : -1;
            if (at >= 0 && at < statement.span.end)
              report({ span: { start: at, end: at + 5 + name.length }, message: 'rule for \`' + name + '\`' });
          }
        },
      },
    };`;

  test('run beside the others, with severity and options from the configuration', async () => {
    const setting = (rule: unknown) => ({
      extends: [],
      plugins: ['./lint/no-bob.js'],
      rules: { 'no-bob': rule },
    });
    write({ 'a.acl': 'allow user:bob to read on docs:/a\n', 'lint/no-bob.js': plugin });
    write({ 'postern.lint.json': { ...setting('error'), rules: {}, extends: ['recommended'] } });
    expect((await lint('--format', 'compact')).stdout).toContain(
      'a.acl:1:7: error: rule for `bob` [no-bob]\n',
    );
    write({ 'postern.lint.json': setting(['info', { name: 'eve' }]) });
    expect(await lint()).toMatchObject({ code: 0, stdout: '' });
    expect((await lint('--explain', 'no-bob')).stdout).toBe('no-bob\n\na rule for bob\n');
    expect((await lint('--rules')).stdout).toContain('a rule for bob');
  });

  test('with --no-plugins no code of a configuration runs', async () => {
    write({
      'a.acl': once,
      'p.js': "throw new Error('has run')",
      'postern.lint.json': { plugins: ['./p.js'] },
      'plain.json': {},
    });
    for (const question of [[], ['--rules'], ['--explain', 'no-bob'], ['--test-rules', '.']]) {
      const { code, stdout, stderr } = await lint('--no-plugins', ...question);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('names code to run, which `--no-plugins` forbids');
    }
    expect(await lint('--no-plugins', '--config', 'plain.json')).toMatchObject({ code: 0 });
  });

  test.each([
    ['export const x = 1;', 'exports no rule'],
    ['throw new Error("gone wrong")', 'cannot be loaded: gone wrong'],
    [
      plugin.replace("'no-bob',\n      summary", "'No Bob',\n      summary"),
      'rule `No Bob` of plugin `./p.js` needs an `id`',
    ],
    [plugin.replace("id: 'no-bob'", "id: 'format'"), 'has the id of a rule that comes with postern'],
    [plugin.replace("'security'", "'other'"), 'needs a `category`'],
    [plugin.replace("recommended: 'error'", "recommended: 'fatal'"), 'as `fatal`, which is no severity'],
    [plugin.replace("of: 'tree'", "of: 'file'"), 'needs a `check`'],
  ])('that are none are refused: %#', async (text, message) => {
    write({ 'a.acl': once, 'p.js': text, 'postern.lint.json': { plugins: ['./p.js'] } });
    const { code, stderr } = await lint();
    expect(code).toBe(2);
    expect(stderr).toContain('postern: postern.lint.json:3:5: ');
    expect(stderr).toContain(message);
  });

  test('that throw are named', async () => {
    const text = plugin.replace('const name =', 'null.x; const name =');
    write({ 'a.acl': once, 'p.js': text, 'postern.lint.json': { plugins: ['./p.js'] } });
    const { code, stderr } = await lint();
    expect(code).toBe(2);
    expect(stderr).toMatch(/^postern: rule `no-bob` of plugin `\.\/p\.js` failed: .*null/);
  });

  test('are tested over fixtures', async () => {
    write({
      'no-bob.js': plugin,
      'postern.lint.json': { plugins: ['./no-bob.js'] },
      'fixtures/no-bob/bob-may-read.acl': 'allow user:bob to read on docs:/a\n',
      'fixtures/no-bob/cory-is-not-bob.acl': once,
      'fixtures/no-bob/cory-is-not-bob.expected': '',
    });
    const missing = await lint('--test-rules', 'fixtures');
    expect(missing.code).toBe(1);
    expect(missing.stdout).toContain(
      'failed  no-bob: bob may read\n    there is no fixtures/no-bob/bob-may-read.expected',
    );
    write({ 'fixtures/no-bob/bob-may-read.expected': 'something else\n' });
    expect((await lint('--test-rules', 'fixtures')).stdout).toContain(
      '    -something else\n    +error[no-bob]',
    );
    const text =
      'error[no-bob]: rule for `bob`\n  --> bob-may-read.acl:1:7\n   |\n 1 | allow user:bob to read on docs:/a\n   |       ^^^^^^^^\n';
    write({ 'fixtures/no-bob/bob-may-read.expected': text });
    expect(await lint('--test-rules', 'fixtures')).toEqual({
      code: 0,
      stdout: [
        'passed  no-bob: bob may read',
        'passed  no-bob: cory is not bob',
        'passed  no-bob has a fixture in which it finds something, and one in which it finds nothing\n',
      ].join('\n'),
      stderr: 'postern: 3 passed, 0 failed\n',
    });
    rmSync('fixtures/no-bob/cory-is-not-bob.acl');
    expect((await lint('--test-rules', 'fixtures')).code).toBe(1);
  });
});

test('--coverage tells which rules no test is decided by', async () => {
  write({
    'a.acl': `${once}allow user:kim to read on docs:/b\ntest "t" { allow user:cory to read on docs:/a }\n`,
    'postern.lint.json': { ...quiet, rules: { 'uncovered-rule': 'warning' } },
  });
  expect((await lint()).code).toBe(0);
  const { code, stdout } = await lint('--coverage', '--format', 'compact');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^a\.acl:2:1: warning: .* \[uncovered-rule\]\n$/);
});
