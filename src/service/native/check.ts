import type { FastifyInstance, FastifyRequest } from 'fastify';
import { renderDecisionJson } from '../../index.ts';
import { jsonType } from '../http/json-type.ts';
import { errorAnswers, requestMembers } from '../http/schemas.ts';
import type { Service } from '../service.ts';
import { aboutOf, authorizerFor, decideNative, type NativeRequest } from './read-request.ts';

const security = [{ token: [] }];

export function addCheckRoutes(app: FastifyInstance, service: Service): void {
  addCheckRoute(app, service);
  addExplainRoute(app);
  addFilterRoute(app, service);
}

function addCheckRoute(app: FastifyInstance, service: Service): void {
  app.post(
    '/v1/check',
    {
      schema: {
        tags: ['decisions'],
        summary: 'Decide one request',
        description:
          'A denial is an answer, with status 200. So is a request with a malformed id: it is denied as `malformed`.',
        security,
        body: { $ref: 'Request#' },
        response: { 200: { description: 'the decision', $ref: 'Decision#' }, ...errorAnswers },
      },
    },
    (request, reply) => {
      const decision = decideNative(
        service,
        request.activePolicy,
        request.body as NativeRequest,
        aboutOf(request),
      );
      void reply.type(jsonType).send(renderDecisionJson(decision));
    },
  );
}

const explanationSchema = {
  description: 'the decision, and the rules that cover the resource',
  type: 'object',
  required: ['decision', 'rules'],
  properties: {
    decision: { $ref: 'Decision#' },
    rules: {
      type: 'array',
      description: 'those that apply first, then the nearest to applying, each in source order',
      items: {
        type: 'object',
        required: ['rule', 'effect', 'outcome'],
        properties: {
          rule: { $ref: 'Rule#' },
          effect: { type: 'string', enum: ['allow', 'deny'] },
          outcome: {
            type: 'string',
            enum: [
              'applies',
              'condition-error',
              'condition-false',
              'other-variables',
              'other-action',
              'other-subject',
            ],
          },
        },
      },
    },
  },
};

function addExplainRoute(app: FastifyInstance): void {
  app.post(
    '/v1/explain',
    {
      schema: {
        tags: ['decisions'],
        summary: 'Say why a request is decided as it is',
        description: 'For people: slow, and neither counted nor logged as a decision.',
        security,
        body: { $ref: 'Request#' },
        response: { 200: explanationSchema, ...errorAnswers },
      },
    },
    (request) => {
      const { activePolicy: policy } = request;
      const asked = request.body as NativeRequest;
      return (authorizerFor(policy, asked.mode) ?? policy.authorizer).explain(asked);
    },
  );
}

type FilterBody = Omit<NativeRequest, 'resource'> & { readonly resources: readonly string[] };

function addFilterRoute(app: FastifyInstance, service: Service): void {
  const { batchSize } = service.config.limits;
  app.post(
    '/v1/filter',
    {
      schema: {
        tags: ['decisions'],
        summary: 'Keep the resources on which a request is allowed',
        security,
        body: {
          type: 'object',
          required: ['action', 'resources'],
          additionalProperties: false,
          properties: {
            ...requestMembers,
            resources: { type: 'array', items: { type: 'string' }, maxItems: batchSize },
          },
        },
        response: {
          200: {
            description: 'those that are allowed, in their order',
            type: 'object',
            required: ['resources'],
            properties: { resources: { type: 'array', items: { type: 'string' } } },
          },
          ...errorAnswers,
        },
      },
    },
    (request, reply) => {
      void reply.type(jsonType).send(JSON.stringify({ resources: filterResources(service, request) }));
    },
  );
}

function filterResources(service: Service, request: FastifyRequest): string[] {
  const { resources, ...asked } = request.body as FilterBody;
  const { activePolicy: policy } = request;
  const about = aboutOf(request);
  // Even of an empty list the mode is looked at.
  authorizerFor(policy, asked.mode);
  return resources.filter(
    (resource) => decideNative(service, policy, { ...asked, resource }, about).decision === 'allow',
  );
}
