import {
  COLON_ROOT,
  COLON_SEGMENT,
  HASH_SEED,
  hashUnit,
  type IdElements,
  MAX_SEGMENTS,
  SLASH_SEGMENT,
  START_ROOT,
  START_SEGMENT,
} from './elements.ts';
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

export const MAX_ID_LENGTH = 4096;
export const MAX_SUBJECT_LENGTH = 1024;
export const MAX_ACTION_LENGTH = 256;

const ORDINARY = 0;
const SEPARATOR = 1;
const PERCENT = 2;
const FORBIDDEN = 3;
const BACKSLASH_CLASS = 4;
const NOT_ASCII = 5;
const COLON = 0x3a;
const SLASH = 0x2f;
const DOT = 0x2e;
const SEMICOLON = 0x3b;

/** Class of every ASCII unit; what is above is judged by `FORBIDDEN_UNICODE`. */
const CLASSES = buildClasses();

/** The character rules at the end of S2. A fixed expression: nothing of a policy or request becomes part of it. */
const FORBIDDEN_UNICODE =
  /[\p{Cc}\p{Cs}\u2028\u2029\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;

/**
 * The one validator of resource ids (S1, S2): fills `out` and returns `'none'`, or returns the first fault found, when
 * `out` holds nothing to rely on. One pass over the units; kept in one function for that reason.
 */
export function scanId(text: string, out: IdElements): IdFault {
  const length = text.length;
  if (length === 0) return FAULT_EMPTY;
  if (length > MAX_ID_LENGTH) return FAULT_TOO_LONG;
  const { codes, starts, ends, hashes } = out;
  let count = 0;
  let segments = 0;
  let isPath = false;
  let isAscii = true;
  let i = 0;
  let start = 0;
  let code = START_SEGMENT;
  let hash = HASH_SEED;
  if (text.charCodeAt(0) === SLASH) {
    codes[0] = START_ROOT;
    starts[0] = ends[0] = 0;
    hashes[0] = HASH_SEED;
    count = 1;
    isPath = true;
    code = SLASH_SEGMENT;
    i = start = 1;
    if (length === 1) {
      out.count = 1;
      return FAULT_NONE;
    }
  }
  for (;;) {
    let unitClass = SEPARATOR;
    for (; i < length; i++) {
      const unit = text.charCodeAt(i);
      unitClass = unit > 127 ? NOT_ASCII : CLASSES[unit]!;
      if (unitClass !== ORDINARY) break;
      hash = hashUnit(hash, unit);
    }
    if (i < length && unitClass !== SEPARATOR) {
      if (unitClass === FORBIDDEN) return FAULT_FORBIDDEN_CHARACTER;
      if (unitClass === BACKSLASH_CLASS) return FAULT_BACKSLASH;
      if (unitClass === NOT_ASCII) isAscii = false;
      else if (isHexDigit(text.charCodeAt(i + 1)) && isHexDigit(text.charCodeAt(i + 2)))
        return FAULT_PERCENT_ENCODING;
      hash = hashUnit(hash, text.charCodeAt(i++));
      continue;
    }
    // A separator or the end: the segment [start, i) is complete.
    if (i === start) return FAULT_EMPTY_SEGMENT;
    if (isDotSegment(text, start, i)) return FAULT_DOT_SEGMENT;
    if (++segments > MAX_SEGMENTS) return FAULT_TOO_MANY_SEGMENTS;
    codes[count] = code;
    starts[count] = start;
    ends[count] = i;
    hashes[count] = hash;
    count++;
    if (i === length) break;
    if (text.charCodeAt(i) === SLASH) {
      isPath = true;
      code = SLASH_SEGMENT;
    } else {
      if (isPath) return FAULT_COLON_AFTER_SLASH;
      code = COLON_SEGMENT;
      if (text.charCodeAt(i + 1) === SLASH) {
        i++;
        codes[count] = COLON_ROOT;
        starts[count] = ends[count] = i;
        hashes[count] = HASH_SEED;
        count++;
        isPath = true;
        code = SLASH_SEGMENT;
        if (i + 1 === length) break;
      }
    }
    i++;
    start = i;
    hash = HASH_SEED;
  }
  if (!isAscii && FORBIDDEN_UNICODE.test(text)) return FAULT_FORBIDDEN_CHARACTER;
  out.count = count;
  return FAULT_NONE;
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
    if (CLASSES[unit] === FORBIDDEN) return FAULT_FORBIDDEN_CHARACTER;
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

function buildClasses(): Uint8Array {
  const classes = new Uint8Array(128);
  classes.fill(FORBIDDEN, 0, 32);
  classes[127] = FORBIDDEN;
  classes[COLON] = classes[SLASH] = SEPARATOR;
  classes[0x25] = PERCENT;
  classes[0x5c] = BACKSLASH_CLASS;
  return classes;
}
