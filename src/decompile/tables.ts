import { type Image, namedText } from '../image/image.ts';
import { NAME_SIZE, NAME_TEXT } from '../image/layout.ts';
import type { Separator } from '../model/model.ts';
import type { Location } from '../source/span.ts';

/** What stands before an element, by its code: START_SEGMENT, COLON_SEGMENT, SLASH_SEGMENT. */
export const SEPARATORS: readonly Separator[] = ['start', 'colon', 'slash'];

/** The names of a table, row by row; rows of `size` words begin with text and length. */
export function namesOf(image: Image, rows: Int32Array, size = NAME_SIZE): string[] {
  return Array.from({ length: rows.length / size }, (_, row) =>
    namedText(image, rows, row * size + NAME_TEXT),
  );
}

/** A list of `classLists`: its numbers, as a view. */
export function numbersAt({ classLists }: Image, list: number): Int32Array {
  return classLists.subarray(list + 1, list + 1 + classLists[list]!);
}

/** An image knows files and lines; where in the text something stands it does not, and not even the file of what is no rule. */
export function locationIn(file: string): Location {
  return { file, span: { start: 0, end: 0 } };
}

/** The value for `key`, made where there is none yet. */
export function getOrMake<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
