import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createImporter } from '../src/files/importer.ts';
import {
  type BuildResult,
  build,
  coverageOf,
  mutate,
  policyTestCases,
  printMissingLines,
  printMissingTests,
  printTestCase,
  readTestTable,
  runPolicyTests,
  runTests,
  type TestCase,
} from '../src/index.ts';
import type { Rule } from '../src/model/model.ts';
import { printRule } from '../src/printing/print-rule.ts';
import { createReference } from '../src/reference/reference.ts';
import { dovetail } from '../src/testing/dovetail.ts';
import { mutantsOf } from '../src/testing/mutants.ts';
import { generatePolicy, generateRequest, Random } from './support/generators.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const fixtures = join(repository, 'test/fixtures/policy-tests');

const importer = createImporter(join(repository, 'policies'));

type Built = Extract<BuildResult, { readonly ok: true }>;

describe('a case', () => {
  const { model, image } = buildText(`
    @id("ops") allow group:ops to read on db:/**
    group ops { user:nick }
    ruleset night first-applicable { scope write on db:/** default deny }`);
  const base = { title: 'a', file: 'a', line: 1 };
  const read = { subject: 'user:nick', action: 'read', resource: 'db:/x' };

  test.each<[string, Omit<TestCase, 'title' | 'file' | 'line'>, boolean]>([
    ['passes with the decision', { request: read, expected: { decision: 'allow' } }, true],
    ['fails with the other decision', { request: read, expected: { decision: 'deny' } }, false],
    ['looks at the reason', { request: read, expected: { decision: 'allow', reason: 'superuser' } }, false],
    ['looks at the id', { request: read, expected: { decision: 'allow', rule: { id: 'ops' } } }, true],
    ['and at another id', { request: read, expected: { decision: 'allow', rule: { id: 'opx' } } }, false],
    [
      'looks at the place',
      { request: read, expected: { decision: 'allow', rule: { file: 'a.acl', line: 2 } } },
      true,
    ],
    [
      'and at another line',
      { request: read, expected: { decision: 'allow', rule: { file: 'a.acl', line: 3 } } },
      false,
    ],
    [
      'wants a rule where there is none',
      { request: { ...read, action: 'x' }, expected: { decision: 'deny', rule: { id: 'ops' } } },
      false,
    ],
    [
      'looks at the ruleset',
      { request: { ...read, action: 'write' }, expected: { decision: 'deny', ruleset: 'night' } },
      true,
    ],
    [
      'and at another ruleset',
      { request: { ...read, action: 'write' }, expected: { decision: 'deny', ruleset: 'day' } },
      false,
    ],
  ])('%s', (_, testCase, passed) => {
    expect(runTests([{ ...base, ...testCase }], image)[0]).toMatchObject({ passed });
  });

  test('stops the run at a failure, if asked to', () => {
    const wrong: TestCase = { ...base, request: read, expected: { decision: 'deny' } };
    expect(runTests([wrong, wrong], image)).toHaveLength(2);
    expect(runTests([wrong, wrong], image, { bail: true })).toHaveLength(1);
  });

  test('is decided in its own mode, else in that of the run', () => {
    const built = buildFixture('modes.acl');
    const passed = (mode: string | undefined) =>
      runTests(policyTestCases(built.model), built.image, { mode }).map((result) => result.passed);
    expect(passed(undefined)).toEqual([true, true, true]);
    expect(passed('relaxed')).toEqual([true, true, true]);
    expect(runPolicyTests(built.model, built.image).map((result) => result.passed)).toEqual(
      passed(undefined),
    );
  });

  test('comes from a block with its place', () => {
    const built = buildFixture('modes.acl');
    expect(policyTestCases(built.model)[1]).toEqual({
      title: 'modes',
      file: 'modes.acl',
      line: 7,
      request: { subject: 'user:bob', action: 'view', resource: 'site:home' },
      mode: 'strict',
      expected: { decision: 'deny' },
    });
    expect(model.tests).toEqual([]);
  });
});

