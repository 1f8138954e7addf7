import type { Decision, Effect, RuleReference } from '../decision/decision.ts';
import type { RequestAttributes } from '../decision/request.ts';
import type { Opened } from './opened-access.ts';

/** Why a request is decided as it is, and what would have it decided otherwise: plain JSON data, in an order that is fixed. */
export interface Why {
  readonly request: WhyRequest;
  /** In which it was decided; absent where everything is enforced. */
  readonly mode?: string;
  /** As the engine gives it. */
  readonly decision: Decision;
  /** What is wrong with a malformed request: then there is nothing else to say. */
  readonly malformed?: Malformation;
  /** Every rule that applies, those that decide first. */
  readonly rules: readonly RuleAccount[];
  /** What each set of rules says that speaks for the request; rules outside of rulesets are one without a name (S17). */
  readonly rulesets: readonly RulesetAccount[];
  /** For reason `superuser`: by which rule the subject is one (S33). */
  readonly superuser?: SuperuserAccount;
  /** The modes of the resource's template, if it names some (S36). */
  readonly enforcement?: Enforcement;
  /** Names of the request that the policies do not know, with what may have been meant. */
  readonly unknownNames: readonly UnknownName[];
  /** Allow rules that nearly apply, the nearest first: for denials. */
  readonly nearMisses: readonly NearMiss[];
  /** How many more there are. */
  readonly moreNearMisses: number;
  /** Changes that would have the request allowed, each tried; what opens the least else first. */
  readonly suggestions: readonly Suggestion[];
  readonly moreSuggestions: number;
}

export interface WhyRequest {
  readonly subject?: string;
  readonly action: string;
  readonly resource?: string;
  readonly groups?: readonly string[];
  readonly attributes?: RequestAttributes;
  readonly context?: unknown;
}

export interface Malformation {
  /** In words: what is wrong with which part. */
  readonly text: string;
  readonly part?: 'subject' | 'action' | 'resource';
  /** Where in that part, in UTF-16 units. */
  readonly offset?: number;
  /** A well-formed text that may have been meant. */
  readonly instead?: string;
}

/** A place in a policy; the line is absent where the text is not at hand. */
export interface Place {
  readonly file: string;
  readonly line?: number;
}

/** How a rule that applies does so. */
export interface RuleAccount {
  readonly rule: RuleReference;
  readonly effect: Effect;
  /** The rule as policy text, resolved: braces as they are, roles filled in. */
  readonly text: string;
  readonly ruleset?: string;
  /** `decides`; `agrees`: another rule of the same effect is named first; `overridden`: by a deny; `later`: an earlier rule decides; `unscoped`: its ruleset does not speak. */
  readonly standing: 'decides' | 'agrees' | 'overridden' | 'later' | 'unscoped';
  readonly subject: SubjectMatch;
  readonly action: ActionMatch;
  readonly resource: ResourceMatch;
  /** What shared variables stand for. */
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  readonly condition?: ConditionAccount;
}

/** Why a rule speaks of who asks. */
export type SubjectMatch =
  | { readonly kind: 'anyone' | 'authenticated' }
  | { readonly kind: 'subject'; readonly id: string }
  | { readonly kind: 'pattern'; readonly pattern: string }
  /** From the subject up to the group that the rule names. */
  | { readonly kind: 'group'; readonly group: string; readonly path: readonly GroupStep[] };

/** `member` is in `group`. */
export interface GroupStep {
  /** The subject itself, or the group of the step before, as policy text. */
  readonly member: string;
  readonly group: string;
  /** By being named, by a pattern, or because the request says so. */
  readonly by: 'name' | 'pattern' | 'request';
  readonly pattern?: string;
  readonly place: Place;
}

export type ActionMatch =
  | { readonly kind: 'same'; readonly action: string }
  /** The rule's action implies the request's, or, for a deny, is implied by it: the chain from the rule's on (S13). */
  | { readonly kind: 'implies' | 'implied-by'; readonly chain: readonly string[] };

export type ResourceMatch =
  | { readonly kind: 'same' }
  | { readonly kind: 'pattern'; readonly pattern: string }
  /** What the template of a literal id adds (S32). */
  | {
      readonly kind: 'beneath' | 'every-value';
      readonly id: string;
      readonly template: string;
      readonly place: Place;
    };

