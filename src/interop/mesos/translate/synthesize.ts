import { isForEverything, type ListProgram, type ListStep, sortedSide } from '../list-program.ts';
import { covers, maxQuestions, sizeOf, universeOf, verdictOf } from './universe.ts';

/** Steps of another form, or why there are none. */
export type Synthesis =
  | { readonly ok: true; readonly steps: readonly ListStep[] }
  | { readonly ok: false; readonly reason: string };

/** Beyond this many comparisons the search is not begun; nor is it where the result could not be proved. */
const maxWork = 20_000_000;

/**
 * Steps that entries of ACLs can say and that decide as the program does.
 *
 * The verdicts of all kinds of questions are a table. A step that agrees with every cell which it covers and no step before
 * has decided may always come next: if a list exists at all, what is left of it after that still serves the cells that are
 * left. So the search never has to go back, and if it ends before all cells are decided there is no such list.
 */
export function synthesizeSteps(program: ListProgram): Synthesis {
  const universe = universeOf([program]);
  const size = sizeOf(universe);
  if (size > maxQuestions || size * program.steps.length > maxWork) {
    return { ok: false, reason: 'the list is too long to look for another form' };
  }
  return new Synthesizer(program, universe.principals, universe.objects).search();
}

type Effect = 'allow' | 'deny';

/** What an object entity may list, with the columns that it covers. */
interface ColumnGroup {
  readonly value: string;
  readonly columns: readonly number[];
}

class Synthesizer {
  readonly #principals: readonly (string | undefined)[];
  readonly #objects: readonly (string | undefined)[];
  /** Verdicts by row and column; undefined once a step has decided the cell. */
  readonly #cells: (Effect | undefined)[][];
  /** Rows of principals that the program names; the first is ANY, the last everybody else. */
  readonly #namedRows: readonly number[];
  readonly #everyRow: readonly number[];
  readonly #everyColumn: readonly number[];
  readonly #groups: readonly ColumnGroup[];
  readonly #fallback: Effect;
  readonly #steps: ListStep[] = [];

  constructor(
    program: ListProgram,
    principals: readonly (string | undefined)[],
    objects: readonly (string | undefined)[],
  ) {
    this.#principals = principals;
    this.#objects = objects;
    this.#fallback = program.fallback;
    this.#cells = principals.map((principal) =>
      objects.map((object) => verdictOf(program, principal, object)),
    );
    this.#everyRow = principals.map((_, row) => row);
    this.#everyColumn = objects.map((_, column) => column);
    this.#namedRows = this.#everyRow.slice(1, -1);
    const listed = sortedSide(program.steps.flatMap(({ objects }) => (objects === 'any' ? [] : objects)));
    this.#groups = listed.map((value) => ({
      value,
      columns: this.#everyColumn.filter((column) => {
        const object = objects[column];
        return object !== undefined && covers(value, object, program.list.match);
      }),
    }));
  }

  search(): Synthesis {
    while (this.#hasUndecided(this.#everyRow, this.#everyColumn)) {
      if (!this.#takeAll() && !this.#takeRows() && !this.#takeColumns() && !this.#takeCells()) {
        return { ok: false, reason: this.#describeConflict() };
      }
    }
    return { ok: true, steps: this.#withoutFallback() };
  }

  /** What comes to the end of the list gets the program's fallback anyway. */
  #withoutFallback(): readonly ListStep[] {
    const last = this.#steps.at(-1);
    const isNeedless = last !== undefined && isForEverything(last) && last.effect === this.#fallback;
    return isNeedless ? this.#steps.slice(0, -1) : this.#steps;
  }

  #takeAll(): boolean {
    const effect = this.#agreement(this.#everyRow, this.#everyColumn);
    if (effect !== undefined) this.#take(effect, this.#everyRow, this.#everyColumn, 'any', 'any');
    return effect !== undefined;
  }

  /** Principals that are allowed, or denied, everything that is left. */
  #takeRows(): boolean {
    return this.#takeEither((effect) => {
      const rows = this.#namedRows.filter((row) => this.#agreement([row], this.#everyColumn) === effect);
      if (rows.length === 0) return false;
      this.#take(effect, rows, this.#everyColumn, this.#namesOf(rows), 'any');
      return true;
    });
  }

  /** Objects that are allowed, or denied, to everybody who is left. */
  #takeColumns(): boolean {
    return this.#takeEither((effect) => {
      const groups = this.#groups.filter(
        ({ columns }) => this.#agreement(this.#everyRow, columns) === effect,
      );
      if (groups.length === 0) return false;
      const columns = groups.flatMap((group) => group.columns);
      this.#take(effect, this.#everyRow, columns, 'any', valuesOf(groups));
      return true;
    });
  }

  /** What one principal is allowed: a denial of one thing to one principal has no entry. */
  #takeCells(): boolean {
    let hasTaken = false;
    for (const row of this.#namedRows) {
      const groups = this.#groups.filter(({ columns }) => this.#agreement([row], columns) === 'allow');
      if (groups.length === 0) continue;
      hasTaken = true;
      const columns = groups.flatMap((group) => group.columns);
      this.#take('allow', [row], columns, this.#namesOf([row]), valuesOf(groups));
    }
    return hasTaken;
  }

  #takeEither(take: (effect: Effect) => boolean): boolean {
    return take('allow') || take('deny');
  }

  #take(
    effect: Effect,
    rows: readonly number[],
    columns: readonly number[],
    principals: ListStep['principals'],
    objects: ListStep['objects'],
  ): void {
    for (const row of rows) for (const column of columns) this.#cells[row]![column] = undefined;
    this.#steps.push({ effect, principals, objects });
  }

  /** The verdict on all cells that are left of a block; undefined if they differ, or none is left. */
  #agreement(rows: readonly number[], columns: readonly number[]): Effect | undefined {
    let agreed: Effect | undefined;
    for (const row of rows) {
      for (const column of columns) {
        const effect = this.#cells[row]![column];
        if (effect === undefined) continue;
        if (agreed !== undefined && agreed !== effect) return undefined;
        agreed = effect;
      }
    }
    return agreed;
  }

  #hasUndecided(rows: readonly number[], columns: readonly number[]): boolean {
    return rows.some((row) => columns.some((column) => this.#cells[row]![column] !== undefined));
  }

  #namesOf(rows: readonly number[]): readonly string[] {
    return sortedSide(rows.map((row) => this.#principals[row]!));
  }

  /** A denial that is left: somebody else has what it denies, and who is denied has something else. */
  #describeConflict(): string {
    const row = this.#everyRow.find((candidate) => this.#cells[candidate]!.includes('deny'))!;
    const column = this.#cells[row]!.indexOf('deny');
    const who = this.#nameOf(this.#principals, row, 'principal');
    const what = this.#nameOf(this.#objects, column, 'object');
    return `${who} is denied ${what}, which others are allowed, and is allowed others`;
  }

  #nameOf(names: readonly (string | undefined)[], index: number, kind: string): string {
    if (names[index] === undefined) return `a request without ${kind}`;
    return index === names.length - 1 ? `any other ${kind}` : `\`${names[index]}\``;
  }
}

function valuesOf(groups: readonly ColumnGroup[]): readonly string[] {
  return sortedSide(groups.map(({ value }) => value));
}
