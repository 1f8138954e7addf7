import type { Authorizer, Request } from '../../index.ts';
import type { RequestSource } from './request-batch.ts';

/** Requests made ready, and what answers them. */
export interface Batch {
  /** Answers all of them; how many were allowed. */
  readonly answerAll: () => number;
  /** Answers one. */
  readonly answer: (index: number) => boolean;
}

/** Something that answers requests, to be measured. */
export interface Contestant {
  /** Makes `count` requests ready, from `start` on: what that costs is not measured. */
  readonly prepare: (start: number, count: number) => Batch;
}

export type Call = 'isAllowed' | 'decide';

/** Whether `isAllowed` can be asked: nothing but ids, each a string or absent. */
export function isPlain({ subject, action, resource, groups, attributes, context }: Request): boolean {
  return (
    isStringOrAbsent(subject) &&
    typeof action === 'string' &&
    isStringOrAbsent(resource) &&
    groups === undefined &&
    attributes === undefined &&
    context === undefined
  );
}

function isStringOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

export function createContestant(call: Call, authorizer: Authorizer, source: RequestSource): Contestant {
  const prepare = call === 'decide' ? prepareDecide : prepareIsAllowed;
  return { prepare: (start, count) => prepare(authorizer, source.take(start, count)) };
}

// Each kind of call has a loop of its own, so that the engine beneath can be inlined into it.

function prepareDecide(authorizer: Authorizer, requests: readonly Request[]): Batch {
  return {
    answerAll: () => {
      let allowed = 0;
      for (const request of requests) if (authorizer.decide(request).decision === 'allow') allowed++;
      return allowed;
    },
    answer: (index) => authorizer.decide(requests[index]!).decision === 'allow',
  };
}

function prepareIsAllowed(authorizer: Authorizer, requests: readonly Request[]): Batch {
  const { subjects, actions, resources } = toColumns(requests);
  return {
    answerAll: () => {
      let allowed = 0;
      for (let i = 0; i < actions.length; i++) {
        if (authorizer.isAllowed(subjects[i], actions[i]!, resources[i])) allowed++;
      }
      return allowed;
    },
    answer: (index) => authorizer.isAllowed(subjects[index], actions[index]!, resources[index]),
  };
}

interface Columns {
  readonly subjects: readonly (string | undefined)[];
  readonly actions: readonly string[];
  readonly resources: readonly (string | undefined)[];
}

/** So that no request object has to be fetched between two calls that take strings. */
export function toColumns(requests: readonly Request[]): Columns {
  return {
    subjects: requests.map(({ subject }) => subject),
    actions: requests.map(({ action }) => action),
    resources: requests.map(({ resource }) => resource),
  };
}
