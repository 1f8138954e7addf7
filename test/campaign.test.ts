import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { generatePolicy, generateRequest, Random, seedOfRun } from './support/generators.ts';
import { holdLaw, type Law } from './support/laws/law.ts';
import { caseOf, type LawCase } from './support/laws/law-case.ts';
import { laws } from './support/laws/laws.ts';
import { evaluatorsOf, shrinkCase } from './support/laws/shrink-case.ts';
import { fromPortable, toPortable } from './support/portable-value.ts';
import { renderValue } from './support/render-value.ts';

/** `npm run campaign`: that a broken law is found, made small, kept, and found again. The laws themselves: test/laws.test.ts. */

const script = fileURLToPath(new URL('../scripts/campaign.ts', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'postern-campaign-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function runScript(
  ...words: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const run = promisify(execFile)(process.execPath, [script, ...words]);
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

const seed = seedOfRun(process.env.POSTERN_SEED);

test('every law of the quality page has a check', () => {
  const numbers = new Set(laws.map(({ name }) => Number.parseInt(name, 10)));
  expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 14 }, (_, i) => i + 1));
});

describe('a broken law', () => {
  /** Broken by every policy that lets somebody read something. */
  const law: Law = {
    name: '10-wrong',
    title: 'nobody may read',
    requests: 10,
    share: 1,
    isOfEach: true,
    check: ({ model, mode, requests }, watch, evaluator) => {
      const loaded = evaluator.load(model, mode);
      for (const request of requests) {
        const decision = loaded.decide(request);
        watch.expect(decision.decision === 'deny', request, { decision });
      }
    },
  };
  const text = [
    'group g { user:a }',
    'deny user:b to read on x',
    'allow user:a to read on x',
    'allow user:a to write on x',
  ];

  test('is found for every evaluator and made as small as it can be', async () => {
    const given = caseOf({
      seed: 0,
      sources: [{ file: 'a.acl', text: text.join('\n') }],
      requests: [
        { subject: 'user:b', action: 'read', resource: 'x' },
        { subject: 'user:a', action: 'read', resource: 'x', groups: ['g', 'h'], context: { n: [1, 2] } },
      ],
      httpRequests: [],
    }) as LawCase;
    const { breaches, executions } = await holdLaw(law, given, evaluatorsOf(law));
    expect(executions).toBe(4);
    expect(breaches.map(({ evaluator }) => evaluator)).toEqual(['reference', 'image']);
    const small = await shrinkCase(law, { given, breach: breaches[1]! });
    expect(small.given.sources).toEqual([{ file: 'a.acl', text: text[2] }]);
    expect(small.given.requests).toEqual([{ subject: 'user:a', action: 'read', resource: 'x' }]);
  });

  test('is broken by an exception too', async () => {
    const throwing: Law = {
      ...law,
      check: () => {
        throw new Error('oops');
      },
    };
    const given = caseOf({ seed: 0, sources: [], requests: [], httpRequests: [] }) as LawCase;
    const { breaches } = await holdLaw(throwing, given, evaluatorsOf(throwing));
    expect(breaches.map(({ answers }) => answers)).toEqual([
      { thrown: new Error('oops') },
      { thrown: new Error('oops') },
    ]);
  });
});

test(`requests of any type are kept as JSON and come back (seed ${seed})`, () => {
  const random = new Random(seed);
  const policy = generatePolicy(random.seed());
  const odd = [
    Object.assign([undefined], { length: 2 }),
    { a: -0, b: Number.NaN, c: 7n },
    Symbol.iterator,
    new String('x'),
    new Date(7),
    null,
  ];
  for (const request of [...odd, ...random.times(2000, () => generateRequest(policy, random))]) {
    const again = fromPortable(JSON.parse(JSON.stringify(toPortable(request))));
    // Of a map or function only its type is kept.
    expect(renderValue(again).replace(/\[(?:Function|Map)[^\]]*\]/, '')).toBe(
      renderValue(request).replace(/\[(?:Function|Map)[^\]]*\]/, ''),
    );
  }
});

describe('the command', () => {
  test('runs what it is told to, and says what it has done', async () => {
    const { code, stdout } = await runScript(
      '--law',
      '6',
      '--law',
      '5-files',
      '--steps',
      '2',
      '--threads',
      '1',
      '--seed',
      '7',
    );
    expect(stdout).toMatch(/^seed 7, 2 checks on 1 threads, 2 steps of each\n/);
    expect(stdout).toMatch(/\n6 +2 +40 +80 +0 /);
    expect(stdout).toMatch(/\n5-files +2 +0 +2 +0 /);
    expect(stdout).toMatch(/\n0 failures, /);
    expect(code).toBe(0);
  });

  test('runs a kept failure again', async () => {
    const file = join(scratch, '10-1-1.json');
    const example = {
      evaluator: 'engine',
      sources: [{ file: 'a.acl', text: 'allow user:a to read on x' }],
      requests: [{ subject: 'user:a', action: 'read', resource: 'x' }],
      httpRequests: [],
    };
    writeFileSync(file, JSON.stringify({ check: '10', seed: 1, command: '', kind: '', text: [], example }));
    const { code, stdout } = await runScript('--again', file);
    expect(stdout).toBe('fails no more\n');
    expect(code).toBe(0);
  });

  test('knows its laws', async () => {
    const { code, stderr } = await runScript('--law', '15');
    expect(stderr).toBe('no law or check `15`: see --help\n');
    expect(code).toBe(2);
  });
});
