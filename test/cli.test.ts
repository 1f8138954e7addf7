import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRequestLine } from '../src/cli/read-request.ts';
import { Terminal } from '../src/cli/terminal.ts';
import { type Line, LineSplitter, maxLineBytes } from '../src/files/line-splitter.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const bin = join(repository, 'src/cli/bin.ts');
const fixtures = join(repository, 'test/fixtures/cli');
const commands = ['check', 'eval', 'compile', 'inspect'];
/** Groups of commands; test/mesos-cli.test.ts has theirs. */
const groups = ['import', 'export', 'mesos'];

let folder: string;
let image: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postern-cli-'));
  image = join(folder, 'prod.pimg');
  expect((await run(['compile', 'prod.acl', '-o', image])).code).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Words for Node itself. */
  readonly node?: readonly string[];
  readonly uid?: number;
}

interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(words: readonly string[], { cwd = fixtures, env = {}, node = [], uid }: RunOptions = {}) {
  const environment = {
    ...process.env,
    NO_COLOR: undefined,
    NODE_OPTIONS: undefined,
    POSTERN_DEBUG: undefined,
    // Halves the time that a process takes to start, and this file starts more than a hundred.
    NODE_COMPILE_CACHE: join(folder, 'compile-cache'),
    ...env,
  };
  const options = { cwd, env: environment, ...(uid === undefined ? {} : { uid }) };
  return spawn(process.execPath, [...node, bin, ...words], options);
}

/** A real process, from its words and its standard input to what it leaves behind. */
function run(words: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const child = start(words, options);
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  return resultOf(child);
}

function resultOf(child: ChildProcessWithoutNullStreams): Promise<RunResult> {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...output })));
}

