import { nameOf } from '../facts/name-rule.ts';
import { defineRule } from '../rule.ts';

export const uncoveredRule = defineRule({
  id: 'uncovered-rule',
  summary: 'a rule by which no test of the policy set is decided',
  category: 'style',
  presets: { recommended: 'info', strict: 'warning' },
  check: {
    of: 'policy',
    run({ model, settings, report }) {
      const { testCoverage } = settings;
      if (testCoverage === undefined) return;
      const seen = new Set<string>();
      for (const rule of model.rules) {
        const name = nameOf(rule);
        if (testCoverage.has(name) || seen.has(name)) continue;
        seen.add(name);
        report({
          ...rule.location,
          message: `no test is decided by rule \`${name}\``,
          help: `write a test that expects \`${rule.effect}\` by it`,
        });
      }
    },
  },
});
