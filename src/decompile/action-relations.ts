import type { Image } from '../image/image.ts';
import { ENTRY_FLAGS, ENTRY_MASK, ENTRY_PAGE_SHIFT, RELATION_SIZE } from '../image/layout.ts';
import type { Implication, Rule } from '../model/model.ts';
import { getOrMake, namesOf } from './tables.ts';

/** What stands before the name of an action that a rule has for itself alone, whatever it implies elsewhere (S14). */
const EXACT_MARK = '\0';

/** Where a request is asked: 0 in no namespace, then one for each namespace; the last is for requests without a resource (S8). */
export type Ground = number;

/** Actions as rows of the table of actions: those that mean what they imply too, and those that mean themselves alone. */
export interface SpokenActions {
  readonly plain: readonly number[];
  readonly exact: readonly number[];
}

/** The actions of an image, and which requests a rule on one speaks of (S13, S14). */
export class ActionRelations {
  readonly names: readonly string[];
  readonly groundOfNothing: Ground;
  /** Of a row that means itself alone, the row of the action; of others nothing. */
  readonly #plainOfExact: readonly (number | undefined)[];
  /** By effect, ground and action the actions asked that a rule on it matches besides; no entry for none. */
  readonly #asked: Readonly<Record<Rule['effect'], readonly ReadonlyMap<number, readonly number[]>[]>>;

  constructor(image: Image) {
    this.names = namesOf(image, image.actions);
    const rows = new Map(this.names.map((name, row) => [name, row]));
    this.#plainOfExact = this.names.map((name) =>
      name.startsWith(EXACT_MARK) ? rows.get(name.slice(EXACT_MARK.length)) : undefined,
    );
    const grounds = this.names.length === 0 ? 0 : image.relationIndex.length / this.names.length;
    this.groundOfNothing = grounds - 1;
    const read = (offset: number): Map<number, number[]>[] =>
      Array.from({ length: grounds }, (_, ground) => this.#readGround(image, ground, offset));
    this.#asked = { allow: read(1), deny: read(2) };
  }

  /** The names of actions that requests can ask for, each once, sorted by code units: the numbers mean nothing to anybody. */
  namesOf(rows: Iterable<number>): readonly string[] {
    const names = new Set<string>();
    for (const row of rows) if (this.#plainOfExact[row] === undefined) names.add(this.names[row]!);
    return [...names].sort();
  }

  /** Whether some action ever means itself alone. */
  get hasExact(): boolean {
    return this.#plainOfExact.some((action) => action !== undefined);
  }

  /** The actions of an entry, ascending. */
  actionsOf({ nodes }: Image, entry: number): SpokenActions {
    return this.spokenBy([nodes[entry + ENTRY_FLAGS]! >>> ENTRY_PAGE_SHIFT, nodes[entry + ENTRY_MASK]!]);
  }

  /** The actions of masks, each behind its page. */
  spokenBy(masks: ArrayLike<number>): SpokenActions {
    const plain: number[] = [];
    const exact: number[] = [];
    for (let i = 0; i < masks.length; i += 2) {
      for (const row of rowsIn(masks[i + 1]!, masks[i]!)) {
        const action = this.#plainOfExact[row];
        if (action !== undefined) exact.push(action);
        else plain.push(row);
      }
    }
    return { plain, exact };
  }

  /** The actions of requests that a rule on an action matches beside that action itself. */
  askedBeside(effect: Rule['effect'], ground: Ground, action: number): readonly number[] {
    return this.#asked[effect][ground]?.get(action) ?? [];
  }

  /** Implications that hold everywhere, of which all others follow (S14). */
  globalImplications(): Implication[] {
    return this.#implicationsOf(0, () => false);
  }

  /** Those that hold in a namespace and not everywhere. */
  implicationsOf(namespace: number): Implication[] {
    return this.#implicationsOf(namespace + 1, (action, implied) => this.#implies(0, action, implied));
  }

  #implicationsOf(ground: Ground, isKnown: (action: number, implied: number) => boolean): Implication[] {
    return [...(this.#asked.allow[ground] ?? [])]
      .map(([action, all]) => ({
        action: this.names[action]!,
        implies: this.namesOf(
          all.filter(
            (implied) => !isKnown(action, implied) && !this.#isBetween(ground, action, implied, all),
          ),
        ),
      }))
      .filter(({ implies }) => implies.length > 0)
      .sort((a, b) => (a.action < b.action ? -1 : 1));
  }

  /** Whether one action implies another by way of a third that neither implies the first nor is implied by the other. */
  #isBetween(ground: Ground, action: number, implied: number, all: readonly number[]): boolean {
    return all.some(
      (each) =>
        each !== implied &&
        this.#implies(ground, each, implied) &&
        !this.#implies(ground, each, action) &&
        !this.#implies(ground, implied, each),
    );
  }

  #implies(ground: Ground, action: number, implied: number): boolean {
    return this.askedBeside('allow', ground, action).includes(implied);
  }

  #readGround({ relationIndex, relations }: Image, ground: Ground, offset: number): Map<number, number[]> {
    const asked = new Map<number, number[]>();
    const count = this.names.length;
    for (let action = 0; action < count; action++) {
      if (this.#plainOfExact[action] !== undefined) continue;
      const at = relationIndex[ground * count + action]!;
      const end = at + 1 + relations[at]! * RELATION_SIZE;
      for (let page = at + 1; page < end; page += RELATION_SIZE) {
        for (const row of rowsIn(relations[page + offset]!, relations[page]!)) {
          if (row === action || row >= count || this.#plainOfExact[row] !== undefined) continue;
          getOrMake(asked, row, () => []).push(action);
        }
      }
    }
    return asked;
  }
}

/** The rows of an action mask, ascending. */
function* rowsIn(mask: number, page: number): Iterable<number> {
  for (let rest = mask; rest !== 0; rest &= rest - 1) yield page * 32 + 31 - Math.clz32(rest & -rest);
}
