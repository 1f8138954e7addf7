import type { FastifyInstance } from 'fastify';
import type { Service } from '../service.ts';

/** Every route of this part needs a token, unless the service runs without authentication; `request.caller` is whose it is. */
export function requireCaller(app: FastifyInstance, service: Service): void {
  if (!service.config.auth) return;
  app.addHook('onRequest', async (request) => {
    request.caller = await service.authenticate(request);
  });
}
