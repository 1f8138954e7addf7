import { describeActions, describeSubjects, describeTruths } from '../../diff/describe-change.ts';
import type { GuardState, Requests } from '../../diff/policy-difference.ts';
import { printId } from '../../printing/print-rule.ts';
import { printSet } from '../../printing/print-set.ts';
import type { Edit, Suggestion } from '../answer.ts';
import type { Opened, OpenedPart } from '../opened-access.ts';
import { phrasePlace, phraseRule } from './phrase-rule.ts';

/** Sets of what else is opened that are told; the others are counted. */
const MAX_PARTS = 6;

/** One way to have the request allowed: what to do, then what else it would allow. */
export function linesOfSuggestion({ edits, opens }: Suggestion): readonly string[] {
  const isSent = edits.every(({ kind }) => kind === 'send');
  return [...edits.flatMap((edit) => linesOfEdit(edit, isSent)), ...(isSent ? [] : linesOfOpened(opens))];
}

function linesOfEdit(edit: Edit, isSentOnly: boolean): readonly string[] {
  switch (edit.kind) {
    case 'add-rule': {
      const where = edit.ruleset === undefined ? '' : ` in ruleset ${edit.ruleset}`;
      const before = edit.before === undefined ? '' : `, before ${phraseRule(edit.before)}`;
      return [`write${where}${before}`, `  ${edit.text}`];
    }
    case 'add-member':
      // An image does not say where a group stands.
      return [
        `add ${edit.member} to group ${edit.group}${edit.place.file === '' ? '' : ` (${phrasePlace(edit.place)})`}`,
      ];
    case 'change-rule':
      return [`change ${phraseRule(edit.rule)} to`, `  ${edit.text}`];
    case 'remove-rule':
      return [`delete ${phraseRule(edit.rule)}`, `  ${edit.old}`];
    case 'send':
      return [
        isSentOnly ? 'change no policy: it is allowed if the request has' : 'and have the request carry',
        ...edit.values.map(({ path, value, isRemoved }) =>
          isRemoved ? `  no ${path}` : `  ${path} = ${JSON.stringify(value)}`,
        ),
      ];
  }
}

function linesOfOpened({ parts, undecided, unknown }: Opened): readonly string[] {
  if (unknown !== undefined) return [`opens more than can be listed: ${unknown}`];
  if (parts.length + undecided.length === 0) return ['opens nothing else'];
  const own = parts.filter(({ needsAddedGroups }) => !needsAddedGroups);
  const withGroups = parts.length - own.length;
  const lines = [...new Set(own.map(phrasePart))];
  const shown = lines.slice(0, MAX_PARTS);
  const rest = lines.length - shown.length;
  return [
    own.length > 0
      ? 'also opens'
      : undecided.length > 0
        ? 'may also open, which cannot be told'
        : 'opens nothing else by itself',
    ...shown.map((line) => `  ${line}`),
    ...(rest === 0 ? [] : [`  and ${rest} more ${rest === 1 ? 'set' : 'sets'} of requests`]),
    ...(withGroups === 0 ? [] : ['  and more to requests that add groups by themselves: see --format json']),
    ...undecided.map(
      (part) => `  ${own.length > 0 ? 'perhaps ' : ''}${phraseRequests(part)}: ${part.reason}`,
    ),
  ];
}

function phrasePart(part: OpenedPart): string {
  const { condition = [], hasRequest } = part;
  const when = condition.map((states) => states.map(phraseState).join(' and ')).join(', or ');
  return `${phraseRequests(part)}${when === '' ? '' : ` where ${when}`}${hasRequest ? ' (this request among them)' : ''}`;
}

function phraseRequests(part: Requests): string {
  const resources = [
    ...printSet(part.resources, ({ text }) => text),
    ...(part.isWithoutResource ? ['every resource at once'] : []),
  ];
  return `${phraseSubjects(part)} to ${describeActions(part)} on ${resources.join(', ')}`;
}

/** Somebody by name is meant as they are: what requests add to their groups is left aside here. */
function phraseSubjects(part: Requests): string {
  const named = part.subjects.map(({ all }) => all.find(({ kind }) => kind === 'subject'));
  const names = named.flatMap((term) => (term?.kind === 'subject' ? [printId(term.id)] : []));
  return names.length === named.length && names.length > 0
    ? [...new Set(names)].join(', ')
    : describeSubjects(part);
}

function phraseState(state: GuardState): string {
  if (state.kind === 'condition') return `${state.text} ${describeTruths(state)}`;
  return `the variables of ${state.text} ${state.truths.includes('true') ? 'agree' : 'do not agree'}`;
}
