import type { Glob, PatternElement } from '../model/model.ts';
import { type Place, separatorText } from './id-shape.ts';

/** More `**` than this make too many globs. */
const MAX_MANY = 3;

/** Text as a glob of SQLite that matches it alone. */
export function escapeGlob(text: string): string {
  return text.replace(/[*?[]/g, '[$&]');
}

/** A glob of the language as one of SQLite, where `?` is one character and `*` any run of characters. */
export function globText(glob: Glob): string {
  return glob
    .map((part) => {
      if (part.kind === 'text') return escapeGlob(part.text);
      return part.kind === 'run' ? '*' : '?';
    })
    .join('')
    .replace(/\*+(?![\]])/g, '*');
}

/**
 * The globs of which a well-formed id matches one if it matches a pattern in which only `**` is wild: with each `**` taking
 * nothing, or anything behind its separator. Undefined for other patterns.
 */
export function globsOfLiterals(elements: readonly PatternElement[]): readonly string[] | undefined {
  const manies = elements.filter(({ kind }) => kind === 'many').length;
  if (manies > MAX_MANY) return undefined;
  let rows: { readonly text: string; readonly place: Place }[] = [{ text: '', place: 'start' }];
  for (const element of elements) {
    const written = (place: Place): string => separatorText(element, place);
    if (element.kind === 'literal')
      rows = rows.map(({ text, place }) => ({
        text: text + written(place) + escapeGlob(element.text),
        place: 'segment',
      }));
    else if (element.kind === 'root')
      rows = rows.map(({ text, place }) => ({ text: `${text}${written(place)}/`, place: 'root' }));
    else if (element.kind === 'many')
      rows = rows.flatMap((row) => [row, { text: `${row.text}${written(row.place)}*`, place: 'segment' }]);
    else return undefined;
  }
  return rows.map(({ text }) => text).filter((text) => text !== '');
}

/** A pattern without `**`: a glob, and how many of each separator tell that no wildcard holds one. */
export interface CountedGlob {
  readonly glob: string;
  readonly colons: number;
  readonly slashes: number;
}

export function countedGlobOf(elements: readonly PatternElement[]): CountedGlob | undefined {
  let glob = '';
  let separators = '';
  let place: Place = 'start';
  for (const element of elements) {
    if (element.kind === 'many') return undefined;
    const separator = separatorText(element, place) + (element.kind === 'root' ? '/' : '');
    separators += separator;
    glob += separator + segmentGlob(element);
    place = element.kind === 'root' ? 'root' : 'segment';
  }
  const colons = separators.replaceAll('/', '').length;
  return { glob, colons, slashes: separators.length - colons };
}

/** What the text of one element matches; `?*` is any text but the empty one, which is that of a root. */
export function segmentGlob(element: PatternElement): string {
  switch (element.kind) {
    case 'root':
      return '';
    case 'literal':
      return escapeGlob(element.text);
    case 'glob':
      return globText(element.glob);
    default:
      return '?*';
  }
}
