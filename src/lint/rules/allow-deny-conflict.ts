import type { Rule } from '../../model/model.ts';
import { coveredBy, describeRules } from '../facts/name-rule.ts';
import { coverOfUnit, describeUnit, type RuleUnit, unitsOf } from '../facts/rule-units.ts';
import { defineRule, type Reported } from '../rule.ts';

export const allowDenyConflict = defineRule({
  id: 'allow-deny-conflict',
  summary: 'an allow by which nothing is ever allowed, because denies cover all of it',
  category: 'redundancy',
  presets: { recommended: 'warning', strict: 'warning' },
  isProved: true,
  check: {
    of: 'policy',
    run({ model, analysis, report }) {
      for (const unit of unitsOf(model.rules)) {
        if (unit[0].effect !== 'allow') continue;
        const by = coverOfUnit(unit, (rule) => analysis.findOverride(rule));
        if (by !== undefined) report(findingOf(unit, by));
      }
    },
  },
});

function findingOf(unit: RuleUnit, by: readonly Rule[]): Reported {
  return {
    ...unit[0].location,
    message: `${describeUnit(unit)} allows nothing: ${describeRules(by)} ${by.length === 1 ? 'denies' : 'deny'} all of it`,
    help: 'delete it, or except from the deny what it is to allow',
    proof: coveredBy(by, 'denies all that it allows'),
  };
}
