const period = { since: { type: 'string' }, until: { type: 'string' } } as const;
const names = { type: 'array', items: { type: 'string' } } as const;

/** JSON Schema (draft 7) of what the import of grants reads of `policies/dcos/resources.json`; the rest may be anything. */
export const catalogueSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  required: ['versions', 'resources'],
  properties: {
    versions: { ...names, minItems: 1 },
    resources: {
      type: 'array',
      items: {
        type: 'object',
        required: ['template', 'status', 'actions'],
        properties: {
          ...period,
          template: { type: 'string' },
          status: { enum: ['reference', 'docs-only', 'observed-only'] },
          actions: names,
          unlistedActions: names,
          observedActions: names,
          variants: {
            type: 'array',
            items: {
              type: 'object',
              properties: { ...period, template: { type: 'string' }, actions: names },
            },
          },
          spellings: {
            type: 'array',
            items: {
              type: 'object',
              required: ['text'],
              properties: { ...period, text: { type: 'string' } },
            },
          },
        },
      },
    },
  },
} as const;
