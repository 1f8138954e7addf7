import * as idElements from './elements.ts';
import { type IdElements, scanned } from './elements.ts';

// The platform folds constants and functions of a module's own into the code, imported ones it does not (bench/constants.ts).
const encode = idElements.encode;
const hashWord = idElements.hashWord;
const HASH_SEED = idElements.HASH_SEED;
const MAX_ELEMENTS = idElements.MAX_ELEMENTS;
const MAX_ID_LENGTH = idElements.MAX_ID_LENGTH;
const MAX_SEGMENTS = idElements.MAX_SEGMENTS;
const SLASH_SEGMENT = idElements.SLASH_SEGMENT;
const START_ROOT = idElements.START_ROOT;
const START_SEGMENT = idElements.START_SEGMENT;

export const MAX_SUBJECT_LENGTH = 1024;
export const MAX_ACTION_LENGTH = 256;

const DOT = 0x2e;
const SLASH = 0x2f;
const DIGIT = 0x30;

/** Four bytes at a time. */
const ONES = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
const LOW_BITS = 0x7f7f7f7f;
const BLANKS = 0x20202020;
const PERCENTS = 0x25252525;
const SLASHES = 0x2f2f2f2f;
const COLONS = 0x3a3a3a3a;
const BACKSLASHES = 0x5c5c5c5c;

const SOUND = 0;
const ODD = 1;
const BROKEN = 2;

/**
 * The character rules at the end of S2: controls, surrogates, separators of lines and paragraphs, bidirectional controls,
 * default-ignorable and non-character code points. Fixed: nothing of a policy or request becomes part of an expression.
 */
export const FORBIDDEN_UNICODE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_C}\p{DI}\p{NChar}]/u;
/** Those, a backslash, what is percent-encoded, and a segment `.` or `..`, alone or followed by `;` (S2). */
const ODD_TEXT = new RegExp(
  `${FORBIDDEN_UNICODE.source}|\\\\|%[\\da-fA-F]{2}|(?:^|[:/])\\.\\.?(?:;[^:/]*)?(?:[:/]|$)`,
  'u',
);

const { words, bytes, codes, byteStarts, byteEnds, hashes } = scanned;

/**
 * The one validator of resource ids (S1, S2): fills `scanned`, or is false for what is malformed, when `scanned` holds
 * nothing to rely on. `scanId` says what is wrong.
 */
export function scan(text: string): boolean {
  const { length } = text;
  if (length === 0 || length > MAX_ID_LENGTH) return false;
  const sizeBytes = encode(text, scanned);
  const state = cut(sizeBytes);
  if (state === BROKEN || (state === ODD && ODD_TEXT.test(text))) return false;
  scanned.starts = byteStarts;
  scanned.ends = byteEnds;
  if (sizeBytes !== length) {
    scanned.starts = inUnits(byteStarts);
    scanned.ends = inUnits(byteEnds);
  }
  return true;
}

/**
 * Cuts the bytes into elements, four at a time, and hashes them on the way (bench/scan.ts). BROKEN if the separators do not
 * make a well-formed id, ODD if there are characters that may be none of it. Kept whole for speed.
 */
function cut(sizeBytes: number): number {
  // A separator behind the end makes the end one place more where an element ends; the rest of its word is neutral.
  bytes[sizeBytes] = SLASH;
  bytes[sizeBytes + 1] = bytes[sizeBytes + 2] = bytes[sizeBytes + 3] = DIGIT;
  let hash = HASH_SEED;
  let odd = 0;
  let isBroken = 0;
  let roots = 0;
  let count = 0;
  let start = 0;
  let code = START_SEGMENT;
  let isPath = 0;
  for (let i = 0; ; i++) {
    const word = words[i]!;
    const percents = word ^ PERCENTS;
    const backslashes = word ^ BACKSLASHES;
    // The highest bit of a byte is set by one below the blank, by DEL, by what is not ASCII, and by what gives zero.
    odd |=
      ~((word | HIGH_BITS) - BLANKS) |
      (word + ONES) |
      word |
      ((percents - ONES) & ~percents) |
      ((backslashes - ONES) & ~backslashes);
    const slashes = word ^ SLASHES;
    const colons = word ^ COLONS;
    // The highest bit of a byte remains if it is one or the other: zero alone carries nothing into it.
    let found = ~(
      ((((slashes & LOW_BITS) + LOW_BITS) | slashes) & (((colons & LOW_BITS) + LOW_BITS) | colons)) |
      LOW_BITS
    );
    for (; found !== 0; found &= found - 1) {
      // The lowest bit that is set is the highest of its byte.
      const shift = 24 - Math.clz32(found & -found);
      const end = i * 4 + (shift >> 3);
      // 0x3a, not 0x2f
      const isColon = (word >>> (shift + 4)) & 1;
      codes[count] = code;
      byteStarts[count] = start;
      byteEnds[count] = end;
      hashes[count++] = hash ^ (word & ((1 << shift) - 1));
      if (end === start) {
        // Nothing before the separator: the root of a path, or its end, or an empty segment.
        if (end === sizeBytes) {
          count--;
          // Behind a root nothing need follow; behind another separator a segment must.
          isBroken |= Number(count === 0 || codes[count - 1]! < START_ROOT);
        } else {
          isBroken |= isColon | isPath;
          codes[count - 1] = code + START_ROOT;
          roots++;
        }
      } else if (bytes[start] === DOT) odd = HIGH_BITS;
      if (end === sizeBytes) {
        scanned.count = count;
        if (isBroken !== 0 || count - roots > MAX_SEGMENTS) return BROKEN;
        return (odd & HIGH_BITS) === 0 ? SOUND : ODD;
      }
      isBroken |= isPath & isColon;
      isPath |= isColon ^ 1;
      code = SLASH_SEGMENT - isColon;
      start = end + 1;
    }
    hash = hashWord(hash, word);
  }
}

/** `scan`, with what it finds in `out`. */
export function scanInto(text: string, out: IdElements): boolean {
  const isSound = scan(text);
  if (isSound) out.copy(scanned);
  return isSound;
}

/** Offsets in bytes, ascending, as offsets in UTF-16 units. */
function inUnits(offsets: Int32Array): Int32Array<ArrayBuffer> {
  const result = new Int32Array(MAX_ELEMENTS);
  let at = 0;
  let units = 0;
  for (let i = 0; i < scanned.count; i++) {
    for (; at < offsets[i]!; at++) {
      // A character counts at its first byte; those of four bytes are two units.
      if ((bytes[at]! & 0xc0) !== 0x80) units += bytes[at]! >= 0xf0 ? 2 : 1;
    }
    result[i] = units;
  }
  return result;
}

/** A subject that may ask (S4): `type:name`, and no group. Its name need not be well formed as segments. */
export function isSubject(text: string): boolean {
  const colon = text.indexOf(':');
  return isGroupName(text) && colon > 0 && colon < text.length - 1;
}

/** The rules for an action (S5). */
export function isAction(text: string): boolean {
  return isName(text, MAX_ACTION_LENGTH);
}

/** The rules for a group's name in a request (S6), which a subject obeys too. */
export function isGroupName(text: string): boolean {
  return isName(text, MAX_SUBJECT_LENGTH) && !text.startsWith('group:');
}

function isName(text: string, maxLength: number): boolean {
  return text !== '' && text.length <= maxLength && !FORBIDDEN_UNICODE.test(text);
}
