import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Service } from '../service.ts';
import { AuthenticationError, errorBody, ServiceError } from './errors.ts';
import { jsonType } from './json-type.ts';

/** The content hash of the policy in use: on every answer. */
export const revisionHeader = 'postern-revision';

/** Every answer that is an error has one shape, and says nothing of what is inside. */
export function answerErrors(app: FastifyInstance, service: Service): void {
  app.setErrorHandler<FastifyError | ServiceError>((error, request, reply) =>
    sendError(service, error, request, reply),
  );
}

export function sendError(
  service: Service,
  error: FastifyError | ServiceError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { log, metrics, config } = service;
  // Refused before it was known by which policy to decide.
  if (!reply.hasHeader(revisionHeader)) stateRevision(service, reply);
  if (error instanceof AuthenticationError) metrics.countTokenRefused(error.reason);
  if (error instanceof ServiceError) {
    // Why a token could not be verified has been said where it was tried.
    const isSaid = error instanceof AuthenticationError;
    if (error.statusCode >= 500 && !isSaid)
      log.warn({ requestId: request.id, status: error.statusCode }, error.message);
    void reply.headers(error.headers);
    send(reply, error.statusCode, error.message, error.bodyCode);
    return;
  }
  const status = error.statusCode ?? 500;
  if (status >= 500) {
    log.error({ err: error, requestId: request.id }, 'a request failed');
    send(reply, 500, 'internal error');
    return;
  }
  send(reply, status, messageOf(error, status, config.limits.bodyBytes));
}

/** Every answer states the policy of its moment, once there is one. */
export function stateRevision({ policy }: Service, reply: FastifyReply): void {
  try {
    void reply.header(revisionHeader, policy().revision);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
  }
}

function send(reply: FastifyReply, status: number, message: string, code?: string): void {
  void reply
    .code(status)
    .type(jsonType)
    .send(JSON.stringify(errorBody(status, message, code)));
}

/** Messages of the framework speak of its own parts. */
function messageOf({ code }: FastifyError, status: number, bodyBytes: number): string {
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return 'the media type of the body is not supported here: send application/json';
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return `the body is larger than ${bodyBytes} bytes`;
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return 'the body is not as long as Content-Length says';
    case 'FST_ERR_BAD_URL':
      return 'the path is not well-formed';
    default:
      return (STATUS_CODES[status] ?? 'bad request').toLowerCase();
  }
}

/**
 * 404 for a path that is not there, 405 with `Allow` for one that is there with another method. Call it before routes are
 * added.
 */
export function answerUnknownRoutes(app: FastifyInstance, service: Service): void {
  const methodsOf = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = methodsOf.get(url) ?? new Set<string>();
    for (const name of [method].flat()) methods.add(name);
    methodsOf.set(url, methods);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const methods = methodsOf.get(path);
    const status = methods === undefined ? 404 : 405;
    if (methods !== undefined) void reply.header('allow', [...methods].sort().join(', '));
    stateRevision(service, reply);
    const seconds = (performance.now() - request.startedMs) / 1000;
    service.metrics.observeRequest({ route: 'none', status, seconds });
    send(
      reply,
      status,
      methods === undefined ? 'there is nothing at this path' : 'the path does not take this method',
    );
  });
}
