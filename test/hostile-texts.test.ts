import { describe, expect, test } from 'vitest';
import { maxMistakes } from '../src/diagnostics/diagnostic-list.ts';
import { maxDiagnostics } from '../src/diagnostics/limit.ts';
import { renderText } from '../src/diagnostics/render-text.ts';
import { createShippedImporter } from '../src/files/importer.ts';
import { formatSource } from '../src/format.ts';
import { build } from '../src/index.ts';
import { lintSources } from '../src/lint.ts';
import { MAX_ACTION_RELATIONS } from '../src/resolve/action-relations.ts';
import { MAX_ENFORCEMENT_CELLS } from '../src/resolve/enforcement-cells.ts';
import {
  ExpansionBudget,
  MAX_EXPANSIONS_OF_SET,
  MAX_GRANTED_OF_SET,
  MAX_PAIRS_OF_SET,
} from '../src/resolve/expansion-budget.ts';
import { hostileTexts } from './support/hostile-texts.ts';

// How long they take is for bench/front-end-cost.ts to show; here it counts that there is an answer.

describe('any text has an answer, from each stage', () => {
  test.each(hostileTexts)('$title', { timeout: 60_000 }, ({ title, textOf }) => {
    // Two thousand units of braces are half a million patterns.
    const text = textOf(title.startsWith('ten thousand') ? 30 : 1_000);
    const source = { file: 'hostile.acl', text };
    const { ok, diagnostics, textOf: found } = build([source]);
    expect(ok).toBe(diagnostics.every(({ severity }) => severity !== 'error'));
    renderText(diagnostics, found);
    const formatted = formatSource(source);
    if (formatted.ok) expect(formatSource({ ...source, text: formatted.text })).toEqual(formatted);
    expect(formatted.ok || !ok).toBe(true);
    lintSources([source], { importer: createShippedImporter(), today: '2026-01-01' });
  });
});

describe('lists longer than a call takes arguments', () => {
  const count = 130_000;
  const numbers = (pieceOf: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => pieceOf(i)).join('');
  const texts: readonly (readonly [string, string])[] = [
    ['strings behind `in`', `allow user:a to read on r when context.s in [${numbers(() => '"a", ')}]\n`],
    ['numbers behind `in`', `allow user:a to read on r when context.n in [${numbers(() => '1, ')}]\n`],
    ['roots of a namespace', `namespace n {\n${numbers((i) => `resource r${i}:a { actions read }\n`)}}\n`],
    ['groups of one subject', numbers((i) => `group g${i} { user:a }\n`)],
    ['actions of a rule', `allow user:a to ${numbers((i) => `a${i}, `)}a on r\n`],
  ];
  test.each(texts)('%s', { timeout: 60_000 }, (_, text) => {
    expect(build([{ file: 'long.acl', text }])).toMatchObject({ ok: true });
  });
});

