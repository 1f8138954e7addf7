import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { compareModels } from '../src/analysis/compare-models.ts';
import { createImporter } from '../src/files/importer.ts';
import {
  Authorizer,
  type BuildResult,
  build,
  type MutationReport,
  mutate,
  policyTestCases,
  type Request,
  runTests,
} from '../src/index.ts';
import type { Source } from '../src/source/source.ts';

/**
 * The tests of the examples notice the faults that somebody could make in the policies: those that `postern test --mutate`
 * puts in, and, so that it is not its own judge, faults put into the text. A fault is effective if it changes a decision.
 */
const policies = fileURLToPath(new URL('../policies/', import.meta.url));
const examples = readdirSync(join(policies, 'examples')).sort();
const leastShare = 0.95;

type Built = Extract<BuildResult, { readonly ok: true }>;

describe.each(examples)('the tests of the example %s', (name) => {
  const folder = join(policies, 'examples', name);
  const sources = readdirSync(folder)
    .filter((file) => file.endsWith('.acl'))
    .map((file): Source => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
  const original = buildOrThrow(sources);

  test('notice the faults put into its rules', () => {
    const report = mutate(original.model, original.image, policyTestCases(original.model));
    expect(report.killed).toBeGreaterThan(20);
    expect(report.score, renderSurvivors(report)).toBeGreaterThanOrEqual(leastShare);
  });

  test('notice the faults put into its text', () => {
    const requests = readRequests(folder);
    const missed: string[] = [];
    let noticed = 0;
    for (const { what, sources: faulty } of seedFaults(sources)) {
      const result = build(faulty, { importer: createImporter(policies) });
      if (!result.ok) continue;
      if (isNoticed(original, result)) noticed++;
      else if (differs(original, result, requests)) missed.push(what);
    }
    expect(noticed).toBeGreaterThan(15);
    expect(noticed / (noticed + missed.length), missed.join('\n')).toBeGreaterThanOrEqual(leastShare);
  });
});

function buildOrThrow(sources: readonly Source[]): Built {
  const result = build(sources, { importer: createImporter(policies) });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 2));
  return result;
}

function readRequests(folder: string): Request[] {
  const file = join(folder, 'requests.jsonl');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  return lines.map((line) => JSON.parse(line) as Request);
}

function isNoticed({ model }: Built, { image }: Built): boolean {
  return runTests(policyTestCases(model), image).some(({ passed }) => !passed);
}

/** Proved, or shown by one of the example's requests. */
function differs(original: Built, faulty: Built, requests: readonly Request[]): boolean {
  if (compareModels(original.model, faulty.model).kind === 'different') return true;
  const [before, after] = [Authorizer.fromImage(original.image), Authorizer.fromImage(faulty.image)];
  return requests.some((request) => before.decide(request).decision !== after.decide(request).decision);
}

function renderSurvivors({ outcomes }: MutationReport): string {
  return outcomes
    .filter(({ status }) => status === 'survived')
    .map(({ mutant }) => `${mutant.words}: ${mutant.before.join('; ')}`)
    .join('\n');
}

// ---------------------------------------------------------------- faults in text

interface Fault {
  readonly what: string;
  readonly sources: readonly Source[];
}

/** What a slip of the pen, or of a merge, does to one line. */
const slips: readonly (readonly [string, RegExp, string])[] = [
  ['allow for deny', /(?<=^\s*)deny\b/g, 'allow'],
  ['deny for allow', /(?<=^\s*)allow\b/g, 'deny'],
  ['one level for a tree', /\/\*\*/g, '/*'],
  ['no tree', /\/\*\*/g, ''],
  ['the last segment lost', /\/[\w-]+$/g, '/**'],
  ['an item lost', /, [\w:@/.-]+(?=[ ,}])/g, ''],
  ['the first item lost', /[\w:@/.-]+, /g, ''],
  ['everybody', /(?<=^(?:allow|deny) ).*?(?= to )/g, 'anyone'],
  ['every account', /(?<=\bto )(?:group|user):\S+$/g, 'authenticated'],
  ['the condition lost', / (?:when|unless) .*/g, ''],
  ['when for unless', / unless /g, ' when '],
  ['unless for when', / when /g, ' unless '],
  ['or for and', /&&/g, '||'],
  ['and for or', /\|\|/g, '&&'],
  ['at the limit', / < /g, ' <= '],
  ['below the limit', / <= /g, ' < '],
  ['above the limit', / >= /g, ' > '],
  ['unequal', / == /g, ' != '],
];

/** Every slip at every place of the policy itself: its tests stay as they are. */
function seedFaults(sources: readonly Source[]): Fault[] {
  const policy = sources.find(({ file }) => file === 'policy.acl')!;
  const lines = policy.text.slice(0, policy.text.indexOf('\ntest "')).split('\n');
  const tests = policy.text.slice(policy.text.indexOf('\ntest "'));
  return lines.flatMap((line, i) => {
    // Comments say nothing, and what routes require is asked by other requests.
    if (/^\s*(?:#|$|import|route)/.test(line)) return [];
    return slipsOf(line).map(({ what, text }) => {
      const faulty = lines.with(i, text).join('\n') + tests;
      return {
        what: `${i + 1}: ${what}: ${line}`,
        sources: sources.map((source) => (source === policy ? { ...source, text: faulty } : source)),
      };
    });
  });
}

function slipsOf(line: string): { readonly what: string; readonly text: string }[] {
  const found = slips.flatMap(([what, pattern, replacement]) =>
    [...line.matchAll(pattern)].map(({ 0: { length }, index }) => ({
      what,
      text: line.slice(0, index) + replacement + line.slice(index + length),
    })),
  );
  return [{ what: 'a line lost', text: '' }, ...found.filter(({ text }) => text !== line)];
}
