import type { Truth } from '../analysis/evaluate-expression.ts';
import type { RuleReference } from '../decision/decision.ts';
import { printAction, printSubject } from '../printing/print-rule.ts';
import { printSet } from '../printing/print-set.ts';
import type { GuardState, Mode, Requests, SubjectTerm } from './policy-difference.ts';

/** `group:ops as it was, user:kim`. */
export function describeSubjects({ subjects }: Requests): string {
  return printSet(subjects, printTerm).join(', ');
}

function printTerm(term: SubjectTerm): string {
  return `${printSubject(term)}${sideWords(term.side)}`;
}

function sideWords(side: 'before' | 'after' | undefined): string {
  if (side === undefined) return '';
  return side === 'before' ? ' as it was' : ' as it is';
}

/** `read, update and every action that no rule names`. */
export function describeActions({ actions, isAnyOtherAction }: Requests): string {
  const named = actions.map(printAction).join(', ');
  if (!isAnyOtherAction) return named;
  return named === '' ? 'every action that nothing names' : `${named} and every action that nothing names`;
}

const truthWords: Readonly<Record<Truth, string>> = {
  true: 'holds',
  false: 'does not hold',
  error: 'cannot be evaluated',
};

/** What a guard comes to, without its text: `holds`, `does not hold or cannot be evaluated`. */
export function describeTruths({ truths, side }: GuardState): string {
  const words = truths.map((truth) => truthWords[truth]).join(' or ');
  return side === undefined ? words : `${words}, with its groups${sideWords(side)}`;
}

/** `where no mode is given or in mode strict`, or `except in mode disabled` if that is shorter. @param all  that were compared */
export function describeModes(modes: readonly Mode[], all: readonly string[]): string {
  const names = modes.flatMap((mode) => (mode === 'default' ? [] : [mode.name]));
  const others = all.filter((name) => !names.includes(name));
  if (modes.includes('default') && others.length > 0 && others.length < names.length + 1)
    return `except in mode ${others.join(' or ')}`;
  const words = names.length === 0 ? [] : [`in mode ${names.join(' or ')}`];
  return [...(modes.includes('default') ? ['where no mode is given'] : []), ...words].join(' or ');
}

/** `policy.acl:17 (id) by role tenant at roles.acl:4, 7`; the id is left out where it is the place itself. One text for each file and role. */
export function describeRules(rules: readonly RuleReference[]): readonly string[] {
  const alike = Map.groupBy(rules, ({ id, file, line, role }) => {
    const name = id === `${file}:${line}` ? '' : id;
    // Rules of one file by their lines, permissions of one grant by those of the role.
    return JSON.stringify(role === undefined ? [name, file] : [name, file, line, role.name, role.file]);
  });
  return [...alike.values()].map((group) => {
    const [{ id, file, line, role }] = group as [RuleReference];
    const name = id === `${file}:${line}` ? '' : ` (${id})`;
    if (role === undefined) return `${file}:${linesOf(group.map((each) => each.line))}${name}`;
    const lines = linesOf(group.map((each) => each.role!.line));
    return `${file}:${line}${name} by role ${role.name} at ${role.file}:${lines}`;
  });
}

function linesOf(lines: readonly number[]): string {
  return [...new Set(lines)].sort((a, b) => a - b).join(', ');
}
