import { printSet } from '../printing/print-set.ts';
import { checkCommand } from './check-command.ts';
import { describeActions, describeModes, describeRules, describeTruths } from './describe-change.ts';
import type {
  AccessChange,
  ChangeCondition,
  GuardState,
  PolicyDifference,
  Requests,
  UndecidedPart,
} from './policy-difference.ts';
import { shortenedNote, showSubjects } from './shown-subjects.ts';

export interface RenderTextOptions {
  /** Makes foreign text harmless for where it is shown. */
  readonly plain: (text: string) => string;
  readonly paint: (color: 'green' | 'red' | 'yellow' | 'dim', text: string) => string;
  /** Words behind `-p` for the examples: the policies as they are now. */
  readonly policies: readonly string[];
}

/** A difference as a reviewer reads it: by subject what is gained and lost, each with an example and the rules behind it. */
export function renderDifferenceText(
  { kind, gained, lost, undecided, modes }: PolicyDifference,
  options: RenderTextOptions,
): string {
  const { paint } = options;
  if (kind === 'equal') return 'no difference: every request is decided alike\n';
  const all = [...gained, ...lost, ...undecided];
  const notes = all.some((each) => showSubjects(each).isShortened)
    ? [`${paint('dim', shortenedNote)}\n`]
    : [];
  const sections = [
    ...sectionsOf(
      gained,
      paint('green', '+ gained'),
      (change) => changeLines(change, { ...options, modes }),
      options,
    ),
    ...sectionsOf(
      lost,
      paint('red', '- lost'),
      (change) => changeLines(change, { ...options, modes }),
      options,
    ),
    ...sectionsOf(
      undecided,
      paint('yellow', '? undecided'),
      (part) => undecidedLines(part, options),
      options,
    ),
  ];
  return `${[...sections, ...notes].join('\n')}\n${renderCounts({ gained, lost, undecided })}\n`;
}

/** `2 gained, 1 lost`. */
export function renderCounts({
  gained,
  lost,
  undecided,
}: Pick<PolicyDifference, 'gained' | 'lost' | 'undecided'>): string {
  const counts = [`${gained.length} gained`, `${lost.length} lost`];
  return [...counts, ...(undecided.length > 0 ? [`${undecided.length} undecided`] : [])].join(', ');
}

function sectionsOf<Item extends Requests>(
  items: readonly Item[],
  sign: string,
  linesOf: (item: Item) => readonly string[],
  { plain }: RenderTextOptions,
): readonly string[] {
  const bySubject = Map.groupBy(items, (item) => showSubjects(item).text);
  return [...bySubject].map(([subjects, changes]) => {
    const lines = changes.flatMap(linesOf);
    return `${sign} by ${plain(subjects)}\n${lines.map((line) => `    ${line}\n`).join('')}`;
  });
}

interface ChangeOptions extends RenderTextOptions {
  /** Modes that were compared. */
  readonly modes: readonly string[];
}

function changeLines(change: AccessChange, options: ChangeOptions): readonly string[] {
  const { plain, paint, policies } = options;
  const { condition, modes, witness, rules } = change;
  return [
    ...requestLines(change, options),
    ...(condition === undefined ? [] : conditionLines(condition).map((line) => `  ${plain(line)}`)),
    ...(modes === undefined ? [] : [`  ${plain(describeModes(modes, options.modes))}`]),
    `  ${paint('dim', plain(checkCommand(witness, policies)))}`,
    ...describeRules(rules).map((rule) => `  by ${plain(rule)}`),
  ];
}

function undecidedLines(part: UndecidedPart, options: RenderTextOptions): readonly string[] {
  return [...requestLines(part, options), `  ${options.plain(part.reason)}`];
}

/** What is asked for, and on what: one line for each part of the resources. */
function requestLines(requests: Requests, { plain }: RenderTextOptions): readonly string[] {
  const actions = plain(describeActions(requests));
  const resources = describeResources(requests);
  if (resources.length === 0) return ['HTTP requests'];
  if (resources.length === 1) return [`${actions} on ${plain(resources[0]!)}`];
  return [`${actions} on`, ...resources.map((each) => `    ${plain(each)}`)];
}

/** One text for each part. */
export function describeResources({ resources, isWithoutResource }: Requests): readonly string[] {
  const texts = printSet(resources, ({ text }) => text);
  return isWithoutResource ? [...texts, 'requests without a resource'] : texts;
}

/** `when context.mfa == true`, one line for each alternative. */
export function conditionLines(condition: ChangeCondition): readonly string[] {
  return condition.map((states, i) => {
    const words = states.map(describeState).join(', and ');
    return i === 0 ? words : `or ${words}`;
  });
}

function describeState(state: GuardState): string {
  const { kind, text, truths } = state;
  if (kind === 'variables') {
    const verb = truths.includes('true') ? 'agree' : 'do not agree';
    return `where the variables of ${text} ${verb}`;
  }
  if (truths.length === 1 && truths[0] === 'true' && state.side === undefined) return `when ${text}`;
  return `where \`${text}\` ${describeTruths(state)}`;
}
