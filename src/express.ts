export type {
  Asker,
  AuthorizationOptions,
  Denial,
  Protection,
  Requirement,
} from './middleware/authorize.ts';
export {
  type ExpressAuthorization,
  type Middleware,
  type MiddlewareRequest,
  type MiddlewareResponse,
  posternExpress,
} from './middleware/express.ts';
