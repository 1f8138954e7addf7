import { type DescribedSet, describeSet, type SetPart } from '../analysis/described-set.ts';
import { forSubject } from '../analysis/for-subject.ts';
import { PolicySide, type SideCell } from '../analysis/policy-side.ts';
import { referenceToRule } from '../analysis/rule-reference.ts';
import { Schema } from '../analysis/schema.ts';
import { type Asker, Subjects } from '../analysis/subjects.ts';
import { TooComplexError } from '../analysis/too-complex.ts';
import type { Reason, RuleReference } from '../decision/decision.ts';
import type { Model, Rule } from '../model/model.ts';
import { checkQuestion } from './check-question.ts';
import { classesOfIds, type ListedIds } from './id-classes.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { type Page, type PageOptions, pageOf } from './page.ts';
import { type ListedWay, listWays } from './ways.ts';

export interface WhatCanQuestion extends PageOptions {
  /** Absent: requests without a subject (S9). */
  readonly subject?: string | undefined;
  /** That the request adds (S16). */
  readonly groups?: readonly string[] | undefined;
  /** Overrides that of the policy set (S35). */
  readonly mode?: string | undefined;
  /** This one only. */
  readonly action?: string | undefined;
}

/** Requests that are decided alike: these actions on any of these resources. */
export interface Access {
  /** Sorted. */
  readonly actions: readonly string[];
  /** Whether every action that is not listed anywhere belongs to it too, whatever its name. */
  readonly isAnyOtherAction: boolean;
  /** A union of trees: patterns as in policies, less their exceptions. Complete where ids are endless. */
  readonly resources: DescribedSet<string>;
  /** Whether requests that name no resource belong to it (S8). */
  readonly isWithoutResource: boolean;
}

export interface AllowedAccess extends Access {
  /** One of these has to come about; absent: always. */
  readonly ways?: readonly ListedWay[];
  readonly reasons: readonly Reason[];
  /** That allow some of it, or make the subject a superuser. */
  readonly rules: readonly RuleReference[];
}

export interface UndecidedAccess extends Access {
  readonly reason: string;
}

/** All that one asker may do. */
export interface WhatCan extends Page<AllowedAccess> {
  /** Every group that the asker is in, those that the request adds and what they are in with them; sorted. */
  readonly groups: readonly string[];
  /** Every action that the policy set names to this asker, or the one asked about. */
  readonly actions: readonly string[];
  /** What cannot be told: it may be allowed, or not. Not paged. */
  readonly undecided: readonly UndecidedAccess[];
}

/**
 * What an asker may do, on which resources and when: complete, as sets of requests. What a condition asks of `subject.id`
 * and groups is decided; its attributes and the context are open, and stand in the ways.
 *
 * @throws {RequestError | ConfigurationError} if the question is malformed, or its cursor from elsewhere
 */
export function whatCan(model: Model, question: WhatCanQuestion): WhatCan {
  checkQuestion(model, question);
  const { subject, groups = [], mode, action } = question;
  const asker: Asker = { ...(subject === undefined ? {} : { subject }), groups };
  const whole = new Listing(forSubject(model, asker), asker, mode).list(action);
  const same = ['what-can', subject ?? null, groups, mode ?? null, action ?? null];
  const memberships = [...new Subjects(model).groupsOf(asker)].sort();
  const { actions, undecided } = whole;
  return { groups: memberships, actions, undecided, ...pageOf(whole.allowed, question, same) };
}

interface WholeListing {
  readonly actions: readonly string[];
  readonly allowed: readonly AllowedAccess[];
  readonly undecided: readonly UndecidedAccess[];
}

/** Requests of one outcome while they are collected. */
interface Group {
  readonly actions: readonly string[];
  readonly outcome: Outcome;
  readonly reasons: Set<Reason>;
  readonly rules: Set<Rule>;
  readonly cells: Set<number>;
  isWithoutResource: boolean;
}

/** One run: the policy set of one asker, and what has been decided of its cells. */
class Listing {
  readonly #side: PolicySide;
  readonly #asker: Asker;
  readonly #mode: string | undefined;
  readonly #rulePlaces: ReadonlyMap<Rule, number>;
  readonly #outcomes = new Map<string, Outcome>();
  readonly #places = new Map<unknown, number>();

  /** @param model  that of the asker alone */
  constructor(model: Model, asker: Asker, mode: string | undefined) {
    this.#side = new PolicySide(new Schema(model));
    this.#asker = asker;
    this.#mode = mode;
    this.#rulePlaces = new Map(model.rules.map((rule, place) => [rule, place]));
  }

