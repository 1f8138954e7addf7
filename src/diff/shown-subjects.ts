import type { DescribedSet, SetPart } from '../analysis/described-set.ts';
import { describeSubjects } from './describe-change.ts';
import type { Requests, SubjectTerm } from './policy-difference.ts';

/** Subjects as a reviewer first wants them. */
export interface ShownSubjects {
  readonly text: string;
  /**
   * Whether a part is a subject by name, and it counts which groups a request adds to it: that is left out, as requests
   * seldom do.
   */
  readonly isShortened: boolean;
}

/** Those of a change; what groups a request would have to add, or must not, is marked by a star. */
export function showSubjects(requests: Requests): ShownSubjects {
  const parts = requests.subjects.map(shorten);
  const isShortened = parts.some((part, i) => part !== requests.subjects[i]);
  const subjects = distinct(parts);
  const text = describeSubjects({ ...requests, subjects });
  return { text: isShortened ? `${text} *` : text, isShortened };
}

/** What the star means, for the end of a report. */
export const shortenedNote =
  '* as far as the request adds no groups that tell otherwise; --format json has it to the letter';

/** `user:a except group:g`: a subject by name is in the groups that are declared; only a request can add others. */
function shorten(part: SetPart<SubjectTerm>): SetPart<SubjectTerm> {
  const { all, except } = part;
  if (all.length !== 1 || all[0]!.kind !== 'subject' || except.length === 0) return part;
  const isAboutGroups = except.every((each) => each.all.every(({ kind }) => kind === 'group'));
  return isAboutGroups ? { all, except: [] } : part;
}

function distinct(parts: DescribedSet<SubjectTerm>): DescribedSet<SubjectTerm> {
  return [...new Map(parts.map((part) => [JSON.stringify(part), part])).values()];
}
