import { AskerComparison, type Outcome } from '../analysis/asker-differences.ts';
import type { AskerKinds } from '../analysis/asker-kinds.ts';
import { type DifferenceWitness, witnessOf } from '../analysis/compare-models.ts';
import { type DescribedSet, describerOf } from '../analysis/described-set.ts';
import { type Cell, isMet, type ModelComparison } from '../analysis/model-comparison.ts';
import { referenceToRule } from '../analysis/rule-reference.ts';
import { type Asker, includesElements } from '../analysis/subjects.ts';
import { TooComplexError } from '../analysis/too-complex.ts';
import type { PatternElement, Rule } from '../model/model.ts';
import { printElements } from '../printing/print-pattern.ts';
import { changeConditionOf } from './change-condition.ts';
import { AskerDescriber } from './describe-askers.ts';
import type {
  AccessChange,
  ChangeCondition,
  Mode,
  PolicyDifference,
  Requests,
  ResourceTerm,
  SubjectTerm,
  UndecidedPart,
} from './policy-difference.ts';

/** Classes of ids, by number, on which the same happens to the same people, by action. */
interface Row {
  readonly subjects: DescribedSet<SubjectTerm>;
  readonly cells: Map<string, Set<number>>;
  /** Of the actions the one that stands for all that nothing names. */
  other?: string;
}

interface ChangeRow extends Row {
  readonly isGained: boolean;
  readonly condition: ChangeCondition | undefined;
  readonly modes: readonly Mode[] | undefined;
  readonly witnesses: Map<string, DifferenceWitness>;
  readonly rules: Map<string, Set<Rule>>;
}

const anyone: DescribedSet<SubjectTerm> = [{ all: [{ kind: 'anyone' }], except: [] }];

const MAX_COMPARED_TERMS = 20_000;

interface UndecidedRow extends Row {
  readonly reason: string;
}

/** One action on one class of ids. */
interface Place {
  readonly cell: Cell;
  readonly number: number;
  readonly action: string;
  readonly isOther: boolean;
}

/** What happens to one asker. */
interface Happening {
  readonly asker: number;
  readonly outcome: Outcome;
  readonly condition: ChangeCondition | undefined;
}

/** Collects what differs, class by class, and says it in as few sets as it can. */
export class DifferenceRows {
  readonly #comparison: ModelComparison;
  readonly #askers: AskerComparison;
  readonly #changes = new Map<string, ChangeRow>();
  readonly #undecided = new Map<string, UndecidedRow>();
  /** The classes that each term holds. */
  readonly #held: readonly Set<number>[];
  readonly #describers = new WeakMap<AskerKinds, AskerDescriber>();
  readonly #texts = new Map<DescribedSet<SubjectTerm>, string>();
  #count = 0;
  #nothing: number | undefined;

  constructor(comparison: ModelComparison) {
    this.#comparison = comparison;
    this.#askers = new AskerComparison(comparison);
    this.#held = comparison.terms.map(() => new Set<number>());
  }

  addCell(cell: Cell): void {
    const number = this.#count++;
    if (cell.resource === undefined) this.#nothing = number;
    for (const term of cell.terms) this.#held[term]!.add(number);
    const { named, other } = this.#comparison.actionsOf(cell);
    for (const action of named) this.#tryAction({ cell, number, action, isOther: false });
    if (other !== undefined) this.#tryAction({ cell, number, action: other, isOther: true });
  }

