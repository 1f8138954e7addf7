import type { Severity } from '../../diagnostics/diagnostic.ts';
import type { LintReport } from '../lint.ts';
import type { Finding } from '../rule.ts';

/** Makes text of a report. */
export type RenderReport = (report: LintReport, options: ReportOptions) => string;

export interface ReportOptions {
  /** Of the linter itself. */
  readonly version: string;
  /** ANSI colours; formats for machines have none. */
  readonly color: boolean;
  /** What a file is called outside of the policy set: systems that show findings beside the code count from the repository's root. */
  readonly pathOf: (file: string) => string;
}

export const severities: readonly Severity[] = ['error', 'warning', 'info'];

export function countBySeverity(findings: readonly Finding[]): Readonly<Record<Severity, number>> {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}

/** `2 errors, 1 warning`; the empty text if there is nothing to count. */
export function describeCounts(findings: readonly Finding[]): string {
  const counts = countBySeverity(findings);
  return [
    counts.error > 0 ? countOf(counts.error, 'error') : '',
    counts.warning > 0 ? countOf(counts.warning, 'warning') : '',
    counts.info > 0 ? `${renderNumber(counts.info)} info` : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}

export function countOf(count: number, noun: string): string {
  return `${renderNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `2,000`. */
export function renderNumber(number: number): string {
  return number.toLocaleString('en');
}

/** The page of a rule, as the published package of this version has it. */
export function helpUriOf(rule: string, version: string): string {
  return `https://unpkg.com/postern@${version}/docs/rules/${rule}.md`;
}
