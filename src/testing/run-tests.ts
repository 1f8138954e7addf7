import { Authorizer } from '../authorizer.ts';
import type { Decision, RuleReference } from '../decision/decision.ts';
import type { Explanation } from '../evaluate/explain.ts';
import type { Model, PolicyTestCase } from '../model/model.ts';
import { type ExpectedAnswer, type ExpectedRule, policyTestCases, type TestCase } from './test-case.ts';

/** A case with what was decided. */
export interface TestResult {
  readonly case: TestCase;
  readonly actual: Decision;
  readonly passed: boolean;
}

export interface RunTestsOptions {
  /** In which cases are decided that name none; default: that of the policy set. */
  readonly mode?: string | undefined;
  /** Stop after the first case that fails. */
  readonly bail?: boolean;
}

/** Puts cases to one image. */
export class TestRunner {
  readonly #image: Uint8Array;
  readonly #mode: string | undefined;
  readonly #authorizers = new Map<string | undefined, Authorizer>();

  constructor(image: Uint8Array, mode?: string) {
    this.#image = image;
    this.#mode = mode;
  }

  /** @throws {ConfigurationError} if the policy set does not know the mode */
  run(testCase: TestCase): TestResult {
    const actual = this.authorizerFor(testCase).decide(testCase.request);
    return { case: testCase, actual, passed: isAsExpected(actual, testCase.expected) };
  }

  explain(testCase: TestCase): Explanation {
    return this.authorizerFor(testCase).explain(testCase.request);
  }

  /** The engine in the mode that the case names, else in that of the run. */
  authorizerFor({ mode = this.#mode }: Pick<TestCase, 'mode'>): Authorizer {
    const known = this.#authorizers.get(mode);
    if (known !== undefined) return known;
    const authorizer = Authorizer.fromImage(this.#image, { mode });
    this.#authorizers.set(mode, authorizer);
    return authorizer;
  }
}

/**
 * Runs cases in their order.
 *
 * @throws {ConfigurationError} if the policy set does not know a mode
 */
export function runTests(
  cases: readonly TestCase[],
  image: Uint8Array,
  { mode, bail = false }: RunTestsOptions = {},
): TestResult[] {
  const runner = new TestRunner(image, mode);
  const results: TestResult[] = [];
  for (const testCase of cases) {
    const result = runner.run(testCase);
    results.push(result);
    if (bail && !result.passed) break;
  }
  return results;
}

export function isAsExpected(actual: Decision, expected: ExpectedAnswer): boolean {
  return (
    actual.decision === expected.decision &&
    (expected.reason === undefined || actual.reason === expected.reason) &&
    (expected.ruleset === undefined || actual.ruleset === expected.ruleset) &&
    (expected.rule === undefined || isExpectedRule(actual.rule, expected.rule))
  );
}

function isExpectedRule(actual: RuleReference | undefined, { id, file, line, role }: ExpectedRule): boolean {
  return (
    actual !== undefined &&
    (id === undefined || actual.id === id) &&
    (file === undefined || actual.file === file) &&
    (line === undefined || actual.line === line) &&
    (role === undefined ||
      (actual.role?.name === role.name && actual.role.file === role.file && actual.role.line === role.line))
  );
}

/** One line of a `test` block with what was decided. */
export interface PolicyTestResult {
  readonly title: string;
  readonly case: PolicyTestCase;
  readonly actual: Decision;
  readonly passed: boolean;
}

/** Runs every `test` block of a policy set on its image, each case in the mode that it names, else in that of the policy. */
export function runPolicyTests(model: Model, image: Uint8Array): PolicyTestResult[] {
  const results = runTests(policyTestCases(model), image);
  const cases = model.tests.flatMap((test) => test.cases);
  return results.map(({ case: { title }, actual, passed }, i) => ({
    title,
    case: cases[i]!,
    actual,
    passed,
  }));
}
