/** What is wrong with an id, as a number: the validator runs on every request, the words are for whoever asks. */
export type IdFault = number;
export const FAULT_NONE = 0;
export const FAULT_EMPTY = 1;
export const FAULT_TOO_LONG = 2;
export const FAULT_TOO_MANY_SEGMENTS = 3;
export const FAULT_EMPTY_SEGMENT = 4;
export const FAULT_DOT_SEGMENT = 5;
export const FAULT_COLON_AFTER_SLASH = 6;
export const FAULT_BACKSLASH = 7;
export const FAULT_PERCENT_ENCODING = 8;
export const FAULT_FORBIDDEN_CHARACTER = 9;
export const FAULT_NO_TYPE = 10;
export const FAULT_GROUP_SUBJECT = 11;
export const FAULT_GROUP_PREFIX = 12;

const descriptions: readonly string[] = [
  'is well formed',
  'is empty',
  'is too long',
  'has more than 256 segments',
  'has an empty segment',
  'has a segment `.` or `..`',
  'has a colon after a slash',
  'has a backslash',
  'is percent-encoded',
  'has an invisible or forbidden character',
  'is not of the form `type:name`',
  'is a group, which cannot ask',
  'begins with `group:`, write the bare name',
];

/** The fault as the rest of a sentence whose subject is the id. */
export function describeFault(fault: IdFault): string {
  return descriptions[fault]!;
}
