import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compareModels } from '../src/analysis/compare-models.ts';
import { Effort } from '../src/analysis/effort.ts';
import { matchesGlob, segmentClasses } from '../src/analysis/glob-classes.ts';
import { GlobIndex } from '../src/analysis/glob-index.ts';
import { PolicyAnalysis } from '../src/analysis/policy-analysis.ts';
import { TooComplexError } from '../src/analysis/too-complex.ts';
import { createShippedImporter } from '../src/files/importer.ts';
import { build } from '../src/index.ts';
import { effortOfProofs, effortOfQuestions } from '../src/lint/effort.ts';
import { lintSources } from '../src/lint.ts';
import type { Glob, Model } from '../src/model/model.ts';
import { matchesGlob as matchesGlobAsRead } from '../src/reference/matching.ts';
import { loadTrees } from '../src/resolve/load-trees.ts';
import { resolve } from '../src/resolve/resolve.ts';
import { Random, seedOfRun } from './support/generators.ts';
import { hostileTexts } from './support/hostile-texts.ts';

// What the linter asks about a policy set, in steps: how long a step takes is for bench/front-end-cost.ts to show.

const KIB = 1024;

describe('twice the text takes about twice the steps', () => {
  const quadraticByNature = new Set([
    // As many rules are made as there are pairs.
    'permissions of a role and grants',
    // Each of them holds some of the others; see below.
    'globs',
  ]);
  const shapes = hostileTexts.filter(
    ({ title }) => !quadraticByNature.has(title) && !title.startsWith('ten thousand'),
  );
  test.each(shapes)('$title', ({ textOf }) => {
    const [before, after] = [2 * KIB, 4 * KIB].map((size) => stepsOf(textOf(size)));
    expect(after!).toBeLessThanOrEqual(before! * 2.3 + 200);
  });
});

describe('where many rules meet, steps are bounded, and what comes too late is not decided', () => {
  const globs = hostileTexts.find(({ title }) => title === 'globs')!;

  test('the globs of 32 KiB are asked about within the effort of a run', { timeout: 60_000 }, () => {
    const model = modelOf(globs.textOf(32 * KIB));
    const effort = effortOfQuestions(model);
    const analysis = new PolicyAnalysis(model, effort);
    const covered = model.rules.filter((rule) => analysis.findCover(rule) !== undefined);
    // `a*0` covers `a*10` and `a*100`, and so on.
    expect(covered.length).toBeGreaterThan(900);
    expect(effort.isSpent).toBe(false);
  });

  test('an analysis whose effort is spent covers nothing and lets every deny live', () => {
    const model = modelOf(
      'allow user:a to read on r:a*\nallow user:a to read on r:ab*\ndeny user:b to read on s:*\n',
    );
    const find = (effort: Effort): readonly boolean[] => {
      const analysis = new PolicyAnalysis(model, effort);
      return [analysis.findCover(model.rules[1]!), analysis.findMeeting(model.rules[2]!)].map(
        (found) => found !== undefined,
      );
    };
    expect(find(new Effort())).toEqual([true, false]);
    expect(find(new Effort(0))).toEqual([false, true]);
  });

  test('a comparison whose effort is spent does not say that two policy sets are equal', () => {
    const [before, after] = ['', '\nallow user:a to read on r:ab'].map((more) =>
      modelOf(`allow user:a to read on r:a*${more}\n`),
    );
    expect(compareModels(before!, after!).kind).toBe('equal');
    expect(compareModels(before!, after!, { effort: new Effort(1) }).kind).toBe('unknown');
  });

  test('a comparison that may end at what is undecided says neither more nor less than whether it is equal', () => {
    const text = (extra: string): string =>
      `allow user:a to read on r:{x} when resource.id == "{x}"\nallow user:{x} to read on r:/{x}/**\n${extra}`;
    const before = modelOf(text(''));
    for (const extra of ['allow user:b to read on r:/b/c\n', 'allow user:b to read on q\n', '']) {
      const after = modelOf(text(extra));
      const kinds = [compareModels(before, after), compareModels(before, after, { endsAtUndecided: true })];
      expect(kinds[1]!.kind === 'equal').toBe(kinds[0]!.kind === 'equal');
    }
  });

  test('steps are spent until there are none, and then for ever', () => {
    const effort = new Effort(2);
    effort.spend(2);
    expect(effort.isSpent).toBe(false);
    expect(() => effort.spend(1)).toThrow(TooComplexError);
    expect(effort.isSpent).toBe(true);
    expect(() => effort.spend(0)).toThrow(TooComplexError);
  });
});

