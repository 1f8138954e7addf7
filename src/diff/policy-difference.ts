import type { DifferenceWitness } from '../analysis/compare-models.ts';
import type { DescribedSet } from '../analysis/described-set.ts';
import type { Truth } from '../analysis/evaluate-expression.ts';
import type { RuleReference } from '../decision/decision.ts';
import type { PatternElement, SubjectPattern } from '../model/model.ts';

/** What two policy sets decide otherwise, by default and in every mode that both know. */
export interface PolicyDifference {
  /** `unknown`: no difference is known, but something is undecided. With `different` too something may be. */
  readonly kind: 'equal' | 'different' | 'unknown';
  /** Allowed after, not before. */
  readonly gained: readonly AccessChange[];
  readonly lost: readonly AccessChange[];
  readonly undecided: readonly UndecidedPart[];
  /** Modes that were compared, beside deciding without one given. */
  readonly modes: readonly string[];
}

/** Everybody of `subjects` for every action on every resource, under the condition, in the modes. */
export interface AccessChange extends Requests {
  /** Absent: always. */
  readonly condition?: ChangeCondition;
  /** `default`: a decision without a mode given. Absent: in that and every other. */
  readonly modes?: readonly Mode[];
  /** One of the requests. */
  readonly witness: DifferenceWitness;
  /** Changed rules of either side that speak of these requests, in source order. */
  readonly rules: readonly RuleReference[];
}

/** Where nothing is claimed. */
export interface UndecidedPart extends Requests {
  readonly reason: string;
}

export interface Requests {
  readonly subjects: DescribedSet<SubjectTerm>;
  readonly actions: readonly string[];
  /** Whether all actions that nothing names are in it too. */
  readonly isAnyOtherAction: boolean;
  readonly resources: DescribedSet<ResourceTerm>;
  /** Whether requests that name no resource are in it too (S8). */
  readonly isWithoutResource: boolean;
}

export type Mode = { readonly name: string } | 'default';

/** `side`: a group as it was or as it is, where it has other members. */
export type SubjectTerm = SubjectPattern & { readonly side?: 'before' | 'after' };

export interface ResourceTerm {
  readonly text: string;
  readonly elements: readonly PatternElement[];
}

/** Any of these; each is all of some guards being in a state. */
export type ChangeCondition = readonly (readonly GuardState[])[];

export interface GuardState {
  /** A condition as policy text, or the patterns whose shared variables have to agree. */
  readonly kind: 'condition' | 'variables';
  readonly text: string;
  /** What it comes to: one or two of these. */
  readonly truths: readonly Truth[];
  /** Whose groups are meant, where the condition asks for one that has other members. */
  readonly side?: 'before' | 'after';
}