  list(only: string | undefined): WholeListing {
    const named = only === undefined ? [...this.#side.schema.allActions()].sort() : [only];
    const other = only === undefined ? otherThan(named) : undefined;
    try {
      return { actions: named, ...this.#listClasses(classesOfIds(this.#side), named, other) };
    } catch (error) {
      if (!(error instanceof TooComplexError)) throw error;
      const everything: Access = {
        actions: named,
        isAnyOtherAction: other !== undefined,
        resources: [{ all: ['**'], except: [] }],
        isWithoutResource: true,
      };
      return { actions: named, allowed: [], undecided: [{ ...everything, reason: error.message }] };
    }
  }

  #listClasses(
    { cells, terms }: ListedIds,
    named: readonly string[],
    other: string | undefined,
  ): Omit<WholeListing, 'actions'> {
    const allowed: AllowedAccess[] = [];
    const undecided: UndecidedAccess[] = [];
    for (const group of this.#groupsOf(cells, other === undefined ? named : [...named, other])) {
      const access: Access = {
        actions: group.actions.filter((action) => action !== other),
        isAnyOtherAction: other !== undefined && group.actions.includes(other),
        resources: describeSet(group.cells, terms).toSorted(byText),
        isWithoutResource: group.isWithoutResource,
      };
      const { unknown } = group.outcome;
      if (unknown !== undefined) undecided.push({ ...access, reason: unknown });
      else allowed.push({ ...access, ...this.#explain(group) });
    }
    // What is allowed always comes first, then what more actions have in common.
    const rank = ({ ways, actions, isAnyOtherAction }: AllowedAccess): number =>
      (ways === undefined ? 0 : 1_000_000) - actions.length - (isAnyOtherAction ? 1000 : 0);
    return { allowed: allowed.sort((a, b) => rank(a) - rank(b)), undecided };
  }

  #explain({ outcome, reasons, rules }: Group): Pick<AllowedAccess, 'ways' | 'reasons' | 'rules'> {
    const ways = listWays(outcome.ways);
    const inOrder = [...rules].sort((a, b) => this.#rulePlaces.get(a)! - this.#rulePlaces.get(b)!);
    const references = new Map(
      inOrder.map((rule) => [JSON.stringify(referenceToRule(rule)), referenceToRule(rule)]),
    );
    return {
      ...(ways === undefined ? {} : { ways }),
      reasons: [...reasons].sort(),
      rules: [...references.values()],
    };
  }

  /** Every resource is in one group for each condition under which something is allowed on it, with all that is. */
  #groupsOf(cells: readonly SideCell[], actions: readonly string[]): readonly Group[] {
    const nothing = this.#side.cellOfNothing();
    // A pattern with a shared variable is no row of `**` alone (S8).
    const withoutResource = { ...nothing, items: nothing.items.filter(({ hasVariable }) => !hasVariable) };
    const groups = new Map<string, Group>();
    for (const [place, cell] of [...cells, withoutResource].entries()) {
      for (const [key, outcomes] of this.#outcomesOn(cell, actions)) {
        const names = [...outcomes.keys()];
        const whole = JSON.stringify([key, names]);
        const group = groups.get(whole) ?? newGroup(names, outcomes.values().next().value!);
        groups.set(whole, group);
        if (place < cells.length) group.cells.add(place);
        else group.isWithoutResource = true;
        for (const { reasons, rules } of outcomes.values()) {
          for (const reason of reasons) group.reasons.add(reason);
          for (const rule of rules) group.rules.add(rule);
        }
      }
    }
    return [...groups.values()];
  }

  /** What is not denied on ids of a cell: outcomes by action, together where they have one condition. */
  #outcomesOn(cell: SideCell, actions: readonly string[]): ReadonlyMap<string, ReadonlyMap<string, Outcome>> {
    const byKey = new Map<string, Map<string, Outcome>>();
    for (const action of actions) {
      const outcome = this.#outcomeOn(cell, action);
      if (outcome.ways.length === 0 && outcome.unknown === undefined) continue;
      const key = outcome.unknown ?? JSON.stringify(listWays(outcome.ways) ?? 'always');
      const same = byKey.get(key) ?? new Map<string, Outcome>();
      byKey.set(key, same.set(action, outcome));
    }
    return byKey;
  }

  /** Cells differ in the patterns that hold them, but few in what their rules say. */
  #outcomeOn(cell: SideCell, action: string): Outcome {
    const parts = [...cell.items, '|', ...cell.scopes, '|', cell.place, cell.template];
    const key = `${parts.map((part) => this.#placeOf(part)).join()} ${action}`;
    let outcome = this.#outcomes.get(key);
    if (outcome === undefined) {
      const { subject } = this.#asker;
      const known = {
        ids: new Map([['subject', subject] as const]),
        groups: this.#side.subjects.groupsOf(this.#asker),
      };
      outcome = outcomeOf({ side: this.#side, cell, action, asker: this.#asker, mode: this.#mode, known });
      this.#outcomes.set(key, outcome);
    }
    return outcome;
  }

  #placeOf(part: unknown): number {
    let place = this.#places.get(part);
    if (place === undefined) {
      place = this.#places.size;
      this.#places.set(part, place);
    }
    return place;
  }
}

function newGroup(actions: readonly string[], outcome: Outcome): Group {
  return {
    actions,
    outcome,
    reasons: new Set(),
    rules: new Set(),
    cells: new Set(),
    isWithoutResource: false,
  };
}

function byText(a: SetPart<string>, b: SetPart<string>): number {
  const [left, right] = [a.all.join(), b.all.join()];
  return left < right ? -1 : Number(left > right);
}

/** An action that nobody names, for all of them. */
function otherThan(named: readonly string[]): string {
  let name = 'other';
  for (let i = 2; named.includes(name); i++) name = `other${i}`;
  return name;
}
