import * as idElements from './elements.ts';
import { encode, hashWord, type IdElements, scanned } from './elements.ts';
import {
  FAULT_BACKSLASH,
  FAULT_COLON_AFTER_SLASH,
  FAULT_DOT_SEGMENT,
  FAULT_EMPTY,
  FAULT_EMPTY_SEGMENT,
  FAULT_FORBIDDEN_CHARACTER,
  FAULT_GROUP_PREFIX,
  FAULT_NO_TYPE,
  FAULT_NONE,
  FAULT_PERCENT_ENCODING,
  FAULT_TOO_LONG,
  FAULT_TOO_MANY_SEGMENTS,
  type IdFault,
} from './faults.ts';

// The platform folds constants of a module's own into the code, imported ones it does not (bench/scan.ts).
const HASH_SEED = idElements.HASH_SEED;
const MAX_ELEMENTS = idElements.MAX_ELEMENTS;
const MAX_ID_LENGTH = idElements.MAX_ID_LENGTH;
const MAX_SEGMENTS = idElements.MAX_SEGMENTS;
const SLASH_SEGMENT = idElements.SLASH_SEGMENT;
const START_ROOT = idElements.START_ROOT;
const START_SEGMENT = idElements.START_SEGMENT;

export const MAX_SUBJECT_LENGTH = 1024;
export const MAX_ACTION_LENGTH = 256;

const BLANK = 0x20;
const PERCENT = 0x25;
const DOT = 0x2e;
const SLASH = 0x2f;
const DIGIT = 0x30;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;
const DELETE = 0x7f;

/** Four bytes at a time. */
const ONES = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
const LOW_BITS = 0x7f7f7f7f;
const BLANKS = 0x20202020;
const PERCENTS = 0x25252525;
const SLASHES = 0x2f2f2f2f;
const COLONS = 0x3a3a3a3a;
const BACKSLASHES = 0x5c5c5c5c;

/** The character rules at the end of S2. A fixed expression: nothing of a policy or request becomes part of it. */
const FORBIDDEN_UNICODE =
  /[\p{Cc}\p{Cs}\u2028\u2029\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;

const { words, bytes, codes, byteStarts, byteEnds, hashes } = scanned;

/** `scan`, with what it finds in `out`. */
export function scanId(text: string, out: IdElements): IdFault {
  const fault = scan(text);
  if (fault === FAULT_NONE) out.copy(scanned);
  return fault;
}

/**
 * The one validator of resource ids (S1, S2): fills `scanned` and returns FAULT_NONE, or returns the first fault found, when
 * `scanned` holds nothing to rely on.
 */
export function scan(text: string): IdFault {
  const { length } = text;
  if (length === 0) return FAULT_EMPTY;
  if (length > MAX_ID_LENGTH) return FAULT_TOO_LONG;
  const sizeBytes = encode(text, scanned);
  if (!cut(sizeBytes)) {
    const fault = findFault(text);
    if (fault !== FAULT_NONE) return fault;
  }
  scanned.starts = byteStarts;
  scanned.ends = byteEnds;
  if (sizeBytes !== length) {
    scanned.starts = inUnits(byteStarts);
    scanned.ends = inUnits(byteEnds);
  }
  return FAULT_NONE;
}

/**
 * Cuts the bytes into elements, four at a time, and hashes them on the way (bench/scan.ts). False if something has to be
 * looked at more closely: whatever may be wrong, and a few things that are not. Kept whole for speed.
 */
function cut(sizeBytes: number): boolean {
  // A separator behind the end makes the end one place more where an element ends; the rest of its word is neutral.
  bytes[sizeBytes] = SLASH;
  bytes[sizeBytes + 1] = bytes[sizeBytes + 2] = bytes[sizeBytes + 3] = DIGIT;
  let hash = HASH_SEED;
  let odd = 0;
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
        if (end === sizeBytes) return --count > 0 && closes(count, odd);
        if ((isColon | isPath) !== 0) odd = HIGH_BITS;
        codes[count - 1] = code + START_ROOT;
      } else if (bytes[start] === DOT) odd = HIGH_BITS;
      if (end === sizeBytes) {
        scanned.count = count;
        return (odd & HIGH_BITS) === 0 && count <= MAX_SEGMENTS;
      }
      if ((isPath & isColon) !== 0) odd = HIGH_BITS;
      isPath |= isColon ^ 1;
      code = SLASH_SEGMENT - isColon;
      start = end + 1;
    }
    hash = hashWord(hash, word);
  }
}

