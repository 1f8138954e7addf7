import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fix } from '../src/diagnostics/diagnostic.ts';
import { createShippedImporter } from '../src/files/importer.ts';
import { build } from '../src/index.ts';
import { applyFixes, chooseFixes, type Fixable } from '../src/lint/fixes/apply-fixes.ts';
import { keepHolding } from '../src/lint/fixes/prove-fixes.ts';
import { isDate, readSuppressions } from '../src/lint/suppressions.ts';
import { defaultConfiguration, fixAll, hasFix, Linter, rules } from '../src/lint.ts';
import type { Source } from '../src/source/source.ts';
import { parse } from '../src/syntax/parser.ts';
import { generatePolicy, generateRequest, Random } from './support/generators.ts';
import { loadImage } from './support/generators-evaluators.ts';

/** How fixes go together, and how those that do not hold are told from the rest. */
const text = 'abcdefghijklmnopqrstuvwxyz';

const edit = fc
  .tuple(fc.nat(text.length), fc.nat(4), fc.constantFrom('', '<1>', '<2>'))
  .map(([start, length, newText]) => ({
    span: { start, end: Math.min(start + length, text.length) },
    newText,
  }));
const fixable = fc
  .array(edit, { minLength: 1, maxLength: 3 })
  .map((edits): Fixable => ({ file: 'a', fix: { safety: 'safe', edits } }));

describe('fixes that are chosen', () => {
  test('change no place twice, and applied at once give what they give from the last to the first', () => {
    fc.assert(
      fc.property(fc.array(fixable, { maxLength: 12 }), (items) => {
        const chosen = chooseFixes(items);
        const edits = chosen
          .flatMap(({ fix }) => fix.edits)
          .sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
        for (const [i, { span }] of edits.entries()) {
          const previous = edits[i - 1]?.span;
          if (previous !== undefined) expect(span.start).toBeGreaterThanOrEqual(previous.end);
          if (previous !== undefined) expect(span.start).toBeGreaterThan(previous.start);
        }
        const expected = edits.reduceRight(
          (result, { span, newText }) => result.slice(0, span.start) + newText + result.slice(span.end),
          text,
        );
        expect(applyFixes(chosen, () => text).get('a') ?? text).toBe(expected);
      }),
      { seed: 7, numRuns: 2000 },
    );
  });

  test('are as many as can be: one that is left out meets one that is in', () => {
    fc.assert(
      fc.property(fc.array(fixable, { maxLength: 8 }), (items) => {
        const chosen = chooseFixes(items);
        for (const item of items)
          if (!chosen.includes(item)) expect(chooseFixes([...chosen, item])).toEqual(chosen);
      }),
      { seed: 8, numRuns: 1000 },
    );
  });

  test('are the first of those that meet', () => {
    const fix = (start: number, end: number): Fixable => ({ file: 'a', fix: fixOf(start, end) });
    const [first, second, third] = [fix(0, 5), fix(4, 6), fix(5, 7)];
    expect(chooseFixes([first, second, third])).toEqual([first, third]);
    expect(chooseFixes([second, first, third])).toEqual([second]);
    expect(chooseFixes([first, { ...second, file: 'b' }])).toHaveLength(2);
  });
});

describe('the search for what holds', () => {
  test('finds all that hold by themselves, and asks little where all do', () => {
    let asked = 0;
    const items = Array.from({ length: 1000 }, (_, i) => i);
    const holds = (chosen: readonly number[]): boolean => {
      asked++;
      return !chosen.some((i) => [17, 500, 999].includes(i));
    };
    expect(keepHolding(items, 100, holds)).toEqual(items.filter((i) => ![17, 500, 999].includes(i)));
    expect(asked).toBeLessThan(70);
    asked = 0;
    expect(keepHolding(items.slice(600, 700), 100, holds)).toHaveLength(100);
    expect(asked).toBe(1);
  });

  test('ends where nothing holds, sooner in a large policy set', () => {
    for (const [rules, most] of [
      [100, 64],
      [1_000_000, 8],
    ] as const) {
      let asked = 0;
      const none = keepHolding(Array.from({ length: 500 }), rules, () => {
        asked++;
        return false;
      });
      expect(none).toEqual([]);
      expect(asked).toBe(most);
    }
  });
});