export interface ConditionAccount {
  readonly text: string;
  readonly outcome: 'true' | 'false' | 'error';
  /** The smallest parts that bring the outcome about. */
  readonly parts: readonly ConditionPart[];
}

export interface ConditionPart {
  readonly text: string;
  readonly outcome: 'true' | 'false' | 'error';
  /** What the part reads, with the values found. */
  readonly reads: readonly AttributeRead[];
}

export interface AttributeRead {
  /** `context.ip` */
  readonly path: string;
  readonly isMissing: boolean;
  /** JSON; absent if missing. */
  readonly value?: unknown;
}

export interface RulesetAccount {
  /** Absent for the rules outside of any. */
  readonly name?: string;
  readonly combining: 'first-applicable' | 'deny-overrides';
  readonly says: Effect | 'nothing';
  readonly by: 'rule' | 'default';
  /** 1-based places, among the ruleset's rules, of those that apply: in a first-applicable one the first decides. */
  readonly applying: readonly number[];
}

export interface SuperuserAccount {
  /** The id on which the rule allows something. */
  readonly id: string;
  readonly namespace: string;
  /** The action that it allows there. */
  readonly allowed: string;
  readonly account: RuleAccount;
}

export interface Enforcement {
  readonly template: string;
  readonly place: Place;
  readonly modes: readonly { readonly mode: string; readonly authenticatedOnly: boolean }[];
  /** What each mode, and none, would answer. */
  readonly byMode: readonly { readonly mode?: string; readonly decision: Effect; readonly reason: string }[];
}

export interface UnknownName {
  readonly part: 'subject' | 'action' | 'resource' | 'group';
  /** The part of the request that is not known. */
  readonly name: string;
  /** Where it stands, for one segment of an id: what stands before it. */
  readonly after?: string;
  /** The known name next to it. */
  readonly nearest?: string;
  /** The whole text with that name in it. */
  readonly instead?: string;
}

export interface NearMiss {
  readonly rule: RuleReference;
  readonly text: string;
  readonly ruleset?: string;
  readonly distance: number;
  readonly differences: readonly Difference[];
}

/** What keeps an allow rule from applying. `distance` says how much: see `distances`. */
export type Difference = { readonly distance: number } & (
  | { readonly kind: 'subject'; readonly needs: readonly string[]; readonly nearest?: string }
  | {
      readonly kind: 'action';
      readonly allows: readonly string[];
      readonly nearest?: string;
      /** Set if the action would be implied, but the template of the rule's id does not list it (S14). */
      readonly unlistedIn?: string;
    }
  | { readonly kind: 'resource'; readonly covers: string; readonly steps: readonly SegmentStep[] }
  | { readonly kind: 'variables'; readonly conflicts: readonly VariableConflict[] }
  | { readonly kind: 'condition'; readonly account: ConditionAccount }
  | { readonly kind: 'scope'; readonly ruleset: string }
);

/** One step from what the rule covers to what was asked for. */
export interface SegmentStep {
  /** `missing`: the rule wants a segment more; `extra`: the request has one more; `separator`: `:` where the other has `/`. */
  readonly kind: 'other' | 'misspelt' | 'missing' | 'extra' | 'separator';
  readonly ofRule?: string;
  readonly ofRequest?: string;
}

export interface VariableConflict {
  readonly name: string;
  readonly inSubject?: string;
  readonly inResource?: string;
}

/** One way to have the request allowed. Applying all edits does; each was tried. */
export interface Suggestion {
  readonly edits: readonly Edit[];
  /** What else is allowed then. */
  readonly opens: Opened;
}

export type Edit =
  /** A statement to write; in a ruleset, before or behind the rule named. */
  | {
      readonly kind: 'add-rule';
      readonly text: string;
      readonly ruleset?: string;
      readonly before?: RuleReference;
    }
  | { readonly kind: 'add-member'; readonly group: string; readonly member: string; readonly place: Place }
  | {
      readonly kind: 'change-rule';
      readonly rule: RuleReference;
      readonly old: string;
      readonly text: string;
    }
  | { readonly kind: 'remove-rule'; readonly rule: RuleReference; readonly old: string }
  /** No change of the policies: the request would carry these values. */
  | {
      readonly kind: 'send';
      readonly values: readonly {
        readonly path: string;
        readonly value?: unknown;
        readonly isRemoved?: true;
      }[];
    };
