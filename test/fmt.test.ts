import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import fastGlob from 'fast-glob';
import { afterAll, describe, expect, test } from 'vitest';
import { unifiedDiff } from '../src/cli/unified-diff.ts';
import { Authorizer, build, formatSource } from '../src/index.ts';
import { tokenize } from '../src/syntax/lexer.ts';
import { parse } from '../src/syntax/parser.ts';
import { runPostern } from './support/run-postern.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const fixtures = join(root, 'test/fixtures/fmt');
const names = readdirSync(fixtures).filter((name) => /^[^.]+\.acl$/.test(name));
const scratch = mkdtempSync(join(tmpdir(), 'postern-fmt-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A run of rules as one meets them. */
const rules = Array.from(
  { length: 30 },
  (_, i) => `allow user:u${i} to read, update on site:/a/${i}/** # ${i}`,
);

/** Formats text that has no mistake. */
function format(text: string): string {
  const result = formatSource({ file: 'x.acl', text });
  expect(result.ok, text).toBe(true);
  return result.ok ? result.text : '';
}

function textOfFixture(name: string): string {
  return readFileSync(join(fixtures, name), 'utf8');
}

describe('the one layout', () => {
  test.each(names)('%s', async (name) => {
    const formatted = format(textOfFixture(name));
    await expect(formatted).toMatchFileSnapshot(join(fixtures, name.replace('.acl', '.expected.acl')));
    expect(format(formatted)).toBe(formatted);
  });

  test.each(['\r\n', '\r'])('does not depend on line ends (%j)', (end) => {
    for (const name of names) {
      const text = textOfFixture(name);
      expect(format(text.replaceAll('\n', end)), name).toBe(format(text));
    }
  });

  test('of a file of nothing is nothing', () => {
    expect(format('')).toBe('');
    expect(format('\n\n  \n')).toBe('');
    expect(format('\n\n# only this')).toBe('# only this\n');
  });

  test('is that of every shipped policy', () => {
    const shipped = fastGlob.sync('policies/**/*.acl', { cwd: root });
    expect(shipped.length).toBeGreaterThan(20);
    for (const file of shipped) {
      const text = readFileSync(join(root, file), 'utf8');
      expect(format(text), file).toBe(text);
    }
  });

  test('a text with a mistake is left alone, and the mistake told', () => {
    const result = formatSource({ file: 'x.acl', text: 'allow user:a to' });
    expect(result.ok || result.diagnostics.map(({ code }) => code)).toEqual(['P0004']);
  });
});

describe('what formatting keeps', () => {
  const runs = { seed: 20_261_122, numRuns: 300 } as const;
  const texts = fastGlob
    .sync(['policies/**/*.acl', 'test/fixtures/{syntax,fmt,decide}/**/*.acl'], { cwd: root, absolute: true })
    .sort()
    .map((file) => readFileSync(file, 'utf8'))
    .filter((text) => parse({ file: 'x.acl', text }).diagnostics.length === 0 && text.length < 20_000);
  const inserts = [
    ' # c\n',
    '\n# c\n',
    '\n\n# c\n\n',
    ' ## d\n',
    '\n## d\n',
    '\n\n\n',
    ' \t',
    '\r\n',
    '\r# c\r',
    '\n# lint: allow a -- b\n',
    ` # ${'a comment that goes on '.repeat(6)}\n`,
  ];

  // `formatSource` itself compares trees and comments, and throws if any is another.
  test('meaning and comments, wherever comments and line ends are put, and twice is once', () => {
    expect(texts.length).toBeGreaterThan(50);
    const changes = fc.array(fc.tuple(fc.nat(), fc.boolean(), fc.constantFrom(...inserts)), {
      minLength: 1,
      maxLength: 5,
    });
    let formatted = 0;
    fc.assert(
      fc.property(fc.constantFrom(...texts), changes, (text, places) => {
        const { tokens } = tokenize(text);
        fc.pre(tokens.length > 0);
        const cuts = places.map(([at, isBefore, insert]) => {
          const token = tokens[at % tokens.length]!;
          return { at: isBefore ? token.startOffset : token.endOffset! + 1, insert };
        });
        const changed = cuts
          .sort((a, b) => b.at - a.at)
          .reduce((result, { at, insert }) => result.slice(0, at) + insert + result.slice(at), text);
        const result = formatSource({ file: 'x.acl', text: changed });
        // Within an id there is no room for a blank.
        if (!result.ok) return;
        formatted++;
        expect(format(result.text), changed).toBe(result.text);
      }),
      { ...runs, numRuns: 1500 },
    );
    expect(formatted).toBeGreaterThan(500);
  });

  test('decisions: policy and result build images that answer alike', () => {
    const policies = fastGlob.sync('policies/{dcos,mesos,examples}/**/*.acl', { cwd: root });
    let asked = 0;
    for (const file of policies) {
      const text = readFileSync(join(root, file), 'utf8');
      const squeezed = text.replace(/^[ \t]+/gm, '').replace(/(?<=\w) {2,}(?=\w)/g, ' ');
      const [before, after] = [squeezed, format(squeezed)].map((each) =>
        build([{ file: 'x.acl', text: each }]),
      );
      if (!before!.ok || !after!.ok) continue;
      const [left, right] = [Authorizer.fromImage(before!.image), Authorizer.fromImage(after!.image)];
      for (const { cases } of before!.model.tests) {
        for (const { subject, action, resource, groups, context, attributes } of cases) {
          const request = { subject, action, resource, groups, context, attributes };
          expect(right.decide(request).decision, file).toBe(left.decide(request).decision);
          asked++;
        }
      }
    }
    expect(asked).toBeGreaterThan(300);
  });
});

describe('postern fmt', () => {
  let count = 0;
  function makeFolder(files: Readonly<Record<string, string>>): string {
    const folder = join(scratch, String(count++));
    mkdirSync(folder);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return folder;
  }
  const wrong = 'allow  user:a to read on b:c';
  const right = 'allow user:a to read on b:c\n';

  test('writes what differs, names it, and leaves the rest alone', async () => {
    const cwd = makeFolder({ 'a.acl': wrong, 'sub/b.acl': right, 'c.acl': 'allow user:a to' });
    const before = statSync(join(cwd, 'sub/b.acl')).mtimeMs;
    const run = await runPostern(['fmt'], { cwd });
    expect(run).toMatchObject({ code: 3, stdout: 'a.acl\n' });
    expect(run.stderr).toContain('--> c.acl:1:16');
    expect(run.stderr).toContain(
      'postern: 1 file formatted, 1 file left as found, 1 file in canonical layout already\n',
    );
    expect(readFileSync(join(cwd, 'a.acl'), 'utf8')).toBe(right);
    expect(readFileSync(join(cwd, 'c.acl'), 'utf8')).toBe('allow user:a to');
    expect(statSync(join(cwd, 'sub/b.acl')).mtimeMs).toBe(before);
    expect(await runPostern(['fmt', '-q', 'a.acl', 'sub'], { cwd })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  test('keeps permissions and links, and follows no link out of the root', async () => {
    const cwd = makeFolder({ 'in/a.acl': wrong, 'out.acl': wrong });
    chmodSync(join(cwd, 'in/a.acl'), 0o640);
    symlinkSync('a.acl', join(cwd, 'in/link.acl'));
    symlinkSync('../out.acl', join(cwd, 'in/away.acl'));
    const run = await runPostern(['fmt', 'link.acl', 'away.acl'], { cwd: join(cwd, 'in') });
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('`away.acl` is a symbolic link that leads outside the policy root');
    expect(readFileSync(join(cwd, 'in/a.acl'), 'utf8')).toBe(right);
    expect(readFileSync(join(cwd, 'out.acl'), 'utf8')).toBe(wrong);
    expect(statSync(join(cwd, 'in/a.acl')).mode & 0o777).toBe(0o640);
    expect(lstatSync(join(cwd, 'in/link.acl')).isSymbolicLink()).toBe(true);
  });

  test('--check writes nothing and ends with 1', async () => {
    const cwd = makeFolder({ 'a.acl': wrong, 'b.acl': right, 'bom.acl': `\ufeff${right}` });
    const run = await runPostern(['fmt', '--check', '.'], { cwd });
    expect(run).toMatchObject({ code: 1, stdout: 'a.acl\nbom.acl\n' });
    expect(readFileSync(join(cwd, 'a.acl'), 'utf8')).toBe(wrong);
    expect(await runPostern(['fmt', '--check', '-q', 'b.acl'], { cwd })).toMatchObject({
      code: 0,
      stdout: '',
    });
  });

  test('--diff prints what `git apply` turns into what fmt writes', async () => {
    const long = Array.from({ length: 40 }, (_, i) => `allow user:u${i % 7}   to read on b:c\n# ${i}\n`).join(
      '',
    );
    const texts = {
      'a.acl': wrong,
      'crlf.acl': right.replace('\n', '\r\n'),
      'long.acl': long + right.repeat(9),
    };
    const cwd = makeFolder(texts);
    const run = await runPostern(['fmt', '--diff'], { cwd });
    expect(run.code).toBe(1);
    execFileSync('git', ['apply', '--unsafe-paths', '-p1', '-'], { cwd, input: run.stdout });
    for (const [name, text] of Object.entries(texts)) {
      expect(readFileSync(join(cwd, name), 'utf8'), name).toBe(format(text));
    }
  });

  test('- reads standard input and writes standard output', async () => {
    expect(await runPostern(['fmt', '-'], { input: wrong })).toEqual({ code: 0, stdout: right, stderr: '' });
    expect(await runPostern(['fmt', '--check', '-'], { input: wrong })).toMatchObject({
      code: 1,
      stdout: '',
    });
    expect(await runPostern(['fmt', '--check', '-'], { input: right })).toMatchObject({
      code: 0,
      stdout: '',
    });
    const broken = await runPostern(['fmt', '-'], { input: 'allow user:a to' });
    expect(broken).toMatchObject({ code: 3, stdout: '' });
    expect(broken.stderr).toContain('--> (standard input):1:16');
    expect(await runPostern(['fmt', '-', 'a.acl'])).toMatchObject({ code: 2, stdout: '' });
  });

  test('--stdin-file-path is the name of what comes in, and no file of that name is read or written', async () => {
    const named = ['fmt', '--stdin-file-path', 'no folder/unsaved.acl'];
    expect(await runPostern(named, { input: wrong })).toEqual({ code: 0, stdout: right, stderr: '' });
    const broken = await runPostern(named, { input: 'allow user:a to' });
    expect(broken).toMatchObject({ code: 3, stdout: '' });
    expect(broken.stderr).toContain('--> no folder/unsaved.acl:1:16');
    const changed = await runPostern([...named, '-', '--diff'], { input: wrong });
    expect(changed).toMatchObject({ code: 1, stderr: '' });
    expect(changed.stdout).toContain('+++ b/no folder/unsaved.acl');
    expect(await runPostern([...named, 'a.acl'])).toMatchObject({ code: 2, stdout: '' });
  });

  test('--format json says what became of each file', async () => {
    const cwd = makeFolder({ 'a.acl': wrong, 'b.acl': right, 'c.acl': 'allow user:a to' });
    const run = await runPostern(['fmt', '--check', '--format', 'json'], { cwd });
    expect(run.code).toBe(3);
    expect(JSON.parse(run.stdout)).toMatchObject({
      files: [
        { file: 'a.acl', result: 'differs' },
        { file: 'b.acl', result: 'unchanged' },
        { file: 'c.acl', result: 'failed' },
      ],
      diagnostics: [{ code: 'P0004', file: 'c.acl', line: 1 }],
    });
  });

  test('formats a million characters in a second', { retry: 2 }, () => {
    const [first] = names.map(textOfFixture);
    const unit = `${rules.join('\n')}\n${first}\n`;
    const text = unit.repeat(Math.ceil(1_000_000 / unit.length));
    format(unit);
    const start = process.cpuUsage();
    format(text);
    // Time of the processor, a third of the limit when measured alone: other work on the machine slows that down too.
    expect(process.cpuUsage(start).user / 1_000_000).toBeLessThan(2);
  });
});

describe('a unified diff', () => {
  test('of equal texts is empty', () => {
    expect(unifiedDiff('x', 'a\nb\n', 'a\nb\n')).toBe('');
    expect(unifiedDiff('x', '', '')).toBe('');
  });

  test('has three lines around each change, and says where a line end is missing', () => {
    const before = '1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14';
    const after = before.replace('2', 'two').replace('13', 'thirteen');
    expect(unifiedDiff('f', before, `${after}\n`)).toBe(
      [
        '--- a/f',
        '+++ b/f',
        '@@ -1,5 +1,5 @@',
        ' 1',
        '-2',
        '+two',
        ' 3',
        ' 4',
        ' 5',
        '@@ -10,5 +10,5 @@',
        ' 10',
        ' 11',
        ' 12',
        '-13',
        '-14',
        '\\ No newline at end of file',
        '+thirteen',
        '+14',
        '',
      ].join('\n'),
    );
  });
});
