/**
 * Ops of a condition program, a stack machine. The first thing that errs ends the program, because no op catches an error
 * (S41, S44). Jumps lead forward only, so a program ends after at most its length in steps.
 */
/** Ends: the top of the stack is the answer. */
export const OP_END = 0;
/** text │ length */
export const OP_STRING = 1;
/** index into `numbers` */
export const OP_NUMBER = 2;
export const OP_TRUE = 3;
export const OP_FALSE = 4;
/** count of words │ words */
export const OP_IP = 5;
/** index into `numbers` (milliseconds) */
export const OP_TIME = 6;
export const OP_DURATION = 7;
/** root │ count of names │ (text │ length) for each */
export const OP_ATTRIBUTE = 8;
/** root │ count of names │ (text │ length) for each, the last being the one asked for */
export const OP_HAS = 9;
export const OP_NOT = 10;
/** target: leaves false and jumps, or drops true and goes on */
export const OP_JUMP_IF_FALSE = 11;
export const OP_JUMP_IF_TRUE = 12;
/** errs unless the top is a boolean */
export const OP_BOOLEAN = 13;
/** comparison */
export const OP_COMPARE = 14;
/** count */
export const OP_LIST = 15;
export const OP_IN_LIST = 16;
/** class of the group */
export const OP_IN_GROUP = 17;
/** prefix length │ count of words │ words */
export const OP_IN_CIDR = 18;
/** glob program */
export const OP_LIKE = 19;

export const ATTRIBUTE_ROOTS = ['subject', 'action', 'resource', 'context'] as const;
export const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const;
