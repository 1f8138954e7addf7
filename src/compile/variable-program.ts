import { COLON_ROOT, COLON_SEGMENT, SLASH_SEGMENT, START_ROOT, START_SEGMENT } from '../id/elements.ts';
import {
  ELEMENT_GLOB,
  ELEMENT_MANY,
  ELEMENT_ONE,
  ELEMENT_ROOT,
  ELEMENT_TEXT,
  ELEMENT_VARIABLE,
  ELEMENT_VARIABLE_MANY,
} from '../image/variable-ops.ts';
import type { PathPattern, PatternElement, Separator } from '../model/model.ts';
import { assertNever } from '../source/invariant.ts';
import { writeGlob } from './glob-program.ts';
import type { TextPool } from './text-pool.ts';
import type { Words } from './words.ts';

const CODES: Readonly<Record<Separator, number>> = {
  start: START_SEGMENT,
  colon: COLON_SEGMENT,
  slash: SLASH_SEGMENT,
};

/** The names that stand twice in a pair of patterns, numbered: a pair without any needs no check beyond the trie (S25). */
export function sharedVariables(patterns: readonly PathPattern[]): ReadonlyMap<string, number> {
  const seen = new Set<string>();
  const shared = new Map<string, number>();
  for (const { elements } of patterns) {
    for (const element of elements) {
      if (element.kind !== 'variable') continue;
      if (seen.has(element.name) && !shared.has(element.name)) shared.set(element.name, shared.size);
      seen.add(element.name);
    }
  }
  return shared;
}

/** Whether a pattern has a part in the agreement: what the trie says of one that has none is all there is to say. */
export function holdsVariable({ elements }: PathPattern, shared: ReadonlyMap<string, number>): boolean {
  return elements.some((element) => element.kind === 'variable' && shared.has(element.name));
}

/** Writes a pattern for `matchVariables` and returns where it begins. */
export function writePattern(
  { elements }: PathPattern,
  shared: ReadonlyMap<string, number>,
  programs: Words,
  pool: TextPool,
): number {
  const words = elements.flatMap((element) => wordsOf(element, shared, programs, pool));
  return programs.push(elements.length, ...words);
}

function wordsOf(
  element: PatternElement,
  shared: ReadonlyMap<string, number>,
  programs: Words,
  pool: TextPool,
): [number, number, number, number] {
  const code = CODES[element.separator];
  switch (element.kind) {
    case 'root':
      return [ELEMENT_ROOT, element.separator === 'start' ? START_ROOT : COLON_ROOT, 0, 0];
    case 'literal':
      return [ELEMENT_TEXT, code, pool.intern(element.text), element.text.length];
    case 'glob':
      return [ELEMENT_GLOB, code, writeGlob(element.glob, programs, pool), 0];
    case 'one':
      return [ELEMENT_ONE, code, 0, 0];
    case 'many':
      return [ELEMENT_MANY, code, 0, 0];
    case 'variable': {
      const number = shared.get(element.name);
      if (number === undefined) return [element.isMany ? ELEMENT_MANY : ELEMENT_ONE, code, 0, 0];
      return [element.isMany ? ELEMENT_VARIABLE_MANY : ELEMENT_VARIABLE, code, number, 0];
    }
    default:
      return assertNever(element);
  }
}
