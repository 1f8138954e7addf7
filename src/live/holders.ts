import { firstOfTwo, type RuleFinder } from '../evaluate/rule-finder.ts';
import type { SubjectClasses } from '../evaluate/subject-classes.ts';
import { ENTRY_PAGE_SHIFT, NONE } from '../image/layout.ts';

/** A subject, or the class of a group. */
export type Principal = string | number;

/** One action that somebody has on an id. */
export interface Grant {
  /** Its place among rules. */
  readonly rule: number;
  /** Page and mask of the actions by which it matches, in pairs. */
  readonly actions: readonly number[];
}

/** So many are gone through one by one. */
const FEW_HOLDERS = 8;

/**
 * Who has which actions on one id, of those for whom that has changed. Those who have none any more are kept, for their number.
 * Small where they are few, for most ids have one.
 */
export class Holders {
  readonly #principals: Principal[];
  readonly #grants: (readonly Grant[])[];
  /** Where each of many is. */
  #index: Map<Principal, number> | undefined;

  constructor(principals: Principal[] = [], grants: (readonly Grant[])[] = []) {
    this.#principals = principals;
    this.#grants = grants;
  }

  copy(): Holders {
    const copy = new Holders(this.#principals.slice(), this.#grants.slice());
    if (this.#index !== undefined) copy.#index = new Map(this.#index);
    return copy;
  }

  get size(): number {
    return this.#principals.length;
  }

  get isEmpty(): boolean {
    return this.#grants.every((grants) => grants.length === 0);
  }

  *entries(): Iterable<readonly [Principal, readonly Grant[]]> {
    for (const [i, principal] of this.#principals.entries()) yield [principal, this.#grants[i]!];
  }

  /** Not to be called once it is shared. */
  set(principal: Principal, grants: readonly Grant[]): void {
    const known =
      this.#index === undefined ? this.#principals.indexOf(principal) : (this.#index.get(principal) ?? -1);
    if (known >= 0) {
      this.#grants[known] = grants;
      return;
    }
    this.#principals.push(principal);
    this.#grants.push(grants);
    if (this.#index !== undefined) this.#index.set(principal, this.size - 1);
    else if (this.size > FEW_HOLDERS) this.#index = new Map(this.#principals.map((each, i) => [each, i]));
  }

  /** Whether somebody who asks has anything. */
  isHeldBy(classes: SubjectClasses): boolean {
    const index = this.#index;
    const { subject, values, count } = classes;
    if (subject === undefined) return false;
    if (index === undefined)
      return this.#principals.some((each, i) => this.#grants[i]!.length > 0 && isAsking(each, classes));
    if (this.#hasSome(index.get(subject))) return true;
    for (let i = 0; i < count; i++) if (this.#hasSome(index.get(values[i]!))) return true;
    return false;
  }

  /** The first rule that allows what is asked, or NONE. */
  firstAllow(finder: RuleFinder, classes: SubjectClasses): number {
    const index = this.#index;
    const { subject, values, count } = classes;
    let first: number = NONE;
    // Nobody that is named, and no group, is anonymous (S9).
    if (subject === undefined) return first;
    if (index === undefined) {
      for (let i = 0; i < this.#principals.length; i++) {
        if (isAsking(this.#principals[i]!, classes)) first = this.#firstOf(i, first, finder);
      }
      return first;
    }
    first = this.#firstOf(index.get(subject), first, finder);
    for (let i = 0; i < count; i++) first = this.#firstOf(index.get(values[i]!), first, finder);
    return first;
  }

  #hasSome(at: number | undefined): boolean {
    return at !== undefined && this.#grants[at]!.length > 0;
  }

  #firstOf(at: number | undefined, known: number, finder: RuleFinder): number {
    if (at === undefined) return known;
    const grants = this.#grants[at]!;
    let first = known;
    for (let i = 0; i < grants.length; i++) {
      const { rule, actions } = grants[i]!;
      if (isRelated(actions, finder)) first = firstOfTwo(first, rule);
    }
    return first;
  }
}

function isAsking(principal: Principal, classes: SubjectClasses): boolean {
  return typeof principal === 'number' ? classes.has(principal) : principal === classes.subject;
}

/** Whether a rule with these actions allows what is asked (S13). */
function isRelated(actions: readonly number[], finder: RuleFinder): boolean {
  for (let i = 0; i < actions.length; i += 2) {
    if (finder.isRelated(actions[i]! << ENTRY_PAGE_SHIFT, actions[i + 1]!)) return true;
  }
  return false;
}
