import type { FastifyInstance } from 'fastify';
import { requireCaller } from '../auth/require-caller.ts';
import type { Service } from '../service.ts';
import { addAnswerRoutes } from './answers.ts';
import { addBatchRoute } from './batch.ts';
import { addCheckRoutes } from './check.ts';
import { addPolicyRoute } from './policy.ts';
import { addSpacesRoutes } from './spaces.ts';

/** The API of our own, under `/v1`. */
export function registerNative(app: FastifyInstance, service: Service): void {
  requireCaller(app, service);
  addCheckRoutes(app, service);
  addBatchRoute(app, service);
  addPolicyRoute(app);
  addAnswerRoutes(app, service);
  addSpacesRoutes(app);
}
