import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createBuildProgress } from '../src/cli/build-progress.ts';
import { Terminal } from '../src/cli/terminal.ts';
import {
  type BuildProgress,
  type BuildResult,
  build,
  buildModel,
  buildModelFiles,
  createBuilder,
  type Importer,
  type ModelResult,
  type Source,
} from '../src/index.ts';
import { resolve } from '../src/resolve/resolve.ts';
import { TextTable } from '../src/resolve/text-table.ts';
import type { CompactTree } from '../src/syntax/ast.ts';
import { parseCompact } from '../src/syntax/parse-compact.ts';
import { parse } from '../src/syntax/parser.ts';
import { expandTree } from '../src/syntax/plain-rule.ts';
import { printTree } from '../src/syntax/print.ts';
import { arbitraryStatements } from './support/arbitrary-tree.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const policyFiles = ['test/fixtures', 'policies']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  )
  .filter((file) => file.endsWith('.acl'))
  .sort();

/** Deterministic: the same seed finds the same counterexample everywhere. */
const runs = { seed: 20_261_122, numRuns: 400 } as const;

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** What the grammar alone makes of the text is what the scanner of plain rules and the grammar make of it together. */
function expectSameTree(text: string): CompactTree {
  const source = { file: 'x.acl', text };
  const compact = parseCompact(source);
  const whole = parse(source);
  expect(compact.diagnostics, text).toEqual(whole.diagnostics);
  expect(expandTree(compact.tree), text).toEqual(whole.tree);
  return compact.tree;
}

function expectSameMeaning(tree: CompactTree): void {
  const compact = resolve([tree]);
  const expanded = resolve([expandTree(tree)]);
  expect(compact.diagnostics, tree.text).toEqual(expanded.diagnostics);
  expect(compact.model, tree.text).toEqual(expanded.model);
}

function countPlain(tree: CompactTree): number {
  return tree.statements.filter(({ kind }) => kind === 'plain-rules').length;
}

// ---------------------------------------------------------------- texts

const plainLine = fc
  .tuple(
    fc.constantFrom('allow', 'deny'),
    fc.constantFrom(
      ...['user:a', 'group:g', 'service:/a/b', 'user:a-b.c', 'group:nobody', 'a/b', 'when:x', ':'],
      ...['anyone', 'authenticated', 'user:*', 'service:/**', 'group:*', 'any*', 'user:a*b'],
    ),
    fc.constantFrom('read', 'full', 'group', 'allow', 'x@y', 'entity', 'ruleset'),
    fc.constantFrom(
      'a:b',
      'a:/b/**',
      'a:b/c-*',
      '/',
      'a:*',
      'a//b',
      'a:b:',
      'x:y/../z',
      'a:b?',
      'on:c',
      'a:/**',
    ),
    fc.constantFrom('', '', '', ' ', '\t'),
  )
  .map(([effect, subject, action, resource, blank]) => {
    return `${blank}${effect} ${blank}${subject} to ${action}${blank} on ${resource}${blank}`;
  });
const plainRun = fc.array(plainLine, { minLength: 6, maxLength: 14 }).map((lines) => lines.join('\n'));

