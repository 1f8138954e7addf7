import type {
  Coverage,
  MutantOutcome,
  MutationReport,
  RuleReference,
  TestCase,
  TestResult,
} from '../../index.ts';
import { failuresOf, shareOf, type TestReport } from './report.ts';

/** One object for the whole run; keys that a run has nothing to say on are absent. */
export function renderJsonReport(report: TestReport): string {
  const failed = failuresOf(report).length;
  const { results, leftOut, notRun, coverage, mutation } = report;
  const summary = {
    passed: results.length - failed,
    failed,
    leftOut,
    notRun,
    tests: results.map((result) => testJson(result, report)),
    coverage: coverage && coverageJson(coverage),
    mutation: mutation && mutationJson(mutation),
  };
  return `${JSON.stringify(summary)}\n`;
}

function testJson({ case: testCase, actual, passed }: TestResult, report: TestReport): object {
  const { title, file, line, request, mode, expected } = testCase;
  const rules = passed ? undefined : report.explain(testCase).rules;
  return { title, file, line, passed, request, mode, expected, actual, rules };
}

function coverageJson({ files, covered, total }: Coverage): object {
  const rules = files.flatMap(({ units }) =>
    units.map(({ kind, rule, text, decided }) => ({ kind, rule, text, decided: decided.map(placeJson) })),
  );
  const perFile = files.map(({ file, units }) => ({
    file,
    covered: units.filter(({ decided }) => decided.length > 0).length,
    total: units.length,
  }));
  return { covered, total, share: shareOf(covered, total), files: perFile, rules };
}

function placeJson({ title, file, line }: TestCase): object {
  return { title, file, line };
}

function mutationJson({ outcomes, killed, survived, equivalent, score }: MutationReport): object {
  return { killed, survived, equivalent, score, mutants: outcomes.map(mutantJson) };
}

function mutantJson(outcome: MutantOutcome): object {
  const { kind, words, place, before, after } = outcome.mutant;
  const rule: RuleReference = place;
  return {
    status: outcome.status,
    kind,
    change: words,
    rule,
    before,
    after,
    killedBy: outcome.status === 'killed' ? placeJson(outcome.by) : undefined,
    missing: outcome.status === 'survived' ? outcome.missing : undefined,
  };
}
