import type { Model, Rule } from '../../model/model.ts';
import type { RuleStatement } from '../../syntax/ast.ts';
import { firstSegmentOf } from '../facts/first-segment.ts';
import { nameOf } from '../facts/name-rule.ts';
import { defineRule, type PolicyContext, type Reported } from '../rule.ts';

export const anyIncludesUnauthenticated = defineRule({
  id: 'any-includes-unauthenticated',
  summary: 'an allow for `anyone`, requests without a subject included, where others are told apart',
  category: 'security',
  presets: { mesos: 'warning' },
  check: {
    of: 'policy',
    run({ model, sources, report }: PolicyContext) {
      const named = actionsWithNames(model);
      const reported = new Set<RuleStatement>();
      for (const rule of model.rules) {
        if (!isOpen(rule) || !rule.actions.some((action) => named.has(action))) continue;
        const source = sources.of(rule);
        if (source?.kind !== 'rule' || reported.has(source.statement)) continue;
        reported.add(source.statement);
        report(findingOf(rule, source.tree.file, source.statement));
      }
    },
  },
});

/** A condition can tell who asks, so a rule with one is left alone; so is everything that is not asked by Mesos or DC/OS. */
function isOpen({ effect, subjects, resources, condition }: Rule): boolean {
  return (
    effect === 'allow' &&
    condition === undefined &&
    subjects.some(({ kind }) => kind === 'anyone') &&
    resources.some((resource) => isAskedWithSubject(firstSegmentOf(resource)))
  );
}

function isAskedWithSubject(root: string | undefined): boolean {
  return root === 'mesos' || root === 'dcos';
}

/** Actions for which some rule speaks of somebody in particular: there the policy counts on knowing who asks. */
function actionsWithNames({ rules }: Model): ReadonlySet<string> {
  const actions = new Set<string>();
  for (const { subjects, actions: names } of rules) {
    if (subjects.every(({ kind }) => kind === 'anyone')) continue;
    for (const name of names) actions.add(name);
  }
  return actions;
}

function findingOf(rule: Rule, file: string, { subjects }: RuleStatement): Reported {
  const { span } = subjects.find(({ kind }) => kind === 'anyone')!;
  return {
    file,
    span,
    message: `rule \`${nameOf(rule)}\` allows requests without a subject too`,
    help: 'write `authenticated` for everybody who gave a name, or keep `anyone` and say why in a suppression',
    fix: { safety: 'review', edits: [{ span, newText: 'authenticated' }] },
  };
}
