import { Locator } from '../../diagnostics/locate.ts';
import { escapeUnprintable } from '../../diagnostics/visible-text.ts';
import type { RenderReport } from './report-context.ts';

/** `file:line:column: severity: message [rule]`: a line each, as editors and `grep` take them. */
export const renderCompact: RenderReport = ({ findings, textOf }, { pathOf }) => {
  const locator = new Locator(textOf);
  const lines = findings.map(({ file, span, severity, message, rule, code }) => {
    const { line, column } = locator.place(file, span.start);
    const name = code === undefined ? rule : `${code} ${rule}`;
    return `${escapeUnprintable(`${pathOf(file)}:${line}:${column}: ${severity}: ${message} [${name}]`)}\n`;
  });
  return lines.join('');
};
