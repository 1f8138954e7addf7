import type {
  AttributeObject,
  AttributeValue,
  Expression,
  Model,
  Namespace,
  NamespaceRoot,
  PatternElement,
  Rule,
} from '../model/model.ts';
import { Askers } from './askers.ts';
import { representatives } from './condition-values.ts';
import { type Surroundings, type Truth, truthOf } from './evaluate-expression.ts';
import { explore, type IdClass } from './explore.ts';
import { type Letter, lettersOfId } from './letters.ts';
import { type Changes, findChanges } from './model-changes.ts';
import { ownersOf, PatternTrie } from './pattern-trie.ts';
import type { Witness } from './policy-analysis.ts';
import {
  type Answer,
  groupsIn,
  PolicySide,
  type Question,
  rootsIn,
  type SideCell,
  type Valuation,
} from './policy-side.ts';
import { itemsOf, type RuleItem } from './rule-items.ts';
import { Schema } from './schema.ts';
import type { Asker } from './subjects.ts';
import { TooComplexError } from './too-complex.ts';

/** Whether two policy sets decide alike, by default and in every mode: proved, disproved by a witness, or neither. */
export type Comparison =
  | { readonly kind: 'equal' }
  | { readonly kind: 'different'; readonly witness: DifferenceWitness }
  | { readonly kind: 'unknown'; readonly reason: string };

/** A request that is decided otherwise. */
export interface DifferenceWitness extends Witness {
  readonly mode?: string;
  readonly context?: unknown;
  readonly attributes?: unknown;
  readonly before: Answer;
  readonly after: Answer;
}

/**
 * Compares what two policy sets decide. Only ids that a changed rule speaks of are looked at, in classes that no rule tells
 * apart; for each the actions in question, and one asker of every kind. Conditions are first taken for anything (true, false
 * or failing), then, where that makes a difference, tried with every kind of value.
 *
 * Attributes are those of requests: where a difference depends on what an `entity` declares, it is unknown.
 */
export function compareModels(before: Model, after: Model): Comparison {
  try {
    const comparer = new Comparer(before, after);
    return comparer.compare();
  } catch (error) {
    if (error instanceof TooComplexError) return { kind: 'unknown', reason: error.message };
    throw error;
  }
}

/** Ids of one class as both policy sets see them. */
interface Cell {
  readonly sides: readonly [SideCell, SideCell];
  readonly resource?: string;
}

class Comparer {
  readonly #changes: Changes;
  readonly #schemas: readonly [Schema, Schema];
  /** What changed rules say, by side. */
  readonly #changed: readonly (readonly RuleItem[])[];
  readonly #region = new PatternTrie();
  /** Namespaces of which all may be decided otherwise, as who is superuser may have changed. */
  readonly #widened = new Set<Namespace>();
  readonly #sides: readonly [PolicySide, PolicySide];
  readonly #askers: Askers;
  readonly #seen = new Set<string>();
  readonly #modes: readonly (string | undefined)[];
  #unknown: string | undefined;
  #spent = 0;

  constructor(before: Model, after: Model) {
    this.#changes = findChanges(before, after);
    this.#schemas = [new Schema(before), new Schema(after)];
    this.#changed = this.#schemas.map((schema, i) => itemsOfRules(this.#changes.rules[i]!, schema));
    this.#fillRegion();
    const region = this.#changes.isEverything ? undefined : this.#region;
    this.#sides = [new PolicySide(this.#schemas[0], region), new PolicySide(this.#schemas[1], region)];
    this.#askers = new Askers(this.#sides.map(({ subjects }) => subjects));
    this.#modes = [undefined, ...before.modes.filter((mode) => after.modes.includes(mode))];
  }

