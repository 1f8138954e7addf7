/**
 * A trie under construction has a row for every element of every pattern, a draft:
 *
 *     draft (8 words)  parent │ code | IS_DRAFT_LOOSE │ text │ size of the text │ end │ wild │ extra │ depth
 *
 * `text` is an offset in bytes. `end` is the size of the whole text from the start of an id, and `depth` its number of
 * elements, for drafts that are not beneath a wildcard. `extra`: of the root of a namespace its index, of a `**` its
 * ordinal, of pieces the code of their segment.
 */
export const DRAFT_PARENT = 0;
export const DRAFT_CODE = 1;
export const DRAFT_TEXT = 2;
export const DRAFT_TEXT_SIZE = 3;
export const DRAFT_END = 4;
export const DRAFT_WILD = 5;
export const DRAFT_EXTRA = 6;
export const DRAFT_DEPTH = 7;
export const DRAFT_SIZE = 8;
/** The draft is a wildcard or beneath one. */
export const IS_DRAFT_LOOSE = 8;

/** Entries sorted by list: those of `list` are order[starts[list]] up to order[starts[list + 1]]. */
export interface EntryLists {
  readonly starts: Int32Array;
  readonly order: Int32Array;
  /** list │ class │ mask │ flags │ target for each entry. */
  readonly added: Int32Array;
}
