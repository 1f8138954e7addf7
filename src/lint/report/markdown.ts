import { Locator } from '../../diagnostics/locate.ts';
import { escapeUnprintable } from '../../diagnostics/visible-text.ts';
import type { LintReport } from '../lint.ts';
import type { Finding } from '../rule.ts';
import {
  countBySeverity,
  countOf,
  describeCounts,
  helpUriOf,
  type RenderReport,
  renderNumber,
  severities,
} from './report-context.ts';

/** A job summary takes 1 MiB; nobody reads more findings than these in one. */
const maxListed = 50;

/** A summary in Markdown, for the page of a job or a comment: counts by rule, then the first findings. */
export const renderMarkdown: RenderReport = (report, { version, pathOf }) => {
  const { findings, files, suppressed, notRun } = report;
  const head = findings.length === 0 ? 'no findings' : describeCounts(findings);
  const suffix = suppressed.length === 0 ? '' : `, ${renderNumber(suppressed.length)} suppressed`;
  const lines = [`## postern lint: ${head}`, '', `${countOf(files.length, 'file')}${suffix}.`];
  if (notRun.length > 0)
    lines.push('', `With errors in the policy, ${countOf(notRun.length, 'rule')} did not run.`);
  if (findings.length > 0)
    lines.push('', ...renderCounts(report, version), '', ...renderList(report, pathOf));
  return `${lines.join('\n')}\n`;
};

function renderCounts({ findings }: LintReport, version: string): string[] {
  const byRule = Map.groupBy(findings, ({ rule }) => rule);
  const rows = [...byRule].map(([rule, ofRule]) => ({ rule, counts: countBySeverity(ofRule) }));
  rows.sort((a, b) => compareCounts(a.counts, b.counts) || (a.rule < b.rule ? -1 : 1));
  return [
    '| rule | errors | warnings | info |',
    '| --- | ---: | ---: | ---: |',
    ...rows.map(({ rule, counts }) => {
      const numbers = severities.map((severity) => renderNumber(counts[severity]));
      return `| [${rule}](${helpUriOf(rule, version)}) | ${numbers.join(' | ')} |`;
    }),
  ];
}

function compareCounts(a: ReturnType<typeof countBySeverity>, b: ReturnType<typeof countBySeverity>): number {
  for (const severity of severities) if (a[severity] !== b[severity]) return b[severity] - a[severity];
  return 0;
}

function renderList({ findings, textOf }: LintReport, pathOf: (file: string) => string): string[] {
  const locator = new Locator(textOf);
  const lines = findings.slice(0, maxListed).map((finding) => renderFinding(finding, pathOf, locator));
  if (findings.length > maxListed)
    lines.push(`- and ${countOf(findings.length - maxListed, 'finding')} more`);
  return lines;
}

function renderFinding(finding: Finding, pathOf: (file: string) => string, locator: Locator): string {
  const { file, span, severity, rule, message } = finding;
  const { line, column } = locator.place(file, span.start);
  const place = `${pathOf(file)}:${line}:${column}`.replaceAll('`', "'");
  return `- **${severity}** \`${escapeUnprintable(place)}\` ${escapeMarkdown(message)} (${rule})`;
}

/**
 * Backticks are left, because messages use them as Markdown does, and everything else that could begin markup is escaped. Where
 * a name that is quoted has backticks of its own, Markdown may see the code elsewhere than we do: then none of them is left.
 */
function escapeMarkdown(text: string): string {
  const visible = escapeUnprintable(text);
  const ticks = visible.match(/`+/g) ?? [];
  if (ticks.length % 2 === 1 || ticks.some((run) => run.length > 1)) return escapeAll(visible);
  return visible
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : escapeAll(part)))
    .join('');
}

function escapeAll(text: string): string {
  return text.replace(/[\\`*_[\]<>#|~&]/g, '\\$&');
}