describe('limits of what a text may grow to', () => {
  const chain = (count: number): string =>
    `${Array.from({ length: count - 1 }, (_, i) => `group g${i} { group:g${i + 1} }`).join('\n')}\ngroup g${count - 1} { user:a }\n`;
  const firstOf = (text: string): string | undefined => {
    const { diagnostics } = build([{ file: 'limit.acl', text }]);
    return diagnostics[0] === undefined ? undefined : `${diagnostics[0].code} ${diagnostics[0].message}`;
  };

  test('groups nest 256 deep and no deeper', () => {
    expect(firstOf(chain(256))).toBeUndefined();
    expect(firstOf(chain(257))).toBe('P3003 groups nested more than 256 deep');
  });

  test('a chain of twenty thousand groups is one mistake, a circle of them another', {
    timeout: 60_000,
  }, () => {
    const deep = build([{ file: 'limit.acl', text: chain(20_000) }]);
    expect(deep.diagnostics).toHaveLength(1);
    const circle = build([{ file: 'limit.acl', text: chain(20_000).replace('user:a', 'group:g0') }]);
    expect(circle.diagnostics).toHaveLength(1);
    expect(circle.diagnostics[0]!.message).toMatch(
      /^group `g0` contains itself: .* contains 19980 more contains `g0`$/,
    );
    expect(circle.diagnostics[0]!.related).toHaveLength(19);
  });

  test('memberships by way of groups are counted before they are made', { timeout: 60_000 }, () => {
    const between = (holders: number, members: number): string =>
      `group a { ${Array.from({ length: members }, (_, i) => `user:u${i}`).join(', ')} }\n${Array.from({ length: holders }, (_, i) => `group g${i} { group:a }\n`).join('')}`;
    expect(firstOf(between(100, 100))).toBeUndefined();
    expect(firstOf(between(8_000, 2_000))).toMatch(/^P3006 groups give their members more than/);
  });

  test('braces of a policy set expand to a million patterns, all together', { timeout: 60_000 }, () => {
    const lines = MAX_EXPANSIONS_OF_SET / 10_000;
    const text = (count: number): string =>
      Array.from({ length: count }, (_, i) => `role r${i} { read on r${i}:{1..10000} }\n`).join('');
    expect(firstOf(text(lines))).toBeUndefined();
    expect(firstOf(text(lines + 1))).toMatch(/^P3004 the braces of this policy set expand/);
  });

  test('a rule counts for every pair of a subject and a resource', { timeout: 60_000 }, () => {
    expect(firstOf('allow user:{1..10}{a,b} to read on r:{1..10}\n')).toBeUndefined();
    expect(MAX_PAIRS_OF_SET).toBeLessThan(10_000 ** 2);
    expect(firstOf('allow user:{1..10000} to read on r:{1..10000}\n')).toMatch(
      /^P3006 the rules of this policy set/,
    );
  });

  test('a grant counts for every permission of its role', () => {
    const budget = new ExpansionBudget();
    expect(budget.takeGranted(MAX_GRANTED_OF_SET)).toBe(true);
    expect(budget.takeGranted(1)).toBe(false);
  });

  test('what a file needed is counted again when it is remembered', () => {
    const budget = new ExpansionBudget();
    const before = budget.used;
    budget.takePatterns(MAX_EXPANSIONS_OF_SET / 2 + 1);
    budget.takePairs(3);
    budget.takeGranted(4);
    const expanded = budget.usedSince(before);
    expect(expanded).toEqual({ patterns: MAX_EXPANSIONS_OF_SET / 2 + 1, pairs: 3, granted: 4 });
    expect(budget.takeAgain(expanded)).toBe(false);
    expect(budget.used).toEqual(expanded);
  });

  test('actions that imply actions are counted for every way', { timeout: 60_000 }, () => {
    const implies = (count: number): string =>
      Array.from({ length: count }, (_, i) => `action a${i} implies a${i + 1}\n`).join('');
    expect(firstOf(implies(100))).toBeUndefined();
    expect(5_000 ** 2 / 2).toBeGreaterThan(MAX_ACTION_RELATIONS);
    expect(firstOf(implies(5_000))).toMatch(/^P3006 actions, what they imply and namespaces/);
  });

  test('modes and templates are counted as pairs', { timeout: 60_000 }, () => {
    const text = (count: number): string =>
      `namespace r {\n${Array.from({ length: count }, (_, i) => `resource r:a${i} { enforced in m${i} }\n`).join('')}}\n`;
    expect(firstOf(text(100))).toBeUndefined();
    expect(firstOf(text(Math.ceil(Math.sqrt(MAX_ENFORCEMENT_CELLS)) + 1))).toMatch(
      /^P3006 modes and templates come to/,
    );
  });

  test('mistakes beyond ten thousand are not kept, and the messages say so', { timeout: 60_000 }, () => {
    for (const text of [
      '}'.repeat(2_000_000),
      '// no\n'.repeat(100_000),
      'allow user:a to read on a//b\n'.repeat(50_000),
    ]) {
      const { diagnostics, textOf } = build([{ file: 'limit.acl', text }]);
      expect(diagnostics).toHaveLength(maxMistakes + 1);
      expect(diagnostics.at(-1)).toMatchObject({
        code: 'P3001',
        message: `more than ${maxMistakes} mistakes`,
      });
      expect(renderText(diagnostics, textOf)).toMatch(
        new RegExp(`\\n${maxMistakes + 1 - maxDiagnostics} more diagnostics not shown\\n$`),
      );
    }
  });

  test('a name as long as a file is no near name of another', { timeout: 60_000 }, () => {
    const name = 'a'.repeat(4_000_000);
    const text = `group ${name}b { user:a }\ngroup c { group:${name} }\nmode ${name}\nnamespace n { resource n:a { enforced in ${name}b } }\n`;
    expect(build([{ file: 'long.acl', text }]).ok).toBe(false);
  });

  test('a mistake in a long name is shown within the limit of a message', () => {
    const name = '\u202e'.repeat(1_000_000);
    const { diagnostics, textOf } = build([{ file: 'long.acl', text: `mode "${name}"\n` }]);
    expect(renderText(diagnostics, textOf).length).toBeLessThan(4_096);
  });
});
