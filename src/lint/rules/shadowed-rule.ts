import { coveredBy, describeRules } from '../facts/name-rule.ts';
import { describeUnit, spanOfUnit } from '../facts/rule-units.ts';
import { findShadowed, type ShadowedUnit } from '../facts/shadowed-rules.ts';
import { defineRule, type PolicyContext, type Reported } from '../rule.ts';

export const shadowedRule = defineRule({
  id: 'shadowed-rule',
  summary: 'a rule that never decides, because earlier ones of its ruleset always do',
  category: 'redundancy',
  presets: { recommended: 'warning', strict: 'warning', mesos: 'warning' },
  isProved: true,
  check: {
    of: 'policy',
    run(context) {
      for (const shadowed of findShadowed(context.model, context.analysis)) {
        if (shadowed.shadowing === 'other') context.report(findingOf(context, shadowed));
      }
    },
  },
});

function findingOf({ sources }: PolicyContext, { unit, by }: ShadowedUnit): Reported {
  const span = spanOfUnit(unit, sources);
  const apply = by.length === 1 ? 'applies' : 'apply';
  return {
    ...unit[0].location,
    message: `${describeUnit(unit)} never decides: ${describeRules(by)} before it ${apply} wherever it does`,
    help: `delete it, or move it before ${describeRules(by)}`,
    proof: coveredBy(by, 'decides first'),
    ...(span === undefined ? {} : { fix: { safety: 'safe', edits: [{ span, newText: '' }] } }),
  };
}