/** Whether an id may end behind the separator of its last element: behind a root nothing need follow. */
function closes(count: number, odd: number): boolean {
  scanned.count = count;
  return codes[count - 1]! >= START_ROOT && (odd & HIGH_BITS) === 0;
}

/** What is wrong, unit by unit: for ids in which `cut` has found something odd. */
function findFault(text: string): IdFault {
  const { length } = text;
  let segments = 0;
  let isPath = text.charCodeAt(0) === SLASH;
  let start = isPath ? 1 : 0;
  for (let i = start; i <= length; i++) {
    const unit = i === length ? SLASH : text.charCodeAt(i);
    if (unit === BACKSLASH) return FAULT_BACKSLASH;
    if (unit < BLANK || unit === DELETE) return FAULT_FORBIDDEN_CHARACTER;
    if (unit === PERCENT && isHexDigit(text.charCodeAt(i + 1)) && isHexDigit(text.charCodeAt(i + 2)))
      return FAULT_PERCENT_ENCODING;
    if (unit !== SLASH && unit !== COLON) continue;
    if (i === start) {
      const isRoot = i > 0 && text.charCodeAt(i - 1) === COLON && unit === SLASH && !isPath;
      // A root may be the end; so may the first slash of all, behind which `start` stood at first.
      if (i === length ? !(isPath && (length === 1 || text.charCodeAt(length - 2) === COLON)) : !isRoot)
        return FAULT_EMPTY_SEGMENT;
    } else {
      if (isDotSegment(text, start, i)) return FAULT_DOT_SEGMENT;
      if (++segments > MAX_SEGMENTS) return FAULT_TOO_MANY_SEGMENTS;
    }
    if (unit === COLON && isPath) return FAULT_COLON_AFTER_SLASH;
    isPath ||= unit === SLASH;
    start = i + 1;
  }
  return FORBIDDEN_UNICODE.test(text) ? FAULT_FORBIDDEN_CHARACTER : FAULT_NONE;
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

/** The rules for a subject (S4): length, `type:name`, characters. Its name need not be well formed as segments. */
export function checkSubject(subject: string): IdFault {
  const fault = checkName(subject, MAX_SUBJECT_LENGTH);
  if (fault !== FAULT_NONE) return fault;
  const colon = subject.indexOf(':');
  if (colon < 1 || colon === subject.length - 1) return FAULT_NO_TYPE;
  return FAULT_NONE;
}

/** Whether a well-formed subject names a group, which no request may (S4). */
export function isGroupSubject(subject: string): boolean {
  return subject.startsWith('group:');
}

/** The rules for an action (S5). */
export function checkAction(action: string): IdFault {
  return checkName(action, MAX_ACTION_LENGTH);
}

/** The rules for a group's name in a request (S6). */
export function checkGroupName(name: string): IdFault {
  if (name.startsWith('group:')) return FAULT_GROUP_PREFIX;
  return checkName(name, MAX_SUBJECT_LENGTH);
}

function checkName(text: string, maxLength: number): IdFault {
  const length = text.length;
  if (length === 0) return FAULT_EMPTY;
  if (length > maxLength) return FAULT_TOO_LONG;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) return FORBIDDEN_UNICODE.test(text) ? FAULT_FORBIDDEN_CHARACTER : FAULT_NONE;
    if (unit < BLANK || unit === DELETE) return FAULT_FORBIDDEN_CHARACTER;
  }
  return FAULT_NONE;
}

/** Whether a path of a request, or a decoded segment of it, has a fit length and fit characters (S65). */
export function checkPathText(text: string): boolean {
  return checkName(text, MAX_ID_LENGTH) === FAULT_NONE;
}

/** `.` or `..`, alone or followed by `;`. */
export function isDotSegment(text: string, start: number, end: number): boolean {
  if (text.charCodeAt(start) !== DOT) return false;
  const afterDots = text.charCodeAt(start + 1) === DOT ? start + 2 : start + 1;
  return afterDots >= end ? afterDots === end : text.charCodeAt(afterDots) === SEMICOLON;
}

function isHexDigit(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x46) || (unit >= 0x61 && unit <= 0x66);
}
