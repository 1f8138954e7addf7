import type { DescribedSet, SetPart } from '../analysis/described-set.ts';
import { printSubject } from '../printing/print-rule.ts';
import type { AccessChange, PolicyDifference, Requests, SubjectTerm } from './policy-difference.ts';

/** A difference as one JSON object on one line. Sets are unions of `{"all": [texts], "except": [sets]}`. */
export function renderDifferenceJson({ kind, gained, lost, undecided }: PolicyDifference): string {
  return `${JSON.stringify({
    difference: kind,
    gained: gained.map(changeJson),
    lost: lost.map(changeJson),
    undecided: undecided.map((part) => ({ ...requestsJson(part), reason: part.reason })),
  })}\n`;
}

function changeJson(change: AccessChange): object {
  const { condition, modes, witness, rules } = change;
  return {
    ...requestsJson(change),
    ...(condition === undefined ? {} : { when: condition }),
    ...(modes === undefined ? {} : { modes: modes.map((mode) => (mode === 'default' ? null : mode.name)) }),
    witness,
    rules,
  };
}

function requestsJson(requests: Requests): object {
  const { actions, isAnyOtherAction, resources, isWithoutResource, subjects } = requests;
  return {
    subjects: setJson(subjects, subjectText),
    actions,
    ...(isAnyOtherAction ? { anyOtherAction: true } : {}),
    resources: setJson(resources, ({ text }) => text),
    ...(isWithoutResource ? { withoutResource: true } : {}),
  };
}

function subjectText(term: SubjectTerm): string {
  const side = term.side === undefined ? '' : ` (${term.side})`;
  return `${printSubject(term)}${side}`;
}

function setJson<Term>(set: DescribedSet<Term>, print: (term: Term) => string): readonly object[] {
  return set.map(({ all, except }: SetPart<Term>) => ({
    all: all.map(print),
    ...(except.length === 0 ? {} : { except: setJson(except, print) }),
  }));
}