/** What stands between rules, and what only looks like a plain rule or like the end of one. */
const oddLine = fc.constantFrom(
  '',
  '# a note',
  '## a doc comment',
  '@id("x")',
  '@owner',
  '  when context.a',
  'unless context has allow',
  'allow user:a to read on a:b # note',
  'allow user:a to read on a:b ## doc',
  'allow user:a to read on a:b // note',
  'allow user:a to read on a:b when context.x',
  'allow user:a to read on a:b allow user:a to read on a:b',
  'allow user:a, user:b to read on a:b',
  'allow user:a,',
  'allow user:a to read, write on a:b',
  'allow user:a to on on a:b',
  'allow user:a to when on a:b',
  'allow @a:b to read on a:b',
  'allow user:a to read on // a:b',
  'allow user:a to read on //a:b',
  'allow when!x:y to read on a:b',
  'allow user:a to read on "a:b"',
  'allow "user:a" to read on {a,b}:c',
  'allow anyone to read on a:{x}',
  'allow user:ä to read on a:b',
  'allow user:a { read on a:b }',
  'allow user:a {',
  '  read on a:b',
  '}',
  'group g { user:a }',
  'group g {',
  'group',
  'mode',
  'mode with',
  'entity user:a { level: 1 }',
  'entity user:a {',
  'test "x" {',
  'grant r to user:a,',
  'role r { read on a:b }',
  'ruleset s first-applicable {',
  'namespace with {',
  'action full implies read,',
  'on a:b',
  '\ufeff',
  '\ufeffallow user:a to read on a:b',
  '"',
  ';',
);
const printedStatements = arbitraryStatements.map((statements) =>
  printTree({ file: 'x.acl', text: '', statements, comments: [] }).trimEnd(),
);
const piece = fc.oneof(
  { weight: 4, arbitrary: plainRun },
  { weight: 4, arbitrary: oddLine },
  { weight: 1, arbitrary: plainLine },
  { weight: 1, arbitrary: printedStatements },
);
const lineBreak = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r', '\n\n');
const text: Arbitrary<string> = fc
  .array(fc.tuple(piece, lineBreak), { minLength: 1, maxLength: 9 })
  .map((pieces) => pieces.map((each) => each.join('')).join(''));
