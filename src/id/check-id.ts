import { type IdElements, MAX_ID_LENGTH, MAX_SEGMENTS } from './elements.ts';
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
import { FORBIDDEN_UNICODE, MAX_ACTION_LENGTH, MAX_SUBJECT_LENGTH, scanInto } from './scan.ts';

/** What `scan.ts` decides on every request, with words: for whoever has to say what is wrong. */

const BLANK = 0x20;
const PERCENT = 0x25;
const DOT = 0x2e;
const SLASH = 0x2f;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;
const DELETE = 0x7f;

/** Fills `out` and returns FAULT_NONE, or returns the first fault found, when `out` holds nothing to rely on. */
export function scanId(text: string, out: IdElements): IdFault {
  return scanInto(text, out) ? FAULT_NONE : findFault(text);
}

/** What is wrong with an id that `scan` refuses: the first fault, unit by unit. */
export function findFault(text: string): IdFault {
  const { length } = text;
  if (length === 0) return FAULT_EMPTY;
  if (length > MAX_ID_LENGTH) return FAULT_TOO_LONG;
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
      // Before it is a colon: a slash at the very start would make this a path.
      const isRoot = unit === SLASH && !isPath;
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
  return FORBIDDEN_UNICODE.test(text) ? FAULT_FORBIDDEN_CHARACTER : FAULT_NONE;
}

/** Whether a path of a request, or a decoded segment of it, has a fit length and fit characters (S65). */
export function checkPathText(text: string): boolean {
  return checkName(text, MAX_ID_LENGTH) === FAULT_NONE;
}

/** `.` or `..`, alone or followed by `;`. At `end` is a separator, or the end of the text. */
export function isDotSegment(text: string, start: number, end: number): boolean {
  if (text.charCodeAt(start) !== DOT) return false;
  const afterDots = text.charCodeAt(start + 1) === DOT ? start + 2 : start + 1;
  return afterDots === end || text.charCodeAt(afterDots) === SEMICOLON;
}

function isHexDigit(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x46) || (unit >= 0x61 && unit <= 0x66);
}
