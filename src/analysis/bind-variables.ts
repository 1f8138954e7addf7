import type { PathPattern, PatternElement, Separator } from '../model/model.ts';
import { elementsOfId } from '../model/template-variants.ts';
import { matchesGlob } from './glob-classes.ts';
import { idOfLetters, type Letter } from './letters.ts';

/** The text that each shared variable stands for (S25). */
export type Binding = ReadonlyMap<string, string>;

/** Beyond so many partial matches a match errs (S25). */
export const MAX_PARTIAL_MATCHES = 20_000;
/** Places in the longest id: its elements and its end (S2). */
export const MOST_PLACES = 258;

type Variable = Extract<PatternElement, { kind: 'variable' }>;

/** Names that stand more than once in some patterns of one rule; one that stands once is free (S25). */
export function sharedNames(patterns: readonly (readonly PatternElement[])[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { name } of patterns.flat().filter(isVariable)) {
    if (seen.has(name)) shared.add(name);
    seen.add(name);
  }
  return shared;
}

/** Whether the elements match the whole id, variables free. */
export function matchesLetters(elements: readonly PatternElement[], letters: readonly Letter[]): boolean {
  return hasBeginning(elements, letters) && viablePlaces(elements, letters)[0]!.has(0);
}

/** A quick no: what stands before the first wildcard is compared as it is. */
function hasBeginning(elements: readonly PatternElement[], letters: readonly Letter[]): boolean {
  for (const [i, element] of elements.entries()) {
    if (element.kind !== 'literal' && element.kind !== 'root') return true;
    const letter = letters[i];
    const text = element.kind === 'literal' ? element.text : '';
    if (letter === undefined || letter.text !== text || (i > 0 && letter.separator !== element.separator))
      return false;
  }
  return elements.length === letters.length;
}

/** Every choice of shared variables with which a pattern matches an id, and how many partial matches lead there (S25). */
export interface Bindings {
  readonly choices: readonly Binding[];
  /** The same, counted apart by where the variables stand. */
  readonly places: number;
  readonly partialMatches: number;
}

