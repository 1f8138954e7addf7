import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { StoreError } from '../../store/errors.ts';
import { OperationRefusedError } from '../../store/follower.ts';
import { AuthenticationError, ServiceError } from '../http/errors.ts';
import { jsonType } from '../http/json-type.ts';
import type { Service } from '../service.ts';
import { errorOfFault, IamError, iamErrorBody } from './iam-error.ts';

/**
 * A refusal of the proxy that stands before the IAM of DC/OS: HTML without a code. Tools tell by the challenge that it is the
 * Enterprise edition.
 */
export function sendProxyRefusal(reply: FastifyReply, status: 401 | 403): void {
  const text = status === 401 ? '401 Authorization Required' : '403 Forbidden';
  if (status === 401) void reply.header('www-authenticate', 'acsjwt');
  void reply
    .code(status)
    .type('text/html; charset=utf-8')
    .send(`<html>\n<head><title>${text}</title></head>\n<body><h1>${text}</h1></body>\n</html>\n`);
}

/**
 * Any other error in the shape of the API.
 *
 * @returns what the audit log says of it
 */
export function sendRefusal(
  service: Service,
  error: Error,
  request: FastifyRequest,
  reply: FastifyReply,
): { readonly status: number; readonly reason: string | undefined } {
  const { metrics } = service;
  if (error instanceof AuthenticationError) {
    metrics.countTokenRefused(error.reason);
    if (error.statusCode === 401) {
      sendProxyRefusal(reply, 401);
      return { status: 401, reason: error.reason };
    }
  }
  const { statusCode, message, code, headers } = describe(service, error, request);
  void reply
    .code(statusCode)
    .headers(headers)
    .type(jsonType)
    .send(JSON.stringify(iamErrorBody(statusCode, message, code)));
  return { status: statusCode, reason: code ?? message };
}

function describe({ log, config }: Service, error: Error, request: FastifyRequest): IamError {
  if (error instanceof IamError) return error;
  if (error instanceof OperationRefusedError) return errorOfFault(error.fault);
  if (error instanceof ServiceError) {
    const { statusCode, message, headers, bodyCode: code } = error;
    return new IamError(statusCode, message, { headers, ...(code === undefined ? {} : { code }) });
  }
  if (error instanceof StoreError) {
    log.error({ err: error, requestId: request.id }, 'a request to the store failed');
    return new IamError(
      503,
      error.isUncertain
        ? 'It is not known whether this has been written: look before you send it again.'
        : 'The store cannot be read or written at present.',
      { headers: { 'retry-after': '5' } },
    );
  }
  const { statusCode = 500, code } = error as Partial<FastifyError>;
  if (statusCode >= 500) {
    log.error({ err: error, requestId: request.id }, 'a request failed');
    return new IamError(500, 'internal error');
  }
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new IamError(415, 'Unexpected or undefined Content-Type: send application/json');
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new IamError(413, `The body is larger than ${config.limits.bodyBytes} bytes.`);
    default:
      return new IamError(statusCode, 'The request is not well-formed.');
  }
}
