import { defineRule } from '../rule.ts';

export const cyclicGroup = defineRule({
  id: 'cyclic-group',
  summary: 'a group that contains itself through others',
  category: 'correctness',
  presets: { recommended: 'error' },
  codes: ['P1007'],
});
