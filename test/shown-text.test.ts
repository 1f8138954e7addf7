import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../src/cli/main.ts';
import { Terminal } from '../src/cli/terminal.ts';
import { escapeText } from '../src/files/quote.ts';
import { type LintReport, reportFormats } from '../src/lint.ts';
import { renderEntry } from '../src/service/decision-log/entry.ts';
import type { DecisionLogEntry } from '../src/service/service.ts';
import { useOwnFolders } from './support/own-folder.ts';
import { runInProcess } from './support/run-command-line.ts';

/**
 * What a stranger's pull request can write: names of files, ids, comments, conditions. Wherever they are shown nothing in them
 * moves a cursor, ends a line, becomes markup or a command of the machine that runs the check.
 */
useOwnFolders('shown');

const red = '\u001b[31m';
const fileNames = [
  'line\n::error::end.acl',
  `colour${red}.acl`,
  'right-to-left\u202e.acl',
  'tags <img src=x onerror=alert(1)>.acl',
  'ticks ``|`_[x](javascript:alert(1)).acl',
  'percent%0A::warning::x.acl',
];

function policyOf(number: number): string {
  return `# comment ${red}\u001b]0;title\u0007\u009b31m
group "g<${number}>&\\"'" {   user:"ev\\"il <b>${number}</b>|\`x\` ]]>" }
allow group:"g<${number}>&\\"'" to read on wiki:"<script>alert(${number})</script>|\`a\`\`"/**
allow user:"::error file=x::y${number}" to read on wiki:"$(id)"/** when context.x == "</script>\\u{1b}[31m ]]>\\n::error::z|"
deny user:"unused\`\`${number}" to edit on wiki:nothing
test "title <script> ]]> \\u{1b}[31m \\n::error::t" { allow user:bob to read on wiki:x }
`;
}

function writePolicies(): void {
  mkdirSync('new');
  mkdirSync('old');
  for (const [i, name] of fileNames.entries()) writeFileSync(`new/${name}`, policyOf(i));
  writeFileSync('old/a.acl', 'allow user:bob to read on wiki:x\n');
}

/** Whatever a terminal, or a reader of lines, takes for more than text. */
function unprintableIn(text: string): string[] {
  return [...text].filter((character) => character !== '\n' && escapeText(character) !== character);
}

const commands = [
  ...['pretty', 'compact', 'json', 'sarif', 'junit', 'github', 'gitlab', 'markdown'].map(
    (format) => `lint new --preset strict --format ${format}`,
  ),
  'fmt --check new',
  ...['pretty', 'json', 'junit'].map((format) => `test new --format ${format}`),
  'test new --coverage',
  ...['text', 'markdown', 'html', 'sarif'].map((format) => `diff old new --format ${format}`),
  ...['svg', 'dot'].map((format) => `graph -p new --format ${format}`),
  'check user:bob read wiki:x -p new --explain',
  'why user:bob read wiki:x -p new',
  'who-can read wiki:x -p new',
  'what-can user:bob -p new',
];

test.each(commands)('postern %s shows hostile text as text', async (command) => {
  writePolicies();
  const { code, stdout, stderr } = await runInProcess(...command.split(' '));
  expect(code, stderr).toBeLessThan(2);
  // Programs are told names of files as they are.
  const isForPrograms = /json|sarif|junit|gitlab/.test(command);
  expect(unprintableIn(isForPrograms ? stdout.replaceAll('\u202e', '') : stdout)).toEqual([]);
  expect(unprintableIn(stderr)).toEqual([]);
  // Commands of a runner stand at the start of a line, and those that are ours are of three kinds.
  const foreign = /^\s*::(?!(?:error|warning|notice) file=new\/)/m;
  expect(foreign.exec(`${stdout}\n${stderr}`)?.[0]).toBe(undefined);
  if (/html|svg|junit/.test(command)) expect(stdout).not.toMatch(/<script>alert|<img src=x|<b>\d/);
});

test.each([
  [['lint', '.', '--config', `no${red}/x\n::error::y.json`]],
  [['lint', `--opt${red}`]],
  [['comm\nand\u001b[2J']],
  [['check', 'a', 'b', 'c', '-p', `x${red}\n::error::y`]],
  [['fmt', `x${red}`]],
  [['mesos', 'validate', `x${red}`]],
  [['diff', `git:x${red}`, 'y']],
])('a word of the command line that is wrong is shown as text: %j', async (words) => {
  const { code, stdout, stderr } = await runInProcess(...words);
  expect(code).toBeGreaterThan(1);
  expect(unprintableIn(stdout + stderr)).toEqual([]);
  expect(stderr).not.toMatch(/^::/m);
});

