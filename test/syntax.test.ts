import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderText } from '../src/diagnostics/render-text.ts';
import type { Source } from '../src/source/source.ts';
import { buildLineStarts, lineColumnAt } from '../src/source/source.ts';
import type { SyntaxTree } from '../src/syntax/ast.ts';
import { maxSourceLength, parse } from '../src/syntax/parser.ts';
import { printTree } from '../src/syntax/print.ts';
import { vocabulary } from '../src/syntax/tokens.ts';
import { arbitraryStatements } from './support/arbitrary-tree.ts';
import { faultOfPrinting } from './support/laws/printing-laws.ts';

const folder = fileURLToPath(new URL('./fixtures/syntax/', import.meta.url));
const fixtures = readdirSync(folder)
  .filter((name) => name.endsWith('.acl'))
  .map((name) => name.slice(0, -'.acl'.length));

function sourceOf(name: string): Source {
  return { file: `${name}.acl`, text: readFileSync(join(folder, `${name}.acl`), 'utf8') };
}

function parseText(text: string): ReturnType<typeof parse> {
  return parse({ file: 'x.acl', text });
}

/** The tree without places and comments: what printing must keep. */
function meaningOf({ statements }: Pick<SyntaxTree, 'statements'>): unknown {
  return JSON.parse(
    JSON.stringify(statements, (key, value: unknown) => (key === 'span' ? undefined : value)),
  );
}

/** Deterministic: the same seed finds the same counterexample everywhere. */
const runs = { seed: 20_260_701, numRuns: 500 } as const;

describe('fixtures', () => {
  test.each(fixtures)('%s', async (name) => {
    const source = sourceOf(name);
    const { diagnostics } = parse(source);
    const rendered = renderText(diagnostics, () => source.text, { color: false });
    await expect(rendered).toMatchFileSnapshot(join(folder, `${name}.expected`));
  });

  test('a mistake is told once: no two diagnostics overlap', () => {
    const overlapping = fixtures.filter((name) => {
      const { diagnostics } = parse(sourceOf(name));
      return diagnostics.some(({ span }, i) => i > 0 && span.start < diagnostics[i - 1]!.span.end);
    });
    expect(overlapping).toEqual([]);
  });
});

