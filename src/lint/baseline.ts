import { linesOfFindings } from './finding-lines.ts';
import type { LintReport } from './lint.ts';
import type { Finding } from './rule.ts';

/** Findings that were there when a policy set took up the linter: only what is beyond them counts. */
export interface Baseline {
  readonly version: 1;
  readonly findings: readonly BaselineEntry[];
}

export interface BaselineEntry {
  readonly rule: string;
  /** Relative to the folder of the baseline. */
  readonly file: string;
  /** The line that findings begin on, its blanks made one each. */
  readonly line: string;
  readonly count: number;
}

export interface ComparedWithBaseline {
  readonly report: LintReport;
  /** Findings that are in the baseline and so left out. */
  readonly known: number;
  /** Findings of the baseline that are no longer there. */
  readonly gone: number;
}

/** Numbered errors are never part of a baseline. */
export function buildBaseline(report: LintReport, nameOf: (file: string) => string): Baseline {
  const entries = new Map<string, BaselineEntry>();
  for (const [i, { text }] of linesOfFindings(report.findings, report.textOf).entries()) {
    const finding = report.findings[i]!;
    if (finding.code !== undefined) continue;
    const key = keyOf(finding.rule, nameOf(finding.file), text);
    const count = (entries.get(key)?.count ?? 0) + 1;
    entries.set(key, { rule: finding.rule, file: nameOf(finding.file), line: text, count });
  }
  return { version: 1, findings: [...entries.values()] };
}

/** A report without what the baseline has; of equal findings on equal lines, the first ones are taken for the known ones. */
export function subtractBaseline(
  report: LintReport,
  baseline: Baseline,
  nameOf: (file: string) => string,
): ComparedWithBaseline {
  const left = new Map(
    baseline.findings.map(({ rule, file, line, count }) => [keyOf(rule, file, line), count]),
  );
  const lines = linesOfFindings(report.findings, report.textOf);
  const isNew = (finding: Finding, i: number): boolean => {
    if (finding.code !== undefined) return true;
    const key = keyOf(finding.rule, nameOf(finding.file), lines[i]!.text);
    const count = left.get(key) ?? 0;
    if (count > 0) left.set(key, count - 1);
    return count === 0;
  };
  const findings = report.findings.filter(isNew);
  return {
    report: { ...report, findings },
    known: report.findings.length - findings.length,
    gone: [...left.values()].reduce((sum, count) => sum + count, 0),
  };
}

function keyOf(rule: string, file: string, line: string): string {
  return JSON.stringify([rule, file, line]);
}
