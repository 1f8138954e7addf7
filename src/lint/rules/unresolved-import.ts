import { defineRule } from '../rule.ts';

export const unresolvedImport = defineRule({
  id: 'unresolved-import',
  summary: 'an import of a file that is missing or lies outside the policy root',
  category: 'correctness',
  presets: { recommended: 'error' },
  codes: ['P2001', 'P2002', 'P2003'],
});
