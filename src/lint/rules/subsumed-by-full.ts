import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { Model, Namespace, ResourcePattern, Rule } from '../../model/model.ts';
import { elementsOf, variantsOf } from '../../model/template-variants.ts';
import type { PermissionNode, SyntaxTree } from '../../syntax/ast.ts';
import { Implications, namespaceOf } from '../facts/implications.ts';
import { coveredBy } from '../facts/name-rule.ts';
import { PermissionFinder } from '../facts/permission-finder.ts';
import { reportRedundant } from '../facts/redundant-rules.ts';
import { defineRule, type PolicyContext, type Reported } from '../rule.ts';

export const subsumedByFull = defineRule({
  id: 'subsumed-by-full',
  summary: 'an action beside another one, such as `full`, that implies it',
  category: 'redundancy',
  presets: { recommended: 'warning', strict: 'warning' },
  isProved: true,
  check: {
    of: 'policy',
    run(context) {
      reportRedundant(context, 'implied', 'covers all of it, with an action that implies its own');
      reportNeedlessActions(context);
    },
  },
});

/** A permission with the rules that it makes: several if it is a role's. */
interface Permission {
  readonly tree: SyntaxTree;
  readonly node: PermissionNode;
  readonly rules: Rule[];
}

/** Actions that another one of the same list implies, wherever the permission is granted. */
function reportNeedlessActions(context: PolicyContext): void {
  const finder = new PermissionFinder(context.trees, context.sources);
  const permissions = new Map<PermissionNode, Permission>();
  for (const rule of context.model.rules) {
    if (rule.effect !== 'allow' || rule.actions.length < 2) continue;
    const found = finder.find(rule);
    if (found === undefined) continue;
    const known = permissions.get(found.permission);
    if (known !== undefined) known.rules.push(rule);
    else permissions.set(found.permission, { tree: found.tree, node: found.permission, rules: [rule] });
  }
  const needless = new NeedlessActions(context.model);
  for (const permission of permissions.values()) {
    const finding = findingOf(permission, needless);
    if (finding !== undefined) context.report(finding);
  }
}

function findingOf({ tree, node, rules }: Permission, needless: NeedlessActions): Reported | undefined {
  const reasons = rules.map((rule) => needless.of(rule));
  const extra = node.actions.filter(({ text }) => reasons.every((reason) => reason.has(text)));
  if (extra.length === 0) return undefined;
  const [first] = extra;
  const names = extra.map(({ text }) => `\`${text}\``).join(', ');
  const by = reasons[0]!.get(first!.text)!;
  const fix = fixOf(tree, node, new Set(extra));
  return {
    file: tree.file,
    span: first!.span,
    message: `${names} ${extra.length === 1 ? 'adds' : 'add'} nothing: \`${by}\`, beside ${extra.length === 1 ? 'it' : 'them'}, implies ${extra.length === 1 ? 'it' : 'them'}`,
    help: `delete ${names}, or \`${by}\` if it was not meant`,
    proof: coveredBy(rules.slice(0, 1), `\`${by}\` of the same rule`),
    ...(fix === undefined ? {} : { fix }),
  };
}

/** None where a comment stands within the list. */
function fixOf(
  { text }: SyntaxTree,
  { actions }: PermissionNode,
  extra: ReadonlySet<unknown>,
): Fix | undefined {
  const span = { start: actions[0]!.span.start, end: actions.at(-1)!.span.end };
  if (text.slice(span.start, span.end).includes('#')) return undefined;
  const kept = actions.filter((action) => !extra.has(action));
  const newText = kept.map(({ span: { start, end } }) => text.slice(start, end)).join(', ');
  return { safety: 'safe', edits: [{ span, newText }] };
}

class NeedlessActions {
  readonly #model: Model;
  readonly #implications: Implications;

  constructor(model: Model) {
    this.#model = model;
    this.#implications = new Implications(model);
  }

  /** Actions of a rule that another one of its actions implies on all of its resources, with that other one. */
  of({ actions, resources }: Rule): ReadonlyMap<string, string> {
    const needless = new Map<string, string>();
    const namespaces = new Set(resources.map((resource) => namespaceOf(this.#model, resource)));
    // Nearly all imply nothing, and there may be thousands.
    const implying = actions.filter((action) =>
      [...namespaces].every((namespace) => this.#implications.impliedBy(action, namespace).size > 0),
    );
    for (const action of actions) {
      // Of actions that imply each other the first stays.
      const by = implying.find(
        (other) =>
          other !== action &&
          !needless.has(other) &&
          resources.every((resource) => this.#implies(other, action, resource)),
      );
      if (by !== undefined) needless.set(action, by);
    }
    return needless;
  }

  #implies(action: string, implied: string, resource: ResourcePattern): boolean {
    const namespace = namespaceOf(this.#model, resource);
    return (
      this.#implications.impliedBy(action, namespace).has(implied) &&
      (namespace === undefined || isSupported(namespace, resource, [action, implied]))
    );
  }
}

/** On a literal id an action that its template lacks implies only those that the template lists (S14). */
function isSupported(
  { templates }: Namespace,
  resource: ResourcePattern,
  actions: readonly string[],
): boolean {
  if (resource.kind === 'pattern') return true;
  const elements = elementsOf(resource);
  return templates.every(
    ({ parts, actions: listed }) =>
      listed === undefined ||
      actions.some((action) => listed.includes(action)) ||
      !variantsOf(parts).some((variant) => mayDescribe(variant, elements)),
  );
}

/** False only where a literal segment of the template is another one in the id. */
function mayDescribe(
  variant: ReturnType<typeof variantsOf>[number],
  elements: ReturnType<typeof elementsOf>,
): boolean {
  for (const [i, token] of variant.entries()) {
    const element = elements[i];
    if (token.kind === 'value' || token.kind === 'path') return true;
    if (element === undefined || element.kind !== token.kind) return false;
    if (token.kind === 'literal' && element.kind === 'literal' && token.text !== element.text) return false;
  }
  return true;
}
