import type { Rule, Template } from '../../model/model.ts';
import { siblingWith } from '../facts/action-sibling.ts';
import { describeTemplate } from '../facts/describe-template.ts';
import { factsOf } from '../facts/policy-facts.ts';
import { type RulePlace, RulePlaces, spanOfAction } from '../facts/rule-places.ts';
import { findUnsupported, type Unsupported } from '../facts/unsupported-actions.ts';
import { exampleOf, witness } from '../facts/witness.ts';
import { reportOnce } from '../report-once.ts';
import { defineRule, type Reported } from '../rule.ts';

export const noEffectAction = defineRule({
  id: 'no-effect-action',
  summary: 'an action that is asked of a related resource, and never of this one',
  category: 'correctness',
  presets: { recommended: 'warning', dcos: 'warning', mesos: 'warning' },
  isProved: true,
  check: {
    of: 'policy',
    run(context) {
      const facts = factsOf(context.model);
      const places = new RulePlaces(context);
      const report = reportOnce(context);
      for (const rule of context.model.rules) {
        for (const found of findUnsupported(rule, facts)) {
          const sibling = siblingWith(found.action, found.resource, found.templates, facts);
          const place = sibling && places.ofResource(rule);
          if (place !== undefined) report(describe(place, rule, found, sibling!));
        }
      }
    },
  },
});

function describe(
  place: RulePlace,
  rule: Rule,
  { action, resource, templates }: Unsupported,
  sibling: Template,
): Reported {
  const [template] = templates;
  return {
    file: place.file,
    span: spanOfAction(place, action),
    message: `nothing asks for \`${action}\` on \`${describeTemplate(template!)}\`: it is asked on \`${describeTemplate(sibling)}\``,
    related: [
      ...place.related,
      { ...template!.location, text: `it has ${template!.actions!.map((each) => `\`${each}\``).join(', ')}` },
      { ...sibling.location, text: `this one has \`${action}\`` },
    ],
    help: `write \`${describeTemplate(sibling)}\` for \`${action}\`, or delete the action`,
    proof: witness(
      rule.subjects[0]!,
      action,
      exampleOf(resource),
      'the rule speaks of this request, which is never made',
    ),
  };
}
