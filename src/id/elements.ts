/**
 * An id cut into elements (S1), in arrays that are filled again for every id: the hot path allocates nothing.
 * Element i is `text.slice(starts[i], ends[i])` and stands where `codes[i]` says.
 */
export class IdElements {
  count = 0;
  readonly codes = new Uint8Array(MAX_ELEMENTS);
  readonly starts = new Int32Array(MAX_ELEMENTS);
  readonly ends = new Int32Array(MAX_ELEMENTS);
  /** `hashText` of the element's text. */
  readonly hashes = new Int32Array(MAX_ELEMENTS);
}

/** QUALITY, "Limits": segments of one id. */
export const MAX_SEGMENTS = 256;
/** A path has at most one root, which is an element and no segment. */
export const MAX_ELEMENTS = MAX_SEGMENTS + 1;

/** How an element stands: what is before it, and whether it is the root of a path. */
export const START_SEGMENT = 0;
export const COLON_SEGMENT = 1;
export const SLASH_SEGMENT = 2;
export const START_ROOT = 3;
export const COLON_ROOT = 4;

/** What stands before an element of `code`: START_SEGMENT, COLON_SEGMENT or SLASH_SEGMENT. A root stands after its colon (S24). */
export function separatorOf(code: number): number {
  return code < START_ROOT ? code : code - START_ROOT;
}

export const HASH_SEED = 0x811c9dc5 | 0;

/** One step of the hash of a text (FNV-1a over UTF-16 units): extending a text extends its hash. */
export function hashUnit(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

export function hashText(text: string, start: number, end: number): number {
  let hash = HASH_SEED;
  for (let i = start; i < end; i++) hash = hashUnit(hash, text.charCodeAt(i));
  return hash;
}
