import type { AskerOfKind } from '../analysis/askers.ts';
import { type DescribedSet, describeSet, type SayableTerm, type SetPart } from '../analysis/described-set.ts';
import type { PolicySide } from '../analysis/policy-side.ts';
import { keyOfSubject } from '../analysis/rule-items.ts';
import type { SubjectPattern } from '../model/model.ts';
import { printElements } from '../printing/print-pattern.ts';
import type { SubjectTerm } from './policy-difference.ts';

/** Everybody named is listed up to here; a group says it for more. */
const MAX_LISTED = 20;

/** One way to say who: any of some terms. */
type Union = readonly SubjectTerm[];

/** Says which kinds of askers are meant, by the subjects that tell them apart. */
export class AskerDescriber {
  readonly #askers: readonly AskerOfKind[];
  readonly #terms: readonly SayableTerm<Union>[];

  /** @param askers  one of every kind that `patterns` and the groups of conditions tell apart */
  constructor(
    askers: readonly AskerOfKind[],
    patterns: readonly SubjectPattern[],
    groups: readonly string[],
    sides: readonly PolicySide[],
  ) {
    this.#askers = askers;
    const all = [
      ...patterns,
      ...groups.map((name): SubjectPattern => ({ kind: 'group', name })),
      { kind: 'anyone' } as const,
      { kind: 'authenticated' } as const,
    ];
    const distinct = [...new Map(all.map((each) => [keyOfSubject(each), each])).values()];
    const memberships = sides.map((side) => askers.map((asker) => side.subjects.groupsOf(asker)));
    const atomsOn = (pattern: SubjectPattern, side: number): ReadonlySet<number> =>
      new Set(
        [...askers.keys()].filter((i) =>
          sides[side]!.subjects.matches(pattern, askers[i]!, memberships[side]![i]!),
        ),
      );
    const byPattern = distinct.flatMap((pattern): SayableTerm<Union>[] => {
      const [before, after] = [atomsOn(pattern, 0), atomsOn(pattern, 1)];
      const term = withoutVariables(pattern);
      if (before.symmetricDifference(after).size === 0) return [{ term: [term], atoms: after }];
      return [
        { term: [{ ...term, side: 'after' }], atoms: after },
        { term: [{ ...term, side: 'before' }], atoms: before },
      ];
    });
    this.#terms = [...byPattern, ...this.#kindTerms(), ...this.#groupTerms(sides)];
  }

  describe(which: ReadonlySet<number>): DescribedSet<SubjectTerm> {
    return describeSet(which, this.#terms).flatMap(withoutUnions);
  }

  /** Kinds of a few that policies name, and nobody else is of. */
  #kindTerms(): SayableTerm<Union>[] {
    const atoms = new Map<readonly string[], Set<number>>();
    for (const [i, { named, isOpen }] of this.#askers.entries()) {
      if (isOpen || named.length > MAX_LISTED) continue;
      const known = atoms.get(named);
      if (known === undefined) atoms.set(named, new Set([i]));
      else known.add(i);
    }
    return [...atoms].map(([named, each]) => ({
      term: named.map((id) => ({ kind: 'subject', id })),
      atoms: each,
    }));
  }

  /** Groups that requests add and that no pattern names. */
  #groupTerms(sides: readonly PolicySide[]): SayableTerm<Union>[] {
    const names = new Set(this.#askers.flatMap(({ groups }) => groups));
    return [...names].flatMap((name) =>
      sides.flatMap((side, i): SayableTerm<Union>[] => {
        const atoms = [...this.#askers.keys()].filter((at) =>
          side.subjects.groupsOf(this.#askers[at]!).has(name),
        );
        const place = i === 0 ? 'before' : 'after';
        return [{ term: [{ kind: 'group', name, side: place }], atoms: new Set(atoms) }];
      }),
    );
  }
}

/** A shared variable is free: what it is bound to stands among the conditions. */
function withoutVariables(pattern: SubjectPattern): SubjectTerm {
  if (pattern.kind !== 'pattern') return pattern;
  if (!pattern.elements.some(({ kind }) => kind === 'variable')) return pattern;
  const elements = pattern.elements.map((element) =>
    element.kind === 'variable'
      ? ({ kind: element.isMany ? 'many' : 'one', separator: element.separator } as const)
      : element,
  );
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
