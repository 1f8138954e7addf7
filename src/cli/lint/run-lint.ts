import { relative, sep } from 'node:path';
import { quote } from '../../files/quote.ts';
import { writeFileAtomically } from '../../files/write-file-atomically.ts';
import {
  describeCounts,
  type Finding,
  type FixResult,
  fixAll,
  hasFix,
  Linter,
  type LintReport,
  reportFormats,
} from '../../lint.ts';
import { countOf, renderNumber } from '../count-of.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { unifiedDiff } from '../unified-diff.ts';
import { UsageError } from '../usage-error.ts';
import { readVersion } from '../version.ts';
import { BaselineFile } from './baseline-file.ts';
import { createLintProgress } from './progress.ts';
import { type ConfigurationOptions, readConfiguration } from './read-configuration.ts';
import { readDecisionLog } from './read-decision-log.ts';
import { type LintedPolicies, pathInRoot, readPolicies } from './read-policies.ts';
import { findTestCoverage } from './test-coverage.ts';

export interface LintOptions extends ConfigurationOptions {
  readonly root?: string;
  readonly log?: string;
  readonly days: number;
  readonly coverage?: true;
  readonly baseline?: string;
  readonly writeBaseline?: true;
  readonly fix?: true;
  readonly fixUnsafe?: true;
  readonly dryRun?: true;
  readonly format: keyof typeof reportFormats;
  readonly output?: string;
  readonly failLevel: Finding['severity'];
  readonly quiet?: true;
}

/** @throws {UsageError | FileError} */
export async function runLint(
  patterns: readonly string[],
  options: LintOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  checkOptions(patterns, options);
  const policies = readPolicies(patterns.length === 0 ? ['.'] : patterns, options.root);
  const progress = createLintProgress(terminal);
  const linter = await createLinter(policies, options, progress.onProgress, terminal);
  const baseline = options.baseline === undefined ? undefined : new BaselineFile(options.baseline, policies);
  try {
    if (baseline !== undefined && options.writeBaseline)
      return writeBaseline(baseline, linter, options, terminal);
    const outcome = lintOrFix(linter, options, baseline);
    progress.clear();
    tellUnknownMode(outcome.report, options, terminal);
    if (outcome.fixes !== undefined) await writeFixes(outcome.fixes, policies, options, terminal);
    await writeReport(outcome, policies, options, terminal);
    return exitCodeOf(outcome.report, options.failLevel);
  } finally {
    progress.clear();
  }
}

/** A configuration may speak for several policy sets, of which some name no mode: only what somebody typed is doubted. */
function tellUnknownMode({ modes, hasErrors }: LintReport, { mode }: LintOptions, terminal: Terminal): void {
  if (mode === undefined || hasErrors || modes.includes(mode)) return;
  const known = modes.length === 0 ? 'none' : modes.map(quote).join(', ');
  terminal.talk(`postern: unknown mode ${quote(mode)}, which changes nothing; the policy names ${known}`);
}

function checkOptions(patterns: readonly string[], options: LintOptions): void {
  const isFixing = options.fix || options.fixUnsafe;
  if (options.dryRun && !isFixing) throw new UsageError('--dry-run goes with --fix or --fix-unsafe');
  if (options.writeBaseline && options.baseline === undefined)
    throw new UsageError('--write-baseline goes with --baseline, which names the file');
  if (options.writeBaseline && isFixing)
    throw new UsageError('--write-baseline and --fix exclude each other: fix first, then write what is left');
  if (patterns.includes('-') && isFixing && !options.dryRun)
    throw new UsageError('standard input cannot be fixed: add --dry-run, and apply what is printed');
  if (patterns.includes('-') && options.log === '-')
    throw new UsageError('policies and --log cannot both come from standard input');
}

async function createLinter(
  policies: LintedPolicies,
  options: LintOptions,
  onProgress: ReturnType<typeof createLintProgress>['onProgress'],
  terminal: Terminal,
): Promise<Linter> {
  const usage =
    options.log === undefined ? undefined : await readDecisionLog(options.log, options.days, terminal);
  const place = { from: policies.folder, root: policies.root.path, usage };
  const { configuration, rules } = await readConfiguration(options, place);
  const testCoverage = options.coverage ? findTestCoverage(policies) : undefined;
  const settings = { ...configuration.settings, ...(testCoverage === undefined ? {} : { testCoverage }) };
  return new Linter(policies.sources, {
    importer: policies.importer,
    diagnostics: policies.diagnostics,
    rules,
    configuration: { ...configuration, settings },
    today: new Date().toISOString().slice(0, 10),
    onProgress,
  });
}

