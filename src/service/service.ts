import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Decision, Effect, Reason, Request } from '../index.ts';
import type { ActivePolicy } from './active-policy.ts';
import type { Answers } from './answers/question.ts';
import type { ServiceConfig } from './config/config.ts';
import type { IamDirectory } from './iam/directory.ts';
import type { Consistency } from './store/consistency.ts';

export type { Logger } from 'pino';
export type { ActivePolicy } from './active-policy.ts';
export type { Answer, Answers, AskedPolicy, Question } from './answers/question.ts';
export type { Limits, ServiceConfig } from './config/config.ts';
export type { KnownIdLists } from './known-ids/find-known-ids.ts';
export type { IdList } from './known-ids/id-list.ts';

/** What all routes share. One per process or worker. */
export interface Service {
  /** Read once per HTTP request, at its beginning: a batch is decided by one policy. */
  readonly policy: () => ActivePolicy;
  /**
   * Who calls, from the token; undefined where the service runs without authentication.
   *
   * @throws {AuthenticationError} which is answered with 401, or with 503 if the keys cannot be had
   */
  readonly authenticate: (request: FastifyRequest) => Promise<Caller | undefined>;
  readonly metrics: Metrics;
  readonly decisionLog: DecisionLog;
  /** Questions about a whole policy. Without it the server has a thread of its own for them, which ends when it is closed. */
  readonly answers?: Answers;
  /** How requests ask for a policy that is new enough; there is none without a store. */
  readonly consistency?: Consistency;
  /** Users, groups and grants, for the permission API; there is none without a store. */
  readonly directory?: IamDirectory;
  readonly log: Logger;
  readonly config: ServiceConfig;
}

/** Who sent an HTTP request, as a verified token says. It is who asks us, not necessarily the subject asked about. */
export interface Caller {
  readonly subject?: string;
  readonly groups: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Adds routes to a server. */
export type RegisterRoutes = (app: FastifyInstance, service: Service) => void;

/** Which part of the service decided: the label of metrics and decision log. */
export type Api = 'native' | 'authzen' | 'auth-request' | 'iam';

export interface Metrics {
  readonly countDecision: (about: {
    readonly api: Api;
    readonly decision: Effect;
    readonly reason: Reason | 'open' | 'no-route';
  }) => void;
  /** @param about  `route` is the pattern of the route, never the path that was asked for */
  readonly observeRequest: (about: {
    readonly route: string;
    readonly status: number;
    readonly seconds: number;
  }) => void;
  readonly countReload: (outcome: 'loaded' | 'unchanged' | 'refused') => void;
  /** @param reason  one word of a fixed list */
  readonly countTokenRefused: (reason: string) => void;
}

/** Where decisions are written down. */
export interface DecisionLog {
  /** False if nothing is kept: then no entry is made. */
  readonly isActive: boolean;
  /** Takes one entry. Never throws. */
  readonly record: (entry: DecisionLogEntry) => void;
  /** While the log cannot take more and the operator chose to wait for it: settles when it can. Asked before each HTTP request, and between the blocks of a stream. */
  readonly whenWritable: () => Promise<void> | undefined;
}

export interface DecisionLogEntry {
  readonly timeMs: number;
  readonly requestId: string;
  readonly api: Api;
  readonly revision: string;
  readonly caller: Caller | undefined;
  readonly request: Request;
  /** The one that the request asked for, if it did. */
  readonly mode?: string | undefined;
  readonly decision: Decision;
}
