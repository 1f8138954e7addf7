import { bindingsOf } from '../analysis/bind-variables.ts';
import type { Truth } from '../analysis/evaluate-expression.ts';
import { foldCondition, type Known } from '../analysis/fold-condition.ts';
import { lettersOfId } from '../analysis/letters.ts';
import {
  type GuardedRule,
  isUnenforced,
  type PolicySide,
  type Question,
  rootsIn,
  type SideCell,
} from '../analysis/policy-side.ts';
import { type Asker, hasVariable } from '../analysis/subjects.ts';
import { TooComplexError } from '../analysis/too-complex.ts';
import type { Reason } from '../decision/decision.ts';
import type {
  AttributeObject,
  AttributeRoot,
  Expression,
  PathPattern,
  ResourcePattern,
  Rule,
  SubjectPattern,
} from '../model/model.ts';
import { sharedNames } from '../model/pattern-elements.ts';
import { printElements } from '../printing/print-pattern.ts';
import { printId } from '../printing/print-rule.ts';
import { alternativesOf, type Facts, type Wanted } from './alternatives.ts';
import { type Fact, factOf, isAlways, isImpossible, type Way, wayOf } from './facts.ts';

/** When somebody may do something: one of several ways is enough. An empty way: always; no way: never. */
export interface Outcome {
  readonly ways: readonly Way[];
  /** Why it is allowed where it is (S19). */
  readonly reasons: readonly Reason[];
  /** Those that allow it, or make a superuser, in source order. */
  readonly rules: readonly Rule[];
  /** Why it cannot be told; then there is nothing else. */
  readonly unknown?: string;
}

export interface Asked {
  readonly side: PolicySide;
  readonly cell: SideCell;
  readonly action: string;
  readonly asker: Asker;
  readonly mode: string | undefined;
  /** Of the request, but for its action. */
  readonly known: Known;
}

/** What is decided for one asker on ids of one class, as far as it is open. */
export function outcomeOf(asked: Asked): Outcome {
  try {
    return new Outcomes(asked).read();
  } catch (error) {
    if (!(error instanceof TooComplexError)) throw error;
    return { ways: [], reasons: [], rules: [], unknown: error.message };
  }
}

class Outcomes {
  readonly #asked: Asked;
  readonly #question: Question;
  /** Without what makes superusers and what is not enforced: rules and rulesets alone. */
  readonly #rulesAlone: Question;
  /** What is left of each guard. */
  readonly #left = new Map<string, Truth | Fact>();
  readonly #facts = new Map<string, Fact>();

