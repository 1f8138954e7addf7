import type { AskerKind, AskerKinds, Bundle } from '../analysis/asker-kinds.ts';
import { type DescribedSet, describeSet, type SayableTerm, type SetPart } from '../analysis/described-set.ts';
import type { ModelComparison } from '../analysis/model-comparison.ts';
import type { SubjectPattern } from '../model/model.ts';
import { freeVariables, isVariable } from '../model/pattern-elements.ts';
import { printElements } from '../printing/print-pattern.ts';
import type { SubjectTerm } from './policy-difference.ts';

/** Those who are in other groups than before are listed by name up to here; their groups say it for more. */
const MAX_LISTED = 20;

/** One way to say who: any of some terms. */
type Union = readonly SubjectTerm[];

export interface DescribedAskers {
  readonly subjects: DescribedSet<SubjectTerm>;
  readonly askers: ReadonlySet<number>;
}

/** Says which kinds of askers are meant, by the subjects that tell them apart. */
export class AskerDescriber {
  readonly #comparison: ModelComparison;
  readonly #askers: readonly AskerKind[];
  readonly #terms: readonly SayableTerm<Union>[];
  readonly #atomsOf: ReadonlyMap<Union, ReadonlySet<number>>;

  constructor(comparison: ModelComparison, { askers, bundles }: AskerKinds) {
    this.#comparison = comparison;
    this.#askers = askers;
    this.#terms = [...this.#movedTerms(), ...bundles.flatMap((bundle) => this.#bundleTerms(bundle))];
    this.#atomsOf = new Map(this.#terms.map(({ term, atoms }) => [term, atoms]));
  }

  /** Equal for askers that no term tells apart: the same happens to them. */
  profileOf(asker: number): string {
    return this.#terms.flatMap(({ atoms }, i) => (atoms.has(asker) ? [i] : [])).join();
  }

  /** Sets that may overlap and are together all that is meant, each with the kinds that are in it. */
  describe(which: ReadonlySet<number>): readonly DescribedAskers[] {
    return describeSet(which, this.#terms).map((part) => ({
      subjects: withoutUnions(part).map((each) => this.#withoutIdle(each)),
      askers: this.#heldBy(part),
    }));
  }

  #heldBy({ all, except }: SetPart<Union>): ReadonlySet<number> {
    let held: ReadonlySet<number> = new Set(this.#askers.keys());
    for (const term of all) held = held.intersection(this.#atomsOf.get(term)!);
    for (const part of except) held = held.difference(this.#heldBy(part));
    return held;
  }

  #movedTerms(): readonly SayableTerm<Union>[] {
    const atoms = Map.groupBy(this.#askers.keys(), (i) => this.#askers[i]!.moved);
    return [...atoms.values()].flatMap((each): readonly SayableTerm<Union>[] => {
      const { moved } = this.#askers[each[0]!]!;
      if (moved === undefined || moved.length > MAX_LISTED) return [];
      const term = moved.toSorted().map((id): SubjectTerm => ({ kind: 'subject', id }));
      return [{ term, atoms: new Set(each) }];
    });
  }

  /** Before and after, where that is not the same. */
  #bundleTerms(bundle: Bundle): readonly SayableTerm<Union>[] {
    const { sides, changes } = this.#comparison;
    const [before, after] = sides.map(({ subjects }) => {
      const isIn = (asker: AskerKind): boolean => {
        const groups = subjects.groupsOf(asker);
        return bundle.some((pattern) => subjects.matches(pattern, asker, groups));
      };
      return new Set([...this.#askers.keys()].filter((i) => isIn(this.#askers[i]!)));
    }) as [Set<number>, Set<number>];
    const term = bundle.map(withoutVariables);
    if (before.symmetricDifference(after).size === 0) return [{ term, atoms: after }];
    const onSide = (side: 'before' | 'after'): Union =>
      term.map((each) => (each.kind === 'group' && changes.groups.has(each.name) ? { ...each, side } : each));
    return [
      { term: onSide('after'), atoms: after },
      { term: onSide('before'), atoms: before },
    ];
  }

  /** Without exceptions of those who are not meant anyway. */
  #withoutIdle({ all, except }: SetPart<SubjectTerm>): SetPart<SubjectTerm> {
    const { subjects } = this.#comparison.sides[1];
    return {
      all,
      except: except
        .filter((part) => part.all.every((inner) => all.every((outer) => subjects.overlap(inner, outer))))
        .map((part) => this.#withoutIdle(part)),
    };
  }
}

/** A shared variable is free: what it is bound to stands among the conditions. */
function withoutVariables(pattern: SubjectPattern): SubjectTerm {
  if (pattern.kind !== 'pattern') return pattern;
  if (!pattern.elements.some(isVariable)) return pattern;
  const elements = freeVariables(pattern.elements);
  return { kind: 'pattern', text: printElements(elements), elements };
}

function withoutUnions({ all, except }: SetPart<Union>): readonly SetPart<SubjectTerm>[] {
  const exceptions = except.flatMap(withoutUnions);
  const choices = all.reduce<readonly (readonly SubjectTerm[])[]>(
    (found, union) => found.flatMap((terms) => union.map((term) => [...terms, term])),
    [[]],
  );
  return choices.map((terms) => ({ all: terms, except: exceptions }));
}