/** Statements without a mistake that end, begin or hold what might be mistaken for something else. */
const validStatement = fc.constantFrom(
  'mode with',
  'mode group',
  'mode\ngroup',
  'mode\nallow',
  'group with { }',
  'group entity { user:a, }',
  'entity\nuser:a { level: [1] }',
  'allow user:a to read on a:b\n# why\n  when context.a',
  'allow user:a to read on a:b unless context has allow',
  'allow user:a to read on a:b when context has in',
  '## doc\nallow user:a to read on a:b',
  '@owner("x")\n# note\nallow user:a to read on a:b',
  '## a doc comment of nothing',
  'role with { read on with }',
  'action action implies allow',
  'allow user:a {\nread on a:b\nread on allow\n}',
  'route GET "/a" open',
  'ruleset entity first-applicable {\nallow user:a to read on a:b\n}',
  `test "x" {\n${'allow user:a to read on a:b\n'.repeat(9)}}`,
  'closed namespace n { resource n:<x>[:<y...>] }',
  'deny authenticated to x on deny',
);
/** Mostly whole texts: one mistake, and the grammar reads everything. */
const wholeText = fc
  .array(
    fc.oneof(
      { weight: 2, arbitrary: plainRun },
      { weight: 1, arbitrary: validStatement },
      { weight: 1, arbitrary: printedStatements },
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((pieces) => pieces.join('\n'));
const damagedText = fc
  .tuple(
    wholeText,
    fc.nat(),
    fc.nat(8),
    fc.constantFrom('', '{', '}', '"', '#', '\n', ' ', 'when ', ',', '@'),
  )
  .map(([whole, place, length, insert]) => {
    const at = place % (whole.length + 1);
    return whole.slice(0, at) + insert + whole.slice(at + length);
  });

describe('plain rules are read as the grammar reads them', () => {
  test.each(policyFiles)('%s', (file) => {
    expectSameMeaning(expectSameTree(textOf(file)));
  });

  test.each(policyFiles)('%s between plain rules', (file) => {
    const run = 'allow user:a to read on a:b/*\n'.repeat(10);
    expectSameMeaning(expectSameTree(`${run}${textOf(file)}\n${run}`));
  });

  test('rules and whatever stands between them', () => {
    let plain = 0;
    fc.assert(
      fc.property(text, (each) => {
        const tree = expectSameTree(each);
        expectSameMeaning(tree);
        plain += Math.min(1, countPlain(tree));
      }),
      runs,
    );
    expect(plain).toBeGreaterThan(runs.numRuns / 20);
  });

  test('valid texts, which the scanner and the grammar share', () => {
    let shared = 0;
    fc.assert(
      fc.property(wholeText, (each) => {
        const tree = expectSameTree(each);
        expectSameMeaning(tree);
        if (countPlain(tree) > 0 && tree.statements.length > countPlain(tree)) shared++;
      }),
      runs,
    );
    expect(shared).toBeGreaterThan(runs.numRuns / 4);
  });

  test('damaged texts', () => {
    fc.assert(
      fc.property(damagedText, (each) => expectSameMeaning(expectSameTree(each))),
      runs,
    );
  });

  test('a rule that a condition follows, behind a comment too, is left to the grammar', () => {
    const run = 'allow user:a to read on a:b\n'.repeat(10);
    const tree = expectSameTree(`${run}# why\n\n  when context.x\n${run}`);
    expect(tree.statements.map(({ kind }) => kind)).toEqual(['plain-rules', 'rule', 'plain-rules']);
  });

  test('a pattern and the same text in quotes are two things', () => {
    const run = 'allow user:a to read on a:*\n'.repeat(10);
    const { tree } = parseCompact({ file: 'x.acl', text: `allow user:a to read on "a:*"\n${run}` });
    const kinds = resolve([tree]).model.rules.map(({ resources }) => resources[0]!.kind);
    expect(new Set(kinds.slice(1))).toEqual(new Set(['pattern']));
    expect(kinds[0]).toBe('literal');
  });
});

describe('a table by text', () => {
  test('gives what a map by string gives, however many keys there are', () => {
    const key = fc.stringMatching(/^[a-c:/]{1,5}$/);
    fc.assert(
      fc.property(fc.array(key, { maxLength: 600 }), (keys) => {
        const table = new TextTable<number>();
        const map = new Map<string, number>();
        const whole = keys.join('');
        let start = 0;
        for (const [i, each] of keys.entries()) {
          const end = start + each.length;
          expect(table.get(whole, start, end)).toBe(map.get(each));
          if (!map.has(each)) {
            map.set(each, i);
            table.add(whole, start, end, i);
          }
          start = end;
        }
      }),
      { ...runs, numRuns: 100 },
    );
  });

  test('keys of one hash are told apart by their text', () => {
    // 32 bits of FNV-1a are the same for these two.
    const table = new TextTable<string>();
    table.add('declinate', 0, 9, 'first');
    expect(table.get('macallums', 0, 9)).toBeUndefined();
    table.add('macallums', 0, 9, 'second');
    expect(table.get('declinate', 0, 9)).toBe('first');
    expect(table.get('macallums', 0, 9)).toBe('second');
  });
});

// ---------------------------------------------------------------- building again

/** Files that depend on each other in every way there is, and mistakes that come and go with what they name. */
const fileTexts = fc.constantFrom(
  'group g { user:a }\n',
  'group g { user:a, user:b }\ngroup h { group:g }\n',
  'group h { user:c }\n',
  'allow group:g to read on a:b\n'.repeat(9),
  `allow group:h to read on a:b\n${'deny user:a to full on a:c/*\n'.repeat(9)}`,
  '@id("one") allow user:a to read on a:b\n',
  '@id("one") deny user:a to read on a:c\n@id("two") deny user:b to read on a:c\n',
  'allow user:a { read on a:b @id("two") write on a:c }\n',
  'role r(x) { read on a:{x} }\n',
  'role r(x) { read on a:{x}/** when subject in group:h }\n',
  'role r { read on closed:x }\n',
  'grant r(one) to user:a\ngrant r("two three") to group:g\n',
  'grant r to user:a\n',
  'closed namespace a { resource a:<x> { actions read } }\n',
  'closed namespace a { resource a:<x> { actions read, full } resource a:<x>/<y...> }\n',
  'namespace a { action full implies read }\n',
  'namespace other { resource a:<x> }\n',
  'ruleset s first-applicable { allow user:a to read on a:b deny anyone to read on a:b }\n',
  'ruleset t deny-overrides { scope read on a:b default allow @id("one") allow group:h to read on a:b }\n',
  'route GET "/x" requires read on a:b\n',
  'entity user:a { level: 1 }\n',
  'test "x" { allow user:a to read on a:b }\n',
  'import "m.acl"\n',
  'allow user:a to read on\n',
  '',
);
const fileName = fc.constantFrom('a.acl', 'b.acl', 'c.acl', 'd.acl', 'e.acl', 'm.acl');
/** A file is written anew or, without a text, deleted. */
const edit = fc.tuple(fileName, fc.option(fc.array(fileTexts, { maxLength: 2 }), { freq: 6 }));

describe('a builder', () => {
  test('gives after every edit what a build from scratch gives', () => {
    let built = 0;
    fc.assert(
      fc.property(fc.array(edit, { minLength: 2, maxLength: 12 }), (edits) => {
        const files = new Map<string, string>();
        const builder = createBuilder();
        for (const [file, texts] of edits) {
          if (texts === null) files.delete(file);
          else files.set(file, texts.join(''));
          const sources = [...files].map(([name, each]): Source => ({ file: name, text: each }));
          const options = { importer: importerOf(files) };
          const result = builder.build(sources, options);
          expectSameResult(result, build(sources, options), sources);
          if (result.ok) built++;
        }
      }),
      runs,
    );
    expect(built).toBeGreaterThan(runs.numRuns);
  });

  test('gives what a build gives for rules by the hundred, one file of ten changed at a time', () => {
    const sources = Array.from({ length: 10 }, (_, file): Source => {
      const lines = Array.from({ length: 100 }, (_, i) => `allow user:u${i} to read on a:f${file}/${i % 7}`);
      return { file: `${file}.acl`, text: `${lines.join('\n')}\n` };
    });
    const builder = createBuilder();
    builder.build(sources);
    for (let round = 0; round < 10; round++) {
      const { file, text: before } = sources[round]!;
      sources[round] = { file, text: `${before}allow user:new to read on a:f${round}/new\n` };
      expectSameResult(builder.build(sources), build(sources), sources);
    }
  });

  test('resolves no rule again that stands as it stood', () => {
    const plain = { file: 'plain.acl', text: 'allow user:a to read on a:b\n'.repeat(20) };
    const builder = createBuilder();
    const first = builder.build([plain, { file: 'z.acl', text: 'group g { }' }]);
    const second = builder.build([plain, { file: 'z.acl', text: 'group g { } group h { }' }]);
    expect(
      first.ok && second.ok && second.model.rules.every((rule, i) => rule === first.model.rules[i]),
    ).toBe(true);
  });

  test('finds the files again that have changed on the disk', async () => {
    const builder = createBuilder();
    const pattern = join(root, 'policies/examples/document-sharing');
    const first = await builder.buildFiles([pattern]);
    const second = await builder.buildFiles([pattern]);
    expectSameResult(second, first, []);
  });
});

describe('a model without an image', () => {
  test.each([
    'group g { user:a }\nallow group:g to read on a:b\n',
    'allow user:a to read\n',
    'import "gone.acl"\n',
  ])('comes of %j with what a build says of it', (text) => {
    const sources = [{ file: 'a.acl', text }];
    const options = { importer: importerOf(new Map()) };
    for (const result of [buildModel(sources, options), createBuilder().buildModel(sources, options)])
      expectSameModel(result, build(sources, options));
  });

  test('comes of files, and from a builder with the rules that it knows', async () => {
    const pattern = join(root, 'policies/examples/document-sharing');
    const builder = createBuilder();
    const built = await builder.buildFiles([pattern]);
    expectSameModel(await buildModelFiles([pattern]), built);
    const again = await builder.buildModelFiles([pattern]);
    expectSameModel(again, built);
    if (!again.ok || !built.ok) throw new Error('the example does not build');
    expect(again.model.rules[0]).toBe(built.model.rules[0]);
  });

  test('is told of no compiling', () => {
    const stages = new Set<string>();
    buildModel([{ file: 'a.acl', text: 'allow user:a to read on a:b\n' }], {
      onProgress: ({ stage }) => stages.add(stage),
    });
    expect([...stages]).toEqual(['parse', 'resolve']);
  });
});

function expectSameModel(actual: ModelResult, expected: BuildResult): void {
  expect(actual.diagnostics).toEqual(expected.diagnostics);
  expect(actual).not.toHaveProperty('image');
  expect(actual.ok && actual.model).toEqual(expected.ok && expected.model);
}

function importerOf(files: ReadonlyMap<string, string>): Importer {
  return {
    resolveImport(specifier) {
      const found = files.get(specifier);
      if (found !== undefined) return { ok: true, source: { file: specifier, text: found } };
      return { ok: false, code: 'P2001', message: `no \`${specifier}\`` };
    },
  };
}

function expectSameResult(actual: BuildResult, expected: BuildResult, sources: readonly Source[]): void {
  const message = sources.map(({ file, text: each }) => `--- ${file}\n${each}`).join('');
  expect(actual.diagnostics, message).toEqual(expected.diagnostics);
  expect(actual.ok, message).toBe(expected.ok);
  if (!actual.ok || !expected.ok) return;
  expect(actual.model, message).toEqual(expected.model);
  expect(Buffer.compare(actual.image, expected.image), message).toBe(0);
}

describe('progress', () => {
  test('is told for each file, imported ones too, and before compiling', () => {
    const seen: BuildProgress[] = [];
    const files = new Map([['m.acl', 'allow user:a to read on a:b\n'.repeat(3)]]);
    const sources = [
      { file: 'a.acl', text: 'import "m.acl"\n' },
      { file: 'b.acl', text: 'allow user:b to read on a:b\n' },
    ];
    build(sources, { importer: importerOf(files), onProgress: (progress) => seen.push(progress) });
    expect(seen).toEqual([
      { stage: 'parse', files: 1 },
      { stage: 'parse', files: 2 },
      { stage: 'parse', files: 3 },
      { stage: 'resolve', rules: 0 },
      { stage: 'resolve', rules: 1 },
      { stage: 'resolve', rules: 4 },
      { stage: 'compile', rules: 4 },
    ]);
  });

  test('ends before compiling where there is nothing to compile', () => {
    const stages = new Set<string>();
    build([{ file: 'a.acl', text: 'allow\n' }], { onProgress: ({ stage }) => stages.add(stage) });
    expect([...stages]).toEqual(['parse', 'resolve']);
  });

  test('is shown on a terminal once a build takes long, and not at every file', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const shown: string[] = [];
      const { onProgress, clear } = createBuildProgress(fakeTerminal(true, shown));
      clear();
      onProgress({ stage: 'parse', files: 1 });
      expect(shown).toEqual([]);
      vi.advanceTimersByTime(301);
      onProgress({ stage: 'parse', files: 2000 });
      onProgress({ stage: 'parse', files: 2001 });
      vi.advanceTimersByTime(101);
      onProgress({ stage: 'resolve', rules: 400_000 });
      onProgress({ stage: 'compile', rules: 1_000_000 });
      clear();
      expect(shown).toEqual([
        '\r\u001b[Kparsing: 2,000 files',
        '\r\u001b[Kresolving: 400,000 rules',
        '\r\u001b[Kcompiling: 1,000,000 rules',
        '\r\u001b[K',
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('is neither written to a file nor to a pipe', () => {
    const shown: string[] = [];
    const { onProgress, clear } = createBuildProgress(fakeTerminal(false, shown));
    onProgress({ stage: 'compile', rules: 1_000_000 });
    clear();
    expect(shown).toEqual([]);
  });
});

function fakeTerminal(isTTY: boolean, shown: string[]): Terminal {
  const talks = new Writable({
    write(chunk: Buffer, _encoding, done) {
      shown.push(chunk.toString());
      done();
    },
  });
  return new Terminal(new Writable(), Object.assign(talks, { isTTY }), {});
}