  compare(): Comparison {
    const { isEverything, reason } = this.#changes;
    if (reason !== undefined) return { kind: 'unknown', reason };
    let found: DifferenceWitness | undefined;
    if (isEverything || this.#changed.flat().some(({ isForNothing }) => isForNothing)) {
      found = this.#compareCell(this.#cellOfNothing());
    }
    if (found === undefined) {
      const tries = this.#sides.flatMap(({ trie, schema }) => [trie, schema.templateTrie]);
      explore(this.#region, tries, (ids) => {
        found = this.#isSeen(ids) ? undefined : this.#compareCell(this.#cellOf(ids));
        return found !== undefined;
      });
    }
    if (found !== undefined) return { kind: 'different', witness: found };
    return this.#unknown === undefined ? { kind: 'equal' } : { kind: 'unknown', reason: this.#unknown };
  }

  // -------------------------------------------------------------- what is looked at

  #fillRegion(): void {
    if (this.#changes.isEverything) this.#region.add([{ kind: 'many', separator: 'start' }], 0);
    for (const { patterns } of this.#changed.flat()) {
      for (const elements of patterns) this.#region.add(elements, 0);
    }
    for (const { model } of this.#schemas) {
      for (const [i, namespace] of model.namespaces.entries()) {
        if (!this.#isChangedAt(namespace, i)) continue;
        this.#widened.add(namespace);
        for (const root of namespace.roots) {
          const first = elementOfRoot(root);
          this.#region.add([first, { kind: 'many', separator: 'colon' }], 0);
          this.#region.add([first, { kind: 'many', separator: 'slash' }], 0);
        }
      }
    }
  }

  /** Whether a changed rule speaks of the superuser's id, so that all of the namespace may be decided otherwise. */
  #isChangedAt({ superuser }: Namespace, place: number): boolean {
    if (superuser === undefined) return false;
    const letters = lettersOfId(superuser);
    return this.#schemas.some((schema, i) => {
      const actions = schema.superuserActions(superuser);
      return this.#changed[i]!.some(
        (item) =>
          isSpokenOf(item, letters) &&
          actions.some((action) => schema.askedBy(item.rule, item, place).has(action)),
      );
    });
  }

  #isSeen({ inOthers, first }: IdClass): boolean {
    const key = `${first.text}|${inOthers.map((owners) => [...new Set(owners)].sort((a, b) => a - b).join()).join('|')}`;
    if (this.#seen.has(key)) return true;
    this.#seen.add(key);
    return false;
  }

  #cellOf({ inOthers, first, id }: IdClass): Cell {
    const [before, after] = this.#sides;
    return {
      sides: [
        before.cellOf(first, inOthers[0]!, inOthers[1]!),
        after.cellOf(first, inOthers[2]!, inOthers[3]!),
      ],
      resource: id(),
    };
  }

  #cellOfNothing(): Cell {
    return { sides: [this.#sides[0].cellOfNothing(), this.#sides[1].cellOfNothing()] };
  }

  // -------------------------------------------------------------- one class of ids

  #compareCell(cell: Cell): DifferenceWitness | undefined {
    for (const action of this.#actionsOf(cell)) {
      for (const asker of this.#askersOf(cell, action)) {
        const found = this.#compareAsker(cell, action, asker);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  #actionsOf(cell: Cell): readonly string[] {
    const isWide =
      this.#changes.isEverything ||
      cell.sides.some(({ namespace }, i) => {
        const declared = this.#schemas[i]!.namespaceAt(namespace);
        return declared !== undefined && this.#widened.has(declared);
      });
    const asked = new Set<string>();
    for (const [i, side] of this.#sides.entries()) {
      for (const item of cell.sides[i]!.items) {
        if (!isWide && !this.#changes.rules[i]!.has(item.rule)) continue;
        for (const action of side.schema.askedBy(item.rule, item, cell.sides[i]!.place)) asked.add(action);
      }
      if (isWide) for (const action of side.schema.allActions()) asked.add(action);
    }
    return isWide ? [...asked, freshName(asked)] : [...asked];
  }

  #askersOf(cell: Cell, action: string): readonly Asker[] {
    const rules = this.#sides.flatMap((side, i) => side.rulesFor(cell.sides[i]!, action));
    return this.#askers.tellingApart(
      rules.flatMap(({ subjects }) => subjects),
      rules.flatMap(({ condition }) => (condition === undefined ? [] : groupsIn(condition))),
    );
  }

  #compareAsker(cell: Cell, action: string, asker: Asker): DifferenceWitness | undefined {
    const questions = this.#sides.map((side, i) => side.ask(cell.sides[i]!, action, asker));
    const [before, after] = questions as [Question, Question];
    if (!this.#changes.isEverything && before.key === after.key) return undefined;
    const guards = [...new Set([...before.guards, ...after.guards])];
    for (const mode of this.#modes) {
      const differing = (values: Valuation): readonly [Answer, Answer] | undefined => {
        if (guards.length > 0) this.#spend();
        const answers = [before.answer(mode, values), after.answer(mode, values)] as const;
        return answers[0] === answers[1] ? undefined : answers;
      };
      const free = guards.length > MAX_GUARDS ? undefined : firstDiffering(valuationsOf(guards), differing);
      if (guards.length <= MAX_GUARDS && free === undefined) continue;
      const request = {
        ...(asker.subject === undefined ? {} : { subject: asker.subject }),
        action,
        ...(cell.resource === undefined ? {} : { resource: cell.resource }),
        ...(asker.groups.length === 0 ? {} : { groups: asker.groups }),
        ...(mode === undefined ? {} : { mode }),
      };
      if (guards.length === 0) return { ...request, before: free![0], after: free![1] };
      const found = this.#differenceByValues({ cell, action, asker, guards }, differing);
      if (found !== undefined) return { ...request, ...found };
    }
    return undefined;
  }

  /** A difference under values that attributes can have; takes note where that cannot be told. */
  #differenceByValues(
    { cell, action, asker, guards }: { cell: Cell; action: string; asker: Asker; guards: readonly string[] },
    differing: (values: Valuation) => readonly [Answer, Answer] | undefined,
  ): Pick<DifferenceWitness, 'before' | 'after' | 'context' | 'attributes'> | undefined {
    const used = guards.map((guard) =>
      this.#sides.map(({ conditions }) => conditions.get(guard)).find(isDefined),
    );
    if (!used.every(isDefined)) {
      this.#unknown ??= 'a rule with shared variables is involved';
      return undefined;
    }
    const expressions = used.map(({ condition }) => condition);
    for (const surroundings of representatives(expressions)) {
      this.#spend();
      const values = new Map(
        guards.map((guard, i) => {
          const { condition, groups } = used[i]!;
          return [guard, truthOf(condition, { ...surroundings, isInGroup: (name) => groups.has(name) })];
        }),
      );
      const answers = differing(values);
      if (answers === undefined) continue;
      if (this.#isBeyondRequests({ cell, action, asker }, expressions, surroundings)) {
        this.#unknown ??= 'a condition on an id or a declared entity is involved';
        continue;
      }
      return { before: answers[0], after: answers[1], ...requestedValues(surroundings) };
    }
    return undefined;
  }

  /** @throws {TooComplexError} after so many questions under conditions that nobody wants to wait longer */
  #spend(): void {
    if (++this.#spent > MAX_QUESTIONS) throw new TooComplexError('too many conditions beside one another');
  }

  /** Whether a request cannot bring such values about: ids are what they are, and entities have what they declare. */
  #isBeyondRequests(
    { cell, action, asker }: { cell: Cell; action: string; asker: Asker },
    conditions: readonly Expression[],
    { roots }: Surroundings,
  ): boolean {
    const ids = { subject: asker.subject, action, resource: cell.resource };
    if (
      Object.values(ids).some(
        (id) => id !== undefined && this.#sides.some(({ entities }) => entities.has(id)),
      )
    )
      return true;
    const used = new Set(conditions.flatMap((condition) => [...rootsIn(condition)]));
    return (['subject', 'action', 'resource'] as const).some(
      (root) => used.has(`${root}.id`) && roots[root].get('id') !== ids[root],
    );
  }
}