function lines(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

function parsed(text: string): unknown[] {
  return lines(text).map((line) => JSON.parse(line));
}

describe('check', () => {
  test.each([
    ['an allow names its rule', 'user:cory read docs:/a', 0, 'allow  rule prod.acl:3'],
    [
      'a deny names its rule, with its id',
      'user:cory read docs:/drafts/a',
      1,
      'deny   rule prod.acl:6 (no-drafts)',
    ],
    ['no rule is a deny', 'user:cory write docs:/a', 1, 'deny   default'],
    ['`anyone` asks without a subject', 'anyone read public:/index', 0, 'allow  rule prod.acl:16'],
    ['`anyone` gets what nobody else gets no more', 'anyone read docs:/a', 1, 'deny   default'],
    ['a group is added', 'user:new read docs:/drafts/a --groups staff,ops', 1, 'deny   default'],
    [
      'no group is added by an empty list',
      'user:new read docs:/drafts/a --groups=',
      1,
      'deny   rule prod.acl:6 (no-drafts)',
    ],
    ['a context is read', 'user:bob read docs:/shared/a --context {"hour":9}', 0, 'allow  rule prod.acl:8'],
    ['without the context the allow does not apply', 'user:bob read docs:/shared/a', 1, 'deny   default'],
    [
      'a role is named beside its grant',
      'user:kim read space:/blue/a',
      0,
      'allow  rule prod.acl:14 by role reader at prod.acl:12',
    ],
    [
      'a ruleset is named',
      'user:nick restart machine:m --context {"hour":5}',
      0,
      'allow  rule prod.acl:22 in ruleset nights',
    ],
    [
      'a default of a ruleset is named',
      'user:nick restart machine:m --context {"hour":7}',
      1,
      'deny   ruleset-default in ruleset nights',
    ],
    ['every resource at once', 'user:root audit --every-resource', 0, 'allow  rule prod.acl:17'],
  ])('%s', async (_, words, code, line) => {
    const result = await run(['check', ...words.split(' '), '-p', 'prod.acl']);
    expect(result).toEqual({ code, stdout: `${line}\n`, stderr: '' });
  });

  test.each([
    ['the resource', ['user:cory', 'read', 'docs://a']],
    ['the subject', ['cory', 'read', 'docs:/a']],
    ['an empty subject', ['', 'read', 'docs:/a']],
    ['an action', ['user:cory', '', 'docs:/a']],
    ['a group', ['user:cory', 'read', 'docs:/a', '--groups', 'a,,b']],
    ['the context', ['user:cory', 'read', 'docs:/a', '--context', '[]']],
    ['the attributes', ['user:cory', 'read', 'docs:/a', '--attributes', '{"subject":1}']],
  ])('%s malformed is a deny that says why', async (_, words) => {
    const result = await run(['check', ...words, '-p', 'prod.acl']);
    expect(result).toMatchObject({ code: 1, stderr: '' });
    expect(result.stdout).toMatch(/^deny {3}malformed: .+\n$/);
  });

  test('--mode overrides the mode', async () => {
    const decide = (...more: string[]) =>
      run(['check', 'user:x', 'read', 'app:task', '-p', 'modes.acl', ...more]);
    expect(await decide()).toEqual({ code: 1, stdout: 'deny   default\n', stderr: '' });
    expect(await decide('--mode', 'strict')).toMatchObject({ code: 1, stdout: 'deny   default\n' });
    const unknown = await decide('--mode', 'lax');
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toMatch(/^postern: .*lax.*\n$/);
  });

  test('--format json has the keys of a decision in their order', async () => {
    const result = await run([
      'check',
      'user:cory',
      'read',
      'docs:/drafts/a',
      '-p',
      'prod.acl',
      '--format',
      'json',
    ]);
    expect(result.stdout).toBe(
      '{"decision":"deny","reason":"rule","rule":{"id":"no-drafts","file":"prod.acl","line":6}}\n',
    );
  });

  test('--explain lists what matched and what nearly did', async () => {
    const words = ['check', 'user:cory', 'read', 'docs:/drafts/a', '-p', 'prod.acl', '--explain'];
    const text = await run(words);
    expect(text.code).toBe(1);
    await expect(text.stdout).toMatchFileSnapshot('fixtures/cli/check-explain.txt');
    const json = await run([...words, '--format', 'json']);
    await expect(json.stdout).toMatchFileSnapshot('fixtures/cli/check-explain.json.txt');
    const answer = JSON.parse(json.stdout) as { decision: string; rules: { outcome: string }[] };
    expect(answer.decision).toBe('deny');
    expect(answer.rules.some(({ outcome }) => outcome === 'applies')).toBe(true);
  });

  test('-q prints nothing', async () => {
    expect(await run(['check', '-q', 'user:cory', 'read', 'docs:/a', '-p', 'prod.acl'])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(
      await run(['check', '-q', 'user:cory', 'write', 'docs:/a', '-p', 'prod.acl', '--explain']),
    ).toEqual({
      code: 1,
      stdout: '',
      stderr: '',
    });
  });

  test('-p takes several and repeats, before and behind the request', async () => {
    const allowed = { code: 0, stdout: 'allow  rule modes.acl:6\n', stderr: '' };
    const request = ['user:kim', 'read', 'app:task:root'];
    expect(await run(['check', ...request, '-p', 'prod.acl', 'modes.acl'])).toEqual(allowed);
    expect(await run(['check', '-p', 'prod.acl', '-p', 'modes.acl', '--', ...request])).toEqual(allowed);
    expect(await run(['check', ...request, '--policy=prod.acl', '--policy', '{modes,none}.acl'])).toEqual(
      allowed,
    );
  });

  test('an image stands in for the policy, whatever its name', async () => {
    const disguised = join(folder, 'disguised.bin');
    copyFileSync(image, disguised);
    for (const path of [image, disguised]) {
      const result = await run(['check', 'user:cory', 'read', 'docs:/drafts/a', '-p', path]);
      expect(result).toEqual({ code: 1, stdout: 'deny   rule prod.acl:6 (no-drafts)\n', stderr: '' });
    }
  });
});

describe('wrong usage ends with 2 and one line', () => {
  test.each([
    ['an unknown command', ['chekc'], "unknown command 'chekc', did you mean check"],
    [
      'an unknown option',
      ['check', 'a:b', 'c', 'd', '-p', 'prod.acl', '--frmat', 'json'],
      "unknown option '--frmat'",
    ],
    ['no policy', ['check', 'a:b', 'c', 'd'], "required option '-p, --policy <policy...>' not specified"],
    [
      'no words but policies',
      ['check', '-p', 'prod.acl', 'a:b', 'c', 'd'],
      'every word behind `-p` is a policy',
    ],
    ['no image', ['inspect'], "missing required argument 'IMAGE': see --help"],
    ['no resource', ['check', 'a:b', 'c', '-p', 'prod.acl'], 'ask for --every-resource'],
    [
      'a resource and every resource',
      ['check', 'a:b', 'c', 'd', '--every-resource', '-p', 'prod.acl'],
      'leave one out',
    ],
    ['too many words', ['check', 'a:b', 'c', 'd', 'e', '-p', 'prod.acl'], 'too many arguments'],
    [
      'an unknown format',
      ['check', 'a:b', 'c', 'd', '-p', 'prod.acl', '--format', 'xml'],
      'allowed choices are text, json',
    ],
    [
      'a context that is no JSON',
      ['check', 'a:b', 'c', 'd', '-p', 'prod.acl', '--context', '{"a":}'],
      'expected a value at column 6',
    ],
    [
      'a context with a key twice',
      ['check', 'a:b', 'c', 'd', '-p', 'prod.acl', '--context', '{"a":1,"a":2}'],
      'duplicate key `a` at column 8',
    ],
    [
      'an attribute of nothing known',
      ['check', 'a:b', 'c', 'd', '-p', 'prod.acl', '--attributes', '{"user":{}}'],
      '--attributes has an unknown key `user`',
    ],
    ['no output', ['compile', 'prod.acl'], "required option '-o, --output <image>' not specified"],
    ['an output called *.acl', ['compile', 'prod.acl', '-o', 'prod.acl'], 'give the image another name'],
    ['no image', ['inspect'], "missing required argument 'IMAGE'"],
  ])('%s', async (_, words, message) => {
    const result = await run(words);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(/^postern: [^\n]+\n$/);
    expect(result.stderr).toContain(message);
  });

  test('an image beside another policy', async () => {
    const result = await run(['check', 'a:b', 'c', 'd', '-p', image, 'prod.acl']);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain('an image stands alone');
  });

  test('no command shows the help', async () => {
    const result = await run([]);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain('Usage: postern');
  });

  test('an old Node is named in one line', async () => {
    const pretend = (version: string) =>
      run(['--version'], {
        node: [
          '--import',
          `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'${version}'}})`,
        ],
      });
    expect(await pretend('20.20.2')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'postern: needs Node.js 22.13 or newer, this is 20.20.2\n',
    });
    expect(await pretend('22.12.0')).toMatchObject({ code: 2 });
    expect(await pretend('22.13.0')).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('what cannot be read ends with 3', () => {
  test('a missing file, an empty folder, a glob without a match: one line that names it', async () => {
    mkdirSync(join(folder, 'empty'), { recursive: true });
    for (const path of ['gone.acl', join(folder, 'empty'), 'no-*.acl', 'gone.pimg']) {
      const result = await run(['check', 'a:b', 'c', 'd', '-p', path]);
      expect(result).toMatchObject({ code: 3, stdout: '' });
      expect(result.stderr).toMatch(/^postern: [^\n]+\n$/);
      expect(result.stderr).toContain(path);
    }
  });

  test('every error of a policy is shown, then their number', async () => {
    const result = await run(['check', 'user:cory', 'read', 'docs:/a', '-p', 'broken.acl']);
    expect(result).toMatchObject({ code: 3, stdout: '' });
    await expect(result.stderr).toMatchFileSnapshot('fixtures/cli/broken.txt');
    expect(result.stderr).toContain('2 errors');
    expect(result.stderr).not.toContain('\u001b');
  });

  test('with --format json errors of policies are JSON on standard output', async () => {
    const result = await run(['compile', 'broken.acl', '-o', join(folder, 'x.pimg'), '--format', 'json']);
    expect(result).toMatchObject({ code: 3, stderr: 'postern: 2 errors: no policy is loaded\n' });
    expect(JSON.parse(result.stdout)).toBeInstanceOf(Array);
    expect(result.stdout).toContain('broken.acl');
  });

  test('eval keeps errors of policies out of its answers unless JSON is asked for', async () => {
    expect(await run(['eval', '-p', 'broken.acl'])).toMatchObject({ code: 3, stdout: '' });
    expect((await run(['eval', '-p', 'broken.acl', '--format', 'json'])).stdout).toMatch(/^\[/);
  });

  test('a policy that is not UTF-8 is an error with its offset', async () => {
    const path = join(folder, 'latin1.acl');
    writeFileSync(path, Buffer.from('# caf\xe9\n', 'latin1'));
    const result = await run(['check', 'a:b', 'c', 'd', '-p', path]);
    expect(result.code).toBe(3);
    expect(result.stderr).toContain('byte 5 (0xe9, in line 1)');
  });

  test('an import that leads out of the root is an error that shows nothing of the file', async () => {
    const root = join(folder, 'root');
    mkdirSync(root, { recursive: true });
    writeFileSync(join(folder, 'secret.txt'), 'top secret');
    writeFileSync(join(root, 'a.acl'), 'import "../secret.txt"\n');
    const result = await run(['check', 'a:b', 'c', 'd', '-p', 'a.acl'], { cwd: root });
    expect(result.code).toBe(3);
    expect(result.stderr).toContain('P2002');
    expect(result.stderr).not.toContain('top secret');
  });

  test('a file without permission', async () => {
    // The superuser may read everything, so the test runs as somebody else where it is the superuser.
    const uid = process.getuid?.() === 0 ? 65534 : undefined;
    const place = mkdtempSync(join(tmpdir(), 'postern-cli-'));
    chmodSync(place, 0o755);
    const path = join(place, 'locked.acl');
    writeFileSync(path, '', { mode: 0 });
    const result = await run(['check', 'a:b', 'c', 'd', '-p', path], {
      cwd: place,
      ...(uid === undefined ? {} : { uid }),
    });
    rmSync(place, { recursive: true });
    expect(result.code).toBe(3);
    expect(result.stderr).toContain('permission denied');
  });

  test('an image, truncated at any length or altered in any part, is refused in one line', async () => {
    const whole = readFileSync(image);
    const damaged = join(folder, 'damaged.pimg');
    const altered = (at: number) => {
      const copy = Buffer.from(whole);
      copy[at]! ^= 1;
      return copy;
    };
    const versions = [
      Buffer.alloc(0),
      whole.subarray(0, 3),
      whole.subarray(0, 40),
      whole.subarray(0, whole.length - 1),
      Buffer.concat([whole, Buffer.alloc(8)]),
      ...[0, 4, 8, 12, 28, 60, whole.length >> 1, whole.length - 1].map(altered),
    ];
    for (const bytes of versions) {
      writeFileSync(damaged, bytes);
      const results = await Promise.all([
        run(['check', 'user:cory', 'read', 'docs:/a', '-p', damaged]),
        run(['inspect', damaged]),
      ]);
      for (const result of results) {
        expect(result).toMatchObject({ code: 3, stdout: '' });
        expect(result.stderr).toMatch(/^postern: image `.*damaged.pimg` cannot be used: [^\n]+\n$/);
      }
    }
  });

  test('requests that are not there, or a folder', async () => {
    for (const path of ['gone.jsonl', folder]) {
      const result = await run(['eval', '-p', 'prod.acl', '--requests', path]);
      expect(result).toMatchObject({ code: 3, stdout: '' });
      expect(result.stderr).toContain(path);
    }
  });

  test.skipIf(process.platform === 'win32')('standard input that is a folder', async () => {
    const result = await runOn(openSync(folder, 'r'), 'pipe');
    expect(result).toEqual({ code: 3, stderr: 'postern: standard input cannot be read: it is a folder\n' });
  });

  const onFullDisk = ['eval -p prod.acl', '--help', 'eval --help', '--version'];

  test.skipIf(process.platform !== 'linux').each(onFullDisk)('a full disk: %s', async (line) => {
    const result = await runOn(
      openSync(join(fixtures, 'requests.jsonl'), 'r'),
      openSync('/dev/full', 'w'),
      line.split(' '),
    );
    const message = 'standard output cannot be written: no space is left on the device';
    expect(result).toEqual({ code: 3, stderr: `postern: ${message}\n` });
  });

  /** A command on open files in the place of pipes. */
  function runOn(
    stdin: number,
    stdout: number | 'pipe',
    words: readonly string[] = ['eval', '-p', image],
  ): Promise<{ code: number | null; stderr: string }> {
    const child = spawn(process.execPath, [bin, ...words], { stdio: [stdin, stdout, 'pipe'], cwd: fixtures });
    let stderr = '';
    child.stderr?.on('data', (text) => {
      stderr += text;
    });
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })));
  }
});

describe('a bug of ours ends with 4', () => {
  const sabotage = (where: string) => `data:text/javascript,${where}=()=>{throw new Error('sabotage')}`;

  test('in one line, and a second that says what to do', async () => {
    const options = { node: ['--import', sabotage('Buffer.prototype.lastIndexOf')], input: '{}\n' };
    expect(await run(['eval', '-p', image], options)).toEqual({
      code: 4,
      stdout: '',
      stderr:
        'postern: internal error: Error: sabotage\n' +
        'postern: this is a bug: please report it, with what POSTERN_DEBUG=1 prints\n',
    });
    const debugged = await run(['eval', '-p', image], { ...options, env: { POSTERN_DEBUG: '1' } });
    expect(debugged.code).toBe(4);
    expect(debugged.stderr).toContain('    at ');
  });

  test('an exception outside every promise too', async () => {
    const later = "data:text/javascript,setTimeout(()=>{throw new Error('sabotage')},0)";
    const result = await run(['eval', '-p', image], { node: ['--import', later] });
    expect(result.code).toBe(4);
  });
});

describe('eval', () => {
  test('answers every request in order, from a file and from standard input alike', async () => {
    const fromFile = await run(['eval', '-p', 'prod.acl', '--requests', 'requests.jsonl']);
    expect(fromFile).toMatchObject({ code: 0, stderr: '' });
    await expect(fromFile.stdout).toMatchFileSnapshot('fixtures/cli/decisions.jsonl');
    const input = readFileSync(join(fixtures, 'requests.jsonl'));
    expect(await run(['eval', '-p', 'prod.acl'], { input })).toEqual(fromFile);
    expect(await run(['eval', '-p', 'prod.acl', '--requests', '-'], { input })).toEqual(fromFile);
    expect(await run(['eval', '-p', image], { input }), 'an image answers alike').toEqual(fromFile);
  });

  test('--format text has the line of check for each request', async () => {
    const result = await run(['eval', '-p', 'prod.acl', '--requests', 'requests.jsonl', '--format', 'text']);
    await expect(result.stdout).toMatchFileSnapshot('fixtures/cli/decisions.txt');
  });

  test('a bad line is answered in its place, and the run goes on and ends with 3', async () => {
    const good = '{"subject":"user:cory","action":"read","resource":"docs:/a"}';
    const bad: readonly (readonly [string | Uint8Array, string])[] = [
      ['{"subject":"user:cory"', 'expected `,` or `}` at column 23'],
      ['', 'blank line: expected a JSON object'],
      [' \t\r', 'blank line: expected a JSON object'],
      ['[]', 'expected a JSON object, found an array'],
      ['null', 'expected a JSON object, found null'],
      ['"x"', 'expected a JSON object, found a string'],
      ['{"action":"read","action":"write"}', 'duplicate key `action` at column 18'],
      ['{"action":"read","\\u0061ction":"write"}', 'duplicate key `action` at column 18'],
      [
        '{"action":"read","contxt":{}}',
        'unknown key `contxt` (known: subject, action, resource, groups, attributes, context)',
      ],
      ['{"action":"read","__proto__":{"subject":"user:root"}}', 'unknown key `__proto__`'],
      [
        '{"action":"read","attributes":{"user":{}}}',
        'unknown key `user` (known: subject, action, resource) in `attributes`',
      ],
      ['{"action":"\\ud800"}', 'escaped lone surrogate at column 12'],
      [Buffer.from('{"action":"caf\xe9"}', 'latin1'), 'not UTF-8: byte 15 of the line begins no character'],
      [`${'['.repeat(257)}${']'.repeat(257)}`, 'nested more than 256 deep at column 257'],
      ['\ufeff{"action":"read"}', 'byte order mark before the value'],
      [`{"action":"read","context":{"n":1e999}}`, 'number is too large to be finite at column 33'],
      [`{"action":"${'x'.repeat(maxLineBytes)}"}`, `line is longer than ${maxLineBytes} bytes`],
    ];
    const input = Buffer.concat(bad.flatMap(([line]) => [Buffer.from(line), Buffer.from(`\n${good}\r\n`)]));
    const result = await run(['eval', '-p', 'prod.acl'], { input });
    const answers = parsed(result.stdout);
    expect(answers).toHaveLength(2 * bad.length);
    for (const [i, [, message]] of bad.entries()) {
      expect(answers[2 * i]).toEqual({ error: expect.stringContaining(message), line: 2 * i + 1 });
      expect(answers[2 * i + 1]).toMatchObject({ decision: 'allow' });
    }
    expect(result).toMatchObject({
      code: 3,
      stderr: `postern: ${bad.length} of ${2 * bad.length} lines could not be answered\n`,
    });
  });

  test('a wrong type of a known key is malformed, never absent', async () => {
    const wrong = [
      { subject: null, action: 'read', resource: 'public:/a' },
      { action: 'read', resource: null },
      { action: null, resource: 'public:/a' },
      { resource: 'public:/a' },
      { action: 'read', resource: 'public:/a', groups: 'ops' },
      { action: 'read', resource: 'public:/a', groups: null },
      { action: 'read', resource: 'public:/a', context: null },
      { action: 'read', resource: 'public:/a', attributes: [] },
      { action: ['read'], resource: 'public:/a' },
    ];
    const input = wrong.map((request) => JSON.stringify(request)).join('\n');
    const result = await run(['eval', '-p', 'prod.acl'], { input });
    expect(result.code).toBe(0);
    const answers = parsed(result.stdout);
    expect(answers).toHaveLength(wrong.length);
    for (const answer of answers) {
      expect(answer).toEqual({ decision: 'deny', reason: 'malformed', detail: expect.any(String) });
    }
  });

  test('no requests, no answers; a missing newline at the end is fine', async () => {
    expect(await run(['eval', '-p', 'prod.acl'])).toEqual({ code: 0, stdout: '', stderr: '' });
    const result = await run(['eval', '-p', 'prod.acl'], { input: '{"action":"read"}' });
    expect(lines(result.stdout)).toHaveLength(1);
  });

  test('who waits for an answer gets it before sending the next request', async () => {
    const child = start(['eval', '-p', 'prod.acl']);
    const answers = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]();
    for (const resource of ['public:/a', 'other:/a']) {
      child.stdin.write(`${JSON.stringify({ action: 'read', resource })}\n`);
      expect(JSON.parse((await answers.next()).value)).toMatchObject({
        decision: resource === 'public:/a' ? 'allow' : 'deny',
      });
    }
    child.stdin.end();
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  });

  test('a reader that leaves ends the run quietly', async () => {
    const requests = join(folder, 'many.jsonl');
    writeFileSync(requests, '{"action":"read","resource":"public:/a"}\n'.repeat(200_000));
    const child = start(['eval', '-p', 'prod.acl', '--requests', requests]);
    const stderr: string[] = [];
    child.stderr.on('data', (text) => stderr.push(String(text)));
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
    expect(stderr.join('')).toBe('');
  });

  test('a million requests and more take the memory of a few', async () => {
    const answer = async (count: number) => {
      const requests = join(folder, 'stream.jsonl');
      writeFileSync(requests, '');
      for (let i = 0; i < count; i += 10_000) appendFileSync(requests, requestLines(i, 10_000));
      const report = "process.on('exit',()=>process.stderr.write(String(process.resourceUsage().maxRSS)))";
      const child = start(['eval', '-p', 'prod.acl', '--requests', requests], {
        node: ['--import', `data:text/javascript,${report}`],
      });
      let newlines = 0;
      let tail = '';
      child.stdout.on('data', (chunk: Buffer) => {
        for (const byte of chunk) if (byte === 10) newlines++;
        tail = (tail + chunk.toString('utf8')).slice(-200);
      });
      let maxRssKib = '';
      child.stderr.on('data', (text) => {
        maxRssKib += text;
      });
      expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
      expect(newlines).toBe(count);
      return { maxRssMib: Number(maxRssKib) / 1024, tail };
    };
    const few = await answer(10_000);
    const many = await answer(200_000);
    expect(many.maxRssMib).toBeLessThan(few.maxRssMib + 80);
    expect(many.tail.endsWith('\n')).toBe(true);
  });
});

/** Requests whose answers differ from line to line, so that a lost or swapped one would show. */
function requestLines(from: number, count: number): string {
  let text = '';
  for (let i = from; i < from + count; i++) {
    const resource = i % 2 === 0 ? `public:/a${i}` : `home:/u${i}/x`;
    text += `${JSON.stringify({ subject: `user:u${i}`, action: i % 3 === 0 ? 'read' : 'edit', resource })}\n`;
  }
  return text;
}

test('a long stream keeps its order', async () => {
  const count = 50_000;
  const result = await run(['eval', '-p', 'prod.acl'], { input: requestLines(0, count) });
  const answers = lines(result.stdout);
  const isRight = (line: string, i: number) => line.includes('"allow"') === ((i % 2 === 0) === (i % 3 === 0));
  expect(answers).toHaveLength(count);
  // The first wrong line alone: a difference of 50,000 lines takes longer to print than to find.
  expect(answers.findIndex((line, i) => !isRight(line, i))).toBe(-1);
});

describe('compile and inspect', () => {
  test('the same policies give the same bytes, whatever the order of words', async () => {
    const paths = ['a.pimg', 'b.pimg'].map((name) => join(folder, name));
    await run(['compile', 'prod.acl', 'modes.acl', '-o', paths[0]!]);
    await run(['compile', './modes.acl', 'prod.acl', 'modes.acl', '-o', paths[1]!]);
    expect(readFileSync(paths[0]!).equals(readFileSync(paths[1]!))).toBe(true);
  });

  test('compile says what it did on standard error, and as JSON on standard output', async () => {
    const output = join(folder, 'said.pimg');
    const text = await run(['compile', 'prod.acl', '-o', output]);
    expect(text).toMatchObject({ code: 0, stdout: '' });
    expect(text.stderr).toMatch(/said\.pimg: 8 rules, [\d,]+ bytes, \d+ ms, revision [0-9a-f]+\n$/);
    const json = await run(['compile', 'prod.acl', '-o', output, '--format', 'json']);
    const { length } = readFileSync(output);
    expect(json).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(json.stdout)).toMatchObject({ image: output, rules: 8, bytes: length });
  });

  test('a failed compilation leaves the old image, and nothing beside it', async () => {
    const place = join(folder, 'kept');
    mkdirSync(place);
    const output = join(place, 'prod.pimg');
    copyFileSync(image, output);
    expect((await run(['compile', 'broken.acl', '-o', output])).code).toBe(3);
    expect(readFileSync(output).equals(readFileSync(image))).toBe(true);
    expect((await run(['compile', 'prod.acl', '-o', join(place, 'gone/x.pimg')])).code).toBe(3);
    expect(readdirSync(place)).toEqual(['prod.pimg']);
  });

  test('inspect says what is in an image', async () => {
    const result = await run(['inspect', image]);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(/^revision +[0-9a-f]{16,}$/m);
    expect(result.stdout).toMatch(/^rules +8$/m);
    const json = await run(['inspect', image, '--format', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ revision: expect.stringMatching(/^[0-9a-f]+$/) });
  });

  test('inspect --tree prints the trie', async () => {
    const result = await run(['inspect', image, '--tree']);
    expect(result.stdout).toContain('drafts');
    const json = await run(['inspect', image, '--tree', '--format', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ tree: expect.stringContaining('drafts') });
  });
});

