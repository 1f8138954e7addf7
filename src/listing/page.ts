import { RequestError } from '../decision/errors.ts';

/** Which part of a long answer is wanted. */
export interface PageOptions {
  /** So many at most. Default: 1,000. */
  readonly limit?: number | undefined;
  /** Where an answer before this one ended: its `next`. */
  readonly cursor?: string | undefined;
  /** Of the policy set. A cursor is good only for the revision that it came from. */
  readonly revision?: string | undefined;
}

/** A part of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** How many there are in the whole list. */
  readonly total: number;
  /** The cursor of what follows; absent at the end. */
  readonly next?: string;
}

const DEFAULT_LIMIT = 1000;

/**
 * The part of a list that is wanted. A cursor names its place in the list of one question to one revision, and is refused
 * anywhere else: a list that has changed underneath would lose items in silence.
 *
 * @param question  equal for equal questions
 * @throws {RequestError} for a cursor from elsewhere, or a limit that is no whole number above 0
 */
export function pageOf<Item>(
  all: readonly Item[],
  { limit = DEFAULT_LIMIT, cursor, revision = '' }: PageOptions,
  question: unknown,
): Page<Item> {
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new RequestError('the limit is no whole number above 0');
  const mark = fingerprint(JSON.stringify([revision, question]));
  const start = cursor === undefined ? 0 : readCursor(cursor, mark, all.length);
  const end = Math.min(all.length, start + limit);
  return {
    items: all.slice(start, end),
    total: all.length,
    ...(end < all.length ? { next: `${mark}-${end.toString(36)}` } : {}),
  };
}

function readCursor(cursor: string, mark: string, length: number): number {
  const [ofQuestion, place, ...rest] = cursor.split('-');
  const start = /^[0-9a-z]{1,9}$/.test(place ?? '') ? Number.parseInt(place!, 36) : -1;
  if (rest.length > 0 || ofQuestion !== mark || start < 1 || start >= length)
    throw new RequestError(
      'the cursor belongs to another question or to another revision of the policy: begin again without one',
    );
  return start;
}

/** 64 bits of the text, to tell questions apart. It guards against mistakes, not against anybody. */
function fingerprint(text: string): string {
  let [low, high] = [0x811c9dc5, 0x9e3779b9];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x85ebca6b) ^ (high >>> 13);
  }
  return [low, high].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
