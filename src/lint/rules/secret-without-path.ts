import type { ResourcePattern } from '../../model/model.ts';
import { elementsOf } from '../../model/template-variants.ts';
import { factsOf } from '../facts/policy-facts.ts';
import { type RulePlace, RulePlaces } from '../facts/rule-places.ts';
import { secretsPrefix } from '../knowledge/dcos.ts';
import { reportOnce } from '../report-once.ts';
import { defineRule, type Reported } from '../rule.ts';

const secretElements = elementsOf({ kind: 'literal', id: secretsPrefix });

export const secretWithoutPath = defineRule({
  id: 'secret-without-path',
  summary: 'a secret that lies in the root of the store, where every service may read it',
  category: 'security',
  presets: { recommended: 'warning', dcos: 'warning' },
  check: {
    of: 'policy',
    run(context) {
      const facts = factsOf(context.model);
      const places = new RulePlaces(context);
      const report = reportOnce(context);
      for (const rule of context.model.rules) {
        if (rule.effect === 'deny') continue;
        for (const resource of rule.resources) {
          const name = nameInRoot(resource);
          if (name === undefined) continue;
          // Whoever reads all of them reads what every service does; whoever stores there hands it to every service.
          const stores = [...facts.actionsOn(rule, resource)].some((action) => storing.has(action));
          if (name === '*' && !stores) continue;
          const place = places.ofResource(rule);
          if (place !== undefined) report(describe(place, resource, name));
        }
      }
    },
  },
});

const storing = new Set(['create', 'update']);

/** The name of the secret, or `*`; undefined for what has a path, or may have one. */
function nameInRoot(resource: ResourcePattern): string | undefined {
  if (resource.kind === 'literal' && !resource.id.startsWith(secretsPrefix)) return undefined;
  const elements = elementsOf(resource);
  if (elements.length !== secretElements.length + 1) return undefined;
  const isSecret = secretElements.every((element, i) => {
    const other = elements[i]!;
    if (element.kind === 'root' || other.kind === 'root') return element.kind === other.kind;
    return element.kind === 'literal' && other.kind === 'literal' && element.text === other.text;
  });
  const last = elements.at(-1)!;
  if (!isSecret) return undefined;
  if (last.kind === 'literal') return last.text;
  return last.kind === 'one' || last.kind === 'glob' ? '*' : undefined;
}

function describe(place: RulePlace, resource: ResourcePattern, name: string): Reported {
  const { file, related } = place;
  const common = { file, span: place.resource, related };
  if (name !== '*' && resource.kind === 'literal')
    return {
      ...common,
      message: `secret \`${name}\` has no path: every service may read it`,
      help: `keep it under the path of the services that need it, \`${secretsPrefix}PATH/${name}\``,
    };
  return {
    ...common,
    message: 'secrets that are stored here have no path: every service may read them',
    help: `name a folder, \`${secretsPrefix}PATH/*\``,
  };
}
