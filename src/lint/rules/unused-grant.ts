import { nameOf } from '../facts/name-rule.ts';
import { defineRule } from '../rule.ts';

export const unusedGrant = defineRule({
  id: 'unused-grant',
  summary: 'an allow by which nothing was decided in the time that a decision log covers',
  category: 'redundancy',
  presets: { recommended: 'warning', strict: 'warning' },
  check: {
    of: 'policy',
    run({ model, settings, report }) {
      if (settings.usage === undefined) return;
      const { used, days } = settings.usage;
      const seen = new Set<string>();
      for (const rule of model.rules) {
        const name = nameOf(rule);
        // Rules of one block or grant may share a name, and a log knows no more than that.
        if (rule.effect !== 'allow' || used.has(name) || seen.has(name)) continue;
        seen.add(name);
        report({
          ...rule.location,
          message: `rule \`${name}\` decided nothing within ${days} days`,
          help: 'take it away if nobody is to have it any more',
        });
      }
    },
  },
});
