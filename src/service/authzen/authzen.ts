import type { FastifyError, FastifyInstance } from 'fastify';
import { requireCaller } from '../auth/require-caller.ts';
import { ServiceError } from '../http/errors.ts';
import type { Service } from '../service.ts';
import { checkPageKey, pathOfPublicUrl } from './config.ts';
import { addEvaluationRoutes } from './evaluation.ts';
import { addMetadataRoute } from './metadata.ts';
import { PageTokens } from './page-tokens.ts';
import { RequestReader } from './read-request.ts';
import { renderBare, renderWithReason } from './render.ts';
import { addSearchRoutes } from './search.ts';
import { Turns } from './turns.ts';

/**
 * The AuthZEN Authorization API 1.0: docs/authzen.md.
 *
 * @throws {ConfigurationError}
 */
export function registerAuthZen(app: FastifyInstance, service: Service): void {
  const { publicUrl, pageKey, properties, reasons } = service.config.authzen ?? {};
  if (pageKey !== undefined) checkPageKey(pageKey);
  const path = publicUrl === undefined ? '' : pathOfPublicUrl(publicUrl);
  const reader = new RequestReader(properties ?? ['subject', 'action', 'resource']);
  const render = reasons === true ? renderWithReason : renderBare;
  const tokens = new PageTokens(pageKey);
  const turns = new Turns();

  addMetadataRoute(app, { publicUrl, path });
  void app.register(async (scope) => {
    requireCaller(scope, service);
    refuseOtherMediaTypes(scope);
    // A proxy in front may take the path of the public URL off, or leave it.
    for (const prefix of new Set(['', path])) {
      addEvaluationRoutes(scope, service, { prefix, reader, render });
      addSearchRoutes(scope, { prefix, reader, tokens, turns });
    }
  });
}

/** Here 400, where the rest of the service says 415: AuthZEN knows no such status. */
function refuseOtherMediaTypes(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>((error) => {
    const isMediaType = error.statusCode === 415;
    throw isMediaType ? new ServiceError(400, 'the media type of the body must be application/json') : error;
  });
}
