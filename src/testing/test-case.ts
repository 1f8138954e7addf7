import type { Effect, Reason } from '../decision/decision.ts';
import type { Request } from '../decision/request.ts';
import type { Model, PolicyTestCase } from '../model/model.ts';

/** A request, and what the answer to it must be: a line of a `test` block, or one of a table of requests. */
export interface TestCase {
  /** That of its block; of a line in a table its own, or that of the table. */
  readonly title: string;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly request: Request;
  /** Absent: that of the run. */
  readonly mode?: string;
  readonly expected: ExpectedAnswer;
}

/** What is absent is not looked at. */
export interface ExpectedAnswer {
  readonly decision: Effect;
  readonly reason?: Reason;
  readonly rule?: ExpectedRule;
  readonly ruleset?: string;
}

export interface ExpectedRule {
  readonly id?: string;
  readonly file?: string;
  readonly line?: number;
  readonly role?: { readonly name: string; readonly file: string; readonly line: number };
}

/** The cases of all `test` blocks, in source order. */
export function policyTestCases(model: Model): TestCase[] {
  return model.tests.flatMap(({ title, cases }) => cases.map((testCase) => testCaseOf(title, testCase)));
}

function testCaseOf(
  title: string,
  { subject, action, resource, groups, context, attributes, mode, expected, location, line }: PolicyTestCase,
): TestCase {
  const request = { subject, action, resource, groups, context, attributes };
  const rest = { title, file: location.file, line, request, expected: { decision: expected } };
  return mode === undefined ? rest : { ...rest, mode };
}
