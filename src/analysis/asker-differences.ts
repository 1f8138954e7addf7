import type { Expression } from '../model/model.ts';
import { representatives } from './condition-values.ts';
import { type Surroundings, type Truth, truthOf } from './evaluate-expression.ts';
import { type Cube, cubesOf } from './guard-cubes.ts';
import { agrees, candidatePairs, type JointPatterns, type Pair } from './joint-patterns.ts';
import type { Cell, ModelComparison } from './model-comparison.ts';
import {
  type Answer,
  type KnownCondition,
  type Question,
  rootsIn,
  VARIABLES_GUARD,
  type Valuation,
} from './policy-side.ts';
import type { Asker } from './subjects.ts';
import { TooComplexError } from './too-complex.ts';

/** What one asker of a kind gains or loses on ids of a class. */
export interface AskerDifference {
  readonly mode: string | undefined;
  readonly after: Answer;
  /** What the guards of rules come to where it differs: any of these. */
  readonly cubes: readonly Cube[];
  readonly example: Example;
}

/** A request, its action apart, and what it brings along. */
export interface Example {
  readonly subject?: string;
  readonly resource?: string;
  readonly groups: readonly string[];
  readonly surroundings?: Surroundings;
}

/** Why it is not known whether there is a difference. */
export interface Undecided {
  readonly mode: string | undefined;
  readonly reason: string;
}

export type Outcome = AskerDifference | Undecided;

const UNDECIDED_VARIABLES = 'a rule with shared variables is involved';
const UNDECIDED_ENTITY = 'a condition on an id or a declared entity is involved';

/** More guards than this are not tried in all combinations at first. */
const MAX_GUARDS = 6;
const MAX_VARIABLE_GUARDS = 3;
/** Questions under conditions about one asker in one place, and in all. */
const MAX_QUESTIONS = 200_000;
const MAX_QUESTIONS_IN_ALL = 10_000_000;
const truths: readonly Truth[] = ['true', 'false', 'error'];

/** Finds what differs for one asker after the other, and keeps count of the work. */
export class AskerComparison {
  readonly #comparison: ModelComparison;
  readonly #truths = new Map<string, readonly TruthsTogether[]>();
  #spent = 0;
  #spentInAll = 0;

  constructor(comparison: ModelComparison) {
    this.#comparison = comparison;
  }

  /**
   * In every mode, for each answer after the change.
   *
   * @throws {TooComplexError}
   */
  compare(cell: Cell, action: string, asker: Asker): readonly Outcome[] {
    this.#spent = 0;
    const { sides, changes, modes, effort } = this.#comparison;
    for (const { items } of cell.sides) effort.spend(items.length);
    const [before, after] = sides.map((side, i) => side.ask(cell.sides[i]!, action, asker)) as [
      Question,
      Question,
    ];
    if (!changes.isEverything && before.key === after.key) return [];
    const guards = [...new Set([...before.guards, ...after.guards])];
    const asked: Asked = { cell, action, asker, guards, before, after };
    const known = new Map<string, readonly Outcome[]>();
    return modes.flatMap((mode) => {
      const regime = `${before.isFree(mode)} ${after.isFree(mode)}`;
      const outcomes = known.get(regime) ?? (this.#mayDiffer(asked, mode) ? this.#inMode(asked, mode) : []);
      known.set(regime, outcomes);
      return outcomes.map((outcome) => ({ ...outcome, mode }));
    });
  }

  /** A quick no: whatever the guards come to, both decide alike. */
  #mayDiffer({ guards, before, after }: Asked, mode: string | undefined): boolean {
    if (guards.length > MAX_GUARDS) return true;
    for (const values of valuationsOf(guards, truths)) {
      if (guards.length > 0) this.#spend();
      if (before.answer(mode, values) !== after.answer(mode, values)) return true;
    }
    return false;
  }

