import { Ajv } from 'ajv';
import { errorAnswers as nativeErrorAnswers } from '../http/schemas.ts';

/**
 * Members that are not named here are ignored, at every depth. What may be absent may be null, which means the same; what
 * must be there may not.
 */

const properties = {
  type: 'object',
  nullable: true,
  description: 'attributes, for this request only',
} as const;
const context = { type: 'object', nullable: true, description: 'what conditions may ask about' } as const;

const entityOf = (type: string, id: string) =>
  ({
    type: 'object',
    required: ['type', 'id'],
    properties: {
      type: { type: 'string', examples: [type] },
      id: { type: 'string', examples: [id] },
      properties,
    },
  }) as const;

/** What is searched for: an `id` or properties that it may have are not looked at. */
const searchedOf = (type: string) =>
  ({
    type: 'object',
    required: ['type'],
    properties: { type: { type: 'string', examples: [type] } },
  }) as const;

const subject = entityOf('user', 'alice');
const resource = entityOf('record', 'record-1');
const action = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string', examples: ['read'] }, properties },
} as const;

const page = {
  type: 'object',
  nullable: true,
  properties: {
    token: { type: 'string', nullable: true, description: '`next_token` of the page before' },
    limit: { type: 'integer', nullable: true, minimum: 0 },
    properties: { type: 'object', nullable: true, description: 'ignored' },
  },
} as const;

export const evaluationSchema = {
  type: 'object',
  required: ['subject', 'action', 'resource'],
  properties: { subject, action, resource, context },
} as const;

/** Of the defaults nothing is said here: they are looked at where an item uses them. */
export const evaluationsSchema = {
  type: 'object',
  properties: {
    evaluations: {
      type: 'array',
      nullable: true,
      description:
        'each with `subject`, `action`, `resource` and `context`, of which those that it lacks are taken from the request',
    },
    options: {
      type: 'object',
      nullable: true,
      properties: {
        evaluations_semantic: {
          type: 'string',
          enum: ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'],
        },
      },
    },
  },
} as const;

export const searchSchemas = {
  subject: {
    type: 'object',
    required: ['subject', 'action', 'resource'],
    properties: { subject: searchedOf('user'), action, resource, context, page },
  },
  resource: {
    type: 'object',
    required: ['subject', 'action', 'resource'],
    properties: { subject, action, resource: searchedOf('record'), context, page },
  },
  action: {
    type: 'object',
    required: ['subject', 'resource'],
    properties: { subject, resource, context, page },
  },
} as const;

const decision = {
  type: 'object',
  required: ['decision'],
  properties: { decision: { type: 'boolean' }, context: { type: 'object' } },
} as const;

const { 415: _, ...errorAnswers } = nativeErrorAnswers;

export const evaluationAnswers = { 200: { description: 'the decision', ...decision }, ...errorAnswers };

export const evaluationsAnswers = {
  200: {
    description:
      'the decisions, in the order of the request; one decision if the request has no `evaluations`',
    type: 'object',
    properties: { ...decision.properties, evaluations: { type: 'array', items: decision } },
  },
  ...errorAnswers,
};

const foundEntity = {
  type: 'object',
  required: ['type', 'id'],
  properties: { type: { type: 'string' }, id: { type: 'string' } },
} as const;
const foundAction = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } as const;

export function searchAnswers(kind: 'subject' | 'resource' | 'action') {
  const answer = {
    description: 'what was found, sorted',
    type: 'object',
    required: ['results'],
    properties: {
      page: {
        type: 'object',
        required: ['next_token', 'count'],
        properties: {
          next_token: { type: 'string', description: 'for the next page; empty on the last one' },
          count: { type: 'integer', description: 'of the results in this page' },
        },
      },
      results: { type: 'array', items: kind === 'action' ? foundAction : foundEntity },
    },
  };
  return { 200: answer, ...errorAnswers };
}

/** For the items of a batch, which fastify does not see. */
export const validateEvaluation = new Ajv().compile(evaluationSchema);