  finish(): Pick<PolicyDifference, 'gained' | 'lost' | 'undecided'> {
    const describe = describerOf(
      this.#comparison.terms.map(({ elements, isOpen }, i) => ({
        term: { text: printElements(elements), elements },
        atoms: this.#held[i]!,
        isOpen: isOpen && this.#isOpen(elements),
      })),
    );
    const changes = [...this.#changes.values()].flatMap((row) =>
      this.#requestsOf(row, describe).map((requests) => ({ row, requests })),
    );
    const sideOf = (isGained: boolean): readonly AccessChange[] =>
      changes
        .filter(({ row }) => row.isGained === isGained)
        .map(({ row, requests }) => changeOf(row, requests));
    return {
      gained: sideOf(true),
      lost: sideOf(false),
      undecided: [...this.#undecided.values()].flatMap((row) =>
        this.#requestsOf(row, describe).map(
          ({ requests }): UndecidedPart => ({ ...requests, reason: row.reason }),
        ),
      ),
    };
  }

  /** Whether a pattern holds ids that were not looked at; taken for granted where finding out takes long. */
  #isOpen(elements: readonly PatternElement[]): boolean {
    const { terms } = this.#comparison;
    const closed = terms.filter(({ isOpen }) => !isOpen).map((term) => term.elements);
    return closed.length * terms.length > MAX_COMPARED_TERMS || !includesElements(closed, elements);
  }

  /** The sets of a row: actions that have the same resources are one set. */
  #requestsOf(
    { subjects, cells, other }: Row,
    describe: (cells: ReadonlySet<number>) => DescribedSet<ResourceTerm>,
  ): readonly RowRequests[] {
    const alike = Map.groupBy(cells, ([, numbers]) => [...numbers].sort((a, b) => a - b).join());
    return [...alike.values()].map((group) => {
      const numbers = new Set(group[0]![1]);
      const isWithoutResource = this.#nothing !== undefined && numbers.delete(this.#nothing);
      const asked = group.map(([action]) => action);
      return {
        asked,
        requests: {
          subjects,
          actions: asked.filter((action) => action !== other).sort(),
          isAnyOtherAction: other !== undefined && asked.includes(other),
          resources: describe(numbers),
          isWithoutResource,
        },
      };
    });
  }

  // -------------------------------------------------------------- one action on one class of ids

  /** What is too much to decide in one place is undecided there, and there alone. */
  #tryAction(place: Place): void {
    try {
      this.#addAction(place);
    } catch (error) {
      if (!(error instanceof TooComplexError)) throw error;
      addPlace(this.#undecidedRow(anyone, error.message), place);
    }
  }

  #addAction(place: Place): void {
    const { cell, action } = place;
    const kinds = this.#comparison.askersOf(cell, action);
    const { askers } = kinds;
    const outcomes = askers.map((asker) => this.#askers.compare(cell, action, asker));
    if (outcomes.every((each) => each.length === 0)) return;
    const describer = this.#describerFor(kinds);
    const happenings = withSharedExamples(outcomes, describer).flatMap((each, i) =>
      each.map((outcome): Happening => {
        const condition =
          'reason' in outcome
            ? undefined
            : changeConditionOf(outcome.cubes, askers[i]!, this.#comparison.sides);
        return { asker: i, outcome, condition };
      }),
    );
    const alike = Map.groupBy(happenings, keyOf);
    for (const group of alike.values()) {
      const ofAsker = Map.groupBy(group, ({ asker }) => asker);
      const byModes = Map.groupBy(ofAsker.values(), (each) =>
        JSON.stringify(each.map(({ outcome }) => outcome.mode ?? null)),
      );
      for (const each of byModes.values()) this.#addHappenings(place, kinds, each);
    }
  }

  /** @param happenings  of each asker those that differ only in their modes */
  #addHappenings(place: Place, kinds: AskerKinds, happenings: readonly (readonly Happening[])[]): void {
    const byAsker = new Map(happenings.map((each) => [each[0]!.asker, each]));
    for (const { subjects, askers } of this.#describerFor(kinds).describe(new Set(byAsker.keys()))) {
      const [first] = askers;
      const happening = byAsker.get(first!)!;
      const { outcome, condition } = happening[0]!;
      if ('reason' in outcome) {
        addPlace(this.#undecidedRow(subjects, outcome.reason), place);
        continue;
      }
      const modes = this.#modesOf(happening);
      const row = this.#changeRow({ subjects, isGained: outcome.after === 'allow', condition, modes });
      addPlace(row, place);
      const { action } = place;
      if (!row.witnesses.has(action)) row.witnesses.set(action, witnessOf(action, outcome));
      this.#addRules(
        row,
        place,
        [...askers].map((asker) => kinds.askers[asker]!),
      );
    }
  }

  /** Changed rules that speak of what the askers ask for. */
  #addRules(row: ChangeRow, { cell, action }: Place, askers: readonly Asker[]): void {
    const rules = row.rules.get(action) ?? new Set();
    row.rules.set(action, rules);
    for (const [i, side] of this.#comparison.sides.entries()) {
      const changed = this.#comparison.changes.rules[i]!;
      for (const rule of side.rulesFor(cell.sides[i]!, action)) {
        if (rules.has(rule) || !changed.has(rule)) continue;
        if (askers.some((asker) => isMet(rule, side, asker))) rules.add(rule);
      }
    }
  }

  #describerFor(kinds: AskerKinds): AskerDescriber {
    let describer = this.#describers.get(kinds);
    if (describer === undefined) {
      describer = new AskerDescriber(this.#comparison, kinds);
      this.#describers.set(kinds, describer);
    }
    return describer;
  }

  /** Absent where it is so in all of them. */
  #modesOf(happenings: readonly Happening[]): readonly Mode[] | undefined {
    if (happenings.length === this.#comparison.modes.length) return undefined;
    return happenings.map(({ outcome: { mode } }) => (mode === undefined ? 'default' : { name: mode }));
  }

  #changeRow(said: Pick<ChangeRow, 'subjects' | 'isGained' | 'condition' | 'modes'>): ChangeRow {
    const { subjects, isGained, condition, modes } = said;
    const key = JSON.stringify([isGained, condition, modes, this.#textOf(subjects)]);
    let row = this.#changes.get(key);
    if (row === undefined) {
      row = { ...said, cells: new Map(), witnesses: new Map(), rules: new Map() };
      this.#changes.set(key, row);
    }
    return row;
  }

  #undecidedRow(subjects: DescribedSet<SubjectTerm>, reason: string): UndecidedRow {
    const key = JSON.stringify([reason, this.#textOf(subjects)]);
    let row = this.#undecided.get(key);
    if (row === undefined) {
      row = { subjects, reason, cells: new Map() };
      this.#undecided.set(key, row);
    }
    return row;
  }

  #textOf(subjects: DescribedSet<SubjectTerm>): string {
    let text = this.#texts.get(subjects);
    if (text === undefined) {
      text = JSON.stringify(subjects);
      this.#texts.set(subjects, text);
    }
    return text;
  }
}

