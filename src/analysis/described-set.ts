import { simplifyPart } from './simplify-set.ts';

/** A set as people say it: a union of parts. Empty: nothing is in it. */
export type DescribedSet<Term> = readonly SetPart<Term>[];

/** What is in all of `all`, which is never empty, and in no part of `except`. */
export interface SetPart<Term> {
  readonly all: readonly Term[];
  readonly except: DescribedSet<Term>;
}

/** Something that can be said, and what it means. */
export interface SayableTerm<Term> {
  readonly term: Term;
  readonly atoms: ReadonlySet<number>;
  /**
   * Whether it holds things that are none of the atoms: then it is said only beside a term that does not, or as an
   * exception, where it cannot say too much.
   */
  readonly isOpen?: boolean;
}

/**
 * Says which of some atoms are meant, by terms: exactly, and as shortly as a greedy search finds. An atom is all that the same
 * terms hold, so every set of atoms can be said, if each of its atoms is in a term that is not open.
 *
 * Terms are preferred in their order where they serve alike. Cost: about the sizes of the terms that touch the target.
 */
export function describeSet<Term>(
  target: ReadonlySet<number>,
  terms: readonly SayableTerm<Term>[],
): DescribedSet<Term> {
  return describerOf(terms)(target);
}

/** The same for several sets of the same terms. */
export function describerOf<Term>(
  terms: readonly SayableTerm<Term>[],
): (target: ReadonlySet<number>) => DescribedSet<Term> {
  const describer = new Describer(terms);
  const heldBy = (all: readonly Term[]): ReadonlySet<number> => describer.heldBy(all);
  return (target) => describer.describe(target, undefined, 0).flatMap((part) => simplifyPart(part, heldBy));
}

/** Exceptions of exceptions are still understood; deeper than this a set is said atom by atom. */
const MAX_DEPTH = 3;
/** So many terms that hold too much are tried in each place. */
const MAX_TRIED = 8;
/** More terms that hold nothing else than this are taken by their size alone, without looking for what is shortest. */
const MAX_WEIGHED = 300;
/** With more terms around, none is tried beside another. */
const MAX_PARTNERS = 40;

interface FoundPart<Term> {
  readonly part: SetPart<Term>;
  readonly atoms: ReadonlySet<number>;
}

interface Candidate<Term> {
  readonly all: readonly Term[];
  readonly inside: ReadonlySet<number>;
  /** Terms said, exceptions included. */
  size: number;
  except: DescribedSet<Term> | undefined;
}

class Describer<Term> {
  readonly #terms: readonly SayableTerm<Term>[];
  readonly #termsOfAtom = new Map<number, number[]>();
  readonly #atomsOfTerm: ReadonlyMap<Term, ReadonlySet<number>>;

  constructor(terms: readonly SayableTerm<Term>[]) {
    this.#terms = terms;
    this.#atomsOfTerm = new Map(terms.map(({ term, atoms }) => [term, atoms]));
    for (const [i, { atoms }] of terms.entries()) {
      for (const atom of atoms) {
        const known = this.#termsOfAtom.get(atom);
        if (known === undefined) this.#termsOfAtom.set(atom, [i]);
        else known.push(i);
      }
    }
  }

