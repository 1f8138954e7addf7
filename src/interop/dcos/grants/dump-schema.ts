const text = { type: 'string' } as const;
const actions = {
  type: 'array',
  items: {
    type: 'object',
    required: ['name'],
    properties: {
      name: text,
      url: text,
      value: { type: 'object', properties: { allowed: { type: 'boolean' } } },
    },
  },
} as const;

function listOf(definition: string): object {
  return {
    type: 'object',
    required: ['array'],
    properties: { array: { type: 'array', items: { $ref: `#/definitions/${definition}` } } },
  };
}

const base = '^(?:/acs/api/v1)?';

/**
 * JSON Schema (draft 7) of a dump of the IAM: an object whose keys are the paths that were asked, below `/acs/api/v1`, and whose
 * values are the bodies of the answers as they came (IAM API of DC/OS, 5 and 6). In place of it any one list is taken, also
 * one into which a backup tool put `users` and `groups` of each ACL, or `users` of each group. Properties that are not named
 * may hold anything: versions of DC/OS differ in them.
 */
export const dumpSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'A dump of the IAM of DC/OS',
  type: 'object',
  properties: { array: { type: 'array', items: { $ref: '#/definitions/any' } } },
  patternProperties: {
    [`${base}/acls$`]: listOf('acl'),
    [`${base}/acls/[^/]+/permissions$`]: { $ref: '#/definitions/permissions' },
    [`${base}/users(?:\\?type=service)?$`]: listOf('user'),
    [`${base}/groups$`]: listOf('group'),
    [`${base}/groups/[^/]+/users(?:\\?type=service)?$`]: listOf('member'),
  },
  additionalProperties: false,
  minProperties: 1,
  definitions: {
    any: {
      type: 'object',
      anyOf: [{ $ref: '#/definitions/acl' }, { $ref: '#/definitions/group' }, { $ref: '#/definitions/user' }],
    },
    acl: {
      type: 'object',
      required: ['rid'],
      properties: {
        rid: { ...text, minLength: 1 },
        url: text,
        description: text,
        users: { $ref: '#/definitions/userEntries' },
        groups: { $ref: '#/definitions/groupEntries' },
      },
    },
    permissions: {
      type: 'object',
      required: ['users', 'groups'],
      properties: {
        users: { $ref: '#/definitions/userEntries' },
        groups: { $ref: '#/definitions/groupEntries' },
      },
    },
    userEntries: {
      type: 'array',
      items: {
        type: 'object',
        required: ['uid', 'actions'],
        properties: { uid: text, userurl: text, actions },
      },
    },
    groupEntries: {
      type: 'array',
      items: {
        type: 'object',
        required: ['gid', 'actions'],
        properties: { gid: text, groupurl: text, actions },
      },
    },
    user: {
      type: 'object',
      required: ['uid'],
      properties: { uid: { ...text, minLength: 1 }, is_service: { type: 'boolean' } },
    },
    group: {
      type: 'object',
      required: ['gid'],
      properties: {
        gid: { ...text, minLength: 1 },
        users: { type: 'array', items: { $ref: '#/definitions/member' } },
      },
    },
    member: {
      type: 'object',
      required: ['user'],
      properties: { membershipurl: text, user: { $ref: '#/definitions/user' } },
    },
  },
} as const;
