import type { ResourcePattern, Rule } from '../../model/model.ts';
import { describeHolders } from '../facts/describe-subjects.ts';
import { factsOf } from '../facts/policy-facts.ts';
import { RulePlaces } from '../facts/rule-places.ts';
import { linuxUserResources } from '../knowledge/dcos.ts';
import { launchActions, mesosUser } from '../knowledge/mesos.ts';
import { reportOnce } from '../report-once.ts';
import { defineRule } from '../rule.ts';

const launches = [
  ...linuxUserResources.flatMap(({ id, actions }) => actions.map((action) => ({ id, action }))),
  ...launchActions.map((action) => ({ id: mesosUser, action })),
];

export const runAsRoot = defineRule({
  id: 'run-as-root',
  summary: 'tasks may be started as root, or as any Linux user because none is named',
  category: 'security',
  presets: { recommended: 'warning', dcos: 'warning', mesos: 'warning' },
  check: {
    of: 'policy',
    run(context) {
      const facts = factsOf(context.model);
      const places = new RulePlaces(context);
      const report = reportOnce(context);
      for (const { id, action } of launches) {
        const root = `${id}:root`;
        for (const rule of facts.rulesOn(action, root)) {
          if (rule.effect === 'deny') continue;
          const subjects = facts.allowedSubjects(rule, action, root);
          const place = subjects.length === 0 ? undefined : places.ofResource(rule);
          if (place === undefined) continue;
          const isNamed = namesRoot(rule, root);
          report({
            file: place.file,
            span: place.resource,
            message: isNamed
              ? `${describeHolders(rule, subjects, place)} may start tasks as \`root\``
              : `${describeHolders(rule, subjects, place)} may start tasks as any Linux user, \`root\` among them`,
            related: place.related,
            help: `name the user that the tasks need, such as \`${id}:nobody\``,
          });
        }
      }
    },
  },
});

function namesRoot({ resources }: Rule, root: string): boolean {
  return resources.some((resource: ResourcePattern) => resource.kind === 'literal' && resource.id === root);
}
