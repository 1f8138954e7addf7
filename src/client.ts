export {
  type AskExactOptions,
  type AskOptions,
  type ClientDecision,
  type ClientOptions,
  type ClientRequest,
  PosternClient,
} from './client/client.ts';
export type {
  DiffAnswer,
  DiffRequest,
  SentChange,
  SentRequests,
  SentSet,
  WhatCan,
  WhatCanRequest,
  WhoCan,
  WhoCanRequest,
  WhyAnswer,
  WhyOptions,
} from './client/exact-answers.ts';
export { ClientError } from './client/failure.ts';
export type { Decision, Effect, Reason, RuleReference } from './decision/decision.ts';
export type { Request, RequestAttributes } from './decision/request.ts';
export type { Explanation } from './evaluate/explain.ts';
