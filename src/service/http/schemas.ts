/** Shapes that several answers share; each stands once in the OpenAPI document, under its `$id`. */

export const errorSchema = {
  $id: 'Error',
  title: 'Error',
  examples: [{ error: { status: 400, message: 'the body has an unknown member `contxt`' } }],
  type: 'object',
  required: ['error'],
  additionalProperties: false,
  properties: {
    error: {
      type: 'object',
      required: ['status', 'message'],
      additionalProperties: false,
      properties: {
        status: { type: 'integer', description: 'the status of the answer' },
        code: {
          type: 'string',
          enum: ['stale', 'passed', 'other-store', 'other-epoch'],
          description: 'why there is no answer as new as `Postern-Consistency` asks for',
        },
        message: { type: 'string', description: 'for people; not a contract' },
      },
    },
  },
} as const;

export const ruleSchema = {
  $id: 'Rule',
  title: 'Rule',
  type: 'object',
  required: ['id', 'file', 'line'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', description: 'from `@id`, else `file:line`' },
    file: { type: 'string' },
    line: { type: 'integer', minimum: 1 },
    role: {
      type: 'object',
      description: 'whose permission this is, if the rule came by a `grant`',
      required: ['name', 'file', 'line'],
      additionalProperties: false,
      properties: {
        name: { type: 'string' },
        file: { type: 'string' },
        line: { type: 'integer', minimum: 1 },
      },
    },
  },
} as const;

export const decisionSchema = {
  $id: 'Decision',
  title: 'Decision',
  examples: [{ decision: 'deny', reason: 'rule', rule: { id: 'no-prod-db', file: 'prod.acl', line: 17 } }],
  type: 'object',
  required: ['decision', 'reason'],
  additionalProperties: false,
  properties: {
    decision: { type: 'string', enum: ['allow', 'deny'] },
    reason: {
      type: 'string',
      enum: ['rule', 'default', 'superuser', 'not-enforced', 'malformed', 'ruleset-default'],
    },
    rule: { $ref: 'Rule#' },
    ruleset: { type: 'string', description: 'the ruleset that decided, if one did' },
    detail: { type: 'string', description: 'what is malformed; for people, not a contract' },
  },
} as const;

export const setSchema = {
  $id: 'Set',
  title: 'Set',
  description: 'a union: whatever is in one of the parts. Without a part nothing is in it',
  examples: [[{ all: ['doc:/a/**'], except: [{ all: ['doc:/a/b'], except: [] }] }]],
  type: 'array',
  items: {
    type: 'object',
    required: ['all'],
    additionalProperties: false,
    properties: {
      all: {
        type: 'array',
        items: { type: 'string' },
        description: 'subjects or resources as policies write them: it is in each of these',
      },
      except: { $ref: 'Set#' },
    },
  },
} as const;

const attributesOf = (what: string) => ({
  type: 'object',
  description: `attributes of the ${what}; they overlay those that the policy declares`,
});

const groups = {
  type: 'array',
  items: { type: 'string' },
  description: 'names of groups to add for this request, without `group:`',
  examples: [['ops']],
} as const;

const attributes = {
  type: 'object',
  additionalProperties: false,
  properties: {
    subject: attributesOf('subject'),
    action: attributesOf('action'),
    resource: attributesOf('resource'),
  },
} as const;

const subject = {
  type: 'string',
  description: '`type:name`; without it the request is anonymous',
  examples: ['user:cory'],
} as const;

/** What a request has beside its resource. */
export const requestMembers = {
  subject,
  action: { type: 'string', examples: ['read'] },
  groups,
  attributes,
  context: { type: 'object', description: 'what conditions may ask about' },
  mode: {
    type: 'string',
    description: 'decide in this mode, which the policy has to know, in place of its own',
  },
} as const;

export const requestSchema = {
  $id: 'Request',
  title: 'Request',
  examples: [{ subject: 'user:cory', action: 'read', resource: 'dcos:secrets:default:/prod/db' }],
  type: 'object',
  required: ['action'],
  additionalProperties: false,
  properties: {
    subject,
    action: requestMembers.action,
    resource: {
      type: 'string',
      description: 'without it the question is about every resource at once',
      examples: ['dcos:secrets:default:/prod/db'],
    },
    groups,
    attributes,
    context: requestMembers.context,
    mode: requestMembers.mode,
  },
} as const;

/** The errors that every route with a body and a token can end with. */
export const errorAnswers = {
  400: { description: 'the body is no valid JSON, or not what the schema says', $ref: 'Error#' },
  401: { description: 'no token, or one that does not count', $ref: 'Error#' },
  413: { description: 'the body is too large', $ref: 'Error#' },
  415: { description: 'the body has another media type', $ref: 'Error#' },
  503: { description: 'the keys to verify tokens with cannot be had', $ref: 'Error#' },
} as const;
