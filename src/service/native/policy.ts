import type { FastifyInstance } from 'fastify';
import { errorAnswers } from '../http/schemas.ts';

const policySchema = {
  description: 'the policy in use',
  type: 'object',
  required: ['revision', 'loadedAt', 'files', 'modes', 'counts'],
  properties: {
    revision: {
      type: 'string',
      description: 'content hash of the compiled policy; behind `@` the revision of the store',
    },
    loadedAt: { type: 'string', format: 'date-time' },
    files: { type: 'array', items: { type: 'string' } },
    mode: { type: 'string', description: 'that in which requests are decided that ask for none' },
    modes: { type: 'array', items: { type: 'string' } },
    store: {
      description: 'how far the store has been followed, where there is one',
      type: 'object',
      required: ['epoch', 'revision', 'changes'],
      properties: {
        epoch: { type: 'integer' },
        revision: { type: 'integer' },
        changes: { type: 'integer', description: 'records that stand beside the image' },
      },
    },
    counts: {
      type: 'object',
      properties: Object.fromEntries(
        ['rules', 'subjects', 'groups', 'actions', 'routes'].map((name) => [name, { type: 'integer' }]),
      ),
    },
  },
};

export function addPolicyRoute(app: FastifyInstance): void {
  const { 401: unauthorized, 503: unavailable } = errorAnswers;
  app.get(
    '/v1/policy',
    {
      schema: {
        tags: ['policy'],
        summary: 'Tell which policy is in use',
        security: [{ token: [] }],
        response: { 200: policySchema, 401: unauthorized, 503: unavailable },
      },
    },
    ({ activePolicy: { revision, loadedAtMs, files, modes, counts, authorizer, stored, changes } }) => ({
      revision,
      loadedAt: new Date(loadedAtMs).toISOString(),
      files,
      ...(authorizer.mode === undefined ? {} : { mode: authorizer.mode }),
      modes,
      ...(stored === undefined
        ? {}
        : { store: { epoch: stored.epoch, revision: stored.revision, changes: changes.length } }),
      counts,
    }),
  );
}
