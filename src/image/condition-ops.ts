/**
 * Ops of a condition program, a stack machine. The first thing that errs ends the program, because no op catches an error
 * (S41, S44). Jumps lead forward only, so a program ends after at most its length in steps.
 */
export const OP = {
  /** Ends: the top of the stack is the answer. */
  end: 0,
  /** text │ length */
  string: 1,
  /** index into `numbers` */
  number: 2,
  true: 3,
  false: 4,
  /** count of words │ words */
  ip: 5,
  /** index into `numbers` (milliseconds) */
  time: 6,
  duration: 7,
  /** root │ count of names │ (text │ length) for each */
  attribute: 8,
  /** root │ count of names │ (text │ length) for each, the last being the one asked for */
  has: 9,
  not: 10,
  /** target: leaves false and jumps, or drops true and goes on */
  jumpIfFalse: 11,
  jumpIfTrue: 12,
  /** errs unless the top is a boolean */
  boolean: 13,
  /** comparison */
  compare: 14,
  /** count */
  list: 15,
  inList: 16,
  /** class of the group */
  inGroup: 17,
  /** prefix length │ count of words │ words */
  inCidr: 18,
  /** glob program */
  like: 19,
} as const;

export const ATTRIBUTE_ROOTS = ['subject', 'action', 'resource', 'context'] as const;
export const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const;
