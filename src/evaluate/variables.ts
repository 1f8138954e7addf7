import { IdElements, MAX_ELEMENTS, START_ROOT, START_SEGMENT, separatorOf } from '../id/elements.ts';
import { scanInto } from '../id/scan.ts';
import { isTextAt, matchesGlob } from '../image/glob.ts';
import type { Image } from '../image/image.ts';
import { NONE } from '../image/layout.ts';
import {
  ELEMENT_GLOB,
  ELEMENT_MANY,
  ELEMENT_ROOT,
  ELEMENT_SIZE,
  ELEMENT_TEXT,
  ELEMENT_VARIABLE,
  ELEMENT_VARIABLE_MANY,
  FIRST_ELEMENT,
  FIRST_PLACE,
} from '../image/variable-ops.ts';

/** A match of more partial matches errs, as a condition may (S25). */
export const MAX_PARTIAL_MATCHES = 20_000;

/** An id of the request in hand. */
interface Side {
  text: string;
  elements: IdElements;
}

/** The last variable that has been given a text, and the choice of those before it. */
interface Choice {
  readonly parent: Choice | undefined;
  readonly text: string;
  /** Of the text, in elements. */
  readonly length: number;
}

/** What the elements so far may match with one choice of variables: what comes before a place. */
interface PartialMatch {
  readonly choice: Choice | undefined;
  readonly place: number;
}

/**
 * Whether the two patterns of a rule match subject and resource with one choice of variables (S25). The trie has found the
 * pair with variables as wildcards; this decides whether their texts agree. Instead of going back from what failed, it takes
 * all partial matches one element further at a time, so that the cost is that of their number, which S25 limits.
 */
export class VariableMatcher {
  readonly #image: Image;
  readonly #subject: Side = { text: '', elements: new IdElements() };
  readonly #resource: Side = { ...this.#subject };
  /** By pair of programs, for many rules have the same. */
  readonly #answers = new Map<number, boolean | undefined>();
  /** Those of one choice lie together. */
  #partialMatches: PartialMatch[] = [];
  /** Where the partial matches of one choice with one element more begin, and for each place the last such group with it. */
  #group = 0;
  readonly #groupOfPlace = new Int32Array(MAX_ELEMENTS + 1);
  /** At element * (count + 2) + place: the first place from there on from which the elements from there on may match. */
  #viable = new Int32Array(64);

  constructor(image: Image) {
    this.#image = image;
  }

