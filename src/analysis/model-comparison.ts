import type { Model, Namespace, PatternElement, Rule } from '../model/model.ts';
import { freeVariables } from '../model/pattern-elements.ts';
import { AskerKindFinder, type AskerKinds } from './asker-kinds.ts';
import { Effort } from './effort.ts';
import { explore, type IdClass } from './explore.ts';
import { lettersOfId } from './letters.ts';
import { matchesElements } from './match-elements.ts';
import { type Changes, findChanges } from './model-changes.ts';
import { ownersOf, PatternTrie } from './pattern-trie.ts';
import { PolicySide, type SideCell } from './policy-side.ts';
import { itemsOf, type RuleItem } from './rule-items.ts';
import { patternsOfRoot, Schema } from './schema.ts';
import type { Asker } from './subjects.ts';

/** Something of each of two policy sets, the one before first. */
export type Both<Each> = readonly [Each, Each];

/** Ids of one class as both policy sets see them; without a resource, requests that name none (S8). */
export interface Cell {
  readonly sides: Both<SideCell>;
  readonly resource?: string;
  /** Owners in `terms`: the patterns that hold its ids. */
  readonly terms: readonly number[];
}

/** A pattern that some of the ids looked at match, and others may not. */
export interface IdTerm {
  readonly elements: readonly PatternElement[];
  /** Whether it may hold ids that are not looked at. */
  readonly isOpen: boolean;
}

export interface ComparisonOptions {
  /** Whether cells are to say which patterns hold their ids, which makes them more. */
  readonly withTerms?: boolean;
  /** Only requests for resources that it matches are looked at. */
  readonly within?: readonly PatternElement[];
  /** What the comparison may cost, with all else that shares it. */
  readonly effort?: Effort;
}

/**
 * What may differ between two policy sets: classes of ids that a changed rule speaks of and no rule tells apart; for each the
 * actions in question, and one asker of every kind.
 */
export class ModelComparison {
  readonly changes: Changes;
  readonly effort: Effort;
  readonly schemas: Both<Schema>;
  readonly sides: Both<PolicySide>;
  /** Undefined stands for a request to an authorizer that is given no mode. */
  readonly modes: readonly (string | undefined)[];
  /** Shared variables free. In no order that counts, each once. */
  readonly terms: readonly IdTerm[];
  readonly #kinds: AskerKindFinder;
  /** The first of the terms; what it does not hold is left out. */
  readonly #hasWithin: boolean;
  readonly #termTrie = new PatternTrie();
  /** What changed rules say, by side. */
  readonly #changed: Both<readonly RuleItem[]>;
  readonly #region: PatternTrie;
  /** Namespaces of which all may be decided otherwise, as who is superuser may have changed. */
  readonly #widened = new Set<Namespace>();
  readonly #seen = new Set<string>();

