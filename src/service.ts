import './service/http/steady-ticks.ts';

export { type ActivePolicy, createActivePolicy, type PolicyCounts } from './service/active-policy.ts';
export type { AuthRequestConfig } from './service/auth-request/config.ts';
export { completeConfig } from './service/config/complete-config.ts';
export type {
  DecisionLogConfig,
  Limits,
  ServiceConfig,
  TlsConfig,
  TokenAlgorithm,
  TokenConfig,
} from './service/config/config.ts';
export { readEnvironment } from './service/config/settings.ts';
export {
  AuthenticationError,
  type ErrorBody,
  ServiceError,
  type TokenRefusal,
} from './service/http/errors.ts';
export { createServer, type ServerOptions } from './service/http/server.ts';
export type { IamConfig } from './service/iam/config.ts';
export {
  type OperatedService,
  type OperateOptions,
  operateService as startService,
} from './service/operation/operate-service.ts';
export type {
  Answer,
  Answers,
  Api,
  AskedPolicy,
  Caller,
  DecisionLog,
  DecisionLogEntry,
  Metrics,
  Question,
  RegisterRoutes,
  Service,
} from './service/service.ts';
