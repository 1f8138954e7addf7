import { escapeUnprintable } from '../../diagnostics/visible-text.ts';
import type { Malformation, NearMiss, RuleAccount, Suggestion, UnknownName, Why } from '../answer.ts';
import { rowsOfDifference } from './phrase-miss.ts';
import { phrasePlace, phraseRule, type Row, rowsOfRule } from './phrase-rule.ts';
import { linesOfSuggestion } from './phrase-suggestion.ts';

/** What stands beneath the line of the decision: sections for people who have never seen the policies. */
export function renderWhy(why: Why): string {
  const sections = [
    ...malformedSection(why),
    ...decisionSections(why),
    ...unknownSection(why),
    ...missSection(why),
    ...suggestionSection(why),
  ];
  return sections.map((lines) => `\n${lines.map(escapeUnprintable).join('\n')}\n`).join('');
}

type Section = readonly string[];

function malformedSection({ malformed, request }: Why): readonly Section[] {
  if (malformed === undefined) return [];
  return [
    [
      'a malformed request is denied before any rule is looked at',
      ...linesOfMalformation(malformed, malformed.part === undefined ? undefined : request[malformed.part]),
    ],
  ];
}

function linesOfMalformation(
  { part, offset, instead, text }: Malformation,
  value: unknown,
): readonly string[] {
  if (part === undefined || typeof value !== 'string') return [`  ${text}`];
  const shown = escapeUnprintable(value);
  const column = offset === undefined ? undefined : escapeUnprintable(value.slice(0, offset)).length;
  return [
    `  ${part}  ${shown}`,
    ...(column === undefined ? [] : [`  ${' '.repeat(part.length + 2 + column)}^ here`]),
    ...(instead === undefined ? [] : [`  perhaps ${instead} is meant`]),
  ];
}

// -------------------------------------------------------------- why it was decided so

function decisionSections(why: Why): readonly Section[] {
  const { decision, rules, superuser } = why;
  const [first, others] = [
    rules.filter(({ standing }) => standing === 'decides'),
    rules.filter(({ standing, effect }) => standing === 'agrees' && effect === decision.decision),
  ];
  const verb = decision.decision === 'allow' ? 'allowed by' : 'denied by';
  return [
    ...section(verb, first.flatMap(linesOfRule)),
    ...(superuser === undefined
      ? []
      : section(
          `allowed because the subject is a superuser of ${superuser.namespace}: it is allowed ${superuser.allowed} on ${superuser.id} by`,
          linesOfRule(superuser.account),
        )),
    ...section(
      decision.decision === 'allow' ? 'allowed also by' : 'denied also by',
      others.flatMap(linesOfRule),
    ),
    ...section('', linesOfReason(why)),
    ...section('', linesOfRulesets(why)),
    ...section(
      'allowed, were it not for that, by',
      rules.filter(({ standing }) => standing === 'overridden').flatMap(linesOfRule),
    ),
    ...section(
      'applies too, but an earlier rule of its ruleset decides',
      rules.filter(({ standing }) => standing === 'later').flatMap(linesOfLater),
    ),
  ];
}

function section(head: string, lines: readonly string[]): readonly Section[] {
  if (lines.length === 0) return [];
  return [head === '' ? lines : [head, ...lines]];
}

function linesOfRule(account: RuleAccount): readonly string[] {
  return [`  ${phraseRule(account.rule)}`, `    ${account.text}`, ...linesOfRows(rowsOfRule(account))];
}

function linesOfLater({ rule, text }: RuleAccount): readonly string[] {
  return [`  ${phraseRule(rule)}`, `    ${text}`];
}

function linesOfRows(rows: readonly Row[]): readonly string[] {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, text], i) => {
    const isRepeated = i > 0 && rows[i - 1]![0] === label;
    return `    ${(isRepeated ? '' : label).padEnd(width)}  ${text}`;
  });
}