interface Outcome {
  /** What is shown. */
  readonly report: LintReport;
  readonly fixes?: FixResult;
  /** Findings left out because the baseline has them, and those that it has for nothing. */
  readonly known: number;
  readonly gone: number;
}

function lintOrFix(linter: Linter, options: LintOptions, baseline: BaselineFile | undefined): Outcome {
  let [known, gone] = [0, 0];
  const subtract = baseline?.read();
  const adjust = (report: LintReport): LintReport => {
    if (subtract === undefined) return report;
    const compared = subtract(report);
    [known, gone] = [compared.known, compared.gone];
    return compared.report;
  };
  if (!options.fix && !options.fixUnsafe) return { report: adjust(linter.lint()), known, gone };
  // Nothing is written by a dry run, so what it reports is what is there now.
  const now = options.dryRun ? adjust(linter.lint()) : undefined;
  const fixes = fixAll(linter, { includesReview: options.fixUnsafe ?? false, adjust });
  return { report: now ?? fixes.report, fixes, known, gone };
}

function writeBaseline(
  baseline: BaselineFile,
  linter: Linter,
  { baseline: path, quiet }: LintOptions,
  terminal: Terminal,
): ExitCode {
  const report = linter.lint();
  const count = baseline.write(report);
  const findings = count === 1 ? '1 finding' : `${count} findings`;
  if (!quiet) terminal.talk(`postern: ${findings} written to ${path}`);
  return report.hasErrors ? exitCodes.unreadable : exitCodes.yes;
}

async function writeFixes(
  { changes, fixed }: FixResult,
  policies: LintedPolicies,
  { dryRun, quiet }: LintOptions,
  terminal: Terminal,
): Promise<void> {
  for (const { file, before, after } of changes) {
    if (dryRun) await terminal.write(unifiedDiff(file, before, after));
    else writeFileAtomically(pathInRoot(policies, file), Buffer.from(after));
  }
  if (quiet || fixed === 0) return;
  const what = `${countOf(fixed, 'finding')} ${dryRun ? 'would be fixed' : 'fixed'}`;
  terminal.talk(`postern: ${what} in ${countOf(changes.length, 'file')}`);
}

async function writeReport(
  outcome: Outcome,
  policies: LintedPolicies,
  { format, output, quiet, dryRun, fix, fixUnsafe }: LintOptions,
  terminal: Terminal,
): Promise<void> {
  const { report } = outcome;
  const isFile = output !== undefined;
  const text = reportFormats[format](report, {
    version: readVersion(),
    color: !isFile && terminal.hasColor,
    pathOf: (file) => (policies.isInput ? file : fromHere(pathInRoot(policies, file))),
  });
  if (isFile) writeFileAtomically(output, Buffer.from(text));
  // A dry run prints a patch, which findings would spoil.
  else if (!quiet && !dryRun) await terminal.write(text);
  if (!quiet) terminal.talk(`postern: ${summarize(outcome, fix || fixUnsafe || false)}`);
}

function fromHere(path: string): string {
  return relative(process.cwd(), path).split(sep).join('/');
}

function summarize({ report, known, gone }: Outcome, isFixing: boolean): string {
  const { findings, files, suppressed, notRun } = report;
  const fixable = findings.filter(hasFix).filter(({ fix }) => fix.safety === 'safe').length;
  const parts = [
    `${findings.length === 0 ? 'no findings' : describeCounts(findings)} in ${countOf(files.length, 'file')}`,
    suppressed.length > 0 ? `${renderNumber(suppressed.length)} suppressed` : '',
    known > 0 ? `${renderNumber(known)} known to the baseline` : '',
    gone > 0 ? `${renderNumber(gone)} of the baseline gone (--write-baseline)` : '',
    fixable > 0 && !isFixing ? `${renderNumber(fixable)} can be fixed with --fix` : '',
    notRun.length > 0 ? `${countOf(notRun.length, 'rule')} not run because of errors` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

const order: readonly Finding['severity'][] = ['info', 'warning', 'error'];

function exitCodeOf({ findings, hasErrors }: LintReport, failLevel: Finding['severity']): ExitCode {
  if (hasErrors) return exitCodes.unreadable;
  const least = order.indexOf(failLevel);
  return findings.some(({ severity }) => order.indexOf(severity) >= least) ? exitCodes.no : exitCodes.yes;
}
