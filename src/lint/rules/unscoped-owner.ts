import type { Rule } from '../../model/model.ts';
import { describeHolders } from '../facts/describe-subjects.ts';
import { factsOf, type PolicyFacts } from '../facts/policy-facts.ts';
import { RulePlaces } from '../facts/rule-places.ts';
import { ownerResources } from '../knowledge/dcos.ts';
import { ownerLists } from '../knowledge/mesos.ts';
import { reportOnce } from '../report-once.ts';
import { defineRule } from '../rule.ts';

/** No account is called so; what covers it covers every account. */
const anybody = 'postern-example';

export const unscopedOwner = defineRule({
  id: 'unscoped-owner',
  summary: 'a resource that is named by its owner, with the owner left out',
  category: 'security',
  presets: { recommended: 'warning', dcos: 'warning', mesos: 'warning' },
  check: {
    of: 'policy',
    run(context) {
      const facts = factsOf(context.model);
      const places = new RulePlaces(context);
      const report = reportOnce(context);
      for (const { id, action, what } of [...ownerResources, ...ownerLists]) {
        for (const rule of rulesOnEvery(facts, action, id)) {
          const subjects = facts.allowedSubjects(rule, action, id);
          const place = subjects.length === 0 ? undefined : places.ofResource(rule);
          if (place === undefined) continue;
          report({
            file: place.file,
            span: place.resource,
            message: `${describeHolders(rule, subjects, place)} may ${what}`,
            related: place.related,
            help: `name the account: \`${id}:NAME\``,
          });
        }
      }
    },
  },
});

/** A pattern for all values is as wide as the id without one. */
function rulesOnEvery(facts: PolicyFacts, action: string, id: string): readonly Rule[] {
  const all = new Set([...facts.rulesOn(action, id), ...facts.rulesOn(action, `${id}:${anybody}`)]);
  return [...all].filter(({ effect }) => effect === 'allow');
}
