import { COLON_ROOT, COLON_SEGMENT, SLASH_SEGMENT, START_ROOT, START_SEGMENT } from '../id/elements.ts';
import {
  ELEMENT_GLOB,
  ELEMENT_MANY,
  ELEMENT_ONE,
  ELEMENT_ROOT,
  ELEMENT_TEXT,
  ELEMENT_VARIABLE,
  ELEMENT_VARIABLE_MANY,
  FIRST_PLACE,
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

/** The names that stand twice in a pair of patterns: a pair without any needs no check beyond the trie (S25). */
export function sharedVariables(patterns: readonly PathPattern[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const name of patterns.flatMap(namesOf)) {
    if (seen.has(name)) shared.add(name);
    seen.add(name);
  }
  return shared;
}

function namesOf({ elements }: PathPattern): readonly string[] {
  return elements.flatMap((element) => (element.kind === 'variable' ? [element.name] : []));
}

/** Whether a pattern has a part in the agreement: what the trie says of one that has none is all there is to say. */
export function holdsVariable(pattern: PathPattern, shared: ReadonlySet<string>): boolean {
  return namesOf(pattern).some((name) => shared.has(name));
}

/** What the patterns of one pair are written with. */
export interface PatternTarget {
  readonly programs: Words;
  readonly pool: TextPool;
  readonly shared: ReadonlySet<string>;
  /** Of the shared variables those that stand in what was written before, in the order of their first places; grows. */
  readonly met: string[];
}

/** Writes a pattern for `VariableMatcher`, the subject's first, and returns where it begins; equal ones are written once. */
export function writePattern({ elements }: PathPattern, target: PatternTarget): number {
  const { programs, shared } = target;
  const words = elements.flatMap((element) => wordsOf(element, target));
  const last = elements.findLastIndex((element) => element.kind === 'variable' && shared.has(element.name));
  return programs.endProgram(programs.push(elements.length, last + 1, ...words));
}

function wordsOf(
  element: PatternElement,
  { programs, pool, shared, met }: PatternTarget,
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
      const { name, isMany } = element;
      if (!shared.has(name)) return [isMany ? ELEMENT_MANY : ELEMENT_ONE, code, 0, 0];
      const index = met.indexOf(name);
      const place = index < 0 ? FIRST_PLACE : met.length - 1 - index;
      if (index < 0) met.push(name);
      return [isMany ? ELEMENT_VARIABLE_MANY : ELEMENT_VARIABLE, code, place, 0];
    }
    default:
      return assertNever(element);
  }
}
