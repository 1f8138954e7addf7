export type { Asker, Denial, Protection, Requirement } from './middleware/authorize.ts';
export { type FastifyAuthorizationOptions, posternFastify } from './middleware/fastify.ts';
