import {
  coverageOf,
  type Model,
  type MutationReport,
  mutate,
  type TestCase,
  type TestResult,
  TestRunner,
} from '../../index.ts';
import type { Terminal } from '../terminal.ts';
import type { Subject } from './load-subject.ts';
import { type TestOptions, wantsCoverage, wantsMutants } from './options.ts';
import type { TestReport } from './report.ts';
import { selectCases } from './select-cases.ts';

/**
 * Runs the cases that the filters leave, and looks at the rules as far as that was asked for. Where a test fails, no fault
 * is put in: it would be noticed anyway.
 *
 * @throws {ConfigurationError} for a mode that nothing names
 */
export function runSubject(
  subject: Subject,
  cases: readonly TestCase[],
  options: TestOptions,
  terminal: Terminal,
): TestReport {
  const { image, model, textOf } = subject;
  const runner = new TestRunner(image, options.mode);
  // A mode that does not exist is said even where no case comes to the engine.
  runner.authorizerFor({});
  const selected = selectCases(cases, options);
  const results = runCases(runner, selected, options.bail === true);
  const base: TestReport = {
    results,
    leftOut: cases.length - selected.length,
    notRun: selected.length - results.length,
    explain: (testCase) => runner.explain(testCase),
    textOf,
  };
  if (model === undefined) return base;
  const isMutable = results.length > 0 && results.every(({ passed }) => passed);
  return {
    ...base,
    ...(wantsCoverage(options) ? { coverage: coverageOf(model, results, textOf) } : {}),
    ...(wantsMutants(options) && isMutable
      ? { mutation: mutateShowingProgress({ ...subject, model }, selected, options, terminal) }
      : {}),
  };
}

function runCases(runner: TestRunner, cases: readonly TestCase[], bail: boolean): TestResult[] {
  const results: TestResult[] = [];
  for (const testCase of cases) {
    const result = runner.run(testCase);
    results.push(result);
    if (bail && !result.passed) break;
  }
  return results;
}

const progressMs = 100;

function mutateShowingProgress(
  { model, image, textOf }: Subject & { readonly model: Model },
  cases: readonly TestCase[],
  { mode }: TestOptions,
  terminal: Terminal,
): MutationReport {
  let nextMs = performance.now() + progressMs;
  const onProgress = ({ done, total }: { readonly done: number; readonly total: number }): void => {
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + progressMs;
    terminal.progress(`mutants: ${done.toLocaleString('en')} of ${total.toLocaleString('en')}`);
  };
  try {
    return mutate(model, image, cases, { mode, textOf, onProgress });
  } finally {
    terminal.progress('');
  }
}
