import { escapeUnprintable } from '../diagnostics/visible-text.ts';
import { checkCommand } from './check-command.ts';
import { describeActions, describeModes, describeRules } from './describe-change.ts';
import type { AccessChange, PolicyDifference, Requests, UndecidedPart } from './policy-difference.ts';
import { conditionLines, describeResources, renderCounts } from './render-text.ts';
import { shortenedNote, showSubjects } from './shown-subjects.ts';

/** A difference as Markdown, for the comment of a pull request: a table of what is gained, and one of what is lost. */
export function renderDifferenceMarkdown(difference: PolicyDifference): string {
  const { kind, gained, lost, undecided } = difference;
  if (kind === 'equal') return '**No difference:** every request is decided alike.\n';
  const isShortened = [...gained, ...lost, ...undecided].some((each) => showSubjects(each).isShortened);
  return [
    `**Access changes:** ${renderCounts(difference)}.`,
    ...changesTable('Gained', gained, difference.modes),
    ...changesTable('Lost', lost, difference.modes),
    ...undecidedTable(undecided),
    ...(isShortened ? ['', shortenedNote.replace('*', '\\*')] : []),
    '',
  ].join('\n');
}

function changesTable(
  title: string,
  changes: readonly AccessChange[],
  compared: readonly string[],
): readonly string[] {
  if (changes.length === 0) return [];
  return [
    '',
    `### ${title}`,
    '',
    '| who | what | on | when | for example | by |',
    '| --- | --- | --- | --- | --- | --- |',
    ...changes.map((change) => {
      const { condition, modes, witness, rules } = change;
      const limits = [
        ...(condition === undefined ? [] : conditionLines(condition)),
        ...(modes === undefined ? [] : [describeModes(modes, compared)]),
      ];
      return row([
        ...requestCells(change),
        limits.map(code).join('<br>'),
        code(checkCommand(witness, [])),
        describeRules(rules).map(code).join('<br>'),
      ]);
    }),
  ];
}

function undecidedTable(parts: readonly UndecidedPart[]): readonly string[] {
  if (parts.length === 0) return [];
  return [
    '',
    '### Undecided',
    '',
    '| who | what | on | why |',
    '| --- | --- | --- | --- |',
    ...parts.map((part) => row([...requestCells(part), code(part.reason)])),
  ];
}

/** Changed routes: nothing is named. */
function isAboutHttp({ actions, isAnyOtherAction }: Requests): boolean {
  return actions.length === 0 && !isAnyOtherAction;
}

function requestCells(requests: Requests): readonly string[] {
  return [
    code(showSubjects(requests).text),
    isAboutHttp(requests) ? 'HTTP requests' : code(describeActions(requests)),
    describeResources(requests).map(code).join('<br>'),
  ];
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/**
 * A code span that nothing in the text can end, nor break the table. What does not print is written as `\u{…}`: names of files
 * may hold anything. Not every reader takes the bar of `\\|` for one that is escaped: there, all punctuation is entities.
 */
function code(text: string): string {
  const shown = escapeUnprintable(text);
  if (shown.includes('\\|'))
    return `<code>${shown.replace(/[^A-Za-z0-9 ]/gu, (sign) => `&#${sign.codePointAt(0)};`)}</code>`;
  const plain = shown.replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 || /^\s|\s$/.test(plain) ? ' ' : '';
  return `${fence}${pad}${plain}${pad}${fence}`;
}
