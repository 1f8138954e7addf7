import type { Severity } from '../../diagnostics/diagnostic.ts';
import { Locator } from '../../diagnostics/locate.ts';
import { escapeUnprintable } from '../../diagnostics/visible-text.ts';
import type { Finding } from '../rule.ts';
import { describeProof } from './proof.ts';
import type { RenderReport } from './report-context.ts';

const commands: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' };

/** Workflow commands of GitHub Actions: each finding becomes an annotation of its line. */
export const renderGithub: RenderReport = ({ findings, textOf }, { pathOf }) => {
  const locator = new Locator(textOf);
  return findings.map((finding) => `${renderCommand(finding, pathOf(finding.file), locator)}\n`).join('');
};

function renderCommand(finding: Finding, path: string, locator: Locator): string {
  const { rule, code, severity, file, span, message, help, proof } = finding;
  const start = locator.place(file, span.start);
  const end = locator.place(file, span.end);
  const properties = [
    `file=${escapeProperty(path)}`,
    `line=${start.line}`,
    `endLine=${end.line}`,
    // Columns are ignored, or refused, where a finding has several lines.
    ...(start.line === end.line ? [`col=${start.column}`, `endColumn=${end.column}`] : []),
    `title=${escapeProperty(code === undefined ? rule : `${code} ${rule}`)}`,
  ];
  const lines = [
    message,
    ...(proof === undefined ? [] : describeProof(proof, locator).map((text) => `proof: ${text}`)),
    ...(help === undefined ? [] : [`help: ${help}`]),
  ];
  return `::${commands[severity]} ${properties.join(',')}::${lines.map(escapeData).join('%0A')}`;
}

/** One line of the message: what could end a command early, or begin another, is escaped. */
function escapeData(text: string): string {
  return escapeUnprintable(text).replaceAll('%', '%25');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
