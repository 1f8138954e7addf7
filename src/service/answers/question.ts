import type { Gate } from '../../diff.ts';
import type { Request, Source } from '../../index.ts';
import type { WhatCanQuestion, WhoCanQuestion } from '../../listing.ts';
import type { Changes } from '../../live/changes.ts';

/** Something about a whole policy that takes longer than requests may be kept waiting. Plain data: it goes to another thread. */
export type Question =
  | ({ readonly kind: 'why' } & WhyQuestion)
  | { readonly kind: 'who-can'; readonly asked: Omit<WhoCanQuestion, 'revision'> }
  | { readonly kind: 'what-can'; readonly asked: Omit<WhatCanQuestion, 'revision'> }
  | ({ readonly kind: 'diff' } & DiffQuestion);

export interface WhyQuestion {
  readonly request: Request;
  /** Undefined where everything is enforced. */
  readonly mode: string | undefined;
  readonly limit?: number | undefined;
  readonly withoutSuggestions: boolean;
}

export interface DiffQuestion {
  /** Texts to be compared with the policy: never put to use. */
  readonly policies: readonly Source[];
  /** A pattern of resources as policies write it. */
  readonly onlyUnder?: string | undefined;
  readonly gate?: Gate | undefined;
}

export type Answer =
  /** Status 422: the posted policies have errors, and the body has them. */
  | { readonly kind: 'answered'; readonly status: 200 | 422; readonly body: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'refused'; readonly status: 400 | 503; readonly message: string }
  /** Our bug: for the log, not for who asks. */
  | { readonly kind: 'failed'; readonly message: string };

/** The policy that a question is about. */
export interface AskedPolicy {
  /** Verified. Not copied where it lies in shared memory. */
  readonly image: Uint8Array;
  /** What a store has changed since the image was built. */
  readonly changes?: readonly Changes[] | undefined;
  readonly revision: string;
}

/** Answers questions elsewhere than on the thread that asks. */
export interface Answers {
  /**
   * Never rejects: what goes wrong is an answer too.
   *
   * @param signal  aborted when nobody waits for the answer any more
   */
  readonly ask: (policy: AskedPolicy, question: Question, signal: AbortSignal) => Promise<Answer>;
}
