import type { PatternElement } from '../model/model.ts';
import { isVariable, takesMany } from '../model/pattern-elements.ts';
import { idOfLetters, type Letter } from './letters.ts';
import { endsOf, viablePlaces } from './match-elements.ts';

/** The text that each variable stands for (S25). */
export type Binding = ReadonlyMap<string, string>;

/** Beyond so many partial matches a match errs (S25). */
export const MAX_PARTIAL_MATCHES = 20_000;
/** Places in the longest id: its elements and its end (S2). */
export const MOST_PLACES = 258;

/** Every choice of some variables with which a pattern matches an id, and how many partial matches lead there (S25). */
export interface Bindings {
  readonly choices: readonly Binding[];
  /** The same, counted apart by where the variables stand. */
  readonly places: number;
  readonly partialMatches: number;
}

/**
 * Those with the shortest texts at the left come first.
 *
 * @param names  of the variables that are bound, as a rule the shared ones; others are free
 * @param chosen  what some of them stand for already
 * @returns undefined if the partial matches are too many
 */
export function bindingsOf(
  elements: readonly PatternElement[],
  letters: readonly Letter[],
  names: ReadonlySet<string>,
  chosen: Binding = new Map(),
): Bindings | undefined {
  const viable = viablePlaces(elements, letters);
  if (!viable[0]!.has(0)) return { choices: [], places: 0, partialMatches: 0 };
  let states: readonly Partial[] = [{ at: 0, choice: chosen }];
  let partialMatches = 0;
  const last = elements.findLastIndex((element) => isVariable(element) && names.has(element.name));
  for (let i = 0; i <= last; i++) {
    const next = new Map<string, Partial>();
    for (const state of states) {
      for (const after of statesAfter(elements[i]!, letters, state, names)) {
        if (viable[i + 1]!.has(after.at))
          next.set(JSON.stringify([after.at, after.from, ...after.choice]), after);
      }
    }
    states = [...next.values()];
    partialMatches += states.length;
    if (partialMatches > MAX_PARTIAL_MATCHES) return undefined;
  }
  const choices = new Map(states.map(({ choice }) => [JSON.stringify([...choice]), choice]));
  const places = new Set(states.map(({ from }) => from)).size;
  return { choices: [...choices.values()], places, partialMatches };
}

/**
 * More partial matches than there can be where a pattern follows (or goes before) one that has `choices`.
 *
 * @param places  in an id: its elements and its end
 */
export function mostPartialMatches(
  elements: readonly PatternElement[],
  { shared, bound, choices, places }: BoundOptions,
): number {
  const last = elements.findLastIndex((element) => isVariable(element) && shared.has(element.name));
  let states = choices;
  let all = 0;
  for (const element of elements.slice(0, last + 1)) {
    // The text of a bound variable may stand with or without a root at either end.
    if (takesMany(element)) states *= isVariable(element) && bound.has(element.name) ? 4 : places;
    all += states;
  }
  return all;
}

interface BoundOptions {
  readonly shared: ReadonlySet<string>;
  readonly bound: ReadonlySet<string>;
  readonly choices: number;
  readonly places: number;
}

interface Partial {
  readonly at: number;
  readonly choice: Binding;
  /** Where each variable first stood, which tells partial matches apart. */
  readonly from?: string;
}

function statesAfter(
  element: PatternElement,
  letters: readonly Letter[],
  { at, choice, from }: Partial,
  names: ReadonlySet<string>,
): readonly Partial[] {
  return endsOf(element, letters, at).flatMap((end): readonly Partial[] => {
    const seen = from === undefined ? {} : { from };
    if (!isVariable(element) || !names.has(element.name)) return [{ at: end, choice, ...seen }];
    const text = textBetween(letters, at, end);
    const chosen = choice.get(element.name);
    if (chosen !== undefined) return chosen === text ? [{ at: end, choice, ...seen }] : [];
    return [{ at: end, choice: new Map(choice).set(element.name, text), from: `${from ?? ''}${at}-${end},` }];
  });
}

/** From the first segment to the last, without a root at either end. */
function textBetween(letters: readonly Letter[], start: number, end: number): string {
  const taken = letters.slice(start, end);
  const first = taken.findIndex(({ text }) => text !== '');
  if (first < 0) return '';
  const last = taken.findLastIndex(({ text }) => text !== '');
  return idOfLetters(
    taken.slice(first, last + 1).map((each, i) => (i === 0 ? { ...each, separator: 'start' } : each)),
  );
}
