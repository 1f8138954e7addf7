import type { DescribedSet, SetPart } from './described-set.ts';

/**
 * The part with `a and c` where it says `a except (b except c)` of an `a` that is within `b`.
 *
 * @param heldBy  what is in all of some terms
 */
export function simplifyPart<Term>(
  part: SetPart<Term>,
  heldBy: (all: readonly Term[]) => ReadonlySet<number>,
): DescribedSet<Term> {
  if (part.except.every(({ except }) => except.length === 0)) return [part];
  const except = part.except.flatMap((each) => simplifyPart(each, heldBy));
  const held = heldBy(part.all);
  const around = except.find((each) => each.except.length > 0 && held.isSubsetOf(heldBy(each.all)));
  if (around === undefined) return [{ all: part.all, except }];
  const others = except.filter((each) => each !== around);
  return around.except.flatMap((inner) =>
    simplifyPart(
      { all: [...new Set([...part.all, ...inner.all])], except: [...others, ...inner.except] },
      heldBy,
    ),
  );
}
