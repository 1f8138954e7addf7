export type Effect = 'allow' | 'deny';

export type Reason = 'rule' | 'default' | 'superuser' | 'not-enforced' | 'malformed' | 'ruleset-default';

/** A rule as an answer names it. */
export interface RuleReference {
  /** From `@id`, else `file:line`. */
  readonly id: string;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** The role whose permission this is, when the rule came by a `grant`; `file` and `line` are then the grant's. */
  readonly role?: { readonly name: string; readonly file: string; readonly line: number };
}

/** The engine's answer. Frozen. */
export interface Decision {
  readonly decision: Effect;
  readonly reason: Reason;
  /** The deciding rule: first in source order among those that decide alike (S70). For `superuser`, the rule that makes the subject one. */
  readonly rule?: RuleReference;
  /** The ruleset that decided, when it was not the one of rules outside any. */
  readonly ruleset?: string;
  /** What is wrong with the request, for `malformed`: for people, not a contract. */
  readonly detail?: string;
}