describe('what is written is what is printed', () => {
  const valid = fixtures.filter((name) => parse(sourceOf(name)).diagnostics.length === 0);

  test('there are valid fixtures to print', () => {
    expect(valid.length).toBeGreaterThan(10);
  });

  test.each(valid)('%s is printed so that it parses to the same tree, and printed again the same', (name) => {
    const { tree } = parse(sourceOf(name));
    const printed = printTree(tree);
    const again = parseText(printed);
    expect(again.diagnostics).toEqual([]);
    expect(meaningOf(again.tree)).toEqual(meaningOf(tree));
    expect(printTree(again.tree)).toBe(printed);
  });

  test('every tree is printed so that it parses to itself, and formats to itself', () => {
    fc.assert(
      fc.property(arbitraryStatements, (statements) => {
        expect(faultOfPrinting(statements)).toBeUndefined();
      }),
      runs,
    );
  });

  test('comments keep their number, their text and their order wherever they stand between tokens', () => {
    const text = readFileSync(join(folder, 'language-overview.acl'), 'utf8').replace(/#.*/g, '');
    const gaps = [...text.matchAll(/(?<=\s)(?=\S)/g)]
      .map(({ index }) => index)
      .filter((at) => isBetweenTokens(text, at));
    expect(gaps.length).toBeGreaterThan(100);
    const original = meaningOf(parseText(text).tree);
    for (const at of gaps) {
      const commented = `${text.slice(0, at)}# a note\n${text.slice(at)}`;
      const printed = printTree(parseText(commented).tree);
      const { tree } = parseText(printed);
      expect(
        tree.comments.map((comment) => comment.text),
        commented,
      ).toEqual(['# a note']);
      expect(meaningOf(tree)).toEqual(original);
      expect(printTree(tree)).toBe(printed);
    }
  });

  test('a doc comment belongs to the declaration that follows and stays with it', () => {
    const text =
      '## one\n## two\n@id("x")\nallow user:a to read on b ## not a doc\nallow user:a {\n  ## three\n  read on b\n}\n';
    const { tree } = parseText(text);
    const [rule, block] = tree.statements;
    expect(rule).toMatchObject({ doc: 'one\ntwo' });
    expect(block).not.toHaveProperty('doc');
    expect(block).toMatchObject({ permissions: [{ doc: 'three' }] });
    expect(meaningOf(parseText(printTree(tree)).tree)).toEqual(meaningOf(tree));
  });

  test('one-liners that stood together stay together, everything else is set apart', () => {
    const text =
      'allow user:a to read on b\nallow user:c   to read on d\ngroup g { user:a }\nrole r { read on b }\nmode strict\n';
    expect(printTree(parseText(text).tree)).toBe(
      'allow user:a to read on b\nallow user:c to read on d\ngroup g { user:a }\n\nrole r {\n  read on b\n}\n\nmode strict\n',
    );
  });
});

/** Not in a string or in the `<…>` of a template, where a `#` starts no comment. */
function isBetweenTokens(text: string, at: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  return (line.match(/"/g)?.length ?? 0) % 2 === 0 && !/<[^>]*$/.test(line);
}

describe('mistakes', () => {
  test('twelve mistakes in one file are twelve diagnostics, each at its place', () => {
    const { file, text } = sourceOf('twelve-mistakes');
    const { tree, diagnostics } = parse({ file, text });
    const starts = buildLineStarts(text);
    const places = diagnostics.map(({ code, span }) => {
      const { line, column } = lineColumnAt(starts, span.start);
      return `${code} ${line}:${column}`;
    });
    expect(places).toMatchInlineSnapshot(`
      [
        "P0004 1:8",
        "P0004 2:20",
        "P0002 3:18",
        "P0004 5:8",
        "P0001 6:18",
        "P0006 10:30",
        "P0004 11:10",
        "P0003 14:30",
        "P0004 15:36",
        "P0004 16:44",
        "P0004 18:16",
        "P0004 19:32",
      ]
    `);
    expect(places).toHaveLength(12);
    expect(tree.statements.map(({ kind }) => kind)).toMatchInlineSnapshot(`
      [
        "group",
        "group",
        "rule",
        "rule",
        "rule",
        "grant",
        "namespace",
        "test",
      ]
    `);
  });

  test('a mistake in a statement leaves every other statement as it was', () => {
    const good = ['group g { user:a }', 'allow user:a to read on b', 'role r { read on b }', 'mode strict'];
    const bad = [
      'allow user:a read on b',
      'group',
      'role x(',
      'route',
      'test t {',
      'allow user:a { read x }',
      '}',
      ';',
      'foo bar',
    ];
    for (const mistake of bad) {
      for (let at = 0; at <= good.length; at++) {
        const lines = good.toSpliced(at, 0, mistake);
        const { tree, diagnostics } = parseText(lines.join('\n'));
        expect(diagnostics, lines.join('\n')).toHaveLength(1);
        const kinds = tree.statements.map(({ kind }) => kind);
        expect(kinds.join(' '), lines.join('\n')).toContain(
          good
            .slice(at)
            .map((line) => line.split(' ')[0]!.replace('allow', 'rule'))
            .join(' '),
        );
      }
    }
  });

  test('a file above the limit is refused unread', () => {
    const fits = parseText(' '.repeat(maxSourceLength));
    expect(fits.diagnostics).toEqual([]);
    const { diagnostics } = parseText(' '.repeat(maxSourceLength + 1));
    expect(diagnostics.map(({ code }) => code)).toEqual(['P3002']);
  });
});

describe('no text crashes the parser', () => {
  const vocabulary = readdirSync(folder)
    .filter((name) => name.endsWith('.acl'))
    .flatMap(
      (name) =>
        readFileSync(join(folder, name), 'utf8')
          .slice(0, 4000)
          .match(/\s+|\w+|[^\w\s]/g) ?? [],
    );
  const pieces = [...new Set(vocabulary)];

  function expectSane(text: string): void {
    const { tree, diagnostics } = parseText(text);
    for (const { span } of diagnostics) {
      expect(span.start).toBeGreaterThanOrEqual(0);
      expect(span.end).toBeGreaterThanOrEqual(span.start);
      expect(span.end).toBeLessThanOrEqual(text.length);
    }
    const printed = printTree(tree);
    if (diagnostics.length > 0) return;
    expect(meaningOf(parseText(printed).tree), text).toEqual(meaningOf(tree));
  }

  test('any text is parsed', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), expectSane), runs);
  });

  test('any sequence of what policies are made of is parsed', () => {
    const words = fc.array(fc.constantFrom(...pieces), { maxLength: 60 });
    fc.assert(
      fc.property(words, (parts) => expectSane(parts.join(''))),
      { ...runs, numRuns: 3000 },
    );
  });

  test('policies with a piece cut out, doubled or put elsewhere are parsed', () => {
    const names = fixtures.filter((name) => sourceOf(name).text.length < 5000);
    const mutation = fc.record({
      text: fc.constantFrom(...names).map((name) => sourceOf(name).text),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.integer({ min: 0, max: 40 }),
      to: fc.double({ min: 0, max: 1, noNaN: true }),
      isKept: fc.boolean(),
    });
    fc.assert(
      fc.property(mutation, ({ text, from, length, to, isKept }) => {
        const start = Math.floor(from * text.length);
        const piece = text.slice(start, start + length);
        const rest = isKept ? text : text.slice(0, start) + text.slice(start + length);
        const target = Math.floor(to * rest.length);
        expectSane(rest.slice(0, target) + piece + rest.slice(target));
      }),
      { ...runs, numRuns: 3000 },
    );
  });
});

