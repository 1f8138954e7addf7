import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Decision, HttpDecision, HttpRequest } from '../../index.ts';
import { AuthenticationError, ServiceError } from '../http/errors.ts';
import type { Caller, Service } from '../service.ts';
import { createAskerFinder } from './asker.ts';
import { type AuthRequestConfig, authRequestDefaults } from './config.ts';
import { type OriginalRequest, readOriginalRequest } from './original-request.ts';

const reasonHeader = 'postern-reason';

/**
 * What a proxy asks about each request before it passes it on: 204 lets it through, 401 and 403 do not, and a proxy takes
 * any other status as a failure. The routes of the policy decide (S65 to S67).
 */
export function registerAuthRequest(app: FastifyInstance, service: Service): void {
  const config = { ...authRequestDefaults, ...service.config.authRequest };
  const findAsker = createAskerFinder(service, config);
  app.get(
    '/auth-request',
    {
      schema: describeRoute(config),
      onRequest: async (request) => {
        refuseBody(request);
        request.caller = await findAsker(request);
      },
    },
    (request, reply) => answer(service, config, request, reply),
  );
}

function describeRoute({ methodHeader, uriHeader }: AuthRequestConfig) {
  return {
    tags: ['proxies'],
    summary: 'Say whether a proxy may pass a request on',
    description: `For \`auth_request\` of NGINX and the like. The headers \`${methodHeader}\` and \`${uriHeader}\` hold method and target of the
request as it was sent; the routes of the policy say what it needs. Anything but 204 is a refusal.`,
    security: [{ token: [] }],
    response: {
      204: { description: 'pass it on', type: 'null' },
      401: { description: 'no token, or one that does not count', $ref: 'Error#' },
      403: { description: 'denied, or not well-formed', $ref: 'Error#' },
      503: { description: 'the keys to verify tokens with cannot be had', $ref: 'Error#' },
    },
  };
}

function answer(
  service: Service,
  config: AuthRequestConfig,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  void reply.header('cache-control', 'no-store');
  const original = readOriginalRequest(request.raw, config);
  const outcome = typeof original === 'string' ? malformed : decide(service, request, original);
  record(service, request, original, outcome);
  if (config.reasons) void reply.header(reasonHeader, outcome.reason);
  if (outcome.decision === 'allow') void reply.code(204).send();
  else throw refusal(service, request.caller, original);
}

/**
 * A proxy that announces a body and sends none would have the next question taken for it: so there is no next one on the
 * same connection, whatever the token is.
 *
 * @throws {ServiceError} 403
 */
function refuseBody({ headers }: FastifyRequest): void {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  if (length === '0' && encoding === undefined) return;
  const message = 'the question has a body: the proxy must not pass Content-Length on';
  throw new ServiceError(403, message, { connection: 'close' });
}

const malformed: HttpDecision = Object.freeze({ decision: 'deny', reason: 'malformed', requirements: [] });

/** The engine throws on account of no request; if it does it is a bug, and a bug allows nothing. */
function decide({ log }: Service, request: FastifyRequest, original: OriginalRequest): HttpDecision {
  try {
    return request.activePolicy.authorizer.authorizeHttp(askedBy(request.caller, original));
  } catch (error) {
    log.error({ err: error, requestId: request.id }, 'a request could not be decided and was denied');
    return malformed;
  }
}

function askedBy(caller: Caller | undefined, { method, path }: OriginalRequest): HttpRequest {
  return { method, path, subject: caller?.subject, groups: caller?.groups };
}

/** Who might be allowed with a token is told to bring one. */
function refusal(
  { config }: Service,
  caller: Caller | undefined,
  original: OriginalRequest | string,
): ServiceError {
  if (typeof original === 'string') return new ServiceError(403, original);
  if (caller === undefined && config.auth) return new AuthenticationError('missing', 'a token is needed');
  return new ServiceError(403, 'denied');
}

// ---------------------------------------------------------------- records

function record(
  { metrics, decisionLog }: Service,
  { id, caller, activePolicy }: FastifyRequest,
  original: OriginalRequest | string,
  outcome: HttpDecision,
): void {
  const { decision, reason, requirements } = outcome;
  metrics.countDecision({ api: 'auth-request', decision, reason });
  if (!decisionLog.isActive) return;
  const deciding = requirements.find((one) => one.decision.decision === 'deny') ?? requirements.at(-1);
  const { method = '', path } = typeof original === 'string' ? {} : original;
  decisionLog.record({
    timeMs: Date.now(),
    requestId: id,
    api: 'auth-request',
    revision: activePolicy.revision,
    caller,
    request: {
      subject: caller?.subject,
      groups: caller?.groups,
      // Where the route requires nothing, or there is none, the method is all that is asked for.
      action: deciding?.action ?? method,
      resource: deciding?.resource,
      context: { method, path },
    },
    decision: deciding?.decision ?? describeBare(outcome, original),
  });
}

/** An answer that no requirement gave, in the words of those that one gives. */
function describeBare({ decision, reason }: HttpDecision, original: OriginalRequest | string): Decision {
  switch (reason) {
    case 'open':
      return { decision, reason: 'rule', detail: 'the route is open' };
    case 'no-route':
      return { decision, reason: 'default', detail: 'no route of the policy takes it' };
    default:
      return {
        decision,
        reason,
        detail: typeof original === 'string' ? original : 'malformed path, subject or groups',
      };
  }
}
