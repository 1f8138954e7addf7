import { type DescribedSet, describeSet, type SayableTerm, type SetPart } from '../analysis/described-set.ts';

/** With more terms than this about, the plain ones are taken first, without looking for what is shortest. */
const MAX_WEIGHED = 300;

/** A set as `describeSet` finds it, and then `a and c` where it says `a except (b except c)` of an `a` that is within `b`. */
export function saySet<Term>(
  target: ReadonlySet<number>,
  terms: readonly SayableTerm<Term>[],
): DescribedSet<Term> {
  const atoms = new Map(terms.map((each) => [each.term, each.atoms]));
  const heldBy = (all: readonly Term[]): ReadonlySet<number> =>
    all.map((term) => atoms.get(term)!).reduce((held, more) => held.intersection(more));
  const touching = terms.filter((term) => !term.atoms.isDisjointFrom(target));
  const plain = touching.length > MAX_WEIGHED ? plainCover(target, touching) : [];
  const rest = new Set(target);
  for (const { atoms: said } of plain) for (const atom of said) rest.delete(atom);
  const parts = plain.map(({ term }): SetPart<Term> => ({ all: [term], except: [] }));
  return [
    ...parts,
    ...describeSet(rest, rest.size === 0 ? [] : terms).flatMap((part) => simplified(part, heldBy)),
  ];
}

/** Terms that hold nothing else, the largest first, as far as they say something new. */
function plainCover<Term>(
  target: ReadonlySet<number>,
  terms: readonly SayableTerm<Term>[],
): readonly SayableTerm<Term>[] {
  const said = new Set<number>();
  const whole = terms.filter(({ atoms, isOpen }) => isOpen !== true && atoms.isSubsetOf(target));
  return whole
    .toSorted((a, b) => b.atoms.size - a.atoms.size)
    .filter(({ atoms }) => {
      const before = said.size;
      for (const atom of atoms) said.add(atom);
      return said.size > before;
    });
}

function simplified<Term>(
  part: SetPart<Term>,
  heldBy: (all: readonly Term[]) => ReadonlySet<number>,
): DescribedSet<Term> {
  const except = part.except.flatMap((each) => simplified(each, heldBy));
  const held = heldBy(part.all);
  const around = except.find((each) => each.except.length > 0 && held.isSubsetOf(heldBy(each.all)));
  if (around === undefined) return [{ all: part.all, except }];
  const others = except.filter((each) => each !== around);
  return around.except.flatMap((inner) =>
    simplified(
      { all: [...new Set([...part.all, ...inner.all])], except: [...others, ...inner.except] },
      heldBy,
    ),
  );
}
