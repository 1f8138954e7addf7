import type { Implication, Model, Template } from '../../src/model/model.ts';
import { printCondition } from '../../src/printing/print-condition.ts';
import { printAction, printRule, printSubject } from '../../src/printing/print-rule.ts';

/**
 * What a model says, a line for each thing in it, for people to read. An id that is a pattern without wildcards, so that no
 * template adds to it, stands in parentheses.
 */
export function describeModel(model: Model): readonly string[] {
  const { groups, rules, rulesets, namespaces, implications, entities, routes, mode } = model;
  return [
    ...(mode === undefined ? [] : [`mode ${mode}`]),
    ...groups.map(({ name, members }) => `group ${name} { ${members.map(printSubject).join(', ')} }`),
    ...implications.map(implicationText),
    ...namespaces.flatMap((namespace) => [
      `namespace ${namespace.name}${namespace.superuser === undefined ? '' : ` superuser ${namespace.superuser}`}`,
      ...namespace.implications.map((each) => `  ${implicationText(each)}`),
      ...namespace.templates.map((each) => `  ${templateText(each)}`),
    ]),
    ...rulesets.flatMap(({ name, combining, scopes, default: fallback }) => [
      `ruleset ${name} ${combining} default ${fallback}`,
      ...scopes.map((scope) => `  scope ${printRule({ ...anyRule, ...scope }).split(' to ')[1]}`),
    ]),
    ...rules.map((rule) => {
      const resources = rule.resources.map((resource) =>
        resource.kind === 'literal' ||
        resource.elements.some(({ kind }) => kind !== 'literal' && kind !== 'root')
          ? printRule({ ...anyRule, resources: [resource] }).split(' on ')[1]
          : `(${resource.text})`,
      );
      const { condition, ...plain } = rule;
      const [head] = printRule(plain).split(' on ');
      const when = condition === undefined ? '' : ` when ${printCondition(condition)}`;
      const place = `${rule.id ?? rule.line}${rule.ruleset === undefined ? '' : ` of ${rulesets[rule.ruleset]!.name}`}`;
      return `${place}: ${head} on ${resources.join(' ')}${when}`;
    }),
    ...entities.map(({ id, attributes }) => `entity ${id} ${[...attributes.keys()].join(' ')}`),
    ...routes.map(({ method, path, line }) => `${line}: route ${method} ${path}`),
  ];
}

const anyRule = {
  effect: 'allow',
  subjects: [{ kind: 'anyone' }],
  actions: ['x'],
  resources: [],
  location: { file: '', span: { start: 0, end: 0 } },
  line: 1,
} as const;

function implicationText({ action, implies }: Implication): string {
  return `action ${printAction(action)} implies ${implies.map(printAction).join(', ')}`;
}

function templateText({ text, actions, enforcedIn }: Template): string {
  const listed = actions === undefined ? '' : ` actions ${actions.map(printAction).join(', ')}`;
  const clauses = enforcedIn?.map((each) => `${each.mode}${each.authenticatedOnly ? '(authenticated)' : ''}`);
  return `resource ${text}${listed}${clauses === undefined ? '' : ` enforced in ${clauses.join(', ')}`}`;
}