  #inMode(asked: Asked, mode: string | undefined): readonly Outcome[] {
    const { guards, asker, cell, before, after } = asked;
    const possible = guards.length === 0 ? nothingGuarded(asker, cell) : this.#possible(asked);
    if (typeof possible === 'string') return [{ mode, reason: possible }];
    const wanted: Record<Answer, Possible[]> = { allow: [], deny: [] };
    const same: Valuation[] = [];
    for (const each of possible) {
      this.#spend();
      const answer = after.answer(mode, each.values);
      if (before.answer(mode, each.values) === answer) same.push(each.values);
      else wanted[answer].push(each);
    }
    return (['allow', 'deny'] as const).flatMap((answer): Outcome[] => {
      const found = wanted[answer];
      if (found.length === 0) return [];
      const example = found.find((each) => each.example !== undefined)?.example;
      const unclear = found.find((each) => each.example === undefined)?.undecided;
      if (example === undefined) return [{ mode, reason: unclear ?? UNDECIDED_VARIABLES }];
      const unwanted = [
        ...same,
        ...wanted[answer === 'allow' ? 'deny' : 'allow'].map(({ values }) => values),
      ];
      const cubes = cubesOf(
        found.map(({ values }) => values),
        unwanted,
      );
      return [{ mode, after: answer, cubes, example }];
    });
  }

  /** What the guards can come to, or why that is not known. */
  #possible(asked: Asked): readonly Possible[] | string {
    const { guards, cell, action, asker } = asked;
    const { sides } = this.#comparison;
    const variables = guards.filter((guard) => guard.startsWith(VARIABLES_GUARD));
    if (variables.length > MAX_VARIABLE_GUARDS) return UNDECIDED_VARIABLES;
    const joint = this.#jointly(asked, variables);
    if (joint === undefined) return UNDECIDED_VARIABLES;
    const conditions = guards.filter((guard) => !guard.startsWith(VARIABLES_GUARD));
    const known = conditions.map((guard) =>
      sides.map((side) => side.conditions.get(guard)).find((each) => each !== undefined),
    );
    if (known.some((each) => each === undefined)) return 'a condition on the way to a superuser is involved';
    const expressions = known.map((each) => each!.condition);
    const found = new Map<string, Possible>();
    for (const { truthsHere, surroundings } of this.#truthsOf(conditions, known as KnownCondition[])) {
      this.#spend();
      for (const { values, pair } of joint) {
        const whole = new Map([...values, ...conditions.map((guard, i) => [guard, truthsHere[i]!] as const)]);
        const key = [...whole.values()].join();
        if (found.get(key)?.example !== undefined) continue;
        const isBeyond = pair !== undefined && this.#isBeyond({ ...pair, action }, expressions, surroundings);
        const example =
          pair === undefined || isBeyond ? undefined : { ...pair, groups: asker.groups, surroundings };
        const undecided = isBeyond ? UNDECIDED_ENTITY : UNDECIDED_VARIABLES;
        found.set(key, example === undefined ? { values: whole, undecided } : { values: whole, example });
      }
    }
    if (found.size === 0) return `nothing is known of ${cell.resource ?? 'requests without a resource'}`;
    return [...found.values()];
  }

  /** What conditions come to together. Kept by their guards: askers and classes of ids by the thousand meet the same ones. */
  #truthsOf(guards: readonly string[], known: readonly KnownCondition[]): readonly TruthsTogether[] {
    const key = JSON.stringify(guards);
    let truthsTogether = this.#truths.get(key);
    if (truthsTogether === undefined) {
      truthsTogether = this.#findTruths(known);
      this.#truths.set(key, truthsTogether);
    }
    return truthsTogether;
  }

  /** One example of each combination, or all where ids are read: which of them a request can bring about is seen later. */
  #findTruths(known: readonly KnownCondition[]): readonly TruthsTogether[] {
    const expressions = known.map(({ condition }) => condition);
    const readsIds = expressions.some((each) => [...rootsIn(each)].some((name) => name.endsWith('.id')));
    const found = new Map<string, TruthsTogether>();
    for (const surroundings of representatives(expressions)) {
      this.#spend();
      const truthsHere = known.map(({ condition, groups }) =>
        truthOf(condition, { ...surroundings, isInGroup: (name) => groups.has(name) }),
      );
      const key = `${truthsHere.join()} ${readsIds ? found.size : ''}`;
      if (!found.has(key)) found.set(key, { truthsHere, surroundings });
    }
    return [...found.values()];
  }

  /** Whether shared variables agree, in every combination, with a pair of ids of these kinds where one is found. */
  #jointly(
    { cell, asker, action, before, after }: Asked,
    guards: readonly string[],
  ): readonly Joint[] | undefined {
    const own = pairOf(asker, cell);
    if (guards.length === 0) return [{ values: new Map(), pair: own }];
    const { sides } = this.#comparison;
    const patterns = guards.map((guard) => this.#jointPatternsOf(guard, cell, asker));
    if (!patterns.every((each) => each !== undefined)) return undefined;
    const isAlike = ({ subject, resource }: Pair): boolean => {
      const other: Asker = { ...asker, ...(subject === undefined ? {} : { subject }) };
      const [one, two] = sides.map((side, i) => side.ask(cell.sides[i]!, action, other));
      return (
        one!.key === before.key &&
        two!.key === after.key &&
        (resource === cell.resource ||
          (resource !== undefined &&
            this.#comparison.signatureOf(resource) === this.#comparison.signatureOf(cell.resource!)))
      );
    };
    const joint = new Map<string, Joint>();
    for (const values of valuationsOf(guards, ['true', 'false']))
      joint.set([...values.values()].join(), { values, pair: undefined });
    for (const pair of candidatePairs(patterns.flat(), own)) {
      this.#spend();
      const values = new Map(
        guards.map((guard, i) => [guard, agrees(patterns[i]!, pair) ? 'true' : 'false'] as const),
      );
      const key = [...values.values()].join();
      if (joint.get(key)!.pair === undefined && isAlike(pair)) joint.set(key, { values, pair });
    }
    return [...joint.values()];
  }

  /** What matches an asker and a cell, by the rule of a guard; undefined where the guard is about a superuser. */
  #jointPatternsOf(guard: string, cell: Cell, asker: Asker): readonly JointPatterns[] | undefined {
    for (const [i, side] of this.#comparison.sides.entries()) {
      const rule = side.variableRules.get(guard);
      if (rule === undefined) continue;
      const groups = side.subjects.groupsOf(asker);
      const subjects = rule.subjects.filter((each) => side.subjects.matches(each, asker, groups));
      const items = cell.sides[i]!.items.filter((item) => item.rule === rule);
      return subjects.flatMap((subject) =>
        items.map(
          ({ resource }): JointPatterns => ({
            ...(subject.kind === 'pattern' ? { subject } : {}),
            ...(resource.kind === 'pattern' ? { resource } : {}),
          }),
        ),
      );
    }
    return undefined;
  }

  /** Whether a request cannot bring such values about: ids are what they are, and entities have what they declare. */
  #isBeyond(
    ids: { readonly subject?: string; readonly action: string; readonly resource?: string },
    conditions: readonly Expression[],
    { roots }: Surroundings,
  ): boolean {
    const { sides } = this.#comparison;
    const used = new Set(conditions.flatMap((condition) => [...rootsIn(condition)]));
    return (['subject', 'action', 'resource'] as const).some((root) => {
      const id = ids[root];
      if ([...used].some((each) => each.startsWith(`${root}.`)) && id !== undefined) {
        if (sides.some(({ entities }) => entities.has(id))) return true;
      }
      return used.has(`${root}.id`) && roots[root].get('id') !== id;
    });
  }

  /** @throws {TooComplexError} after so many questions under conditions that nobody wants to wait longer */
  #spend(): void {
    this.#comparison.effort.spend(1);
    this.#spentInAll++;
    if (++this.#spent > MAX_QUESTIONS || this.#spentInAll > MAX_QUESTIONS_IN_ALL)
      throw new TooComplexError('too many conditions beside one another');
  }
}

