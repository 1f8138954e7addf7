import type { DescribedSet } from '../analysis/described-set.ts';
import type { ResourceTerm, SubjectTerm } from '../diff/policy-difference.ts';
import type { Edit, Suggestion } from './answer.ts';
import type { Opened, OpenedPart } from './opened-access.ts';

/**
 * What opens least else comes first: for each part that is opened, about how many subjects, actions and resources it names,
 * a wildcard counting as many. Then fewer edits, then the kinds of edits in the order of `kindOrder`, then their text.
 */
export function rankSuggestions(suggestions: readonly Suggestion[]): readonly Suggestion[] {
  return suggestions
    .map((suggestion) => ({ suggestion, key: keyOf(suggestion) }))
    .sort((a, b) => compareKeys(a.key, b.key))
    .map(({ suggestion }) => suggestion);
}

type Key = readonly (number | string)[];

function keyOf({ edits, opens }: Suggestion): Key {
  return [
    breadthOf(opens),
    edits.length,
    ...edits.map(({ kind }) => kindOrder.indexOf(kind)),
    JSON.stringify(edits),
  ];
}

/** What changes least of what is written, first. */
const kindOrder: readonly Edit['kind'][] = ['send', 'add-rule', 'add-member', 'change-rule', 'remove-rule'];

function compareKeys(a: Key, b: Key): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i]! < b[i]!) return -1;
    if (a[i]! > b[i]!) return 1;
  }
  return a.length - b.length;
}

const MANY = 1000;
const SOME = 50;

function breadthOf({ parts, undecided, unknown }: Opened): number {
  if (unknown !== undefined) return Infinity;
  const known = parts.reduce((sum, part) => sum + breadthOfPart(part), 0);
  return undecided.length > 0 ? known + MANY * MANY * MANY : known;
}

function breadthOfPart({
  subjects,
  actions,
  isAnyOtherAction,
  resources,
  isWithoutResource,
}: OpenedPart): number {
  const who = sumOf(subjects, breadthOfSubject);
  const what = actions.length + (isAnyOtherAction ? SOME : 0);
  const onWhat = sumOf(resources, breadthOfResource) + (isWithoutResource ? MANY : 0);
  return who * what * onWhat;
}

function sumOf<Term>(set: DescribedSet<Term>, breadthOfTerm: (term: Term) => number): number {
  return set.reduce((sum, { all }) => sum + Math.min(...all.map(breadthOfTerm)), 0);
}

function breadthOfSubject({ kind }: SubjectTerm): number {
  if (kind === 'subject') return 1;
  return kind === 'group' || kind === 'pattern' ? SOME : MANY;
}

function breadthOfResource({ elements }: ResourceTerm): number {
  return elements.reduce((product, { kind }) => {
    if (kind === 'many') return product * MANY;
    return kind === 'one' || kind === 'glob' ? product * SOME : product;
  }, 1);
}
