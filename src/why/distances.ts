/**
 * How far a rule is from applying: the sum of these over its differences. What a slip of the keyboard explains, or one value
 * of the request, costs least; somebody else's rule on the same thing most.
 */
export const distances = {
  /** The condition does not hold. */
  condition: 1,
  /** The request is anonymous and the rule wants somebody. */
  anonymous: 2,
  /** The subject would have to be in a group. */
  group: 2,
  /** The rule is about somebody of nearly that name. */
  misspeltSubject: 1,
  /** The rule is about somebody else, or a pattern that the subject does not match. */
  otherSubject: 3,
  misspeltAction: 1,
  otherAction: 2,
  /** Subject and resource match, but not with one choice of variables. */
  variables: 2,
  /** The request names no resource, and the rule is not about every one. */
  noResource: 4,
  /** The ruleset does not speak for the request. */
  scope: 3,
} as const;

/** Steps between the ids cost as `IdDistance` says; beyond this a rule is about something else. */
export const FARTHEST_RESOURCE = 4;

/** Beyond this a rule is no near miss; nor is one that differs in subject, action and resource all. */
export const FARTHEST_MISS = 6;
