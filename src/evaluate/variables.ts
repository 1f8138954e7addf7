import { type IdElements, MAX_ELEMENTS, START_ROOT, START_SEGMENT, separatorOf } from '../id/elements.ts';
import { matchesGlob } from '../image/glob.ts';
import type { Image } from '../image/image.ts';
import { NONE } from '../image/layout.ts';
import {
  ELEMENT_GLOB,
  ELEMENT_MANY,
  ELEMENT_ONE,
  ELEMENT_ROOT,
  ELEMENT_SIZE,
  ELEMENT_VARIABLE,
  ELEMENT_VARIABLE_MANY,
} from '../image/variable-ops.ts';

/** A match that takes more steps errs, as a condition may (S25). */
export const MAX_MATCH_STEPS = 100_000;

/** An id with its elements. */
export interface ScannedId {
  readonly text: string;
  readonly elements: IdElements;
}

/**
 * Whether the two patterns of a rule match the subject and the resource with one choice of variables (S25). The trie has
 * found the pair with variables as wildcards; this decides whether their texts agree. A program that is NONE matches anything.
 *
 * @returns undefined if the search took more than MAX_MATCH_STEPS
 */
export function matchVariables(
  image: Image,
  subjectProgram: number,
  subject: ScannedId,
  resourceProgram: number,
  resource: ScannedId,
): boolean | undefined {
  const search = new VariableSearch(image, [
    { program: subjectProgram, ...subject },
    { program: resourceProgram, ...resource },
  ]);
  const found = search.matchSide(0);
  return search.isExhausted ? undefined : found;
}

interface Side extends ScannedId {
  readonly program: number;
}

/** One search. It recurses once for each element of the two patterns, of which there are at most 514. */
class VariableSearch {
  #steps = 0;
  readonly #image: Image;
  readonly #sides: readonly Side[];
  readonly #bound = new Map<number, string>();
  /** What has been tried in vain with the variables as they are bound now: only variables multiply the work. */
  #failed = new Set<number>();

  constructor(image: Image, sides: readonly Side[]) {
    this.#image = image;
    this.#sides = sides;
  }

  get isExhausted(): boolean {
    return this.#steps > MAX_MATCH_STEPS;
  }

  matchSide(side: number): boolean {
    if (side === this.#sides.length) return true;
    if (this.#sides[side]!.program === NONE) return this.matchSide(side + 1);
    return this.#matchFrom(side, 0, 0);
  }

  #matchFrom(side: number, element: number, position: number): boolean {
    const state = (side * MAX_ELEMENTS + element) * (MAX_ELEMENTS + 1) + position;
    if (this.#failed.has(state) || ++this.#steps > MAX_MATCH_STEPS) return false;
    this.#failed.add(state);
    const { program, elements } = this.#sides[side]!;
    const { programs } = this.#image;
    if (element === programs[program]!) return position === elements.count && this.matchSide(side + 1);
    const at = program + 1 + element * ELEMENT_SIZE;
    const kind = programs[at]!;
    // Where a `**` at the start has taken nothing, what follows it comes first (S24).
    const code =
      position > 0 || element === 0 ? programs[at + 1]! : kind === ELEMENT_ROOT ? START_ROOT : START_SEGMENT;
    if (kind === ELEMENT_MANY || kind === ELEMENT_VARIABLE_MANY)
      return this.#matchMany(side, element, position, code, kind, programs[at + 2]!);
    if (position === elements.count || elements.codes[position] !== code) return false;
    if (kind === ELEMENT_VARIABLE) {
      return this.#bind(programs[at + 2]!, this.#textOf(side, position, position + 1), () =>
        this.#matchFrom(side, element + 1, position + 1),
      );
    }
    return this.#matchesOne(side, at, kind, position) && this.#matchFrom(side, element + 1, position + 1);
  }

  #matchesOne(side: number, at: number, kind: number, position: number): boolean {
    if (kind === ELEMENT_ROOT || kind === ELEMENT_ONE) return true;
    const { text, elements } = this.#sides[side]!;
    const { programs, text: pool } = this.#image;
    const start = elements.starts[position]!;
    const end = elements.ends[position]!;
    if (kind === ELEMENT_GLOB) return matchesGlob(programs, pool, programs[at + 2]!, text, start, end);
    const length = programs[at + 3]!;
    if (end - start !== length) return false;
    for (let i = 0; i < length; i++)
      if (pool[programs[at + 2]! + i] !== text.charCodeAt(start + i)) return false;
    return true;
  }

  #matchMany(
    side: number,
    element: number,
    position: number,
    code: number,
    kind: number,
    variable: number,
  ): boolean {
    const { elements } = this.#sides[side]!;
    const goOn = (end: number): boolean =>
      kind === ELEMENT_VARIABLE_MANY
        ? this.#bind(variable, this.#textOf(side, position, end), () =>
            this.#matchFrom(side, element + 1, end),
          )
        : this.#matchFrom(side, element + 1, end);
    if (goOn(position)) return true;
    if (position === elements.count || separatorOf(elements.codes[position]!) !== code) return false;
    for (let end = position + 1; end <= elements.count; end++) if (goOn(end)) return true;
    return false;
  }

  #bind(variable: number, text: string, goOn: () => boolean): boolean {
    const bound = this.#bound.get(variable);
    if (bound !== undefined) return bound === text && goOn();
    const failed = this.#failed;
    this.#failed = new Set();
    this.#bound.set(variable, text);
    if (goOn()) return true;
    this.#bound.delete(variable);
    this.#failed = failed;
    return false;
  }

  /** From the first segment to the last: a root is none (S25). */
  #textOf(side: number, from: number, to: number): string {
    const { text, elements } = this.#sides[side]!;
    const first = from + Number(elements.codes[from]! >= START_ROOT);
    const last = to - 1 - Number(elements.codes[to - 1]! >= START_ROOT);
    return from < to && first <= last ? text.slice(elements.starts[first], elements.ends[last]) : '';
  }
}