  /** The atoms that are in all of some terms. */
  heldBy(all: readonly Term[]): ReadonlySet<number> {
    return all.map((term) => this.#atomsOfTerm.get(term)!).reduce((held, more) => held.intersection(more));
  }

  /** @param within  what else is left aside, as it is excluded by what stands around; undefined at the outside */
  describe(
    target: ReadonlySet<number>,
    within: ReadonlySet<number> | undefined,
    depth: number,
  ): DescribedSet<Term> {
    const { pure, others } = this.#touching(target, within);
    const isMany = pure.length > MAX_WEIGHED;
    const parts = isMany ? largestOf(pure) : [];
    const remaining = new Set(target);
    for (const { atoms } of parts) for (const atom of atoms) remaining.delete(atom);
    const candidates = isMany ? [] : pure;
    if (remaining.size > 0) candidates.push(...this.#cutDown(others, pure, target, within, depth));
    while (remaining.size > 0) {
      const best = bestOf(candidates, remaining);
      const found =
        best === undefined
          ? this.#partOfAtom(remaining.values().next().value!, target, within)
          : {
              part: { all: best.all, except: best.except! },
              atoms: best.inside.intersection(target),
            };
      parts.push(found);
      for (const atom of found.atoms) remaining.delete(atom);
    }
    return withoutNeedless(parts).map(({ part }) => part);
  }

  /** Terms that hold something of the target: nothing else, or other things too. */
  #touching(
    target: ReadonlySet<number>,
    within: ReadonlySet<number> | undefined,
  ): { readonly pure: Candidate<Term>[]; readonly others: Candidate<Term>[] } {
    const touching = new Set<number>();
    for (const atom of target) for (const i of this.#termsOfAtom.get(atom) ?? []) touching.add(i);
    const pure: Candidate<Term>[] = [];
    const others: Candidate<Term>[] = [];
    for (const i of [...touching].sort((a, b) => a - b)) {
      const term = this.#terms[i]!;
      if (within === undefined && term.isOpen === true) continue;
      const inside = within === undefined ? term.atoms : term.atoms.intersection(within);
      if (inside.isSubsetOf(target)) pure.push({ all: [term.term], inside, size: 1, except: [] });
      else others.push({ all: [term.term], inside, size: 1, except: undefined });
    }
    return { pure, others };
  }

  /** What becomes of terms that hold too much, beside one another or with what has to be taken from them. */
  #cutDown(
    others: readonly Candidate<Term>[],
    pure: readonly Candidate<Term>[],
    target: ReadonlySet<number>,
    within: ReadonlySet<number> | undefined,
    depth: number,
  ): readonly Candidate<Term>[] {
    if (depth >= MAX_DEPTH || others.length === 0) return [];
    const tried = this.#worthTrying(others, pure, target).flatMap((candidate) => {
      const { inside } = candidate;
      // What is all there is around says nothing, and would be asked the same again.
      if (within !== undefined && inside.size === within.size) return [];
      candidate.except = this.describe(inside.difference(target), inside, depth + 1);
      candidate.size = 1 + sizeOf(candidate.except);
      return [candidate];
    });
    return [...this.#pairs(tried, target, within), ...tried];
  }

