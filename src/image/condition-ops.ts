/**
 * Ops of a condition program, a stack machine. The first thing that errs ends the program, because no op catches an error
 * (S41, S44). Jumps lead forward only, so a program ends after at most its length in steps; they are relative, so that
 * equal conditions are equal words wherever they stand, and are written once. Every op is two words, the second of which is
 * its operand, if it has one; what else it has comes behind them.
 */
/** Ends: the top of the stack is the answer. */
export const OP_END = 0;
/** 1 for true */
export const OP_BOOLEAN = 1;
/** index into `numbers`; what is no number there is equal to nothing, like a list that stands elsewhere than behind `in` */
export const OP_NUMBER = 2;
/** text │ length */
export const OP_STRING = 3;
/** kind │ index into `numbers`: of the count of words of an ip, or of 1, and the words or the milliseconds, which follow it */
export const OP_SPECIAL = 4;
/** path */
export const OP_ATTRIBUTE = 5;
/** path, the last name being the one asked for */
export const OP_HAS = 6;
/** Errs unless the top is a boolean; two of them make sure of that. */
export const OP_NOT = 7;
/** how many words on from behind it: leaves false and jumps, or drops true and goes on */
export const OP_JUMP_IF_FALSE = 8;
/**
 * Signs: one of `SIGNS`, of the difference of the two values on top. Above it, by `SIGN_BITS`, one more than an index into `numbers`
 * where the right one is a number that the policy has, as most are: then it is on no stack, and only the left one is.
 */
export const OP_COMPARE = 9;
/** Whether the item beneath is in the list on top. */
export const OP_IN_LIST = 10;
/** count: whether the item beneath is one of so many values on top */
export const OP_IN_ITEMS = 11;
/** count │ (text │ length) for each: whether the top is one of them; errs if it is no string. `x == "a"` is the case of one */
export const OP_IN_TEXTS = 12;
/** text │ length: whether it is in the list on top */
export const OP_TEXT_IN_LIST = 13;
/** class of the group */
export const OP_IN_GROUP = 14;
/** prefix length │ count of words │ words; `x == ip("…")` is the case of all bits */
export const OP_IN_CIDR = 15;
/** glob program */
export const OP_LIKE = 16;
/** how many words on from behind it: leaves true and jumps, or drops false and goes on */
export const OP_JUMP_IF_TRUE = 17;

/** Kinds of values that JSON does not have. */
export const SPECIAL_IP = 0;
export const SPECIAL_TIME = 1;
export const SPECIAL_DURATION = 2;

export const SIGN_BITS = 3;
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