  constructor(
    before: Model,
    after: Model,
    { withTerms = false, within, effort = new Effort() }: ComparisonOptions = {},
  ) {
    this.changes = findChanges(before, after);
    this.effort = effort;
    this.schemas = [new Schema(before), new Schema(after)];
    this.#changed = [this.#itemsOfChanged(0), this.#itemsOfChanged(1)];
    const patterns = this.#regionPatterns();
    this.#region = new PatternTrie();
    for (const elements of patterns) this.#region.add(elements, 0);
    const region = this.changes.isEverything ? undefined : this.#region;
    this.sides = [new PolicySide(this.schemas[0], region), new PolicySide(this.schemas[1], region)];
    this.#kinds = new AskerKindFinder(this.sides, this.changes.rules, effort);
    this.modes = [undefined, ...before.modes.filter((mode) => after.modes.includes(mode))];
    this.terms = [
      ...(within === undefined ? [] : [{ elements: within, isOpen: true }]),
      ...(withTerms ? this.#collectTerms(patterns) : []),
    ];
    this.#hasWithin = within !== undefined;
    for (const [owner, { elements }] of this.terms.entries()) this.#termTrie.add(elements, owner);
  }

  /**
   * @param visit  called once for each class. Returns true to end
   * @throws {TooComplexError}
   */
  forEachCell(visit: (cell: Cell) => boolean | undefined): void {
    const isForNothing = this.#changed.flat().some((item) => item.isForNothing);
    const isNothingMeant = (this.changes.isEverything || isForNothing) && !this.#hasWithin;
    if (isNothingMeant && visit(this.#cellOfNothing()) === true) return;
    const roots = this.schemas.map(({ rootTrie }) => rootTrie);
    const tries = [
      ...this.sides.flatMap(({ trie, schema }) => [trie, schema.templateTrie]),
      this.#termTrie,
      ...roots,
    ];
    const visitIds = (ids: IdClass): boolean | undefined => {
      const isMeant = !this.#hasWithin || ids.inOthers[4]!.includes(0);
      return !isMeant || this.#isSeen(ids) ? undefined : visit(this.#cellOf(ids));
    };
    explore(this.#region, tries, visitIds, { effort: this.effort });
  }

  /** The actions that may be decided otherwise on a cell, and one that no rule names if that may be. */
  actionsOf(cell: Cell): { readonly named: readonly string[]; readonly other?: string } {
    const isWide =
      this.changes.isEverything ||
      cell.sides.some(({ namespace }, i) => {
        const declared = this.schemas[i]!.namespaceAt(namespace);
        return declared !== undefined && this.#widened.has(declared);
      });
    const asked = new Set<string>();
    for (const [i, side] of this.sides.entries()) {
      for (const item of cell.sides[i]!.items) {
        if (!isWide && !this.changes.rules[i]!.has(item.rule)) continue;
        for (const action of side.schema.askedBy(item.rule, item, cell.sides[i]!.place)) asked.add(action);
      }
      if (isWide) for (const action of side.schema.allActions()) asked.add(action);
    }
    return isWide ? { named: [...asked], other: freshName(asked) } : { named: [...asked] };
  }

  /**
   * One asker of every kind that is told apart there.
   *
   * @throws {TooComplexError}
   */
  askersOf(cell: Cell, action: string): AskerKinds {
    return this.#kinds.find(cell, action);
  }

  /** The cells that an id is in, as owners of every trie: equal for ids of one class. */
  signatureOf(id: string): string {
    const letters = lettersOfId(id);
    const tries = this.sides.flatMap(({ trie, schema }) => [trie, schema.templateTrie]);
    return keyOf(
      this.#namespacesOf(letters[0]!),
      tries.map((trie) => ownersOf(trie, letters)),
    );
  }

  // -------------------------------------------------------------- what is looked at

  #itemsOfChanged(side: 0 | 1): readonly RuleItem[] {
    const schema = this.schemas[side];
    const changed = this.changes.rules[side];
    const items: RuleItem[] = [];
    for (const [index, rule] of changed.size === 0 ? [] : schema.model.rules.entries()) {
      if (changed.has(rule)) items.push(...itemsOf(rule, index, schema));
    }
    return items;
  }

  #regionPatterns(): readonly (readonly PatternElement[])[] {
    if (this.changes.isEverything) return [everything];
    const patterns = this.#changed.flat().flatMap((item) => item.patterns);
    for (const { model } of this.schemas) {
      for (const [i, namespace] of model.namespaces.entries()) {
        if (!this.#isChangedAt(namespace, i)) continue;
        this.#widened.add(namespace);
        patterns.push(...namespace.roots.flatMap(patternsOfRoot));
      }
    }
    return patterns;
  }

  /** Whether a changed rule speaks of the superuser's id, so that all of the namespace may be decided otherwise. */
  #isChangedAt({ superuser }: Namespace, place: number): boolean {
    if (superuser === undefined) return false;
    const letters = lettersOfId(superuser);
    return this.schemas.some((schema, i) => {
      const actions = schema.superuserActions(superuser);
      return this.#changed[i]!.some(
        (item) =>
          item.patterns.some((elements) => matchesElements(elements, letters)) &&
          actions.some((action) => schema.askedBy(item.rule, item, place).has(action)),
      );
    });
  }

  /** Every pattern that may tell ids of the region apart. Those of the region itself come first. */
  #collectTerms(region: readonly (readonly PatternElement[])[]): readonly IdTerm[] {
    const terms = new Map<string, IdTerm>();
    const add = (elements: readonly PatternElement[], isOpen: boolean): void => {
      const plain = freeVariables(elements);
      const key = JSON.stringify(plain);
      if (!terms.has(key)) terms.set(key, { elements: plain, isOpen });
    };
    for (const elements of region) add(elements, false);
    const isOpen = !this.changes.isEverything;
    for (const side of this.sides) {
      for (const { patterns } of side.items) for (const elements of patterns) add(elements, isOpen);
      for (const elements of side.scopePatterns) add(elements, isOpen);
      for (const elements of side.schema.templatePatterns) add(elements, isOpen);
      for (const { roots } of side.model.namespaces)
        for (const elements of roots.flatMap(patternsOfRoot)) add(elements, isOpen);
    }
    return [...terms.values()];
  }

  #isSeen({ inOthers, first }: IdClass): boolean {
    for (const owners of inOthers) this.effort.spend(owners.length);
    const key = keyOf(this.#namespacesOf(first), inOthers);
    if (this.#seen.has(key)) return true;
    this.#seen.add(key);
    return false;
  }

  #namespacesOf(first: IdClass['first']): readonly (number | undefined)[] {
    return this.schemas.map((schema) => schema.namespaceOf(first));
  }

  #cellOf({ inOthers, first, id }: IdClass): Cell {
    const [before, after] = this.sides;
    return {
      sides: [
        before.cellOf(first, inOthers[0]!, inOthers[1]!),
        after.cellOf(first, inOthers[2]!, inOthers[3]!),
      ],
      resource: id(),
      terms: [...new Set(inOthers[4])],
    };
  }

  #cellOfNothing(): Cell {
    return { sides: [this.sides[0].cellOfNothing(), this.sides[1].cellOfNothing()], terms: [] };
  }
}

const everything: readonly PatternElement[] = [{ kind: 'many', separator: 'start' }];

function keyOf(namespaces: readonly (number | undefined)[], owners: readonly (readonly number[])[]): string {
  const lists = owners.map((each) => [...new Set(each)].sort((a, b) => a - b).join());
  return `${namespaces.join()}|${lists.join('|')}`;
}

/** Rules of a cell that have changed and speak of the asker, of one side. */
export function isMet(rule: Rule, side: PolicySide, asker: Asker): boolean {
  const groups = side.subjects.groupsOf(asker);
  return rule.subjects.some((each) => side.subjects.matches(each, asker, groups));
}

function freshName(taken: ReadonlySet<string>): string {
  let name = 'other';
  for (let i = 2; taken.has(name); i++) name = `other${i}`;
  return name;
}
