import { defineRule } from '../rule.ts';

export const malformedId = defineRule({
  id: 'malformed-id',
  summary: 'an id that no request can have: an empty segment, a stray separator, a forgotten decoding',
  category: 'correctness',
  presets: { recommended: 'error' },
  codes: ['P1005'],
});