  constructor(asked: Asked) {
    const { side, cell, action, asker } = asked;
    this.#asked = asked;
    this.#question = side.ask(cell, action, asker);
    this.#rulesAlone = side.ask({ ...cell, namespace: undefined }, action, asker);
    for (const guarded of this.#question.here) this.#readGuards(guarded, false);
    for (const guarded of this.#question.above) this.#readGuards(guarded, true);
  }

  read(): Outcome {
    const found = alternativesOf(this.#wanted(), (facts) => this.#isAllowed(this.#question, facts));
    const ways = found.map((facts) => this.#wayOf(facts)).filter((way) => !isImpossible(way));
    if (ways.length === 0) return { ways: [], reasons: [], rules: [] };
    const reasons = new Set<Reason>();
    const rules = new Set<Rule>();
    for (const facts of found) this.#explain(facts, reasons, rules);
    return {
      ways: ways.some(isAlways) ? [{ when: [], unless: [] }] : ways,
      reasons: [...reasons].sort(),
      rules: [...rules],
    };
  }

  #isAllowed({ answer }: Question, facts: Facts): boolean {
    return answer(this.#asked.mode, this.#valuesFor(facts)) === 'allow';
  }

  #valuesFor(facts: Facts): ReadonlyMap<string, Truth> {
    return new Map(
      [...this.#left].map(([guard, left]) => [
        guard,
        typeof left === 'string' ? left : (facts.get(left.key) ?? 'error'),
      ]),
    );
  }

  #wayOf(facts: Facts): Way {
    const ofTruth = (wanted: 'true' | 'false'): Fact[] =>
      [...facts].flatMap(([key, truth]) => (truth === wanted ? [this.#facts.get(key)!] : []));
    return wayOf(ofTruth('true'), ofTruth('false'));
  }

  // -------------------------------------------------------------- what is open

  /** An allow gains by what is true, a deny loses by what is false; where its variables are open too, by both. */
  #wanted(): readonly Wanted[] {
    const truths = new Map<string, Set<'true' | 'false'>>();
    for (const { rule, condition, variables } of [...this.#question.here, ...this.#question.above]) {
      const isBoth = condition !== undefined && variables !== undefined && rule.effect === 'deny';
      for (const guard of [condition, variables]) {
        const left = guard === undefined ? undefined : this.#left.get(guard);
        if (left === undefined || typeof left === 'string') continue;
        const wanted = truths.get(left.key) ?? new Set();
        truths.set(left.key, wanted.add(rule.effect === 'allow' ? 'true' : 'false'));
        if (isBoth && guard === variables) wanted.add('true');
      }
    }
    return [...truths].map(([key, wanted]) => ({ key, truths: [...wanted] }));
  }

  #readGuards({ rule, condition, variables }: GuardedRule, isAbove: boolean): void {
    if (variables !== undefined) this.#keep(variables, this.#leftOfVariables(rule, isAbove));
    if (condition === undefined) return;
    const folded = foldCondition(
      rule.condition!,
      isAbove ? this.#knownAbove(rule.condition!) : this.#knownHere(),
    );
    const isOpen = typeof folded !== 'string';
    this.#keep(condition, isOpen ? factOf(folded) : folded);
  }

  #keep(guard: string, left: Truth | Fact): void {
    this.#left.set(guard, left);
    if (typeof left !== 'string') this.#facts.set(left.key, left);
  }

  #leftOfVariables({ subjects, resources }: Rule, isAbove: boolean): Truth | Fact {
    const [asker, resource] = [withVariables(subjects), withVariables(resources)];
    if (isAbove && asker.length === 0) return agreesOn(this.#superuser(), resource);
    const asked = isAbove ? printId(this.#superuser()) : 'the resource';
    const text = [
      ...(asker.length === 0 ? [] : [`the subject matches ${printAll(asker)}`]),
      ...(resource.length === 0 ? [] : [`${asked} matches ${printAll(resource)}`]),
    ].join(' while ');
    return { kind: 'variables', key: text, text };
  }

  #knownHere(): Known {
    const { known, action } = this.#asked;
    return { ...known, ids: new Map([...known.ids, ['action', action]]) };
  }

  /** What is asked of a superuser knows action and resource, and their attributes are those of entities alone (S33). */
  #knownAbove(condition: Expression): Known {
    const { known, side } = this.#asked;
    const superuser = this.#superuser();
    const actions = side.schema.superuserActions(superuser);
    const reads = rootsIn(condition);
    if (actions.length > 1 && [...reads].some((each) => each.startsWith('action.')))
      throw new TooComplexError('who is superuser depends on the action');
    const closed = new Map<AttributeRoot, AttributeObject>([['resource', this.#declared(superuser)]]);
    if (actions.length === 1) closed.set('action', this.#declared(actions[0]!));
    return { ...known, closed };
  }

  #declared(id: string): AttributeObject {
    const entity = this.#asked.side.model.entities.find((each) => each.id === id);
    return new Map([...(entity?.attributes ?? []), ['id', id]]);
  }

  #superuser(): string {
    const { side, cell } = this.#asked;
    return side.schema.namespaceAt(cell.namespace)!.superuser!;
  }

  // -------------------------------------------------------------- why

  #explain(facts: Facts, reasons: Set<Reason>, rules: Set<Rule>): void {
    if (this.#isFree()) reasons.add('not-enforced');
    if (!this.#isAllowed(this.#rulesAlone, facts)) {
      if (this.#isFree()) return;
      reasons.add('superuser');
      for (const rule of this.#applying(this.#question.above, facts)) rules.add(rule);
      return;
    }
    const applying = this.#applying(this.#question.here, facts);
    for (const rule of applying) rules.add(rule);
    reasons.add(applying.length > 0 ? 'rule' : 'ruleset-default');
  }

  #isFree(): boolean {
    const { side, cell, action, asker, mode } = this.#asked;
    const namespace = side.schema.namespaceAt(cell.namespace);
    if (namespace === undefined || !side.schema.isKnown(action, namespace)) return false;
    return isUnenforced(cell.template, mode ?? side.model.mode, asker);
  }

  /** Allows that apply; in a first-applicable ruleset the first rule alone. */
  #applying(guarded: readonly GuardedRule[], facts: Facts): readonly Rule[] {
    const values = this.#valuesFor(facts);
    const isTrue = (guard: string | undefined): boolean =>
      guard === undefined || values.get(guard) === 'true';
    const decided = new Set<number>();
    return guarded.flatMap(({ rule, variables, condition }) => {
      const { ruleset, effect } = rule;
      if (effect === 'deny' || !isTrue(variables) || !isTrue(condition)) return [];
      if (ruleset === undefined) return [rule];
      const { combining } = this.#asked.side.model.rulesets[ruleset]!;
      if (combining === 'first-applicable' && decided.has(ruleset)) return [];
      decided.add(ruleset);
      return [rule];
    });
  }
}

/** Those with a shared variable. */
function withVariables(patterns: readonly (ResourcePattern | SubjectPattern)[]): readonly PathPattern[] {
  return patterns.filter((each): each is PathPattern => each.kind === 'pattern' && hasVariable(each));
}

function printAll(patterns: readonly PathPattern[]): string {
  return patterns.map(({ elements }) => printElements(elements)).join(' or ');
}

/** Whether an id matches one of some patterns with one choice of variables; it errs if that takes too much (S25). */
function agreesOn(id: string, patterns: readonly PathPattern[]): Truth {
  const found = patterns.map(({ elements }) =>
    bindingsOf(elements, lettersOfId(id), sharedNames([elements])),
  );
  if (found.some((bindings) => bindings !== undefined && bindings.choices.length > 0)) return 'true';
  return found.includes(undefined) ? 'error' : 'false';
}