/** Of askers that nothing tells apart an example may have been found for some only: it shows the same of the others. */
function withSharedExamples(
  outcomes: readonly (readonly Outcome[])[],
  describer: AskerDescriber,
): readonly (readonly Outcome[])[] {
  if (!outcomes.flat().some((outcome) => 'reason' in outcome)) return outcomes;
  const best = new Map<string, readonly Outcome[]>();
  const profiles = outcomes.map((_, i) => describer.profileOf(i));
  const undecided = (each: readonly Outcome[]): number =>
    each.filter((outcome) => 'reason' in outcome).length;
  for (const [i, each] of outcomes.entries()) {
    const known = best.get(profiles[i]!);
    if (known === undefined || undecided(each) < undecided(known)) best.set(profiles[i]!, each);
  }
  return profiles.map((profile) => best.get(profile)!);
}

interface RowRequests {
  /** The actions, as they were asked. */
  readonly asked: readonly string[];
  readonly requests: Requests;
}

function keyOf({ outcome, condition }: Happening): string {
  return 'reason' in outcome ? `? ${outcome.reason}` : `${outcome.after} ${JSON.stringify(condition)}`;
}

function addPlace(row: Row, { number, action, isOther }: Place): void {
  const cells = row.cells.get(action);
  if (cells === undefined) row.cells.set(action, new Set([number]));
  else cells.add(number);
  if (isOther) row.other = action;
}

function changeOf(row: ChangeRow, { asked, requests }: RowRequests): AccessChange {
  const rules = new Set(asked.flatMap((action) => [...row.rules.get(action)!]));
  return {
    ...requests,
    ...(row.condition === undefined ? {} : { condition: row.condition }),
    ...(row.modes === undefined ? {} : { modes: row.modes }),
    witness: row.witnesses.get(asked[0]!)!,
    rules: [...new Map([...rules].map(referenceToRule).map((each) => [JSON.stringify(each), each])).values()],
  };
}
