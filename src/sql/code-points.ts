import type { Glob } from '../model/model.ts';

const LAST = 0x10ffff;

/**
 * The least text, by code points, above every text that begins with `prefix`; undefined if there is none. In UTF-8 that is the
 * order of bytes too.
 */
export function textAfterAll(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  while (points.length > 0) {
    const last = points.pop()!;
    if (last === LAST) continue;
    // Surrogates are no characters.
    return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
  return undefined;
}

/** Stands before each character of two UTF-16 units, so that characters are counted as units are; no id holds it (S2). */
export const FIRST_UNIT = '\u0001';

/** A text with as many characters as it has UTF-16 units. */
export function spreadUnits(text: string): string {
  return text.replace(/[\u{10000}-\u{10ffff}]/gu, `${FIRST_UNIT}$&`);
}

/** Whether `?` is in a glob: it stands for one UTF-16 unit, of which some characters have two. */
export function countsUnits(glob: Glob): boolean {
  return glob.some(({ kind }) => kind === 'unit');
}
