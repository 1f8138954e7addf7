import type { Rule } from '../../model/model.ts';
import type { AclEntity, AclEntry, Acls } from './acls.ts';
import { goesByValues, isDenial, matchesNothing } from './entity-meaning.ts';
import { type AclList, aclLists, type ListMatch } from './lists.ts';

/**
 * What one list decides, whether it was written as ACLs or as a policy: the first step that applies decides, and where none
 * does, `fallback`.
 */
export interface ListProgram {
  readonly list: AclList;
  readonly steps: readonly ListStep[];
  readonly fallback: 'allow' | 'deny';
}

export interface ListStep {
  readonly effect: 'allow' | 'deny';
  /** `any` is everybody, and a request without a subject. */
  readonly principals: Side;
  /** `any` is every value, and a request without an object. In role lists `a/%` is every role below `a`. */
  readonly objects: Side;
  /** The rule that says so, where it was a policy. */
  readonly rule?: Rule;
}

/** Distinct, in code unit order. */
export type Side = 'any' | readonly string[];

/** The 54 programs of ACLs, without entries that never apply. */
export function programsOfAcls({ lists, permissive }: Acls): ListProgram[] {
  return aclLists.map((list) => ({
    list,
    steps: (lists.get(list.name) ?? []).flatMap((entry) => stepOf(entry, list) ?? []),
    fallback: permissive ? 'allow' : 'deny',
  }));
}

/**
 * An entry as a step (SEMANTICS of Mesos, 4 and 5): it applies where both entities do, and denies there if one of them is
 * NONE.
 *
 * @returns undefined for an entry that never applies
 */
export function stepOf({ principals, object }: AclEntry, { match }: AclList): ListStep | undefined {
  if (matchesNothing(principals, 'value') || matchesNothing(object, match)) return undefined;
  return {
    effect: principals.type === 'NONE' || isDenial(object, match) ? 'deny' : 'allow',
    principals: sideOf(principals, 'value'),
    objects: sideOf(object, match),
  };
}

function sideOf(entity: AclEntity, match: ListMatch): Side {
  return goesByValues(entity, match) ? sortedSide(entity.values) : 'any';
}

export function sortedSide(values: Iterable<string>): readonly string[] {
  return [...new Set(values)].sort();
}

/**
 * Fewer steps that decide alike: neighbours of one effect that share a side become one, since it does not matter which of
 * them applies.
 */
export function mergeSteps(steps: readonly ListStep[]): ListStep[] {
  return joinRuns(joinRuns(steps, 'principals', 'objects'), 'objects', 'principals');
}

function joinRuns(
  steps: readonly ListStep[],
  shared: 'principals' | 'objects',
  joined: 'principals' | 'objects',
): ListStep[] {
  const runs: ListStep[][] = [];
  for (const step of steps) {
    const first = runs.at(-1)?.[0];
    const belongs = first?.effect === step.effect && isSameSide(first[shared], step[shared]);
    if (belongs) runs.at(-1)!.push(step);
    else runs.push([step]);
  }
  return runs.map((run) => ({ ...run[0]!, [joined]: unionOf(run.map((step) => step[joined])) }));
}

function unionOf(sides: readonly Side[]): Side {
  if (sides.includes('any')) return 'any';
  return sides.length === 1 ? sides[0]! : sortedSide((sides as readonly (readonly string[])[]).flat());
}

/** Whether two programs are the same step by step: a proof that they decide alike, whatever their size. */
export function areSamePrograms(a: ListProgram, b: ListProgram): boolean {
  const [steps, others] = [wholeSteps(a), wholeSteps(b)];
  return steps.length === others.length && steps.every((step, i) => isSameStep(step, others[i]!));
}

/** The steps with the fallback as a last one that always applies, and nothing behind or needlessly before such a one. */
function wholeSteps({ steps, fallback }: ListProgram): ListStep[] {
  const all = [...steps, { effect: fallback, principals: 'any', objects: 'any' } as const];
  const end = all.findIndex(isForEverything);
  const last = all[end]!;
  const before = all.slice(0, end).findLastIndex(({ effect }) => effect !== last.effect);
  return mergeSteps([...all.slice(0, before + 1), last]);
}

/** Whether it always applies. */
export function isForEverything({ principals, objects }: ListStep): boolean {
  return principals === 'any' && objects === 'any';
}

function isSameStep(a: ListStep, b: ListStep): boolean {
  return a.effect === b.effect && isSameSide(a.principals, b.principals) && isSameSide(a.objects, b.objects);
}

function isSameSide(a: Side, b: Side): boolean {
  if (a === 'any' || b === 'any') return a === b;
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
