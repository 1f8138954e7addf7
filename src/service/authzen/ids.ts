import type { IdList } from '../known-ids/id-list.ts';

/** A subject or a resource, as AuthZEN names them. */
export interface Entity {
  readonly type: string;
  readonly id: string;
}

/**
 * The id by which policies know an entity: `type:id`. The type ends at the first colon, so `a:b` is none: `{a:b, c}` would
 * else be the same as `{a, b:c}`. An entity with such a type gets a text with a NUL, which no id has (S2): the engine denies
 * it as malformed, and the log shows both parts. So it does where one of them is empty, for then nothing stands on one side
 * of the colon.
 */
export function idOf({ type, id }: Entity): string {
  return type.includes(':') ? `${type}\0${id}` : `${type}:${id}`;
}

/** A part of a sorted list: from `start` on, before `end`. */
export interface IdRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Where the ids of a type stand.
 *
 * @param ids  sorted by code units
 */
export function rangeOfType(ids: IdList, type: string): IdRange {
  if (type === '' || type.includes(':')) return { start: 0, end: 0 };
  // The semicolon is the next character behind the colon: all that begins with `type:` stands between the two.
  return { start: firstNotBefore(ids, `${type}:`), end: firstNotBefore(ids, `${type};`) };
}

/** The part of the range behind an id, whether or not that one is still there. */
export function rangeAfter(ids: IdList, { start, end }: IdRange, id: string): IdRange {
  const next = firstNotBefore(ids, id);
  return { start: Math.max(start, ids.at(next) === id ? next + 1 : next), end };
}

function firstNotBefore(ids: IdList, id: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ids.at(middle)! < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
