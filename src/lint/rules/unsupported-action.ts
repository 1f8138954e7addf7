import type { Rule } from '../../model/model.ts';
import { printName } from '../../syntax/print-text.ts';
import { siblingWith } from '../facts/action-sibling.ts';
import { describeTemplate } from '../facts/describe-template.ts';
import { factsOf, type PolicyFacts } from '../facts/policy-facts.ts';
import { textOfResource } from '../facts/resource-text.ts';
import { type RulePlace, RulePlaces, spanOfAction } from '../facts/rule-places.ts';
import { findUnsupported, type Unsupported } from '../facts/unsupported-actions.ts';
import { reportOnce } from '../report-once.ts';
import { defineRule, type Reported } from '../rule.ts';

export const unsupportedAction = defineRule({
  id: 'unsupported-action',
  summary: 'an action that the resource does not have',
  category: 'correctness',
  presets: { recommended: 'warning', dcos: 'warning', mesos: 'warning' },
  codes: ['P1004'],
  check: {
    of: 'policy',
    run(context) {
      const facts = factsOf(context.model);
      const places = new RulePlaces(context);
      const report = reportOnce(context);
      for (const rule of context.model.rules) {
        for (const { action, resource, templates } of findUnsupported(rule, facts)) {
          // What another row has is told by `no-effect-action`.
          if (siblingWith(action, resource, templates, facts) !== undefined) continue;
          const place = places.ofResource(rule);
          if (place !== undefined) report(describe(place, { action, resource, templates, rule, facts }));
        }
      }
    },
  },
});

function describe(
  place: RulePlace,
  {
    action,
    resource,
    templates,
    rule,
    facts,
  }: Unsupported & { readonly rule: Rule; readonly facts: PolicyFacts },
): Reported {
  const template = templates[0]!;
  const listed = templates.flatMap(({ actions }) => actions!);
  const held = [...facts.actionsOn({ effect: 'allow', actions: [action] }, resource)].filter((each) =>
    listed.includes(each),
  );
  const name =
    templates.length === 1
      ? `\`${describeTemplate(template)}\``
      : `what \`${textOfResource(resource)}\` matches`;
  const isHeld = rule.effect === 'allow' && held.length > 0;
  const instead = [...new Set(isHeld ? held : listed)];
  return {
    file: place.file,
    span: spanOfAction(place, action),
    message: isHeld
      ? `\`${action}\` is no action of ${name}: here it holds for ${listOf(held)} alone`
      : `\`${action}\` is no action of ${name}: nothing asks for it`,
    related: [...place.related, { ...template.location, text: 'its actions are declared here' }],
    help: `${instead.length === 1 || isHeld ? 'write' : 'the actions are'} ${listOf(instead)}`,
    ...fixOf(place, action, instead, isHeld || instead.length === 1),
  };
}

function listOf(actions: readonly string[]): string {
  return [...new Set(actions)].map((action) => `\`${action}\``).join(', ');
}

/** Writes what the action comes to. Among others it may be superfluous: there it is left to the author. */
function fixOf(
  place: RulePlace,
  action: string,
  instead: readonly string[],
  isCertain: boolean,
): Pick<Reported, 'fix'> {
  const { permission } = place;
  if (permission === undefined || !isCertain) return {};
  if (permission.actions.length > 1) return {};
  const span = spanOfAction(place, action);
  const edits = [{ span, newText: instead.map((text) => printName({ text, span })).join(', ') }];
  return { fix: { safety: 'review', edits } };
}
