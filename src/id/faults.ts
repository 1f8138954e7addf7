/** What is wrong with an id. Strings, so that answers and messages can name it. */
export type IdFault =
  | 'none'
  | 'empty'
  | 'too-long'
  | 'too-many-segments'
  | 'empty-segment'
  | 'dot-segment'
  | 'colon-after-slash'
  | 'backslash'
  | 'percent-encoding'
  | 'forbidden-character'
  | 'no-type'
  | 'group-subject'
  | 'group-prefix';

const descriptions: Readonly<Record<IdFault, string>> = {
  none: 'is well formed',
  empty: 'is empty',
  'too-long': 'is too long',
  'too-many-segments': 'has more than 256 segments',
  'empty-segment': 'has an empty segment',
  'dot-segment': 'has a segment `.` or `..`',
  'colon-after-slash': 'has a colon after a slash',
  backslash: 'has a backslash',
  'percent-encoding': 'is percent-encoded',
  'forbidden-character': 'has an invisible or forbidden character',
  'no-type': 'is not of the form `type:name`',
  'group-subject': 'is a group, which cannot ask',
  'group-prefix': 'begins with `group:`, write the bare name',
};

/** The fault as the rest of a sentence whose subject is the id. */
export function describeFault(fault: IdFault): string {
  return descriptions[fault];
}
