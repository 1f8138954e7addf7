import type { Model, Namespace, Rule } from '../../model/model.ts';
import { Implications, namespaceOf } from '../facts/implications.ts';
import { nameOf } from '../facts/name-rule.ts';
import { defineRule, type PolicyContext, type Reported } from '../rule.ts';
import type { RuleSource } from '../rule-sources.ts';

export const denyReachesDown = defineRule({
  id: 'deny-reaches-down',
  summary: 'a deny for an action that implies others, which denies those too',
  category: 'correctness',
  presets: { strict: 'info' },
  check: {
    of: 'policy',
    run({ model, sources, report }: PolicyContext) {
      const implications = new Implications(model);
      for (const rule of model.rules) {
        if (rule.effect !== 'deny') continue;
        const source = sources.of(rule);
        if (source?.kind !== 'rule') continue;
        const finding = findReach(rule, source, model, implications);
        if (finding !== undefined) report(finding);
      }
    },
  },
});

function findReach(
  rule: Rule,
  { tree, permission }: Extract<RuleSource, { kind: 'rule' }>,
  model: Model,
  implications: Implications,
): Reported | undefined {
  const namespace = namespaceOf(model, rule.resources[0]!);
  for (const action of permission.actions) {
    const implied = implications.impliedBy(action.text, namespace);
    const also = [...implied].filter((name) => !rule.actions.includes(name)).sort();
    if (also.length === 0 || meansEverything(action.text, implied, namespace)) continue;
    const names = also.map((name) => `\`${name}\``).join(', ');
    return {
      file: tree.file,
      span: action.span,
      message: `rule \`${nameOf(rule)}\` denies ${names} as well, because \`${action.text}\` implies ${also.length === 1 ? 'it' : 'them'}`,
      help: `if that is meant, write \`${[...rule.actions, ...also].join(', ')}\`; if not, let \`${action.text}\` imply less and grant what it implied by name`,
    };
  }
  return undefined;
}

/** `full`, or what implies all else that the templates with it list, as it does: who denies that means everything. */
function meansEverything(
  action: string,
  implied: ReadonlySet<string>,
  namespace: Namespace | undefined,
): boolean {
  if (action === 'full') return true;
  const lists =
    namespace?.templates.flatMap(({ actions }) => (actions?.includes(action) ? [actions] : [])) ?? [];
  return lists.length > 0 && lists.flat().every((other) => other === action || implied.has(other));
}
