import './steady-ticks.ts';
import type { ServerOptions as HttpsOptions } from 'node:https';
import { finished, Readable } from 'node:stream';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
} from 'fastify';
import type { ActivePolicy } from '../active-policy.ts';
import type { Caller, RegisterRoutes, Service } from '../service.ts';
import { consistencyHeader, tokenHeader } from '../store/consistency.ts';
import { answerErrors, answerUnknownRoutes, revisionHeader, sendError } from './answer-errors.ts';
import { createClientErrors } from './client-errors.ts';
import { describeSchemaFault } from './describe-schema-fault.ts';
import { ServiceError } from './errors.ts';
import { timeoutCheckMs } from './limits.ts';
import { describeInOpenApi } from './openapi.ts';
import { refuseRepeatedAuthorization } from './raw-headers.ts';
import { refuseRepeatedHost } from './repeated-host.ts';
import { givenRequestId, requestIdOf } from './request-id.ts';
import { allRoutes } from './routes.ts';
import { readBodiesStrictly } from './strict-body.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request is decided by, whole batches too: that of the moment when its body had been read. */
    activePolicy: ActivePolicy;
    /** When its head was there, as `performance.now` tells the time. */
    startedMs: number;
    /** Undefined without authentication; see `requireCaller`. */
    caller: Caller | undefined;
  }
  interface FastifyContextConfig {
    /** For health and metrics: no decision is made, and neither policy nor decision log is waited for. */
    isAboutService?: boolean;
  }
  interface FastifyInstance {
    /** For a route that streams: the limit on the time of a whole request does not hold for this one. */
    allowLongRequest(reply: FastifyReply): void;
  }
}

export interface ServerOptions {
  readonly https?: HttpsOptions;
  /** The parts that answer. Default: all. */
  readonly routes?: readonly RegisterRoutes[];
}

/** The HTTP server with all that holds for every route; it does not listen yet. */
export function createServer(
  service: Service,
  { https, routes = allRoutes }: ServerOptions = {},
): FastifyInstance {
  const { limits } = service.config;
  const clientErrors = createClientErrors(limits.requestTimeoutMs);
  const connections = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeoutMs,
    connectionsCheckingInterval: timeoutCheckMs,
    insecureHTTPParser: false,
  };
  const app = fastify({
    ...(https === undefined ? { http: connections } : { https: { ...connections, ...https } }),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    genReqId: requestIdOf,
    // A request on an open connection is answered while the service stops: no answer is lost.
    return503OnClosing: false,
    clientErrorHandler: clientErrors.handle,
    frameworkErrors: (error, request, reply) =>
      sendError(service, error, request as FastifyRequest, reply as FastifyReply),
    schemaErrorFormatter: (errors, part) => new ServiceError(400, describeSchemaFault(errors[0]!, part)),
    // What comes is taken as it is or refused, never repaired.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
  }) as unknown as FastifyInstance & { log: FastifyBaseLogger };
  app.decorate('allowLongRequest', (reply: FastifyReply) => clientErrors.allowLongRequest(reply.raw));
  readBodiesStrictly(app);
  answerErrors(app, service);
  answerUnknownRoutes(app, service);
  measureRoutes(app, service);
  nameRequests(app);
  takePolicies(app, service);
  waitForLog(app, service);
  describeInOpenApi(app);
  for (const register of routes) void app.register(async (scope) => register(scope, service));
  return app;
}

/**
 * Each route has its own hook, which knows its pattern. A hook for the end of the answer would cost listeners for each
 * request (bench/service.ts), so only streams, which are not there yet when they are sent, are waited for.
 */
function measureRoutes(app: FastifyInstance, { metrics }: Service): void {
  app.decorateRequest('startedMs', 0);
  app.addHook('onRoute', (route) => {
    const { url } = route;
    const observe = ({ startedMs }: FastifyRequest, { statusCode }: FastifyReply): void => {
      const seconds = (performance.now() - startedMs) / 1000;
      metrics.observeRequest({ route: url, status: statusCode, seconds });
    };
    route.onSend = [
      ...[route.onSend ?? []].flat(),
      (request, reply, payload, done) => {
        if (payload instanceof Readable) finished(reply.raw, () => observe(request, reply));
        else observe(request, reply);
        done();
      },
    ];
  });
}

function nameRequests(app: FastifyInstance): void {
  app.decorateRequest('caller');
  app.addHook('onRequest', (request, reply, done) => {
    request.startedMs = performance.now();
    try {
      const id = givenRequestId(request.raw);
      if (id !== undefined) void reply.header('x-request-id', id);
      refuseRepeatedHost(request.raw);
      refuseRepeatedAuthorization(request.raw);
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  });
}

/**
 * Not before the body is there: who sends it slowly is not decided by the policy of half a minute ago. While there is no
 * policy the request fails. It is done by the handler itself, since a hook takes longer than what it does here.
 */
function takePolicies(app: FastifyInstance, service: Service): void {
  app.decorateRequest('activePolicy');
  app.addHook('onRoute', (route) => {
    if (route.config?.isAboutService === true) return;
    const { handler } = route;
    route.handler = function (request, reply) {
      const use = (policy: ActivePolicy) => {
        request.activePolicy = policy;
        void reply.header(revisionHeader, policy.revision);
        if (policy.stored !== undefined) void reply.header(tokenHeader, policy.stored.token);
        return handler.call(this, request, reply);
      };
      const demand = request.headers[consistencyHeader];
      if (demand === undefined) return use(service.policy());
      return policyFor(service, String(demand)).then(use);
    };
  });
}

/** @throws {ServiceError} if it cannot be had */
async function policyFor({ consistency }: Service, demand: string): Promise<ActivePolicy> {
  if (consistency !== undefined) return consistency.policyFor(demand);
  throw new ServiceError(400, `there is no store here, and \`${consistencyHeader}\` speaks of one`);
}

/** Where decisions are written down, and the log cannot take more, nothing is decided. */
function waitForLog(app: FastifyInstance, { decisionLog }: Service): void {
  if (!decisionLog.isActive) return;
  app.addHook('preHandler', (request, _reply, done) => {
    const { isAboutService } = request.routeOptions.config;
    const wait = isAboutService === true ? undefined : decisionLog.whenWritable();
    if (wait === undefined) done();
    else wait.then(() => done(), done);
  });
}
