import type { DescribedSet, SetPart } from '../analysis/described-set.ts';
import { matchesSubject, type Subjects } from '../analysis/subjects.ts';
import type { ResourceTerm, SubjectTerm } from '../diff/policy-difference.ts';

type Part = SetPart<SubjectTerm>;
/** Whether somebody is meant: `maybe` where that is for the request to say, which may add groups. */
type Meant = 'yes' | 'no' | 'maybe';

/** The groups on both sides of a comparison. */
export interface Sides {
  readonly before: Subjects;
  readonly after: Subjects;
}

/** The same set in fewer words, where it speaks of subjects by name: what is known of them anyway goes. */
export function simplifySubjects(set: DescribedSet<SubjectTerm>, sides: Sides): DescribedSet<SubjectTerm> {
  const parts = set.map(withoutDoubleNegation).flatMap((part): readonly Part[] => {
    const subject = namedIn(part);
    return subject === undefined ? [part] : simplifyFor(part, subject, sides);
  });
  return [...new Map(parts.map((part) => [JSON.stringify(part), part])).values()];
}

/** Whether nobody of the set asks without a group that the request adds: told of subjects by name only. */
export function needsAddedGroups(set: DescribedSet<SubjectTerm>, sides: Sides): boolean {
  return (
    set.length > 0 &&
    set.every((part) => {
      const subject = namedIn(part);
      return (
        subject !== undefined && isMeant(part, (term) => memberOf(term, subject, sides) === 'yes') === false
      );
    })
  );
}

/**
 * `a except (anyone except b)` is `a and b`; so is `a except (a except b)`, and with `authenticated` within for any `a` but
 * `anyone`, who need not be (S9).
 */
export function withoutDoubleNegation<Term extends SubjectTerm | ResourceTerm>(
  part: SetPart<Term>,
): SetPart<Term> {
  const { all, except } = part;
  for (const excluded of except) {
    const [inner, ...others] = excluded.except;
    const isOfAll = excluded.all.every(
      (term) => isAround(term, all) || all.some((each) => isSame(each, term)),
    );
    if (!isOfAll || inner === undefined || others.length > 0 || inner.except.length > 0) continue;
    const added = inner.all.filter((term) => !all.some((each) => isSame(each, term)));
    return withoutDoubleNegation({
      all: [...all, ...added],
      except: except.filter((each) => each !== excluded),
    });
  }
  return part;
}

/** Whether everybody is meant of whom the others speak. */
function isAround(
  term: SubjectTerm | ResourceTerm,
  others: readonly (SubjectTerm | ResourceTerm)[],
): boolean {
  if (!('kind' in term)) return false;
  if (term.kind === 'authenticated') return others.some((each) => 'kind' in each && each.kind !== 'anyone');
  return term.kind === 'anyone';
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function namedIn({ all }: Part): string | undefined {
  for (const term of all) if (term.kind === 'subject') return term.id;
  return undefined;
}

function simplifyFor({ all, except }: Part, subject: string, sides: Sides): readonly Part[] {
  const terms = all.filter((term) => term.kind !== 'subject' || term.id !== subject);
  const known = terms.map((term) => memberOf(term, subject, sides));
  const exceptions = except.map((part) => ({ part, isMeant: meantBy(part, subject, sides) }));
  if (known.includes('no') || exceptions.some((each) => each.isMeant === 'yes')) return [];
  return [
    {
      all: [{ kind: 'subject', id: subject }, ...terms.filter((_, i) => known[i] === 'maybe')],
      except: exceptions.flatMap((each) => (each.isMeant === 'maybe' ? [each.part] : [])),
    },
  ];
}

function meantBy({ all, except }: Part, subject: string, sides: Sides): Meant {
  const terms = all.map((term) => memberOf(term, subject, sides));
  const exceptions = except.map((part) => meantBy(part, subject, sides));
  if (terms.includes('no') || exceptions.includes('yes')) return 'no';
  return terms.includes('maybe') || exceptions.includes('maybe') ? 'maybe' : 'yes';
}

function isMeant({ all, except }: Part, holds: (term: SubjectTerm) => boolean): boolean {
  return all.every(holds) && !except.some((part) => isMeant(part, holds));
}

function memberOf(term: SubjectTerm, subject: string, { before, after }: Sides): Meant {
  switch (term.kind) {
    case 'subject':
      return term.id === subject ? 'yes' : 'no';
    case 'pattern':
      return matchesSubject(term, subject) ? 'yes' : 'no';
    case 'group': {
      const side = term.side === 'before' ? before : after;
      if (side.groupsOf({ subject, groups: [] }).has(term.name)) return 'yes';
      return side.has(term.name) ? 'maybe' : 'no';
    }
    default:
      return 'yes';
  }
}