describe('help', () => {
  test.each(commands)('%s --help has examples and the exit codes', async (command) => {
    const result = await run([command, '--help']);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain('Examples:');
    expect(result.stdout).toContain('Exit codes:');
    expect(result.stdout).toContain('--format');
    await expect(result.stdout).toMatchFileSnapshot(`fixtures/cli/help-${command}.txt`);
    expect((await run(['help', command])).stdout).toBe(result.stdout);
  });

  test('--help and --version', async () => {
    const result = await run(['--help']);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    for (const command of [...commands, ...groups]) expect(result.stdout).toContain(`\n  ${command} `);
    const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('LineSplitter', () => {
  function split(chunks: readonly Buffer[]): Line[] {
    const splitter = new LineSplitter();
    return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
  }

  test('where chunks are cut changes no line', () => {
    const line = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constant(''), fc.uint8Array());
    const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 10 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 10 }), cuts, fc.boolean(), (parts, places, isEnded) => {
        const rows = parts.map((part) => Buffer.from(part as string)).filter((row) => !row.includes(10));
        const text = Buffer.concat(rows.flatMap((row) => [row, Buffer.from('\n')]));
        const bytes = isEnded ? text : text.subarray(0, -1);
        const chunks: Buffer[] = [];
        let start = 0;
        for (const place of [...places].sort((a, b) => a - b)) {
          chunks.push(bytes.subarray(start, Math.max(start, place)));
          start = Math.max(start, place);
        }
        chunks.push(bytes.subarray(start));
        const whole = split([bytes]);
        expect(split(chunks)).toEqual(whole);
        const lineCount = rows.length - (!isEnded && rows.at(-1)?.length === 0 ? 1 : 0);
        expect(whole).toHaveLength(lineCount);
      }),
      { numRuns: 2_000 },
    );
  });

  test('a line of 1 MiB passes, one byte more is a fault, and the next line is read again', () => {
    const longest = 'x'.repeat(maxLineBytes);
    const fault = { fault: `line is longer than ${maxLineBytes} bytes` };
    const bytes = Buffer.from(`${longest}\n${longest}x\nnext\n${longest}${longest}${longest}`);
    const pieces = Array.from({ length: 100 }, (_, i) =>
      bytes.subarray((i * bytes.length) / 100, ((i + 1) * bytes.length) / 100),
    );
    for (const chunks of [[bytes], pieces]) expect(split(chunks)).toEqual([longest, fault, 'next', fault]);
  });

  test('a byte order mark is left for the reader of requests to refuse', () => {
    expect(split([Buffer.from('\ufeffa\n\ufeffb')])).toEqual(['\ufeffa', '\ufeffb']);
  });
});

test('a request line is read as it is, and its own keys alone', () => {
  const read = readRequestLine('{"subject":"user:a","action":"read","context":{"__proto__":{"x":1}}}');
  expect(read).toMatchObject({ ok: true, request: { subject: 'user:a', action: 'read' } });
});

describe('Terminal', () => {
  const stream = (isTTY: boolean) =>
    Object.assign(new Writable({ write: (_, __, done) => done() }), { isTTY });
  const hasColor = (isTTY: boolean, environment: NodeJS.ProcessEnv) =>
    new Terminal(stream(isTTY), stream(isTTY), environment).hasColor;

  test('has colours on a terminal only, and NO_COLOR turns them off', () => {
    expect(hasColor(true, { TERM: 'xterm' })).toBe(true);
    expect(hasColor(false, { TERM: 'xterm' })).toBe(false);
    expect(hasColor(true, { TERM: 'xterm', NO_COLOR: '1' })).toBe(false);
    expect(hasColor(true, { TERM: 'xterm', NO_COLOR: '' })).toBe(true);
    expect(hasColor(true, { TERM: 'dumb' })).toBe(false);
  });
});
