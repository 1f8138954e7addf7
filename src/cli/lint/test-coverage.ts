import { build, runPolicyTests } from '../../index.ts';
import type { LintedPolicies } from './read-policies.ts';

/** Keys of the rules that tests of the policies are decided by; undefined if they do not load, or have no test. */
export function findTestCoverage({ sources, importer }: LintedPolicies): Set<string> | undefined {
  const result = build(sources, { importer });
  if (!result.ok || result.model.tests.length === 0) return undefined;
  const rules = runPolicyTests(result.model, result.image)
    .filter(({ passed }) => passed)
    .flatMap(({ actual }) => actual.rule ?? []);
  return new Set(rules.map(({ id, file, line }) => id ?? `${file}:${line}`));
}
