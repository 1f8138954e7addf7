import type { RuleReference } from '../decision/decision.ts';
import type { Request } from '../decision/request.ts';
import type { WhatCan, WhatCanQuestion, WhoCan, WhoCanQuestion } from '../listing.ts';
import type { Edit, Opened, Why } from '../why.ts';

/** Questions about a whole policy, and what the service answers: as the library does, in JSON. */

export interface WhyOptions {
  /** So many near misses and so many suggestions at most. Default: 10. */
  readonly limit?: number;
  /** False leaves out what would have the request allowed, which takes most of the time. */
  readonly suggestions?: boolean;
}

/** Patterns are texts in it. */
export type WhyAnswer = Omit<Why, 'suggestions'> & {
  readonly suggestions: readonly { readonly edits: readonly Edit[]; readonly opens: Sent<Opened> }[];
};

export type WhoCanRequest = Pick<WhoCanQuestion, 'action' | 'resource' | 'mode' | 'limit' | 'cursor'>;
export type WhatCanRequest = Pick<
  WhatCanQuestion,
  'subject' | 'groups' | 'action' | 'mode' | 'limit' | 'cursor'
>;
export type { WhatCan, WhoCan };

export interface DiffRequest {
  /** All files of a policy set, by paths as their imports have them. */
  readonly policies: readonly { readonly file: string; readonly text: string }[];
  /** Only resources that this pattern matches. */
  readonly onlyUnder?: string;
  readonly gate?: 'no-new-access' | 'no-lost-access' | 'no-change';
}

/** Who would gain and who would lose what if the posted policies were in use. */
export interface DiffAnswer {
  readonly difference: 'equal' | 'different' | 'unknown';
  readonly gained: readonly SentChange[];
  readonly lost: readonly SentChange[];
  readonly undecided: readonly (SentRequests & { readonly reason: string })[];
  /** Whether the gate lets it through, if one was named. */
  readonly held?: boolean;
  /** Warnings about the posted policies. */
  readonly diagnostics: readonly unknown[];
}

/** A union of parts: what is in all of `all`, and in no part of `except`. */
export type SentSet = readonly { readonly all: readonly string[]; readonly except?: SentSet }[];

export interface SentRequests {
  readonly subjects: SentSet;
  readonly actions: readonly string[];
  readonly anyOtherAction?: true;
  readonly resources: SentSet;
  readonly withoutResource?: true;
}

export interface SentChange extends SentRequests {
  /** One of these; absent: always. */
  readonly when?: readonly (readonly {
    readonly kind: 'condition' | 'variables';
    readonly text: string;
    readonly truths: readonly ('true' | 'false' | 'error')[];
    readonly side?: 'before' | 'after';
  }[])[];
  /** `null`: without a mode given. Absent: in all. */
  readonly modes?: readonly (string | null)[];
  readonly witness: Request & {
    readonly mode?: string;
    readonly before: 'allow' | 'deny';
    readonly after: 'allow' | 'deny';
  };
  readonly rules: readonly RuleReference[];
}

/** A value without what patterns are made of. */
type Sent<Value> = Value extends object
  ? { readonly [Name in keyof Value as Name extends 'elements' ? never : Name]: Sent<Value[Name]> }
  : Value;