/** What there is to say where no rule decides. */
function linesOfReason({ decision, enforcement, rules, mode }: Why): readonly string[] {
  const lines: string[] = [];
  if (decision.reason === 'default')
    lines.push(
      rules.length === 0
        ? 'no rule applies, and what no rule allows is denied'
        : 'no rule that counts here applies, and what no rule allows is denied',
    );
  if (enforcement === undefined) return lines;
  const modes = enforcement.modes
    .map((each) => (each.authenticatedOnly ? `${each.mode} (for who has logged in)` : each.mode))
    .join(', ');
  const place = `${enforcement.template} (${phrasePlace(enforcement.place)})`;
  const others = enforcement.byMode.filter((each) => each.decision !== decision.decision);
  if (decision.reason !== 'not-enforced' && others.length === 0) return lines;
  lines.push(
    `the template ${place} is enforced in ${modes}${mode === undefined ? '' : `; the mode is ${mode}`}`,
  );
  if (others.length > 0) {
    const names = others.map((each) => (each.mode === undefined ? 'without a mode' : `in mode ${each.mode}`));
    lines.push(
      `${names.join(', ')} the same request is ${decision.decision === 'allow' ? 'denied' : 'allowed'}`,
    );
  }
  return lines;
}

function linesOfRulesets({ rulesets, decision }: Why): readonly string[] {
  return rulesets.flatMap(({ name, says, by, applying, combining }) => {
    if (name === undefined) return [];
    const kind = combining === 'first-applicable' ? 'the first rule that applies decides' : 'a deny wins';
    const outcome =
      by === 'default'
        ? `none of its rules applies; by default it ${says === 'nothing' ? 'says nothing' : says === 'deny' ? 'denies' : 'allows'}`
        : phraseApplying(applying, combining);
    const isDeciding = name === decision.ruleset;
    return [`ruleset ${name}${isDeciding ? ' decides' : ` says ${says}`}: ${kind}; ${outcome}`];
  });
}

function phraseApplying(applying: readonly number[], combining: string): string {
  const [first, ...later] = applying;
  if (combining !== 'first-applicable') return `its ${ruleList(applying)}`;
  if (later.length === 0) return `that is its rule ${first}`;
  return `that is its rule ${first}; ${ruleList(later)} would apply, but ${later.length === 1 ? 'comes' : 'come'} later`;
}

function ruleList(numbers: readonly number[]): string {
  return numbers.length === 1
    ? `rule ${numbers[0]}`
    : `rules ${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`;
}

// -------------------------------------------------------------- what nearly allowed it

function unknownSection({ unknownNames }: Why): readonly Section[] {
  return section('', unknownNames.map(phraseUnknown));
}

function phraseUnknown({ part, name, after, nearest, instead }: UnknownName): string {
  const meant = nearest === undefined ? '' : `; perhaps ${instead ?? nearest} is meant`;
  if (part === 'resource')
    return after === '' || after === undefined
      ? `no policy knows an id that begins with ${name}${meant}`
      : `no policy knows ${name} after ${after}${meant}`;
  if (part === 'group') return `no policy declares the group ${name}${meant}`;
  return `no policy names the ${part} ${name}${meant}`;
}

function missSection({ nearMisses, moreNearMisses, request }: Why): readonly Section[] {
  const lines = nearMisses.flatMap(({ rule, text, ruleset, differences }: NearMiss) => [
    `  ${phraseRule(rule)}${ruleset === undefined ? '' : `, in ruleset ${ruleset}`}`,
    `    ${text}`,
    ...linesOfRows(differences.flatMap((each) => rowsOfDifference(each, request))),
  ]);
  const more = moreNearMisses === 0 ? [] : [`  and ${moreNearMisses} more: --limit shows them`];
  return section('nearly allowed by', [...lines, ...more]);
}

function suggestionSection({ suggestions, moreSuggestions, unknownNames }: Why): readonly Section[] {
  const lines = suggestions.flatMap(linesOfNumbered);
  const more = moreSuggestions === 0 ? [] : [`  and ${moreSuggestions} more: --limit shows them`];
  const doubtful = unknownNames.flatMap(({ name, nearest }) => (nearest === undefined ? [] : [name]));
  const doubt =
    doubtful.length === 0
      ? ''
      : `, if ${doubtful.join(' and ')} ${doubtful.length === 1 ? 'is' : 'are'} what is meant`;
  return section(`what would have it allowed${doubt}, the least else opened first`, [...lines, ...more]);
}

function linesOfNumbered(suggestion: Suggestion, index: number): readonly string[] {
  return linesOfSuggestion(suggestion).map(
    (line, i) => `  ${i === 0 ? `${index + 1}`.padEnd(3) : '   '} ${line}`,
  );
}
