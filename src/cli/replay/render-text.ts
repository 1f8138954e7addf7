import { escapeText, quote } from '../../files/quote.ts';
import type { Answer, Direction } from '../../replay/flip.ts';
import type { Common, FlipGroup } from '../../replay/flip-groups.ts';
import type { LineFault } from '../../replay/replayer.ts';
import type { Tally } from '../../replay/tally.ts';
import { renderRule } from '../render-decision.ts';
import type { Paint } from '../terminal.ts';
import type { ReplayReport } from './report.ts';

const titles: Readonly<Record<Direction, string>> = {
  'allow-to-deny': 'allow -> deny',
  'deny-to-allow': 'deny -> allow',
};

/** The summary, then the counts of each direction, the largest first. */
export function renderReport(report: ReplayReport, paint: Paint): string {
  return (
    renderSummary(report, paint) +
    report.directions.map((one) => renderDirection(one, report, paint)).join('')
  );
}

export function renderSummary({ revision, tally }: ReplayReport, paint: Paint): string {
  const rows = [
    ['lines', renderCount(tally.lines)],
    ['replayed', `${renderCount(tally.replayed)} against revision ${revision}`],
    ...(tally.firstMs === undefined ? [] : [['recorded', renderSpan(tally.firstMs, tally.lastMs)]]),
    ...revisionsOf(tally).map((text, i) => [i === 0 ? 'decided by' : '', text]),
    ...(tally.sampled === 0 ? [] : [['sampled', `${countOf(tally.sampled, 'line')} of a sample`]]),
    ...notReplayed(tally).map((text, i) => [i === 0 ? 'left out' : '', text]),
    ...(Object.keys(titles) as Direction[]).map((direction) => {
      const { lines, estimated } = tally.flips[direction];
      return [titles[direction], paint(lines === 0 ? 'dim' : 'bold', renderWeighed(lines, estimated))];
    }),
  ];
  return rows.map(([name, text]) => `${name!.padEnd(15)}${text}\n`).join('');
}

export function renderFault({ place, message }: LineFault): string {
  return `postern: ${escapeText(place.file)}:${place.line}: ${escapeText(message)}`;
}

/** `1 line`, `2,000 lines`. */
export function countOf(count: number, noun: string): string {
  return `${renderCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

// ---------------------------------------------------------------- the summary

const shownRevisions = 5;

function revisionsOf({ revisions, linesOfOtherRevisions }: Tally): string[] {
  const ranked = [...revisions].sort(([, a], [, b]) => b - a);
  const rest = ranked.slice(shownRevisions);
  const restLines = rest.reduce((sum, [, lines]) => sum + lines, linesOfOtherRevisions);
  const shown = ranked
    .slice(0, shownRevisions)
    .map(([revision, lines]) => `revision ${shorten(revision)}: ${countOf(lines, 'line')}`);
  return restLines === 0 ? shown : [...shown, `other revisions: ${countOf(restLines, 'line')}`];
}

/** The service writes 32 digits; a log of others may hold anything. */
function shorten(revision: string): string {
  return escapeText(revision.length > 64 ? `${revision.slice(0, 64)}…` : revision);
}

function notReplayed({ obstacles, faults }: Tally): string[] {
  const { masked, unwritable, 'unknown-mode': unknownMode } = obstacles;
  const rows: readonly (readonly [number, string])[] = [
    [masked, 'the answer may hang on a masked value'],
    [unwritable, 'logged without its request'],
    [unknownMode, 'decided in a mode that the policies do not know'],
    [faults, 'not understood'],
  ];
  return rows.filter(([count]) => count > 0).map(([count, why]) => `${countOf(count, 'line')}: ${why}`);
}

// ---------------------------------------------------------------- flips

function renderDirection(direction: Direction, { groups, limit }: ReplayReport, paint: Paint): string {
  const ranked = groups.ranked(direction);
  if (ranked.length === 0) return '';
  const shown = ranked.slice(0, limit);
  const left = ranked.slice(limit);
  const beyond = groups.ungrouped[direction];
  const style = direction === 'allow-to-deny' ? 'red' : 'green';
  return [
    `\n${paint(style, titles[direction])}\n`,
    ...shown.map((group) => renderGroup(group, paint)),
    left.length === 0 ? '' : `  … and ${renderCount(left.length)} more (--limit), with ${countLines(left)}\n`,
    beyond === 0 ? '' : `  … and ${countOf(beyond, 'line')} more, in too many groups to tell apart (--by)\n`,
  ].join('');
}

function countLines(groups: readonly FlipGroup[]): string {
  return countOf(
    groups.reduce((sum, { count }) => sum + count, 0),
    'line',
  );
}

function renderGroup(group: FlipGroup, paint: Paint): string {
  const { common, count, estimated, firstMs, lastMs, example } = group;
  const head = [`${renderWeighed(count, estimated)}x`, ...renderAsked(common)].join('  ');
  const place = `${escapeText(example.file)}:${example.line}`;
  const span = firstMs === undefined ? '' : `${renderSpan(firstMs, lastMs)}, `;
  return [
    `  ${paint('bold', head)}\n`,
    common.before === undefined ? '' : `      was  ${renderAnswer(common.before)}\n`,
    common.after === undefined ? '' : `      now  ${renderAnswer(common.after)}\n`,
    `      ${paint('dim', `${span}see ${place}`)}\n`,
  ].join('');
}

function renderAsked(common: Common): string[] {
  const parts: string[] = [];
  if ('subject' in common) parts.push(renderValue(common.subject, 'no subject'));
  if ('action' in common) parts.push(renderValue(common.action, 'no action'));
  if ('method' in common) parts.push(renderValue(common.method, 'no method'));
  if ('resource' in common) parts.push(renderValue(common.resource, 'every resource'));
  if ('path' in common) parts.push(renderValue(common.path, 'no path'));
  return parts.length === 0 ? [] : [parts.join(' ')];
}

/** Ids stand as they are; a malformed value is shown as it stands in JSON, cut where nobody would read on. */
function renderValue(value: unknown, absent: string): string {
  if (value === undefined) return `(${absent})`;
  if (typeof value === 'string' && /^\S{1,4096}$/.test(value)) return escapeText(value);
  return quote(JSON.stringify(value));
}

/** The words of `check`, as far as the answer has them: a log may hold the decision alone. */
function renderAnswer({ reason, rule, ruleset, detail }: Answer): string {
  const words = [escapeText(reason ?? 'not recorded')];
  if (rule !== undefined) words.push(renderRule(rule));
  if (ruleset !== undefined) words.push(`in ruleset ${escapeText(ruleset)}`);
  return words.join(' ') + (detail === undefined ? '' : `: ${quote(detail).slice(1, -1)}`);
}

/** `120`, or `120 (about 12,000)` where lines stand for more decisions than themselves. */
function renderWeighed(lines: number, estimated: number): string {
  const about = Math.round(estimated);
  return about === lines ? renderCount(lines) : `${renderCount(lines)} (about ${renderCount(about)})`;
}

function renderSpan(firstMs: number, lastMs: number | undefined): string {
  const [first, last] = [firstMs, lastMs ?? firstMs].map((ms) => new Date(ms).toISOString());
  return first === last ? first! : `${first} to ${last}`;
}

function renderCount(count: number): string {
  return count.toLocaleString('en');
}
