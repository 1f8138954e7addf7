import { Locator } from '../../diagnostics/locate.ts';
import type { LintReport } from '../lint.ts';
import type { Finding } from '../rule.ts';
import { describeProof } from './proof.ts';
import type { RenderReport } from './report-context.ts';
import { escapeXml } from './xml.ts';

/** JUnit XML: a suite for each file, a failure for each finding, and one passing case for a file without any. */
export const renderJunit: RenderReport = (report, { pathOf }) => {
  const locator = new Locator(report.textOf);
  const suites = [...groupByFile(report)].map(([file, findings]) =>
    renderSuite(pathOf(file), findings, locator),
  );
  const count = report.findings.length;
  const tests = [...groupByFile(report).values()].reduce((sum, { length }) => sum + Math.max(length, 1), 0);
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="postern lint" tests="${tests}" failures="${count}" errors="0">
${suites.join('')}</testsuites>
`;
};

/** Findings in files that are not linted, such as one that could not be read, come last. */
function groupByFile({ files, findings }: LintReport): Map<string, Finding[]> {
  const groups = new Map<string, Finding[]>(files.map((file) => [file, []]));
  for (const finding of findings) {
    const group = groups.get(finding.file);
    if (group === undefined) groups.set(finding.file, [finding]);
    else group.push(finding);
  }
  return groups;
}

function renderSuite(path: string, findings: readonly Finding[], locator: Locator): string {
  const name = escapeXml(path);
  const cases =
    findings.length === 0
      ? [`    <testcase classname="${name}" name="no findings"/>\n`]
      : findings.map((finding) => renderCase(path, finding, locator));
  return `  <testsuite name="${name}" tests="${cases.length}" failures="${findings.length}" errors="0">
${cases.join('')}  </testsuite>
`;
}

function renderCase(path: string, finding: Finding, locator: Locator): string {
  const { rule, code, severity, message, help, proof, file, span } = finding;
  const { line, column } = locator.place(file, span.start);
  const lines = [
    `${path}:${line}:${column}`,
    ...(proof === undefined ? [] : describeProof(proof, locator).map((text) => `proof: ${text}`)),
    ...(help === undefined ? [] : [`help: ${help}`]),
  ];
  const name = escapeXml(`${code === undefined ? rule : `${code} ${rule}`} at ${line}:${column}`);
  return `    <testcase classname="${escapeXml(path)}" name="${name}">
      <failure type="${severity}" message="${escapeXml(message)}">${escapeXml(lines.join('\n'))}</failure>
    </testcase>
`;
}
