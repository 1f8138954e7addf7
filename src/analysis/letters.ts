import type { Separator } from '../model/model.ts';
import { elementsOfId } from '../model/template-variants.ts';

/** One element of an id (S1). The text of a root is empty. */
export interface Letter {
  readonly separator: Separator;
  readonly text: string;
}

/**
 * What may follow in a well-formed id (S2): nothing has been read, a colon may still come, or only slashes may. A root is
 * read only at the start or after a colon, and is followed by a slash or nothing.
 */
export const ZONE_START = 0;
export const ZONE_COLONS = 1;
export const ZONE_SLASHES = 2;
export type Zone = typeof ZONE_START | typeof ZONE_COLONS | typeof ZONE_SLASHES;

/** The separators of the next element, and whether it may be a root there. */
export const separatorsIn: Readonly<
  Record<Zone, readonly { readonly separator: Separator; readonly mayBeRoot: boolean }[]>
> = {
  [ZONE_START]: [{ separator: 'start', mayBeRoot: true }],
  [ZONE_COLONS]: [
    { separator: 'colon', mayBeRoot: true },
    { separator: 'slash', mayBeRoot: false },
  ],
  [ZONE_SLASHES]: [{ separator: 'slash', mayBeRoot: false }],
};

export function zoneAfter({ separator, text }: Letter): Zone {
  return separator === 'slash' || text === '' ? ZONE_SLASHES : ZONE_COLONS;
}

export function lettersOfId(id: string): readonly Letter[] {
  return elementsOfId(id).map((element) => ({
    separator: element.separator,
    text: element.kind === 'literal' ? element.text : '',
  }));
}

export function idOfLetters(letters: readonly Letter[]): string {
  let id = '';
  for (const [i, { separator, text }] of letters.entries()) {
    if (separator === 'colon') id += ':';
    // The slash after a root is the root itself.
    else if (separator === 'slash' && letters[i - 1]!.text !== '') id += '/';
    id += text === '' ? '/' : text;
  }
  return id;
}