  /** Terms that hold too much by themselves and not together: `a/** and **\/b`. */
  #pairs(
    tried: readonly Candidate<Term>[],
    target: ReadonlySet<number>,
    within: ReadonlySet<number> | undefined,
  ): readonly Candidate<Term>[] {
    const partners = new Map<number, SayableTerm<Term>>();
    for (const { inside } of tried) {
      for (const atom of inside) {
        if (!target.has(atom)) continue;
        for (const i of this.#termsOfAtom.get(atom)!) partners.set(i, this.#terms[i]!);
        if (partners.size > MAX_PARTNERS) return [];
      }
    }
    return tried.flatMap(({ all: [first], inside }) =>
      [...partners.values()].flatMap(({ term, atoms }): readonly Candidate<Term>[] => {
        const both = inside.intersection(within === undefined ? atoms : atoms.intersection(within));
        const isPair = term !== first && both.size < inside.size && both.isSubsetOf(target);
        return isPair ? [{ all: [first!, term], inside: both, size: 2, except: [] }] : [];
      }),
    );
  }

  /** Of terms that hold too much, those that hold most of what no other says. */
  #worthTrying(
    others: readonly Candidate<Term>[],
    pure: readonly Candidate<Term>[],
    target: ReadonlySet<number>,
  ): Candidate<Term>[] {
    const said = new Set<number>();
    for (const { inside } of pure) for (const atom of inside) said.add(atom);
    const unsaid = target.difference(said);
    const gain = new Map(
      others.map((each) => {
        const held = each.inside.intersection(target);
        return [each, held.intersection(unsaid).size * 1000 + held.size / each.inside.size] as const;
      }),
    );
    return others.toSorted((a, b) => gain.get(b)! - gain.get(a)!).slice(0, MAX_TRIED);
  }

  /** The atom by all that it is in and is not in, as far as that is needed to stay within the target. */
  #partOfAtom(
    atom: number,
    target: ReadonlySet<number>,
    within: ReadonlySet<number> | undefined,
  ): FoundPart<Term> {
    const all = this.#termsOfAtom.get(atom)!.map((i) => this.#terms[i]!);
    const meant = (terms: readonly SayableTerm<Term>[]): ReadonlySet<number> =>
      terms.reduce<ReadonlySet<number>>(
        (atoms, term) => atoms.intersection(term.atoms),
        within === undefined ? terms[0]!.atoms : within,
      );
    const excess = (terms: readonly SayableTerm<Term>[]): ReadonlySet<number> =>
      meant(terms).difference(target);
    let needed = all.toSorted((a, b) => Number(a.isOpen ?? false) - Number(b.isOpen ?? false));
    const least = excess(needed).size;
    for (const term of needed.toReversed()) {
      const fewer = needed.filter((each) => each !== term);
      const isSafe = within !== undefined || fewer.some(({ isOpen }) => isOpen !== true);
      if (fewer.length > 0 && isSafe && excess(fewer).size === least) needed = fewer;
    }
    const held = meant(needed);
    const except: SayableTerm<Term>[] = [];
    let rest = held.difference(target);
    while (rest.size > 0) {
      const [first] = rest;
      const other = this.#termsOfAtom
        .get(first!)!
        .map((i) => this.#terms[i]!)
        .filter((term) => !term.atoms.has(atom))
        .sort((a, b) => b.atoms.intersection(rest).size - a.atoms.intersection(rest).size)[0]!;
      except.push(other);
      rest = rest.difference(other.atoms);
    }
    const excluded = new Set(except.flatMap(({ atoms }) => [...atoms]));
    return {
      part: {
        all: needed.map(({ term }) => term),
        except: except.map(({ term }) => ({ all: [term], except: [] })),
      },
      atoms: held.difference(excluded),
    };
  }
}

/** The largest terms first, as far as they say something new. */
function largestOf<Term>(candidates: readonly Candidate<Term>[]): FoundPart<Term>[] {
  const said = new Set<number>();
  return candidates
    .toSorted((a, b) => b.inside.size - a.inside.size)
    .flatMap(({ all, inside }) => {
      const before = said.size;
      for (const atom of inside) said.add(atom);
      return said.size === before ? [] : [{ part: { all, except: [] }, atoms: inside }];
    });
}

/** What says most for each term that it takes; the first of equals. */
function bestOf<Term>(
  candidates: readonly Candidate<Term>[],
  remaining: ReadonlySet<number>,
): Candidate<Term> | undefined {
  let best: Candidate<Term> | undefined;
  let bestScore = 0;
  for (const candidate of candidates) {
    if (candidate.inside.size <= bestScore) continue;
    const score = candidate.inside.intersection(remaining).size / candidate.size;
    if (score > bestScore) [best, bestScore] = [candidate, score];
  }
  return best;
}

function sizeOf<Term>(set: DescribedSet<Term>): number {
  let size = 0;
  for (const { all, except } of set) size += all.length + sizeOf(except);
  return size;
}

/** Without the parts that the others say too, the smallest looked at first. */
function withoutNeedless<Part extends { readonly atoms: ReadonlySet<number> }>(
  parts: readonly Part[],
): readonly Part[] {
  const counts = new Map<number, number>();
  for (const { atoms } of parts) for (const atom of atoms) counts.set(atom, (counts.get(atom) ?? 0) + 1);
  const kept = new Set(parts);
  for (const part of parts.toSorted((a, b) => a.atoms.size - b.atoms.size)) {
    if (![...part.atoms].every((atom) => counts.get(atom)! > 1)) continue;
    kept.delete(part);
    for (const atom of part.atoms) counts.set(atom, counts.get(atom)! - 1);
  }
  return [...kept];
}
