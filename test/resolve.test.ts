import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { diagnosticCodes } from '../src/diagnostics/codes.ts';
import { createImporter } from '../src/files/importer.ts';
import { type BuildResult, build, renderText } from '../src/index.ts';
import { readSources } from './support/evaluators.ts';

/**
 * Mistakes of names and meaning, one a fixture: `<mistake>.acl`, with `<mistake>.<part>.acl` beside it where it takes two
 * files, and in `<mistake>.expected` the diagnostics as people read them. Empty means valid, and the name says so.
 */
const folder = fileURLToPath(new URL('./fixtures/resolve/', import.meta.url));
const files = readdirSync(folder).sort();
const names = [...new Set(files.filter((file) => file.endsWith('.acl')).map((file) => file.split('.')[0]!))];
const isValid = (name: string): boolean => name.startsWith('valid-') || /-is-(?:one|no-error)$/.test(name);
/** Fixtures that hold several mistakes; every other one that is not valid holds one and gets one diagnostic. */
const severalMistakes: Readonly<Record<string, number>> = {
  'twelve-mistakes': 12,
  'mistakes-on-one-line': 4,
  'group-declared-three-times': 2,
  'one-unknown-group-in-three-places': 3,
};

/** Codes that fixtures here cannot show: the lexer's and parser's, those of files and of sizes beyond a fixture, those of foreign formats. */
const codesOfOtherTests = /^P[04]|^P2004$|^P300[126]$/;

describe('mistakes of names and meaning', () => {
  test('there are fixtures, and no expectation without one', () => {
    expect(names.length).toBeGreaterThan(150);
    const expectations = files
      .filter((file) => file.endsWith('.expected'))
      .map((file) => file.split('.')[0]!);
    expect(expectations.filter((name) => !names.includes(name))).toEqual([]);
  });

  test.each(names)('%s', async (name) => {
    const { diagnostics, textOf, ok } = buildFixture(name);
    expect(ok).toBe(isValid(name));
    await expect(renderText(diagnostics, textOf)).toMatchFileSnapshot(join(folder, `${name}.expected`));
  });

  test.each(names.filter(isValid))('%s: nothing is said', (name) => {
    expect(buildFixture(name).diagnostics).toEqual([]);
  });

  test.each(names.filter((name) => !isValid(name)))('%s: one mistake, one diagnostic', (name) => {
    const { diagnostics } = buildFixture(name);
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toHaveLength(
      severalMistakes[name] ?? 1,
    );
  });

  test('a diagnostic says what to do, or what was expected', () => {
    const silent = allDiagnostics().filter(({ each }) => each.help === undefined && each.code !== 'P0004');
    expect(silent.map(({ name, each }) => `${name}: ${each.message}`)).toEqual([]);
  });

  test('what is declared twice is shown twice', () => {
    const conflicts = allDiagnostics().filter(({ each }) => ['P1001', 'P1010', 'P1020'].includes(each.code));
    const lonely = conflicts.filter(({ each }) => each.related?.length !== 1);
    expect(lonely.map(({ name }) => name)).toEqual([]);
    expect(conflicts.length).toBeGreaterThan(10);
  });

  test('messages have no capital at the start and no full stop', () => {
    const texts = allDiagnostics().flatMap(({ name, each }) =>
      [each.message, each.label, each.help, ...(each.related ?? []).map(({ text }) => text)]
        .filter((text) => text !== undefined && (/^[A-Z](?!FC)/.test(text) || /[.!?]$/.test(text)))
        .map((text) => `${name}: ${text}`),
    );
    expect(texts).toEqual([]);
  });

  test('spans lie within the text and are never empty', () => {
    const wrong = names.flatMap((name) => {
      const { diagnostics, textOf } = buildFixture(name);
      return diagnostics
        .flatMap((each) => [each, ...(each.related ?? [])])
        .filter(({ file, span }) => !(span.start < span.end && span.end <= (textOf(file)?.length ?? -1)))
        .map(({ span }) => `${name}: ${span.start}-${span.end}`);
    });
    expect(wrong).toEqual([]);
  });

  test('every code has a fixture', () => {
    const seen = new Set<string>(allDiagnostics().map(({ each }) => each.code));
    const missing = Object.keys(diagnosticCodes).filter(
      (code) => !seen.has(code) && !codesOfOtherTests.test(code),
    );
    expect(missing).toEqual([]);
  });

  test('the twelve mistakes of one file are told at twelve lines', () => {
    const { diagnostics, textOf } = buildFixture('twelve-mistakes');
    const lines = diagnostics.map(({ file, span }) => textOf(file)!.slice(0, span.start).split('\n').length);
    expect(lines).toEqual([2, 5, 6, 7, 11, 13, 14, 17, 19, 20, 21, 22]);
  });

  test('files in another order give the same diagnostics', () => {
    for (const name of names) {
      const sources = readSources(folder, name);
      const turned = build(sources.toReversed(), { importer: createImporter(folder) });
      expect(turned.diagnostics, name).toEqual(buildFixture(name).diagnostics);
    }
  });
});

function buildFixture(name: string): BuildResult {
  return build(readSources(folder, name), { importer: createImporter(folder) });
}

function allDiagnostics() {
  return names.flatMap((name) => buildFixture(name).diagnostics.map((each) => ({ name, each })));
}