  /** Takes the request in hand; `elements` are those of the resource, to be filled before the first match. */
  begin(subject: string | undefined, resource: string | undefined, elements: IdElements): void {
    this.#subject.text = subject ?? '';
    this.#resource.text = resource ?? '';
    this.#resource.elements = elements;
    if (this.#answers.size > 0) this.#answers.clear();
  }

  /**
   * @param subject  program of the subject's pattern, or NONE, which matches anything; `resource` likewise
   * @returns undefined if there are more than MAX_PARTIAL_MATCHES
   */
  match(subject: number, resource: number): boolean | undefined {
    const pair = subject * 2 ** 31 + resource;
    if (!this.#answers.has(pair)) this.#answers.set(pair, this.#search(subject, resource));
    return this.#answers.get(pair);
  }

  #search(subject: number, resource: number): boolean | undefined {
    const { programs } = this.#image;
    if (subject !== NONE && !scanInto(this.#subject.text, this.#subject.elements)) return false;
    const matches: PartialMatch[] = [{ choice: undefined, place: 0 }];
    this.#partialMatches = matches;
    this.#groupOfPlace.fill(0);
    let row = 0;
    for (const side of [this.#subject, this.#resource]) {
      const program = side === this.#subject ? subject : resource;
      if (program === NONE) continue;
      if (this.#findViable(side, program) !== 0) return false;
      // What comes after the last variable is as good as its places are viable.
      for (let element = 0; element < programs[program + 1]!; element++) {
        const begin = row;
        const end = matches.length;
        for (; row < end; row++) {
          const { choice, place } = matches[row]!;
          const isFirst = row === begin || choice !== matches[row - 1]!.choice;
          if (isFirst) this.#group = matches.length;
          // Each choice begins the resource anew, wherever the subject's variables ended.
          if (element > 0 || isFirst)
            this.#advance(side, program, element, choice, element === 0 ? 0 : place);
          if (matches.length > MAX_PARTIAL_MATCHES + 1) return undefined;
        }
      }
    }
    return row < matches.length;
  }

  /** Adds what a partial match becomes with one element more; that it may become something is known from `#viable`. */
  #advance(side: Side, program: number, element: number, choice: Choice | undefined, place: number): void {
    const { programs } = this.#image;
    const { count } = side.elements;
    const at = program + FIRST_ELEMENT + element * ELEMENT_SIZE;
    const kind = programs[at]!;
    const base = (element + 1) * (count + 2);
    let from = isMany(kind) ? place : place + 1;
    let last = isMany(kind) && this.#standsAt(side, at, place) ? count : from;
    let bound: Choice | undefined;
    if (kind >= ELEMENT_VARIABLE && programs[at + 2] !== FIRST_PLACE) {
      bound = choice;
      for (let i = programs[at + 2]!; bound && i > 0; i--) bound = bound.parent;
      // Programs are not verified: there may be no such variable.
      if (!bound) return;
      // A text has so many elements, and there may be a root beside it.
      from = Math.min(Math.max(from, place + bound.length), count + 1);
      last = Math.min(last, place + bound.length + 1);
    }
    for (let end = this.#viable[base + from]!; end <= last; end = this.#viable[base + end + 1]!) {
      let next = choice;
      if (kind >= ELEMENT_VARIABLE) {
        const here = choiceOf(side, place, end, choice);
        if (bound === undefined) next = here;
        else if (bound.text !== here.text) continue;
      }
      if (next === choice && this.#groupOfPlace[end] === this.#group) continue;
      this.#groupOfPlace[end] = this.#group;
      this.#partialMatches.push({ choice: next, place: end });
    }
  }

  /** Fills `#viable` for a pattern, its variables being free, and gives the first place from which all of it matches. */
  #findViable(side: Side, program: number): number {
    const { count } = side.elements;
    const { programs } = this.#image;
    const width = count + 2;
    const elementCount = programs[program]!;
    if ((elementCount + 1) * width > this.#viable.length)
      this.#viable = new Int32Array((elementCount + 1) * width);
    const viable = this.#viable;
    for (let element = elementCount; element >= 0; element--) {
      const at = program + FIRST_ELEMENT + element * ELEMENT_SIZE;
      const base = element * width;
      viable[base + count + 1] = count + 1;
      for (let place = count; place >= 0; place--) {
        const after = base + width + place;
        let isViable = place === count;
        if (element < elementCount && isMany(programs[at]!))
          isViable =
            viable[after] === place || (viable[after + 1]! <= count && this.#standsAt(side, at, place));
        else if (element < elementCount)
          isViable = viable[after + 1] === place + 1 && this.#standsAt(side, at, place);
        viable[base + place] = isViable ? place : viable[base + place + 1]!;
      }
    }
    return viable[0]!;
  }

  /** Whether the element at word `at` may take what is at `place`: what is before it and, unless it is a variable or `**`, its text. */
  #standsAt({ text, elements }: Side, at: number, place: number): boolean {
    const { programs, text: pool } = this.#image;
    const { count, codes, starts, ends } = elements;
    const kind = programs[at]!;
    // What comes first stands before nothing, also where a `**` at the start has taken nothing (S24).
    const first = kind === ELEMENT_ROOT ? START_ROOT : START_SEGMENT;
    const code = place > 0 ? programs[at + 1] : first;
    if (place >= count || (isMany(kind) ? separatorOf(codes[place]!) : codes[place]) !== code) return false;
    const start = starts[place]!;
    const length = programs[at + 3]!;
    if (kind === ELEMENT_GLOB)
      return matchesGlob(programs, pool, programs[at + 2]!, text, start, ends[place]!);
    if (kind !== ELEMENT_TEXT) return true;
    return ends[place]! - start === length && isTextAt(pool, programs[at + 2]!, length, text, start);
  }
}

function isMany(kind: number): boolean {
  return kind === ELEMENT_MANY || kind === ELEMENT_VARIABLE_MANY;
}

/** The choice that adds to another what is between two places, from the first segment to the last: a root is none (S25). */
function choiceOf({ text, elements }: Side, from: number, to: number, parent: Choice | undefined): Choice {
  const { codes, starts, ends } = elements;
  const start = from + Number(codes[from]! >= START_ROOT);
  const length = to - Number(codes[to - 1]! >= START_ROOT) - start;
  if (length <= 0) return { parent, text: '', length: 0 };
  return { parent, text: text.slice(starts[start], ends[start + length - 1]), length };
}