test('a policy of ten KiB with globs and `**` everywhere is proved in a part of the effort', {
  timeout: 60_000,
}, () => {
  const text = readFileSync(new URL('fixtures/analysis/globs-everywhere.acl', import.meta.url), 'utf8');
  const source = { file: 'globs-everywhere.acl', text };
  const model = modelOf(text);
  const report = lintSources([source], { importer: createShippedImporter(), today: '2026-01-01' });
  expect(report.hasErrors).toBe(false);
  expect(report.findings.filter(({ fix }) => fix?.safety === 'safe').length).toBeGreaterThan(0);
  // What comparing it with itself without any one rule takes.
  const effort = effortOfProofs(model);
  const after: Model = { ...model, rules: model.rules.slice(1) };
  compareModels(model, after, { effort, endsAtUndecided: true });
  expect(effort.isSpent).toBe(false);
});

describe('globs', () => {
  const seed = seedOfRun(process.env.POSTERN_SEED);
  const random = new Random(seed);
  const units = ['a', 'b', '-'];
  const textOf = (length: number): string =>
    Array.from({ length }, () => units[random.below(units.length)]!).join('');
  const globOf = (): Glob =>
    Array.from({ length: 1 + random.below(4) }, (): Glob[number] => {
      const kind = random.below(4);
      if (kind === 0) return { kind: 'unit' };
      return kind === 1 ? { kind: 'text', text: textOf(1 + random.below(2)) } : { kind: 'run' };
    });

  test(`are matched as the reference matches them, alone and by their index (seed ${seed})`, () => {
    for (let round = 0; round < 300; round++) {
      const edges = Array.from({ length: 12 }, () => ({ glob: globOf() }));
      const index = new GlobIndex(edges);
      for (let i = 0; i < 10; i++) {
        const text = textOf(1 + random.below(6));
        const expected = edges.filter(({ glob }) => matchesGlobAsRead(glob, text));
        expect(edges.filter(({ glob }) => matchesGlob(glob, text))).toEqual(expected);
        expect(new Set(index.matching(text))).toEqual(new Set(expected));
      }
    }
  });

  test('that are many are cut into classes only as far as the effort goes', () => {
    const globs = Array.from(
      { length: 40 },
      (_, i): Glob => [{ kind: 'run' }, { kind: 'text', text: `${i}` }],
    );
    const effort = new Effort(1_000);
    expect(() => segmentClasses(globs, new Set(), effort)).toThrow(TooComplexError);
    expect(segmentClasses(globs, new Set()).length).toBeGreaterThan(40);
  });
});

/** The steps of all that is asked about every rule; zero where the text has an error. */
function stepsOf(text: string): number {
  const model = build([{ file: 'cost.acl', text }]).ok ? modelOf(text) : undefined;
  if (model === undefined) return 0;
  const effort = new Effort();
  const analysis = new PolicyAnalysis(model, effort);
  for (const rule of model.rules) {
    analysis.findCover(rule);
    analysis.findShadow(rule);
    analysis.findOverride(rule);
    if (rule.effect === 'deny') analysis.findMeeting(rule);
  }
  return effort.spent;
}

function modelOf(text: string): Model {
  const { trees } = loadTrees([{ file: 'cost.acl', text }], createShippedImporter());
  return resolve([...trees]).model;
}
