import { Authorizer } from './authorizer.ts';
import type { Decision } from './decision/decision.ts';
import type { Model, PolicyTestCase } from './model/model.ts';

/** One line of a `test` block with what was decided. */
export interface PolicyTestResult {
  readonly title: string;
  readonly case: PolicyTestCase;
  readonly actual: Decision;
  readonly passed: boolean;
}

/** Runs every `test` block of a policy set on its image, each case in the mode that it names, else in that of the policy. */
export function runPolicyTests(model: Model, image: Uint8Array): PolicyTestResult[] {
  const authorizers = new Map<string | undefined, Authorizer>();
  const authorizerIn = (mode: string | undefined): Authorizer => {
    const known = authorizers.get(mode);
    if (known !== undefined) return known;
    const authorizer = Authorizer.fromImage(image, { mode });
    authorizers.set(mode, authorizer);
    return authorizer;
  };
  return model.tests.flatMap(({ title, cases }) =>
    cases.map((testCase) => {
      const { subject, action, resource, groups, context, attributes, mode, expected } = testCase;
      const actual = authorizerIn(mode).decide({ subject, action, resource, groups, context, attributes });
      return { title, case: testCase, actual, passed: actual.decision === expected };
    }),
  );
}
