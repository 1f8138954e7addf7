import { aclLists } from './lists.ts';

/**
 * JSON Schema (draft 7) of an `--acls` document: exactly what Mesos' reader takes, before it looks at meanings. A key that
 * is not named may hold anything. Lists and `values` may be single, nested and hold `null`; keywords of one JSON type say
 * nothing about the others, so one recursive schema covers all of these forms. Titles and descriptions become messages.
 */
export const aclsSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Access control lists of Apache Mesos (--acls)',
  type: 'object',
  properties: {
    permissive: {
      title: '`true` or `false`',
      description: 'write `"permissive": false` to deny what no entry decides',
      type: ['boolean', 'string', 'null'],
      pattern: '^[ \\t\\n\\r]*(true|false)[ \\t\\n\\r]*$',
    },
    ...Object.fromEntries(aclLists.map(({ name }) => [name, { $ref: `#/definitions/${name}` }])),
  },
  definitions: {
    ...Object.fromEntries(
      aclLists.map(({ name, objectField }) => [
        name,
        {
          title: 'an entry',
          description: `an entry is an object with \`principals\` and \`${objectField}\``,
          type: ['array', 'object', 'null'],
          items: { $ref: `#/definitions/${name}` },
          required: ['principals', objectField],
          properties: {
            principals: { $ref: '#/definitions/entity' },
            [objectField]: { $ref: '#/definitions/entity' },
          },
        },
      ]),
    ),
    entity: {
      title: 'an object',
      description: 'write `{"type": "ANY"}` or `{"values": ["a"]}`',
      type: 'object',
      properties: { type: { $ref: '#/definitions/type' }, values: { $ref: '#/definitions/values' } },
    },
    type: {
      title: 'a string',
      description: 'write `"SOME"`, `"ANY"` or `"NONE"`',
      type: ['string', 'null'],
    },
    values: {
      title: 'a string',
      description: 'list strings: `"values": ["a", "b"]`',
      type: ['string', 'array', 'null'],
      items: { $ref: '#/definitions/values' },
    },
  },
} as const;