test('the normative grammar and the lexer have the same words and marks', () => {
  const ebnf = readFileSync(new URL('../grammar/postern.ebnf', import.meta.url), 'utf8').replace(
    /\(\*[\s\S]*?\*\)/g,
    '',
  );
  const rules = ebnf.slice(0, ebnf.indexOf('\nid '));
  const written = new Set([...rules.matchAll(/"([^"]+)"/g)].map(([, literal]) => literal!));
  const known = vocabulary.flatMap(({ LABEL }) => /^`([^`…]+)`$/.exec(LABEL ?? '')?.[1] ?? []);
  expect([...written].sort()).toEqual([...new Set(known)].sort());
});

describe('cost', () => {
  const million = 1_000_000;
  const openings = [
    '(',
    '[',
    '{',
    '!',
    'a(',
    '{"a":',
    '{a,',
    '[<',
    '[:',
    '{{}',
    'a.',
    'a&&',
    '"',
    '{}',
    '}',
    'x { ',
  ];
  const places: readonly (readonly [string, (text: string) => string])[] = [
    ['in a condition', (text) => `allow user:a to read on b when ${text}`],
    ['in an id', (text) => `allow user:a to read on b${text}`],
    ['in an object', (text) => `entity user:a { a: ${text}`],
    ['at the top', (text) => text],
  ];
  const deep = openings.flatMap((opening) => places.map(([place, build]) => ({ opening, place, build })));

  test.each(deep)(
    'a million `$opening` $place are answered within two seconds',
    { retry: 2 },
    ({ opening, build }) => {
      const text = build(opening.repeat(million / opening.length));
      const start = process.threadCpuUsage();
      parseText(text);
      const { user, system } = process.threadCpuUsage(start);
      expect((user + system) / 1000).toBeLessThan(2_000);
    },
  );

  test('the time of twice the text is reported', ({ annotate }) => {
    const time = (count: number): number => {
      const text = 'allow user:a to read on dcos:secrets:default:/a/b when context.hour >= 8\n'.repeat(count);
      const start = performance.now();
      expect(parseText(text).tree.statements).toHaveLength(count);
      return performance.now() - start;
    };
    time(5_000);
    const [once, twice] = [time(20_000), time(40_000)];
    return annotate(
      `20,000 rules: ${once.toFixed(0)} ms; 40,000 rules: ${(twice / once).toFixed(2)} times as long`,
    ).then();
  });
});