describe('a table of requests', () => {
  test('says of every bad line where it is wrong', async () => {
    const text = readFileSync(join(fixtures, 'bad-lines.requests.jsonl'), 'utf8');
    const { cases, faults } = readTestTable({ file: 'bad.jsonl', text }, []);
    expect(cases).toHaveLength(1);
    const lines = faults.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}\n`);
    await expect(lines.join('')).toMatchFileSnapshot(join(fixtures, 'bad-lines.expected'));
  });

  test('passes over empty lines, and takes the other line end', () => {
    const line = '{"request":{"action":"a"},"decision":"deny"}';
    const { cases, faults } = readTestTable({ file: 't', text: `${line}\r\n\n  \n${line}` }, []);
    expect(faults).toEqual([]);
    expect(cases.map((each) => each.line)).toEqual([1, 4]);
  });

  test('knows the modes of the policies', () => {
    const text = '{"request":{"action":"a"},"decision":"deny","mode":"strict"}';
    expect(readTestTable({ file: 't', text }, ['strict']).faults).toEqual([]);
    expect(readTestTable({ file: 't', text }, ['lax']).faults[0]?.message).toBe('unknown mode (known: lax)');
  });

  test('holds the answers of `eval` as they are', () => {
    const built = buildFixture('shop/policy.acl');
    const text = readFileSync(join(fixtures, 'shop/shop.requests.jsonl'), 'utf8');
    const { cases } = readTestTable({ file: 'shop.requests.jsonl', text }, []);
    expect(runTests(cases, built.image).map(({ passed }) => passed)).toEqual([true, true, true, true]);
  });
});

describe('coverage', () => {
  const built = buildFixture('shop/policy.acl');
  const results = runTests(policyTestCases(built.model), built.image);
  const coverage = coverageOf(built.model, results, built.textOf);
  const units = coverage.files.flatMap((file) => file.units);

  test('counts the deciding rule of each passing case, each grant of a role by itself, and defaults', () => {
    const rows = units.map(({ kind, rule, decided }) => [
      kind,
      rule.role === undefined ? rule.line : `${rule.line} by ${rule.role.line}`,
      decided.map(({ line }) => line),
    ]);
    expect(rows).toEqual([
      ['rule', 7, [27]],
      ['rule', '13 by 10', [33]],
      ['rule', '13 by 11', []],
      ['rule', '14 by 10', []],
      ['rule', '14 by 11', []],
      ['rule', 17, [29]],
      ['default', 19, []],
      ['rule', 22, [38]],
      ['rule', 23, [39]],
    ]);
    expect(coverage).toMatchObject({ covered: 5, total: 9 });
  });

  test('of a failing case there is none', () => {
    const failed = results.map((result) => ({ ...result, passed: false }));
    expect(coverageOf(built.model, failed, built.textOf).covered).toBe(0);
  });

  test('leaves out rules that come with the product, and counts the rule that makes a superuser', () => {
    const { model, image, textOf } = buildText(`
      import "postern:dcos"
      import "postern:dcos/spaces"
      allow user:root to full on dcos:superuser
      test "root" { allow user:root to read on dcos:secrets:default:/a }`);
    const found = coverageOf(model, runTests(policyTestCases(model), image), textOf);
    expect(found).toMatchObject({ covered: 1, total: 1 });
    expect(found.files.map(({ file }) => file)).toEqual(['a.acl']);
  });
});

describe('a printed rule', () => {
  const sources = [
    ...readdirSync(join(repository, 'test/fixtures/decide'))
      .filter((name) => name.endsWith('.acl'))
      .map((name) => join(repository, 'test/fixtures/decide', name)),
    ...readdirSync(join(repository, 'policies/examples')).map((name) =>
      join(repository, 'policies/examples', name, 'policy.acl'),
    ),
  ];

  test.each(sources.map((path) => [path.slice(repository.length), path]))(
    'of %s means the same',
    (_, path) => {
      const result = build([{ file: 'a.acl', text: readFileSync(path, 'utf8') }], { importer });
      if (result.ok) expectSameRules(result);
    },
  );

  test('means the same in policies made at random', () => {
    const all = Array.from({ length: 150 }, (_, seed) => build(generatePolicy(seed).sources));
    const valid = all.filter((result) => result.ok);
    expect(valid.length).toBeGreaterThan(50);
    for (const result of valid) expectSameRules(result);
  });

  /** Rules alone: what they name is declared as it was. */
  function expectSameRules({ model }: Built): void {
    const rules = model.rules.filter(({ location }) => !location.file.startsWith('postern:'));
    const groups = model.groups.map(({ name }) => `group ${JSON.stringify(name)} {}`);
    for (const rule of rules) {
      const text = `${groups.join('\n')}\n${printRule(rule)}`;
      const again = build([{ file: 'a.acl', text }]);
      if (!again.ok) throw new Error(`${text}\n${JSON.stringify(again.diagnostics)}`);
      expect(again.model.rules.map(meaningOf), text).toEqual([meaningOf(rule)]);
    }
  }

  function meaningOf({ effect, subjects, actions, resources, condition }: Rule): unknown {
    const elements = (pattern: object): unknown => ('elements' in pattern ? pattern.elements : pattern);
    return {
      effect,
      actions,
      condition,
      subjects: subjects.map(elements),
      resources: resources.map(elements),
    };
  }
});

describe('mutants', () => {
  test('of a small policy', async () => {
    const { model, textOf } = buildFixture('shop/policy.acl');
    const lines = mutantsOf(model, textOf).flatMap(({ kind, words, place, before, after }) => [
      `${place.file}:${place.line} ${kind}: ${words}`,
      ...before.map((text) => `  - ${text}`),
      ...after.map((text) => `  + ${text}`),
    ]);
    await expect(lines.map((line) => `${line}\n`).join('')).toMatchFileSnapshot(
      join(fixtures, 'shop.mutants.expected'),
    );
  });

  test('say what they change, and change it', () => {
    const { model } = buildFixture('shop/policy.acl');
    const before = JSON.stringify(model);
    for (const mutant of mutantsOf(model)) {
      expect(mutant.after).not.toEqual(mutant.before);
      expect(JSON.stringify(mutant.apply()), mutant.words).not.toBe(before);
    }
    expect(JSON.stringify(model)).toBe(before);
  });

  test('leave alone what comes with the product', () => {
    const { model } = buildText('import "postern:dcos/spaces"\nimport "postern:dcos"');
    expect(model.rules).not.toEqual([]);
    expect(mutantsOf(model)).toEqual([]);
  });
});

describe('mutation testing', () => {
  const shop = buildFixture('shop/policy.acl');
  const cases = policyTestCases(shop.model);

  test('tells killed, surviving and equivalent mutants apart', () => {
    const report = mutate(shop.model, shop.image, cases, { textOf: shop.textOf });
    const { killed, survived, equivalent, score, outcomes } = report;
    expect(killed + survived + equivalent).toBe(outcomes.length);
    expect([killed, survived, equivalent].every((count) => count > 0)).toBe(true);
    expect(score).toBe(killed / (killed + survived));
  });

  test('finds tests that pass as it is, and fail on the mutant', () => {
    const { outcomes } = mutate(shop.model, shop.image, cases);
    for (const outcome of outcomes) {
      if (outcome.status !== 'survived') continue;
      const { missing, mutant } = outcome;
      if (missing === undefined) throw new Error(`no test found for ${mutant.words}`);
      const request = JSON.parse(JSON.stringify(missing.request)) as unknown;
      const answer = (model: Built['model']) =>
        createReference(model, missing.mode === undefined ? {} : { mode: missing.mode }).decide(request)
          .decision;
      expect(answer(shop.model)).toBe(missing.expected.decision);
      expect(answer(mutant.apply()), mutant.words).not.toBe(missing.expected.decision);
    }
  });

  test.each([
    ['blocks', printMissingTests],
    ['lines of a table', printMissingLines],
  ])('writes the missing tests as %s, and then none is missing', (form, print) => {
    const text = print(mutate(shop.model, shop.image, cases));
    const policy = readFileSync(join(fixtures, 'shop/policy.acl'), 'utf8');
    const built = buildText(form === 'blocks' ? `${policy}\n${text}` : policy);
    const table = form === 'blocks' ? [] : readTestTable({ file: 't', text }, []).cases;
    const all = [...policyTestCases(built.model), ...table];
    expect(runTests(all, built.image).filter(({ passed }) => !passed)).toEqual([]);
    expect(mutate(built.model, built.image, all)).toMatchObject({ survived: 0, score: 1 });
    expect(print(mutate(built.model, built.image, all))).toBe('');
  });

  test('takes for equivalent only what answers requests alike', () => {
    let equivalents = 0;
    for (let seed = 0; seed < 4; seed++) {
      const policy = generatePolicy(seed);
      const built = build(policy.sources);
      if (!built.ok) continue;
      const random = new Random(seed);
      const requests = random.times(60, () => generateRequest(policy, random));
      const reference = createReference(built.model);
      const answers = requests.map((request) => reference.decide(request).decision);
      for (const { status, mutant } of mutate(built.model, built.image, []).outcomes) {
        if (status !== 'equivalent') continue;
        equivalents++;
        const other = createReference(mutant.apply());
        expect(
          requests.map((request) => other.decide(request).decision),
          `policy seed ${seed}: ${mutant.words}: ${mutant.before.join('; ')}`,
        ).toEqual(answers);
      }
    }
    expect(equivalents).toBeGreaterThan(50);
  });

  test('leaves failing cases out, which would notice anything', () => {
    const wrong = cases.map((each): TestCase => ({ ...each, expected: { decision: 'deny' } }));
    const deniedOnly = mutate(shop.model, shop.image, wrong);
    const passing = cases.filter((each) => each.expected.decision === 'deny');
    expect(deniedOnly.killed).toBe(mutate(shop.model, shop.image, passing).killed);
  });

  test('tells how far it is', () => {
    const seen: number[] = [];
    const { outcomes } = mutate(shop.model, shop.image, cases, {
      onProgress: ({ done, total }) => {
        seen.push(done);
        expect(total).toBe(mutantsOf(shop.model).length);
      },
    });
    expect(seen).toEqual(outcomes.map((_, i) => i));
  });

  // How long that takes is printed, not asserted: it is a matter of the machine.
  test('tries more than a thousand mutants of a hundred rules', () => {
    const built = buildText(hundredRules());
    expect(built.model.rules).toHaveLength(100);
    const startMs = performance.now();
    const { outcomes } = mutate(built.model, built.image, policyTestCases(built.model));
    console.log(`${outcomes.length} mutants of 100 rules in ${Math.round(performance.now() - startMs)} ms`);
    expect(outcomes.length).toBeGreaterThan(1000);
  });
});

test('combinations come with the early choices first, each once', () => {
  const all = [...dovetail([2, 3, 1])];
  expect(all.map((chosen) => chosen.join(''))).toEqual(['000', '010', '100', '020', '110', '120']);
  expect([...dovetail([2, 0])]).toEqual([]);
  expect([...dovetail([])]).toEqual([[]]);
});

test.each([
  ['anyone', { action: 'read', resource: 'a:b' }, 'deny anyone to read on a:b'],
  [
    'odd names',
    { subject: 'user:eve smith', action: 'on', resource: 'a:*' },
    'deny "user:eve smith" to "on" on "a:*"',
  ],
  [
    'data',
    { subject: 'user:a', action: 'read', resource: 'a:/', context: { 'a b': [1, null, { c: 'd"e' }] } },
    'deny user:a to read on a:/ with { context: { "a b": [1, null, { c: "d\\"e" }] } }',
  ],
])('a case with %s is printed as policy text', (_, request, text) => {
  expect(printTestCase({ request, expected: { decision: 'deny' } })).toBe(text);
  const built = buildText(`test "t" { ${text} }`);
  expect(policyTestCases(built.model)[0]?.request).toEqual(request);
});

// ---------------------------------------------------------------- building

function buildText(text: string): Built {
  const result = build([{ file: 'a.acl', text }], { importer });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 2));
  return result;
}

function buildFixture(name: string): Built {
  const result = build([{ file: name.split('/').at(-1)!, text: readFileSync(join(fixtures, name), 'utf8') }]);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 2));
  return result;
}

/** Rules of several kinds on the catalogue of DC/OS, each with two tests. */
function hundredRules(): string {
  const groups = Array.from({ length: 10 }, (_, g) => `group g${g} { user:a${g}, user:b${g} }`);
  const rules: string[] = [];
  const tests: string[] = [];
  for (let i = 0; i < 100; i++) {
    const effect = i % 9 === 8 ? 'deny' : 'allow';
    const [resource, beneath] = [
      [`dcos:secrets:default:/team${i % 20}/app${i}/**`, `dcos:secrets:default:/team${i % 20}/app${i}/key`],
      [`wiki:pages:/x${i % 25}/y${i}`, `wiki:pages:/x${i % 25}/y${i}`],
      [
        `dcos:service:marathon:marathon:services:/team${i % 20}/app${i}`,
        `dcos:service:marathon:marathon:services:/team${i % 20}/app${i}/web`,
      ],
    ][i % 3]! as [string, string];
    const condition = i % 6 === 0 ? ' when context.hour >= 8 && context.hour < 18' : '';
    rules.push(`${effect} group:g${i % 10}, user:u${i} to read, update on ${resource}${condition}`);
    tests.push(
      `${effect} user:a${i % 10} to read on ${beneath} with { context: { hour: 9 } }`,
      `deny user:nobody to read on ${beneath} with { context: { hour: 9 } }`,
    );
  }
  return `import "postern:dcos"\n${groups.join('\n')}\n${rules.join('\n')}\ntest "all" {\n${tests.join('\n')}\n}\n`;
}