const MAX_QUESTIONS = 1_000_000;

function isDefined<Value>(value: Value | undefined): value is Value {
  return value !== undefined;
}

function itemsOfRules(rules: ReadonlySet<Rule>, schema: Schema): readonly RuleItem[] {
  return schema.model.rules.flatMap((rule, index) => (rules.has(rule) ? itemsOf(rule, index, schema) : []));
}

function isSpokenOf({ patterns }: RuleItem, letters: readonly Letter[]): boolean {
  const trie = new PatternTrie();
  for (const elements of patterns) trie.add(elements, 0);
  return ownersOf(trie, letters).length > 0;
}

function elementOfRoot(root: NamespaceRoot): PatternElement {
  return root.kind === 'path'
    ? { kind: 'root', separator: 'start' }
    : { kind: 'literal', separator: 'start', text: root.text };
}

/** More guards than this are not tried in all combinations at first. */
const MAX_GUARDS = 6;
const truths: readonly Truth[] = ['true', 'false', 'error'];

function* valuationsOf(guards: readonly string[]): Iterable<Valuation> {
  for (let i = 0; i < 3 ** guards.length; i++) {
    yield new Map(guards.map((guard, at) => [guard, truths[Math.floor(i / 3 ** at) % 3]!]));
  }
}

function firstDiffering(
  valuations: Iterable<Valuation>,
  differing: (values: Valuation) => readonly [Answer, Answer] | undefined,
): readonly [Answer, Answer] | undefined {
  for (const values of valuations) {
    const answers = differing(values);
    if (answers !== undefined) return answers;
  }
  return undefined;
}

function requestedValues({ roots }: Surroundings): Pick<DifferenceWitness, 'context' | 'attributes'> {
  const context = toJson(roots.context) as object;
  const attributes = Object.fromEntries(
    (['subject', 'action', 'resource'] as const).flatMap((root) => {
      const { id: _, ...rest } = toJson(roots[root]) as Record<string, unknown>;
      return Object.keys(rest).length === 0 ? [] : [[root, rest]];
    }),
  );
  return {
    ...(Object.keys(context).length === 0 ? {} : { context }),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
  };
}

function toJson(value: AttributeValue | AttributeObject): unknown {
  if (Array.isArray(value)) return value.map(toJson);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([name, each]) => [name, toJson(each)]));
}

function freshName(taken: ReadonlySet<string>): string {
  let name = 'other';
  for (let i = 2; taken.has(name); i++) name = `other${i}`;
  return name;
}
