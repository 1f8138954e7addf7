import { isSubject } from '../id/scan.ts';
import type { PathPattern } from '../model/model.ts';
import { elementsOfId } from '../model/template-variants.ts';
import type { Effort } from './effort.ts';
import { explore, type IdClass } from './explore.ts';
import { PatternTrie } from './pattern-trie.ts';
import { wellFormedSubjects } from './subjects.ts';
import { isResourceId } from './well-formed.ts';

/**
 * Subjects beside those that are named: one for every combination of patterns that match, and one that no pattern matches.
 *
 * @param named  ids that are subjects
 * @throws {TooComplexError}
 */
export function otherSubjects(
  shapes: readonly PathPattern[],
  named: ReadonlySet<string>,
  effort?: Effort,
): readonly string[] {
  return [
    ...subjectsTellingApart(shapes, [...named], effort),
    freshSubject((subject) => !named.has(subject)),
  ];
}

/** Subjects that are none of `named`, one for every combination of patterns that match. */
function subjectsTellingApart(
  shapes: readonly PathPattern[],
  named: readonly string[],
  effort?: Effort,
): string[] {
  const trie = new PatternTrie();
  for (const [owner, { elements }] of shapes.entries()) trie.add(elements, owner);
  for (const subject of shapes.length === 0 ? [] : named) {
    if (isResourceId(subject)) trie.add(elementsOfId(subject), shapes.length);
  }
  const found = new Map<string, string>();
  const visit = ({ inOthers, id }: IdClass): undefined => {
    const owners = inOthers[0]!;
    if (owners.includes(shapes.length)) return;
    const key = [...new Set(owners)].sort((a, b) => a - b).join();
    if (!found.has(key) && isSubject(id())) found.set(key, id());
  };
  explore(wellFormedSubjects(), [trie], visit, effort === undefined ? {} : { effort });
  return [...found.values()];
}

/** A subject that is well formed as no resource id, so that no pattern matches it (S26). */
function freshSubject(isFree: (subject: string) => boolean): string {
  for (let i = 1; ; i++) {
    const subject = `user:x//${i}`;
    if (isFree(subject)) return subject;
  }
}