test('a configuration of the linter is named as text', async () => {
  const folder = `x${red}\n::error::y`;
  mkdirSync(folder);
  writeFileSync(`${folder}/c.json`, '{');
  writeFileSync('a.acl', 'allow user:bob to read on wiki:x\n');
  const { code, stderr } = await runInProcess('lint', 'a.acl', '--config', `${folder}/c.json`);
  expect([code, unprintableIn(stderr), /^::/m.test(stderr)]).toEqual([2, [], false]);
});

describe('a plugin of the linter', () => {
  test('that cannot be loaded is named as text', async () => {
    writeFileSync('a.acl', 'allow user:bob to read on wiki:x\n');
    writeFileSync('postern.lint.json', JSON.stringify({ plugins: [`./x${red}.js`] }));
    const { code, stderr } = await runInProcess('lint', 'a.acl');
    expect([code, unprintableIn(stderr)]).toEqual([2, []]);
  });
});

describe('postern fmt --diff', () => {
  test('is what `git apply` takes, whatever files are called', async () => {
    writePolicies();
    const { stdout } = await runInProcess('fmt', '--diff', 'new');
    execFileSync('git', ['init', '-q', '.']);
    execFileSync('git', ['apply', '-'], { input: stdout });
    expect((await runInProcess('fmt', '--check', 'new')).code).toBe(0);
    expect(readFileSync(`new/${fileNames[0]}`, 'utf8')).not.toBe(policyOf(0));
  });

  test('shows comments as text on a terminal', async () => {
    writePolicies();
    const results = Object.assign(new PassThrough(), { isTTY: true });
    await runCommandLine(
      ['fmt', '--diff', 'new'],
      new Terminal(results, new PassThrough(), { NO_COLOR: '1' }),
    );
    expect(unprintableIn(String(results.read()))).toEqual([]);
  });
});

describe('Markdown', () => {
  const place = { file: 'a.acl', span: { start: 0, end: 1 } } as const;

  test('of a finding has no markup of names with backticks, wherever Markdown sees code begin and end', () => {
    const message = 'rule `a``` denies `<img src=x>`';
    const finding = { ...place, rule: 'dead-deny', severity: 'info', message } as const;
    const report = { findings: [finding], files: ['a.acl'], suppressed: [], notRun: [], textOf: () => 'a' };
    const options = { version: '1', color: false, pathOf: (file: string) => file };
    const rendered = reportFormats.markdown(report as unknown as LintReport, options);
    expect(rendered).toContain('rule \\`a\\`\\`\\` denies \\`\\<img src=x\\>\\`');
  });

  test('of a difference keeps its table where a name has a backslash before a bar', async () => {
    mkdirSync('old');
    mkdirSync('new');
    writeFileSync('old/a.acl', 'allow user:bob to read on wiki:x\n');
    writeFileSync('new/a.acl', 'allow user:ann to read on wiki:x when context.x == "\\\\|<b>"\n');
    const { stdout } = await runInProcess('diff', 'old', 'new', '--format', 'markdown');
    const rows = stdout.split('\n').filter((line) => line.startsWith('|'));
    for (const row of rows) expect(row.replace(/`[^`]*`/g, '').match(/(?<!\\)\|/g), row).toHaveLength(7);
    expect(stdout).not.toMatch(/<b>/);
  });
});

test('a glob of a hundred thousand runs is too much to be exact about, and takes no minutes', async () => {
  const glob = '*a'.repeat(100_000);
  writeFileSync('a.acl', `allow user:bob to read on wiki:x when context.x like "${glob}"\n`);
  expect((await runInProcess('lint', 'a.acl')).code).toBe(0);
});

test('a decision is one line of the log, and no more on a terminal, whatever its request holds', () => {
  const subject = 'user:a\u2028{}\u2029[]\u0085\u009b2J\u202e\u001b[31m\r\n\u000b';
  const entry: DecisionLogEntry = {
    ...{ timeMs: 0, requestId: 'a', api: 'native', revision: 'r', caller: undefined, mode: undefined },
    request: { subject, action: 'read', resource: 'wiki:x' },
    decision: { decision: 'deny', reason: 'malformed' },
  };
  const line = renderEntry(entry, { sampleAllows: 1, sampleDenials: 1, mask: () => {} })!;
  expect(unprintableIn(line)).toEqual([]);
  expect(line.indexOf('\n')).toBe(line.length - 1);
  expect(JSON.parse(line)).toMatchObject({ subject });
});
