import type { Implication, Model } from '../model/model.ts';
import { NameTable } from './name-table.ts';
import type { TextPool } from './text-pool.ts';
import { Words } from './words.ts';

/** The actions of a policy set, and which rules speak of which requests (S13, S14). */
export interface ActionTables {
  /** The names of actions, and for those in implications a second row of their own; see `exactName`. */
  readonly names: NameTable;
  /** (namespace * actionCount + action) → offset in `relations`. Namespace 0 is none, the last is "no resource" (S8). */
  readonly index: Int32Array;
  readonly relations: Int32Array;
}

/** What stands before a name that no request can have. */
const exactMark = '\0';

/** The action as a rule has it that holds for this action alone, whatever it implies elsewhere. */
export function exactName(action: string): string {
  return exactMark + action;
}

/** All that the action implies, itself included (S14). */
export function impliedActions(action: string, implications: readonly Implication[]): ReadonlySet<string> {
  const reached = new Set([action]);
  // A set that grows while it is walked is walked to its end.
  for (const each of reached) {
    for (const { action: implier, implies } of implications) {
      if (implier === each) for (const implied of implies) reached.add(implied);
    }
  }
  return reached;
}

/** @param more  actions that are to be known even if the model does not name them */
export function buildActions(model: Model, pool: TextPool, more: readonly string[]): ActionTables {
  const names = new NameTable(pool);
  for (const action of actionsOf(model)) names.add(action);
  for (const action of more) names.add(action);
  const global = model.implications;
  const perNamespace = [
    global,
    ...model.namespaces.map((namespace) => [...global, ...namespace.implications]),
  ];
  const everything = perNamespace.flat();
  for (const name of new Set(everything.flatMap(({ action, implies }) => [action, ...implies]))) {
    names.add(exactName(name));
  }
  const exact = Array.from(names.names(), ([name]) => names.indexOf(exactName(name)));
  const relations = new RelationWriter(exact);
  for (const implications of perNamespace) {
    const closure = closureOf(implications, names);
    relations.addRow(closure, closure);
  }
  relations.addRow(closureOf(global, names), closureOf(everything, names));
  return { names, index: relations.index.view(), relations: relations.relations.view() };
}

/** Every action that the policy set names, in the order of first naming. */
function* actionsOf(model: Model): Iterable<string> {
  for (const rule of model.rules) yield* rule.actions;
  for (const ruleset of model.rulesets) for (const scope of ruleset.scopes) yield* scope.actions;
  for (const { action, implies } of implicationsOf(model)) {
    yield action;
    yield* implies;
  }
  for (const { templates } of model.namespaces) for (const { actions } of templates) yield* actions ?? [];
}

function implicationsOf(model: Model): readonly Implication[] {
  return [...model.implications, ...model.namespaces.flatMap((namespace) => namespace.implications)];
}

/** For each action the actions it implies, itself included, transitively. Only actions that imply something have an entry. */
type Closure = ReadonlyMap<number, ReadonlySet<number>>;

function closureOf(implications: readonly Implication[], names: NameTable): Closure {
  const direct = new Map<number, number[]>();
  for (const { action, implies } of implications) {
    const from = names.add(action);
    const known = direct.get(from) ?? [];
    for (const name of implies) known.push(names.add(name));
    direct.set(from, known);
  }
  const closure = new Map<number, Set<number>>();
  for (const from of direct.keys()) {
    const reached = new Set([from]);
    for (const action of reached) for (const next of direct.get(action) ?? []) reached.add(next);
    closure.set(from, reached);
  }
  return closure;
}

/** Writes for each request action the pages and masks of the rule actions that match it; equal rows are written once. */
class RelationWriter {
  readonly index = new Words();
  readonly relations = new Words();
  readonly #known = new Map<string, number>();
  /** For each action its exact row, if it has one. */
  readonly #exact: readonly (number | undefined)[];

  constructor(exact: readonly (number | undefined)[]) {
    this.#exact = exact;
  }

  addRow(allow: Closure, deny: Closure): void {
    const [allowImpliers, denyImpliers] = [impliersOf(allow), impliersOf(deny)];
    for (const [action, exact] of this.#exact.entries()) {
      const allowing = new Set([
        action,
        ...(allowImpliers.get(action) ?? []),
        ...(exact === undefined ? [] : [exact]),
      ]);
      const denying = new Set([action, ...(denyImpliers.get(action) ?? []), ...(deny.get(action) ?? [])]);
      this.index.push(this.#write(allowing, denying));
    }
  }

  #write(allowing: ReadonlySet<number>, denying: ReadonlySet<number>): number {
    const [allowMasks, denyMasks] = [masksOf(allowing), masksOf(denying)];
    const pages = [...new Set([...allowMasks.keys(), ...denyMasks.keys()])].sort((a, b) => a - b);
    const words = pages.flatMap((page) => [page, allowMasks.get(page) ?? 0, denyMasks.get(page) ?? 0]);
    const key = words.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const at = this.relations.push(pages.length);
    this.relations.pushAll(words);
    this.#known.set(key, at);
    return at;
  }
}

/** For each action those that imply it. */
function impliersOf(closure: Closure): ReadonlyMap<number, readonly number[]> {
  const impliers = new Map<number, number[]>();
  for (const [from, reached] of closure) {
    for (const action of reached) {
      const known = impliers.get(action);
      if (known === undefined) impliers.set(action, [from]);
      else known.push(from);
    }
  }
  return impliers;
}

/** The actions as bits, by pages of 32. */
export function masksOf(actions: Iterable<number>): Map<number, number> {
  const masks = new Map<number, number>();
  for (const action of actions) {
    const page = action >>> 5;
    masks.set(page, (masks.get(page) ?? 0) | (1 << (action & 31)));
  }
  return masks;
}
