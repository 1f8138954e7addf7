import type { Letter } from '../analysis/letters.ts';
import { matchesLetter } from '../analysis/match-elements.ts';
import { nearestName } from '../diagnostics/nearest.ts';
import type { PatternElement } from '../model/model.ts';
import { takesMany } from '../model/pattern-elements.ts';
import { printElements } from '../printing/print-pattern.ts';
import type { SegmentStep } from './answer.ts';

/** What a step between two ids costs: a slip of the keyboard, or a separator, half of another segment. */
const STEP_COSTS = { same: 0, misspelt: 1, separator: 1, other: 2, missing: 2, extra: 2 } as const;
/** A root is no segment (S1): one too many is a slip. */
const ROOT_COST = 1;

type Step = keyof typeof STEP_COSTS | 'many';

/** How far one id is from what patterns match: the least sum of steps from a pattern to the id. */
export class IdDistance {
  readonly #letters: readonly Letter[];
  /** Whether a text is a misspelling of the letter at that place: the same texts are met again and again. */
  readonly #misspelt: readonly Map<string, boolean>[];

  readonly #isKnown: (text: string) => boolean;

  /** @param isKnown  tells segments that the policies name: they are no misspellings of others */
  constructor(letters: readonly Letter[], isKnown: (text: string) => boolean) {
    this.#letters = letters;
    this.#isKnown = isKnown;
    this.#misspelt = letters.map(() => new Map());
  }

  /** The distance, or more than `limit` if it is more. */
  to(elements: readonly PatternElement[], limit: number): number {
    let row = this.#firstRow();
    for (const element of elements) {
      row = this.#nextRow(row, element);
      if (Math.min(...row) > limit) return limit + 1;
    }
    return row[this.#letters.length]!;
  }

  /** The distance to what the patterns would match with anything behind them: never more than the distance itself. */
  toBeginning(elements: readonly PatternElement[], limit: number): number {
    let row = this.#firstRow();
    for (const element of elements) {
      row = this.#nextRow(row, element);
      if (Math.min(...row) > limit) return limit + 1;
    }
    return Math.min(...row);
  }

  /** The steps that make up the distance, from the left; those that cost nothing left out. */
  stepsTo(elements: readonly PatternElement[]): readonly SegmentStep[] {
    const rows = [this.#firstRow()];
    for (const element of elements) rows.push(this.#nextRow(rows.at(-1)!, element));
    const steps: SegmentStep[] = [];
    let i = elements.length;
    let j = this.#letters.length;
    while (i > 0 || j > 0) {
      const { step, toI, toJ } = this.#stepInto(rows, elements, i, j);
      if (step !== 'same' && step !== 'many') {
        steps.unshift({
          kind: step,
          ...(toI < i ? { ofRule: printElements([withoutSeparator(elements[i - 1]!)]) } : {}),
          ...(toJ < j ? { ofRequest: this.#letters[toJ]!.text || '/' } : {}),
        });
      }
      i = toI;
      j = toJ;
    }
    return steps;
  }

  #firstRow(): readonly number[] {
    const row = [0];
    for (const letter of this.#letters) row.push(row.at(-1)! + costOfExtra(letter));
    return row;
  }

  /** Costs of the elements so far and one more, against the first letters, none of them to all. */
  #nextRow(before: readonly number[], element: PatternElement): readonly number[] {
    const row: number[] = [];
    const isMany = takesMany(element);
    let within = Infinity;
    for (let j = 0; j < before.length; j++) {
      const skipped = before[j]! + (isMany ? 0 : costOfMissing(element));
      const extra = j === 0 ? Infinity : row[j - 1]! + costOfExtra(this.#letters[j - 1]!);
      if (isMany) {
        if (j > 0) within = Math.min(within, before[j - 1]! + this.#costOfEntering(element, j - 1));
        row.push(Math.min(skipped, extra, within));
      } else {
        const one = j === 0 ? Infinity : before[j - 1]! + STEP_COSTS[this.#compare(element, j - 1)];
        row.push(Math.min(skipped, extra, one));
      }
    }
    return row;
  }

  /** One step back on a cheapest way. */
  #stepInto(
    rows: readonly (readonly number[])[],
    elements: readonly PatternElement[],
    i: number,
    j: number,
  ): { readonly step: Step; readonly toI: number; readonly toJ: number } {
    const cost = rows[i]![j]!;
    const element = elements[i - 1];
    if (element !== undefined && j > 0 && !takesMany(element)) {
      const step = this.#compare(element, j - 1);
      if (rows[i - 1]![j - 1]! + STEP_COSTS[step] === cost) return { step, toI: i - 1, toJ: j - 1 };
    }
    if (element !== undefined && takesMany(element)) {
      if (rows[i - 1]![j] === cost) return { step: 'many', toI: i - 1, toJ: j };
      for (let from = j - 1; from >= 0; from--) {
        const entering = this.#costOfEntering(element, from);
        if (rows[i - 1]![from]! + entering !== cost) continue;
        return { step: entering === 0 ? 'many' : 'separator', toI: i - 1, toJ: from };
      }
    }
    if (j > 0 && rows[i]![j - 1]! + costOfExtra(this.#letters[j - 1]!) === cost)
      return { step: 'extra', toI: i, toJ: j - 1 };
    return { step: 'missing', toI: i - 1, toJ: j };
  }

  #compare(element: PatternElement, at: number): 'same' | 'misspelt' | 'separator' | 'other' {
    const letter = this.#letters[at]!;
    if (matchesLetter(element, letter))
      return at === 0 || element.separator === letter.separator ? 'same' : 'separator';
    const isNear = element.kind === 'literal' && element.separator === letter.separator;
    return isNear && this.#isMisspelt(element.text, at) ? 'misspelt' : 'other';
  }

  #isMisspelt(text: string, at: number): boolean {
    let known = this.#misspelt[at]!.get(text);
    if (known === undefined) {
      const name = this.#letters[at]!.text;
      // Of short names, such as `a` and `b`, a slip leaves nothing: they are two names.
      const isNear = Math.min(name.length, text.length) > 2 && nearestName(name, [text]) !== undefined;
      known = isNear && !this.#isKnown(name);
      this.#misspelt[at]!.set(text, known);
    }
    return known;
  }

  #costOfEntering({ separator }: PatternElement, at: number): number {
    return at === 0 || this.#letters[at]!.separator === separator ? 0 : STEP_COSTS.separator;
  }
}

function costOfMissing({ kind }: PatternElement): number {
  return kind === 'root' ? ROOT_COST : STEP_COSTS.missing;
}

function costOfExtra({ text }: Letter): number {
  return text === '' ? ROOT_COST : STEP_COSTS.extra;
}

function withoutSeparator(element: PatternElement): PatternElement {
  return element.kind === 'root'
    ? { kind: 'root', separator: 'start' }
    : ({ ...element, separator: 'start' } as PatternElement);
}