interface Asked {
  readonly cell: Cell;
  readonly action: string;
  readonly asker: Asker;
  readonly guards: readonly string[];
  readonly before: Question;
  readonly after: Question;
}

interface Joint {
  readonly values: Valuation;
  /** Ids for which it is so. */
  readonly pair: Pair | undefined;
}

/** What conditions come to where a request brings something along. */
interface TruthsTogether {
  readonly truthsHere: readonly Truth[];
  readonly surroundings: Surroundings;
}

/** What guards can come to, and a request with which they do: or why none is known. */
interface Possible {
  readonly values: Valuation;
  readonly example?: Example;
  readonly undecided?: string;
}

function nothingGuarded(asker: Asker, cell: Cell): readonly Possible[] {
  return [{ values: new Map(), example: { ...pairOf(asker, cell), groups: asker.groups } }];
}

function pairOf({ subject }: Asker, { resource }: Cell): Pair {
  return {
    ...(subject === undefined ? {} : { subject }),
    ...(resource === undefined ? {} : { resource }),
  };
}

export function* valuationsOf(guards: readonly string[], values: readonly Truth[]): Iterable<Valuation> {
  for (let i = 0; i < values.length ** guards.length; i++) {
    yield new Map(
      guards.map((guard, at) => [guard, values[Math.floor(i / values.length ** at) % values.length]!]),
    );
  }
}
