import { factsOf } from '../facts/policy-facts.ts';
import { type RulePlace, RulePlaces } from '../facts/rule-places.ts';
import { type GoneResource, goneResources } from '../knowledge/dcos.ts';
import { reportOnce } from '../report-once.ts';
import { defineRule, type Reported } from '../rule.ts';

export const deprecatedResource = defineRule({
  id: 'deprecated-resource',
  summary: 'a resource that later versions of DC/OS do not know',
  category: 'style',
  presets: {},
  check: {
    of: 'policy',
    run(context) {
      const facts = factsOf(context.model);
      const places = new RulePlaces(context);
      const report = reportOnce(context);
      for (const rule of context.model.rules) {
        for (const resource of rule.resources) {
          if (resource.kind === 'pattern') continue;
          const gone = goneResources.find(({ pattern }) => pattern.test(resource.id));
          if (gone === undefined) continue;
          // What the imported catalogue does not know is reported by `unknown-resource`.
          if (facts.namespaceOf(resource) !== undefined && facts.templatesOf(resource).length === 0) continue;
          const place = places.ofResource(rule);
          if (place !== undefined) report(describe(place, resource.id, gone));
        }
      }
    },
  },
});

function describe(place: RulePlace, id: string, { until, instead = '' }: GoneResource): Reported {
  return {
    file: place.file,
    span: place.resource,
    message: `DC/OS ${until} is the last version that knows \`${id}\``,
    related: place.related,
    help: `delete it once the cluster is upgraded${instead}`,
  };
}
