import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { diagnosticCodes } from '../src/diagnostics/codes.ts';
import { createImporter } from '../src/files/importer.ts';
import { rules } from '../src/lint/registry.ts';
import { type FixtureResult, lintFixture } from '../src/lint/rule-fixture.ts';
import { readSources } from './support/evaluators.ts';

/**
 * Every lint rule over its fixtures: `test/fixtures/lint/<id>/<law>.acl`, with `<law>.<part>.acl` beside it where it takes
 * two files, and in `<law>.expected` the findings of that rule alone, as people read them. Empty means that nothing is found.
 */
const root = fileURLToPath(new URL('../', import.meta.url));
const fixtures = join(root, 'test/fixtures/lint');
const categories = ['correctness', 'security', 'redundancy', 'style'];
const foldersOf = readdirSync(fixtures, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe('every rule', () => {
  test.each(rules)('$id has its file, its page and fixtures', ({ id }) => {
    expect(existsSync(join(root, `src/lint/rules/${id}.ts`)), 'file').toBe(true);
    expect(existsSync(join(root, `docs/rules/${id}.md`)), 'page').toBe(true);
    expect(lawsOf(id).length, 'fixtures').toBeGreaterThan(0);
  });

  test('has its row, sorted by category and id', () => {
    const places = rules.map(({ category, id }) => `${categories.indexOf(category)} ${id}`);
    expect(places).toEqual([...new Set(places)].sort());
  });

  test('and nothing else has a file, a page or fixtures', () => {
    const ids = rules.map(({ id }) => id).sort();
    const named = (folder: string, ending: string): string[] =>
      readdirSync(join(root, folder))
        .filter((name) => name.endsWith(ending) && name !== 'README.md')
        .map((name) => name.slice(0, -ending.length))
        .sort();
    expect(named('src/lint/rules', '.ts')).toEqual(ids);
    expect(named('docs/rules', '.md')).toEqual(ids);
    expect([...foldersOf].sort()).toEqual(ids);
  });

  test.each(rules)('$id says what it is in one line, lower case, without a full stop', ({ summary }) => {
    expect(summary).toMatch(/^[^A-Z\n][^\n]*[^.\n]$/);
  });

  test('either checks something or shows numbered errors', () => {
    expect(rules.filter(({ check, codes }) => check === undefined && codes === undefined)).toEqual([]);
  });

  test('every numbered error about policies is shown by one rule', () => {
    const shown = rules.flatMap(({ codes = [] }) => codes);
    const codes = Object.keys(diagnosticCodes).filter((code) => !code.startsWith('P4'));
    expect([...shown].sort()).toEqual(codes);
  });
});

describe.each(rules)('$id', (rule) => {
  const laws = lawsOf(rule.id);

  test.each(laws)('%s', async (law) => {
    const { report, text } = runFixture(rule.id, law);
    await expect(text).toMatchFileSnapshot(join(fixtures, rule.id, `${law}.expected`));
    if (rule.codes === undefined && rule.check?.of !== 'tree') expect(report.hasErrors).toBe(false);
  });

  test('finds something in one fixture and nothing in another', () => {
    const counts = laws.map((law) => runFixture(rule.id, law).report.findings.length);
    expect(counts.some((count) => count > 0)).toBe(true);
    expect(counts.some((count) => count === 0)).toBe(true);
  });

  test('has no expectation without a fixture', () => {
    const expected = filesOf(rule.id).filter((file) => file.endsWith('.expected'));
    expect(expected.filter((file) => !laws.includes(file.slice(0, -'.expected'.length)))).toEqual([]);
  });

  test('messages name the thing, in lower case, without a full stop', () => {
    const texts = laws
      .flatMap((law) => runFixture(rule.id, law).report.findings)
      .flatMap(({ message, label, help, related = [] }) => [
        message,
        label,
        help,
        ...related.map(({ text }) => text),
      ])
      .filter((text) => text !== undefined && (/^[A-Z][a-z]/.test(text) || /[.!?]$/.test(text)));
    expect(texts).toEqual([]);
  });

  test('spans lie within the text and are not empty, but for what is missing', () => {
    for (const law of laws) {
      const { report } = runFixture(rule.id, law);
      for (const { file, span } of report.findings.flatMap((finding) => [
        finding,
        ...(finding.related ?? []),
      ])) {
        expect(span.end, law).toBeLessThanOrEqual(report.textOf(file)!.length);
      }
      const empty = report.findings.filter(({ span, code }) => span.start === span.end && code === undefined);
      expect(empty, law).toEqual([]);
    }
  });

  if (rule.isProved)
    test('every finding has a proof', () => {
      const findings = laws.flatMap((law) => runFixture(rule.id, law).report.findings);
      expect(findings.filter(({ proof, code }) => proof === undefined && code === undefined)).toEqual([]);
    });
});

function filesOf(id: string): string[] {
  return foldersOf.includes(id) ? readdirSync(join(fixtures, id)).sort() : [];
}

function lawsOf(id: string): string[] {
  return filesOf(id)
    .filter((file) => /^[^.]+\.acl$/.test(file))
    .map((file) => file.slice(0, -'.acl'.length));
}

function runFixture(id: string, law: string): FixtureResult {
  const folder = join(fixtures, id);
  const rule = rules.find((known) => known.id === id)!;
  return lintFixture(rule, readSources(folder, law), createImporter(folder));
}
