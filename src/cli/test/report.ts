import type { Coverage, Explanation, MutationReport, TestCase, TestResult } from '../../index.ts';

/** All that a run of `postern test` has to say; renderers make text of it. */
export interface TestReport {
  readonly results: readonly TestResult[];
  /** Cases that a filter left out. */
  readonly leftOut: number;
  /** Cases behind the first failure, with `--bail`. */
  readonly notRun: number;
  readonly coverage?: Coverage;
  readonly mutation?: MutationReport;
  readonly explain: (testCase: TestCase) => Explanation;
  readonly textOf: (file: string) => string | undefined;
}

export function failuresOf({ results }: TestReport): TestResult[] {
  return results.filter(({ passed }) => !passed);
}

/** Of nothing to cover or to kill all of it is. */
export function shareOf(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}

/** Rounded down, so that `100.0 %` is all there is. */
export function renderPercent(share: number): string {
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}
