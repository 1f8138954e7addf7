import type { FastifyInstance } from 'fastify';
import { ServiceError } from '../http/errors.ts';
import { jsonType } from '../http/json-type.ts';

const wellKnown = '/.well-known/authzen-configuration';

const endpoints = [
  ['access_evaluation_endpoint', '/access/v1/evaluation'],
  ['access_evaluations_endpoint', '/access/v1/evaluations'],
  ['search_subject_endpoint', '/access/v1/search/subject'],
  ['search_resource_endpoint', '/access/v1/search/resource'],
  ['search_action_endpoint', '/access/v1/search/action'],
] as const;

const metadataSchema = {
  description: 'how the service is known to clients, and where it answers what',
  type: 'object',
  required: ['policy_decision_point', 'access_evaluation_endpoint'],
  properties: Object.fromEntries(
    ['policy_decision_point', ...endpoints.map(([name]) => name)].map((name) => [
      name,
      { type: 'string', format: 'uri' },
    ]),
  ),
};

/**
 * The metadata document, for everybody: it says nothing but where to ask.
 *
 * @param path  that of the public URL, which stands behind the well-known one
 */
export function addMetadataRoute(
  app: FastifyInstance,
  { publicUrl, path }: { readonly publicUrl: string | undefined; readonly path: string },
): void {
  const text = JSON.stringify({
    policy_decision_point: publicUrl,
    ...Object.fromEntries(endpoints.map(([name, endpoint]) => [name, `${publicUrl}${endpoint}`])),
  });
  const schema = {
    tags: ['authzen'],
    summary: 'Metadata',
    description: 'Only if the service is told its public URL.',
    response: { 200: metadataSchema, 404: { description: 'there is none', $ref: 'Error#' } },
  };
  app.get(`${wellKnown}${path}`, { schema }, (_request, reply) => {
    if (publicUrl === undefined) throw new ServiceError(404, 'the service is not told its public URL');
    void reply.type(jsonType).header('cache-control', 'max-age=3600').send(text);
  });
}
