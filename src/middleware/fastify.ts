import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import { ConfigurationError } from '../decision/errors.ts';
import { type AuthorizationOptions, findDenial, type Protection, renderRefusal } from './authorize.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route needs in place of what the routes of the policy say. */
    postern?: Protection<FastifyRequest>;
  }
}

export interface FastifyAuthorizationOptions extends AuthorizationOptions<FastifyRequest> {
  /**
   * When it is decided; default: `onRequest`, before a body is read. Where the body says what is asked for, or who
   * asks is known late, `preHandler`.
   */
  readonly hook?: 'onRequest' | 'preValidation' | 'preHandler';
}

const register: FastifyPluginAsync<FastifyAuthorizationOptions> = async (app, options) => {
  checkRouter(app);
  app.addHook(options.hook ?? 'onRequest', async (request: FastifyRequest, reply) => {
    const { method, url: target } = request;
    const protection = request.routeOptions.config?.postern;
    const denial = await findDenial(options, request, { method, target }, protection);
    if (denial === undefined) return;
    const { status, headers, body } = renderRefusal(options, denial, request);
    return reply.code(status).headers(headers).send(body);
  });
};

/**
 * Authorizes every request of the server that it is registered on, unknown paths too: by `config.postern` of the route, else by
 * the routes of the policy. Register it behind what verifies who asks; routes are guarded whether they come before or after.
 *
 * @throws {ConfigurationError} if the server reads paths otherwise than the policy does
 */
export const posternFastify: FastifyPluginAsync<FastifyAuthorizationOptions> = Object.assign(register, {
  // So that the hook is that of the server itself and not of a scope of its own.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'postern',
});

interface RouterSettings {
  readonly caseSensitive?: boolean;
  readonly useSemicolonDelimiter?: boolean;
}

/** A server that takes `/Admin` or `/admin;x` for `/admin` would answer what the policy decided of another path. */
function checkRouter({ initialConfig }: FastifyInstance): void {
  const { routerOptions } = initialConfig as { readonly routerOptions?: RouterSettings };
  for (const settings of [initialConfig as RouterSettings, routerOptions]) {
    if (settings?.caseSensitive === false)
      throw new ConfigurationError('paths of a policy are case-sensitive: leave `caseSensitive` on');
    if (settings?.useSemicolonDelimiter === true)
      throw new ConfigurationError('a `;` is part of a path: leave `useSemicolonDelimiter` off');
  }
}
