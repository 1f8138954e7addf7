import type { PatternElement } from '../model/model.ts';
import { takesMany } from '../model/pattern-elements.ts';
import { matchesGlob } from './glob-classes.ts';
import type { Letter } from './letters.ts';

/** Whether the elements match the whole id (S20 to S24), variables free. */
export function matchesElements(elements: readonly PatternElement[], letters: readonly Letter[]): boolean {
  return hasBeginning(elements, letters) && viablePlaces(elements, letters)[0]!.has(0);
}

/** Whether one of the patterns matches the id, variables free. */
export function matchesAny(
  patterns: readonly (readonly PatternElement[])[],
  letters: readonly Letter[],
): boolean {
  return patterns.some((elements) => matchesElements(elements, letters));
}

/** A quick no: what stands before the first wildcard is compared as it is. */
function hasBeginning(elements: readonly PatternElement[], letters: readonly Letter[]): boolean {
  for (const [i, element] of elements.entries()) {
    if (element.kind !== 'literal' && element.kind !== 'root') return true;
    const letter = letters[i];
    if (letter === undefined || !matchesLetter(element, letter)) return false;
    if (i > 0 && letter.separator !== element.separator) return false;
  }
  return elements.length === letters.length;
}

/** For each element, and for the end, where in an id it may begin for the rest to match. */
export function viablePlaces(
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

/** Where a match of an element that begins at a place can end, ascending. At the start any separator serves (S24). */
export function endsOf(element: PatternElement, letters: readonly Letter[], at: number): readonly number[] {
  const isMany = takesMany(element);
  const first = letters[at];
  if (first === undefined || (at > 0 && first.separator !== element.separator)) return isMany ? [at] : [];
  if (isMany) return Array.from({ length: letters.length - at + 1 }, (_, i) => at + i);
  return matchesLetter(element, first) ? [at + 1] : [];
}

/** Whether an element for one segment, or a root, takes it; separators left aside. */
export function matchesLetter(element: PatternElement, { text }: Letter): boolean {
  if (element.kind === 'root' || text === '') return element.kind === 'root' && text === '';
  if (element.kind === 'literal') return element.text === text;
  return element.kind !== 'glob' || matchesGlob(element.glob, text);
}
