/** What a program needs that loads images and decides: no parser, no compiler, no dependency, no Node API. */
export type { Decision, Effect, Reason, RuleReference } from './decision/decision.ts';
export { ConfigurationError } from './decision/errors.ts';
export type { Request, RequestAttributes } from './decision/request.ts';
export {
  type Approver,
  type AuthorizerOptions,
  RuntimeAuthorizer as Authorizer,
} from './evaluate/authorizer.ts';
export { ImageError } from './image/image-error.ts';
