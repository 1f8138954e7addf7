import type { Rule, Template } from '../../model/model.ts';
import { describeTemplate } from '../facts/describe-template.ts';
import { factsOf, type PolicyFacts } from '../facts/policy-facts.ts';
import { type RulePlace, RulePlaces } from '../facts/rule-places.ts';
import { defineRule, type Reported } from '../rule.ts';

export const notEnforcedInMode = defineRule({
  id: 'not-enforced-in-mode',
  summary: 'rules on a resource that is not checked in the mode that the policy runs in',
  category: 'security',
  presets: { recommended: 'warning', dcos: 'warning' },
  check: {
    of: 'policy',
    run(context) {
      const mode = context.settings.mode ?? context.model.mode;
      if (mode === undefined || !context.model.modes.includes(mode)) return;
      const facts = factsOf(context.model);
      const places = new RulePlaces(context);
      for (const [template, rules] of rulesByTemplate(context.model.rules, mode, facts)) {
        const written = rules.find((rule) => places.ofResource(rule) !== undefined);
        const place = written && places.ofResource(written);
        if (place === undefined) continue;
        context.report(describe(place, template, rules, mode));
      }
    },
  },
});

/** The mode is one mistake, however many rules it makes idle: one finding for each resource. */
function rulesByTemplate(
  rules: readonly Rule[],
  mode: string,
  facts: PolicyFacts,
): ReadonlyMap<Template, readonly Rule[]> {
  const found = new Map<Template, Rule[]>();
  for (const rule of rules) {
    for (const resource of rule.resources) {
      const templates = facts.templatesOf(resource);
      const isIdle = templates.length > 0 && templates.every((template) => isOpen(template, mode, rule));
      if (!isIdle) continue;
      const ofTemplate = found.get(templates[0]!);
      if (ofTemplate === undefined) found.set(templates[0]!, [rule]);
      else if (ofTemplate.at(-1) !== rule) ofTemplate.push(rule);
    }
  }
  return found;
}

/** Where only requests with a subject are checked, a deny of those without one is never asked for. */
function isOpen({ enforcedIn }: Template, mode: string, { effect, subjects }: Rule): boolean {
  if (enforcedIn === undefined) return false;
  const clause = enforcedIn.find((each) => each.mode === mode);
  if (clause === undefined) return true;
  return clause.authenticatedOnly && effect === 'deny' && subjects.some(({ kind }) => kind === 'anyone');
}

const maxRelated = 3;

function describe(place: RulePlace, template: Template, rules: readonly Rule[], mode: string): Reported {
  const clause = template.enforcedIn?.find((each) => each.mode === mode);
  const more = rules.length - 1;
  const count = more === 0 ? 'this rule' : `this rule and ${more} more`;
  const others = rules
    .slice(1, maxRelated + 1)
    .map(({ location }) => ({ ...location, text: 'nor about this one' }));
  return {
    file: place.file,
    span: place.resource,
    message:
      clause === undefined
        ? `\`${describeTemplate(template)}\` is not checked in mode \`${mode}\`: nothing asks about ${count}`
        : `\`${describeTemplate(template)}\` is not checked in mode \`${mode}\` where a request has no subject`,
    related: [
      ...place.related,
      ...others,
      { ...template.location, text: 'where it is checked is declared here' },
    ],
    help: `do not count on it, or run in ${modesOf(template)}`,
  };
}

function modesOf({ enforcedIn = [] }: Template): string {
  const modes = enforcedIn
    .filter(({ authenticatedOnly }) => !authenticatedOnly)
    .map(({ mode }) => `\`${mode}\``);
  return modes.length === 0 ? 'a mode that checks it' : modes.join(' or ');
}
