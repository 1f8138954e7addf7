/**
 * Ops of a condition program, a stack machine. The first thing that errs ends the program, because no op catches an error
 * (S41, S44). Jumps lead forward only, so a program ends after at most its length in steps; they are relative, so that
 * equal conditions are equal words wherever they stand, and are written once.
 */
/** Ends: the top of the stack is the answer. */
export const OP_END = 0;
export const OP_FALSE = 1;
export const OP_TRUE = 2;
/** index into `numbers`; what is no number there is equal to nothing, like a list that stands elsewhere than behind `in` */
export const OP_NUMBER = 3;
/** text │ length */
export const OP_STRING = 4;
/** kind │ index into `numbers`: of milliseconds, or of an ip's count of words, which follow it */
export const OP_SPECIAL = 5;
/** path */
export const OP_ATTRIBUTE = 6;
/** path, the last name being the one asked for */
export const OP_HAS = 7;
/** Errs unless the top is a boolean; two of them make sure of that. */
export const OP_NOT = 8;
/** how many words on from this one: leaves false and jumps, or drops true and goes on; `a || b` is `!(!a && !b)` */
export const OP_JUMP_IF_FALSE = 9;
/** signs: one of `SIGNS` */
export const OP_COMPARE = 10;
/** Whether the item beneath is in the list on top. */
export const OP_IN_LIST = 11;
/** count: whether the item beneath is one of so many values on top */
export const OP_IN_ITEMS = 12;
/** count │ (text │ length) for each: whether the top is one of them; errs if it is no string. `x == "a"` is the case of one */
export const OP_IN_TEXTS = 13;
/** text │ length: whether it is in the list on top */
export const OP_TEXT_IN_LIST = 14;
/** class of the group */
export const OP_IN_GROUP = 15;
/** prefix length │ count of words │ words; `x == ip("…")` is the case of all bits */
export const OP_IN_CIDR = 16;
/** glob program */
export const OP_LIKE = 17;

/** Kinds of values that JSON does not have. */
export const SPECIAL_IP = 0;
export const SPECIAL_TIME = 1;
export const SPECIAL_DURATION = 2;

/** Which signs the difference of two values may have for a comparison to hold: 1 for below zero, 2 for zero, 4 for above. */
export const SIGNS_EQUAL = 2;
export const SIGNS_DIFFERENT = 5;
export const SIGNS = {
  '==': SIGNS_EQUAL,
  '!=': SIGNS_DIFFERENT,
  '<': 1,
  '<=': 3,
  '>': 4,
  '>=': 6,
} as const;

/** A path: root │ count of names │ (number │ text │ length) for each; different names are numbered from 0. */
export const PATH_ROOT = 0;
export const PATH_COUNT = 1;
export const PATH_NAMES = 2;
export const NAME_OF_PATH_SIZE = 3;

export const ATTRIBUTE_ROOTS = ['subject', 'action', 'resource', 'context'] as const;