/** @returns undefined if the partial matches are too many */
export function bindingsOf(
  elements: readonly PatternElement[],
  letters: readonly Letter[],
  shared: ReadonlySet<string>,
): Bindings | undefined {
  const viable = viablePlaces(elements, letters);
  if (!viable[0]!.has(0)) return { choices: [], places: 0, partialMatches: 0 };
  let states: readonly Partial[] = [{ at: 0, choice: new Map() }];
  let partialMatches = 0;
  const last = elements.findLastIndex((element) => isVariable(element) && shared.has(element.name));
  for (let i = 0; i <= last; i++) {
    const next = new Map<string, Partial>();
    for (const state of states) {
      for (const after of statesAfter(elements[i]!, letters, state, shared)) {
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
    const isMany = element.kind === 'many' || (isVariable(element) && element.isMany);
    // The text of a bound variable may stand with or without a root at either end.
    if (isMany) states *= isVariable(element) && bound.has(element.name) ? 4 : places;
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

/**
 * The elements with texts in place of variables: several rows, as `{x**}` takes a root at either end of its text or not.
 * No row is empty; none is where a text cannot stand.
 */
export function substitute(
  elements: readonly PatternElement[],
  binding: Binding,
): readonly (readonly PatternElement[])[] {
  let rows: (readonly PatternElement[])[] = [[]];
  for (const element of elements) {
    const text = isVariable(element) ? binding.get(element.name) : undefined;
    const options = text === undefined ? [[element]] : elementsOfText(element as Variable, text);
    rows = rows.flatMap((row) => options.map((option) => [...row, ...option]));
  }
  return rows.filter((row) => row.length > 0 && isInOrder(row)).map(fromStart);
}

/** The elements with every variable that stands only once as the wildcard that it is. */
export function freeVariables(
  elements: readonly PatternElement[],
  shared: ReadonlySet<string>,
): readonly PatternElement[] {
  return elements.map((element) => {
    if (!isVariable(element) || shared.has(element.name)) return element;
    return { kind: element.isMany ? 'many' : 'one', separator: element.separator };
  });
}

/** The names of variables. */
export function namesIn(elements: readonly PatternElement[]): ReadonlySet<string> {
  return new Set(elements.filter(isVariable).map(({ name }) => name));
}

/** Elements as a pattern, its text for messages and as a key: quoted, if not as the printer would. */
export function patternOfElements(elements: readonly PatternElement[]): PathPattern {
  return { kind: 'pattern', text: textOfElements(elements), elements };
}

function textOfElements(elements: readonly PatternElement[]): string {
  return elements
    .map((element, i) => {
      const isAfterRoot = elements[i - 1]?.kind === 'root';
      const separator =
        element.separator === 'colon' ? ':' : element.separator === 'slash' && !isAfterRoot ? '/' : '';
      return separator + textOfElement(element);
    })
    .join('');
}

function textOfElement(element: PatternElement): string {
  if (element.kind === 'root') return '/';
  if (element.kind === 'one') return '*';
  if (element.kind === 'many') return '**';
  if (element.kind === 'variable') return `{${element.name}${element.isMany ? '**' : ''}}`;
  if (element.kind === 'literal') return quoted(element.text);
  return element.glob
    .map((part) => (part.kind === 'text' ? quoted(part.text) : part.kind === 'run' ? '*' : '?'))
    .join('');
}

function quoted(text: string): string {
  return /^[A-Za-z0-9_.\-@+=~$!]+$/.test(text) ? text : JSON.stringify(text);
}

// -------------------------------------------------------------- matching

interface Partial {
  readonly at: number;
  readonly choice: Binding;
  /** Where each variable first stood, which tells partial matches apart. */
  readonly from?: string;
}

function isVariable(element: PatternElement): element is Variable {
  return element.kind === 'variable';
}

/** For each element, and for the end, where it may begin for the rest to match. */
function viablePlaces(
  elements: readonly PatternElement[],
  letters: readonly Letter[],
): readonly ReadonlySet<number>[] {
  const all: ReadonlySet<number>[] = [new Set([letters.length])];
  for (const element of elements.toReversed()) {
    const places = new Set<number>();
    for (let at = 0; at <= letters.length; at++) {
      if (endsOf(element, letters, at).some((end) => all[0]!.has(end))) places.add(at);
    }
    all.unshift(places);
  }
  return all;
}

/** Where a match of an element that begins at a place can end. At the start any separator serves (S24). */
function endsOf(element: PatternElement, letters: readonly Letter[], at: number): readonly number[] {
  const isMany = element.kind === 'many' || (isVariable(element) && element.isMany);
  const first = letters[at];
  if (first?.separator !== (at === 0 ? 'start' : element.separator)) return isMany ? [at] : [];
  if (isMany) return Array.from({ length: letters.length - at + 1 }, (_, i) => at + i);
  return matchesOne(element, first.text) ? [at + 1] : [];
}

function matchesOne(element: PatternElement, text: string): boolean {
  if (element.kind === 'root' || text === '') return element.kind === 'root' && text === '';
  if (element.kind === 'literal') return element.text === text;
  return element.kind !== 'glob' || matchesGlob(element.glob, text);
}

function statesAfter(
  element: PatternElement,
  letters: readonly Letter[],
  { at, choice, from }: Partial,
  shared: ReadonlySet<string>,
): readonly Partial[] {
  return endsOf(element, letters, at).flatMap((end): readonly Partial[] => {
    const seen = from === undefined ? {} : { from };
    if (!isVariable(element) || !shared.has(element.name)) return [{ at: end, choice, ...seen }];
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

// -------------------------------------------------------------- putting texts in place

/** What a variable takes if it stands for the text. */
function elementsOfText({ isMany, separator }: Variable, text: string): readonly PatternElement[][] {
  const mayBeRoot = separator !== 'slash';
  const root: PatternElement = { kind: 'root', separator: separator === 'colon' ? 'colon' : 'start' };
  if (text === '') return isMany ? (mayBeRoot ? [[], [root]] : [[]]) : [];
  if (!isMany) return /[:/]/.test(text) ? [] : [[{ kind: 'literal', separator, text }]];
  const inner = elementsOfId(text);
  const rest = inner.slice(1);
  const withSeparator = (each: Separator): PatternElement[] => [
    { ...inner[0]!, separator: each } as PatternElement,
    ...rest,
  ];
  const plain = [withSeparator(separator), ...(mayBeRoot ? [[root, ...withSeparator('slash')]] : [])];
  return plain.flatMap((row) => [row, [...row, { kind: 'root', separator: 'colon' } as const]]);
}

/** False only where no id can match: after a slash or a root comes no colon (S2). */
function isInOrder(row: readonly PatternElement[]): boolean {
  let isPath = false;
  // Before the first element that surely takes something, separators say nothing (S24).
  let isBegun = false;
  for (const { kind, separator, ...rest } of row) {
    const mayTakeNothing = kind === 'many' || ('isMany' in rest && rest.isMany);
    if (mayTakeNothing) continue;
    if (isPath && separator === 'colon') return false;
    isPath ||= kind === 'root' || (isBegun && separator === 'slash');
    isBegun = true;
  }
  return true;
}

/** Where a `**` took nothing, the element after it is the first (S24). */
function fromStart(row: readonly PatternElement[]): readonly PatternElement[] {
  const [first, ...rest] = row;
  return first!.separator === 'start' ? row : [{ ...first!, separator: 'start' } as PatternElement, ...rest];
}