describe('suppressions', () => {
  test('are read with their rules, day and reason, each in its place', () => {
    const source =
      'group a { user:x } # lint: allow one-rule,  two until 2026-02-28 -- because -- of this  \r\n';
    const [suppression] = readSuppressions(parse({ file: 'a.acl', text: source }).tree);
    expect(suppression).toMatchObject({
      until: '2026-02-28',
      reason: 'because -- of this',
      lines: { first: 1, last: 1 },
    });
    expect(suppression!.rules.map(({ span }) => source.slice(span.start, span.end))).toEqual([
      'one-rule',
      'two',
    ]);
  });

  test.each([
    '',
    'allow',
    'allow ONE',
    'allow one two',
    'allow one until',
    'allow one in files',
    'deny one',
    'allow one; two',
  ])('`# lint: %s` cannot be read', (words) => {
    const [suppression] = readSuppressions(parse({ file: 'a.acl', text: `# lint: ${words}\n` }).tree);
    expect(suppression?.fault?.message).toBe('comment for the linter that cannot be read');
  });

  test('days are those of the calendar', () => {
    expect(['2024-02-29', '2026-12-31'].filter(isDate)).toHaveLength(2);
    expect(['2026-02-29', '2026-13-01', '2026-1-1', '2026-01-32', '26-01-01', ''].filter(isDate)).toEqual([]);
  });
});

describe('fixes of random policies', () => {
  const importer = createShippedImporter();
  const configuration = {
    ...defaultConfiguration,
    levels: new Map(rules.map(({ id }) => [id, 'warning'] as const)),
  };
  const linterOf = (sources: readonly Source[]) =>
    new Linter(sources, { importer, configuration, today: '2026-01-01' });
  const fix = (sources: readonly Source[], includesReview: boolean) => {
    const result = fixAll(linterOf(sources), { includesReview, adjust: (report) => report });
    const texts = new Map(result.changes.map(({ file, after }) => [file, after]));
    const fixed = sources.map(({ file, text }) => ({ file, text: texts.get(file) ?? text }));
    return { ...result, sources: fixed };
  };
  const seeds = Array.from({ length: 16 }, (_, i) => i + 1);

  test('that are safe change no decision, and leave nothing that is safe to fix', () => {
    let count = 0;
    for (const seed of seeds) {
      const policy = generatePolicy(seed);
      const before = build(policy.sources, { importer });
      if (!before.ok) continue;
      const { fixed, sources, report } = fix(policy.sources, false);
      count += fixed;
      const left = report.findings.filter(hasFix).filter((finding) => finding.fix.safety === 'safe');
      expect(left, `seed ${seed}`).toEqual([]);
      const after = build(sources, { importer });
      if (!after.ok) throw new Error(`seed ${seed}: the fixed policy does not load`);
      const random = new Random(seed);
      const [old, mended] = [loadImage(before.image), loadImage(after.image)];
      for (let i = 0; i < 200; i++) {
        const request = generateRequest(policy, random);
        expect(mended.decide(request).decision, `seed ${seed}`).toBe(old.decide(request).decision);
      }
    }
    expect(count).toBeGreaterThan(20);
  });

  test('with those to be reviewed bring no error, and a second run finds nothing to fix', () => {
    for (const seed of seeds) {
      const policy = generatePolicy(seed);
      if (!build(policy.sources, { importer }).ok) continue;
      const first = fix(policy.sources, true);
      expect(first.report.hasErrors, `seed ${seed}`).toBe(false);
      expect(fix(first.sources, true).changes, `seed ${seed}`).toEqual([]);
    }
  });
});

function fixOf(start: number, end: number): Fix {
  return { safety: 'safe', edits: [{ span: { start, end }, newText: '' }] };
}
