import { resolve } from 'node:path';
import { findPolicyFiles } from '../../files/find-policy-files.ts';
import { findTestFiles } from '../../files/find-test-files.ts';
import { quote } from '../../files/quote.ts';
import type { MutationReport } from '../../index.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { type TestOptions, wantsMutants } from './options.ts';
import { failuresOf, renderPercent, shareOf, type TestReport } from './report.ts';
import { writeMissing } from './write-missing.ts';

/** Writes the tests that were asked for, and says what makes the run fail. */
export function conclude(report: TestReport, options: TestOptions, terminal: Terminal): ExitCode {
  const { results, mutation } = report;
  if (results.length === 0) {
    terminal.talk(`postern: ${describeNothing(report, options)}`);
    return options.passWithNoTests ? exitCodes.yes : exitCodes.no;
  }
  if (mutation !== undefined && options.write !== undefined)
    write(options.write, mutation, options.patterns, terminal);
  const failed = failuresOf(report).length > 0;
  if (failed && wantsMutants(options))
    terminal.talk('postern: no fault is put in while a test fails: mend that first');
  const complaints = [...complainOfCoverage(report, options), ...complainOfMutants(report, options)];
  for (const complaint of complaints) terminal.talk(`postern: ${complaint}`);
  return failed || complaints.length > 0 ? exitCodes.no : exitCodes.yes;
}

function describeNothing({ leftOut }: TestReport, { mode, filter, file }: TestOptions): string {
  if (leftOut === 0) return 'no tests: write `test` blocks into the policies, or name tables of requests';
  const given = Object.entries({ filter, file, mode }).filter(([, value]) => value !== undefined);
  const list = given.map(([name, value]) => `--${name} ${quote(value!)}`).join(' and ');
  return `no test is left by ${list}, of ${leftOut}`;
}

function complainOfCoverage({ coverage }: TestReport, { coverageThreshold }: TestOptions): string[] {
  if (coverage === undefined || coverageThreshold === undefined) return [];
  const share = shareOf(coverage.covered, coverage.total);
  if (share * 100 >= coverageThreshold) return [];
  return [`rule coverage is ${renderPercent(share)}, below ${coverageThreshold} %`];
}

function complainOfMutants({ mutation }: TestReport, { mutateThreshold }: TestOptions): string[] {
  if (mutation === undefined || mutateThreshold === undefined) return [];
  if (mutation.score * 100 >= mutateThreshold) return [];
  return [`the score of mutants is ${renderPercent(mutation.score)}, below ${mutateThreshold} %`];
}

function write(
  path: string,
  mutation: MutationReport,
  patterns: readonly string[],
  terminal: Terminal,
): void {
  const count = writeMissing(path, mutation);
  if (count === 0) {
    const reason =
      mutation.survived === 0 ? 'no fault goes unnoticed' : 'no test was found that notices more';
    terminal.talk(`postern: nothing to write: ${reason}`);
    return;
  }
  terminal.talk(`postern: ${count === 1 ? '1 test' : `${count} tests`} written to ${quote(path)}`);
  if (!isAmong(path, patterns))
    terminal.talk(`postern: name ${quote(path)} beside the policies to have them run`);
}

/** Whether the next run would find the file. */
function isAmong(path: string, patterns: readonly string[]): boolean {
  const { policies, tables } = findTestFiles(patterns);
  const absolute = resolve(path);
  return tables.includes(absolute) || findPolicyFiles(policies).files.some((file) => file.path === absolute);
}
