import { nameOf } from '../facts/name-rule.ts';
import { defineRule } from '../rule.ts';

export const deadDeny = defineRule({
  id: 'dead-deny',
  summary: 'a deny of what nobody is allowed anyway',
  category: 'redundancy',
  presets: { recommended: 'info', strict: 'warning' },
  isProved: true,
  check: {
    of: 'policy',
    run({ model, analysis, report }) {
      // Where nothing is allowed at all, the rest of the policy set is elsewhere.
      if (!model.rules.some(({ effect }) => effect === 'allow')) return;
      for (const rule of model.rules) {
        if (rule.effect !== 'deny' || isOrdered(model.rulesets, rule.ruleset)) continue;
        if (analysis.findMeeting(rule) !== undefined) continue;
        const request = analysis.witnessOf(rule);
        if (request === undefined) continue;
        report({
          ...rule.location,
          message: `rule \`${nameOf(rule)}\` denies what no rule allows`,
          help: 'see whether it names what it was to protect; as a guard against later grants, keep it with a suppression',
          proof: { kind: 'witness', request, text: 'denied without the rule as well, as all that it denies' },
        });
      }
    },
  },
});

/** In a first-applicable ruleset a deny keeps later rules from deciding: `shadowed-rule` speaks of these. */
function isOrdered(
  rulesets: readonly { readonly combining: string }[],
  ruleset: number | undefined,
): boolean {
  return ruleset !== undefined && rulesets[ruleset]!.combining === 'first-applicable';
}
