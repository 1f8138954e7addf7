import type { Severity } from '../../diagnostics/diagnostic.ts';
import { Locator } from '../../diagnostics/locate.ts';
import { fingerprintOf, linesOfFindings } from '../finding-lines.ts';
import type { RenderReport } from './report-context.ts';

const severityNames: Readonly<Record<Severity, string>> = { error: 'major', warning: 'minor', info: 'info' };

/** A Code Quality report of GitLab: an array, whose fingerprints keep a finding the same from commit to commit. */
export const renderGitlab: RenderReport = ({ findings, textOf }, { pathOf }) => {
  const locator = new Locator(textOf);
  const lines = linesOfFindings(findings, textOf);
  const issues = findings.map((finding, i) => {
    const { file, span, rule, code, severity, message } = finding;
    return {
      description: code === undefined ? message : `${code}: ${message}`,
      check_name: rule,
      fingerprint: fingerprintOf(finding, lines[i]!),
      severity: severityNames[severity],
      location: {
        path: pathOf(file),
        lines: { begin: locator.place(file, span.start).line, end: locator.place(file, span.end).line },
      },
    };
  });
  return `${JSON.stringify(issues, null, 2)}\n`;
};
