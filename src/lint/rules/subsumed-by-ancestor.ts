import { reportRedundant } from '../facts/redundant-rules.ts';
import { defineRule } from '../rule.ts';

export const subsumedByAncestor = defineRule({
  id: 'subsumed-by-ancestor',
  summary: 'a rule that one on a wider resource, or for more subjects, already makes superfluous',
  category: 'redundancy',
  presets: { recommended: 'warning', strict: 'warning' },
  isProved: true,
  check: {
    of: 'policy',
    run: (context) => reportRedundant(context, 'wider', 'covers all of it'),
  },
});
