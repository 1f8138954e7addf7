import type { Reason } from '../decision/decision.ts';

/** What an evaluation ends with. The last bit is 1 for an allow. */
export type Outcome = number;
export const DENY_DEFAULT = 0;
export const ALLOW_RULE = 1;
export const DENY_RULE = 2;
export const ALLOW_SUPERUSER = 3;
export const DENY_MALFORMED = 4;
export const ALLOW_NOT_ENFORCED = 5;
export const DENY_RULESET = 6;
export const ALLOW_RULESET = 7;

/** The reason of each outcome. */
export const REASONS: readonly Reason[] = [
  'default',
  'rule',
  'rule',
  'superuser',
  'malformed',
  'not-enforced',
  'ruleset-default',
  'ruleset-default',
];

export function isAllow(outcome: Outcome): boolean {
  return (outcome & 1) === 1;
}
