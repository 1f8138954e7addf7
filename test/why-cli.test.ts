import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../src/cli/main.ts';
import { Terminal } from '../src/cli/terminal.ts';
import type { Why } from '../src/why.ts';

const folder = mkdtempSync(join(tmpdir(), 'postern-why-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const policy = `mode soft
namespace docs {
  resource docs:/<path> { actions read, write  enforced in hard, soft(authenticated) }
  resource docs:mine:<name> { actions read }
}
group staff { user:ann }
allow group:staff to read on docs:mine:ann when context.hour >= 8
`;

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line in this process; files are those of the folder, and named as seen from there. */
async function runPostern(words: readonly string[]): Promise<Run> {
  const [results, talks] = [new PassThrough(), new PassThrough()];
  const output = Promise.all([text(results), text(talks)]);
  const inFolder = words.map((word) => (/\.(?:acl|pimg)$/.test(word) ? join(folder, word) : word));
  const code = await runCommandLine(inFolder, new Terminal(results, talks, {}));
  results.end();
  talks.end();
  const [stdout, stderr] = (await output).map((each) => each.replaceAll(`${folder}/`, ''));
  return { code, stdout: stdout!, stderr: stderr! };
}

const run = (...words: string[]): Promise<Run> => runPostern(['why', ...words]);

beforeAll(async () => {
  writeFileSync(join(folder, 'docs.acl'), policy);
  writeFileSync(join(folder, 'broken.acl'), 'allow\n');
  const { code } = await runPostern(['compile', 'docs.acl', '-o', 'docs.pimg']);
  expect(code).toBe(0);
});

describe('postern why', () => {
  test.each([
    {
      words: ['user:ann', 'read', 'docs:mine:ann', '--context', '{"hour": 9}'],
      code: 0,
      first: 'allow  rule docs.acl:7',
    },
    {
      words: ['user:bob', 'read', 'docs:mine:ann', '--groups', 'staff', '--context', '{"hour": 9}'],
      code: 0,
      first: 'allow  rule docs.acl:7',
    },
    { words: ['user:ann', 'read', 'docs:mine:ann'], code: 1, first: 'deny   default' },
    { words: ['anyone', 'read', 'docs:/a'], code: 0, first: 'allow  not-enforced' },
    { words: ['anyone', 'read', 'docs:/a', '--mode', 'hard'], code: 1, first: 'deny   default' },
    { words: ['user:ann', 'read', '--every-resource'], code: 1, first: 'deny   default' },
    {
      words: ['user:ann', 'read', 'docs:/a//b'],
      code: 1,
      first: 'deny   malformed: the resource has an empty segment',
    },
  ])('answers $words as check does', async ({ words, code, first }) => {
    const why = await run(...words, '-p', 'docs.acl');
    expect([why.code, why.stdout.split('\n')[0]]).toEqual([code, first]);
    const check = await runPostern(['check', ...words, '-p', 'docs.acl']);
    expect([check.code, check.stdout.split('\n')[0]]).toEqual([code, first]);
  });

  test('says the same as JSON, without what patterns are made of', async () => {
    const { stdout, code } = await run(
      'user:ann',
      'read',
      'docs:mine:ann',
      '--format',
      'json',
      '-p',
      'docs.acl',
    );
    const why = JSON.parse(stdout) as Why;
    expect(code).toBe(1);
    expect(why.nearMisses[0]?.differences[0]?.kind).toBe('condition');
    expect(why.suggestions[0]?.edits).toEqual([
      { kind: 'send', values: [{ path: 'context.hour', value: 8 }] },
    ]);
    expect(stdout).not.toContain('"elements"');
  });

  test('leaves suggestions out where they are not wanted, and counts what is beyond the limit', async () => {
    const words = ['user:bob', 'read', 'docs:mine:ann', '--context', '{"hour": 9}', '-p', 'docs.acl'];
    const short = await run(...words, '--no-suggestions');
    expect(short.stdout).toContain('nearly allowed by');
    expect(short.stdout).not.toContain('what would have it allowed');
    const none = await run(...words, '--limit', '0');
    expect(none.stdout).toContain('and 1 more: --limit shows them');
    expect(none.stdout).toContain('and 3 more: --limit shows them');
  });

  test('takes an image, which has no text to tell places from', async () => {
    const { stdout, code } = await run(
      'user:ann',
      'read',
      'docs:mine:ann',
      '--context',
      '{"hour": 9}',
      '-p',
      'docs.pimg',
    );
    expect(code).toBe(0);
    expect(stdout).toContain('allow  rule docs.acl:7');
    expect(stdout).toContain('user:ann is in staff');
  });

  test('shows what does not print as escapes', async () => {
    const { stdout } = await run('user:ann', 'read', 'docs:\u001b[31m', '-p', 'docs.acl');
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain('\\u{1b}');
  });

  test.each([
    { words: ['user:ann', 'read', '-p', 'docs.acl'], code: 2, says: 'no RESOURCE given' },
    {
      words: ['user:ann', 'read', 'docs:/a', '--limit', 'few', '-p', 'docs.acl'],
      code: 2,
      says: '--limit takes a whole number',
    },
    {
      words: ['user:ann', 'read', 'docs:/a', '--context', '{', '-p', 'docs.acl'],
      code: 2,
      says: '--context is not valid JSON',
    },
    {
      words: ['user:ann', 'read', 'docs:/a', '--mode', 'odd', '-p', 'docs.acl'],
      code: 2,
      says: 'unknown mode `odd`; the policy names `hard`, `soft`',
    },
    { words: ['user:ann', 'read', 'docs:/a', '-p', 'broken.acl'], code: 3, says: 'no policy is loaded' },
    { words: ['user:ann', 'read', 'docs:/a', '-p', 'none.acl'], code: 3, says: 'none.acl' },
  ])('ends with $code for $words', async ({ words, code, says }) => {
    const { code: ended, stderr } = await run(...words);
    expect(ended).toBe(code);
    expect(stderr).toContain(says);
  });
});
