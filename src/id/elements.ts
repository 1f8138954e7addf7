/** QUALITY, "Limits": units and segments of one id. */
export const MAX_ID_LENGTH = 4096;
export const MAX_SEGMENTS = 256;
/** A path has at most one root, which is an element and no segment. */
export const MAX_ELEMENTS = MAX_SEGMENTS + 1;
/** A unit takes at most three bytes of UTF-8; a word more for what is written behind the end. */
const MAX_WORDS = (MAX_ID_LENGTH * 3) / 4 + 1;

/**
 * An id as bytes and cut into elements (S1), in arrays that are filled again for every id: the hot path allocates nothing.
 * Where element i stands is said by `codes[i]`.
 */
export class IdElements {
  count = 0;
  readonly codes = new Uint8Array(MAX_ELEMENTS);
  /** The id in UTF-8, four bytes a word. What stands behind its end is of no meaning. */
  readonly words = new Int32Array(MAX_WORDS);
  readonly bytes = new Uint8Array(this.words.buffer);
  /** Element i is the bytes [byteStarts[i], byteEnds[i]); of a root there are none, before its slash. */
  readonly byteStarts = new Int32Array(MAX_ELEMENTS);
  readonly byteEnds = new Int32Array(MAX_ELEMENTS);
  /** `prefixHash` of the id up to byteEnds[i]. */
  readonly hashes = new Int32Array(MAX_ELEMENTS);
  /** The same places in units of the text: element i is `text.slice(starts[i], ends[i])`. */
  starts = this.byteStarts;
  ends = this.byteEnds;

  /** Takes over the elements of another id, but not its bytes and hashes: what is scanned is good until the next id is. */
  copy(other: IdElements): void {
    this.count = other.count;
    this.codes.set(other.codes);
    this.starts = other.starts.slice(0, other.count);
    this.ends = other.ends.slice(0, other.count);
  }
}

/**
 * The id that was scanned last: one for the whole program, so that a decision copies nothing. Whoever needs an id after
 * anything else may have been scanned has to copy it.
 */
export const scanned = new IdElements();

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

/** One step of the hash of bytes, four at a time: the rotation lets the high bits of a word reach the low ones. */
export function hashWord(hash: number, word: number): number {
  const x = hash ^ word;
  return Math.imul((x << 13) | (x >>> 19), 0x9e3779b1);
}

/** The hash of the first `sizeBytes` bytes, which `scanId` finds for every element on its way. */
export function prefixHash(words: Int32Array, sizeBytes: number): number {
  const last = sizeBytes >> 2;
  let hash = HASH_SEED;
  for (let i = 0; i < last; i++) hash = hashWord(hash, words[i]!);
  return hash ^ (words[last]! & endMask(sizeBytes));
}

/** The bytes of a text's last word that belong to it. */
export function endMask(sizeBytes: number): number {
  return (1 << ((sizeBytes & 3) * 8)) - 1;
}

const encoder = new TextEncoder();

/** Writes the text as UTF-8 and gives its size in bytes. The text has at most MAX_ID_LENGTH units. */
export function encode(text: string, { bytes }: Pick<IdElements, 'bytes'>): number {
  return encoder.encodeInto(text, bytes).written;
}

/** FNV-1a over bytes: for single segments, which may begin anywhere in a word. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = HASH_SEED;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash;
}

/** FNV-1a over UTF-16 units: for the names that are looked up one by one. */
export function hashText(text: string): number {
  let hash = HASH_SEED;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
