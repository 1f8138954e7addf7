import { checkAction } from '../id/check-id.ts';
import { FAULT_NONE } from '../id/faults.ts';
import type { Expression, RoleOrigin, Rule, SubjectPattern } from '../model/model.ts';
import type {
  AnnotationNode,
  ExpressionNode,
  GrantStatement,
  NameNode,
  PermissionNode,
  RoleStatement,
  RuleStatement,
  SubjectNode,
} from '../syntax/ast.ts';
import { append } from './append.ts';
import type { ClosedNamespaces } from './closed-namespaces.ts';
import { type ExpansionBudget, MAX_GRANTED_OF_SET, MAX_PAIRS_OF_SET } from './expansion-budget.ts';
import type { Finding } from './reporter.ts';
import { resolveCondition } from './resolve-expression.ts';
import type { DeclaredGroup } from './resolve-groups.ts';
import { resolveAction } from './resolve-namespaces.ts';
import { type Bindings, literalText, plainText, resolveResource, resolveSubject } from './resolve-pattern.ts';
import type { DeclaredId } from './rule-memory.ts';
import { Declarations, type FileScope } from './scope.ts';
import { hasVariable, sharedNames, withoutSingles } from './variables.ts';

/** S25 */
const MAX_SHARED_VARIABLES = 8;

export interface DeclaredRole {
  readonly node: RoleStatement;
  readonly scope: FileScope;
}

/** Everything that rules refer to. */
export interface RuleContext {
  readonly groups: Declarations<DeclaredGroup>;
  readonly roles: Declarations<DeclaredRole>;
  readonly ruleIds: Declarations<true>;
  /** Those of the file that is being resolved. */
  readonly idsOfFile: DeclaredId[];
  readonly closed: ClosedNamespaces;
  readonly budget: ExpansionBudget;
  /** Subjects and actions that stand alone in a rule, by their text: a million rules name few of them. */
  readonly soleSubjects: Map<string, readonly SubjectPattern[]>;
  readonly soleActions: Map<string, readonly string[]>;
}

/** The rules of one statement: one for each permission (S61). */
export function resolveRuleStatement(
  node: RuleStatement,
  scope: FileScope,
  context: RuleContext,
  ruleset?: number,
): Rule[] {
  const id = resolveId(node.annotations, scope, context);
  const subjects = resolveSubjects(node.subjects, scope, context);
  return node.permissions.flatMap((permission) => {
    const ownId = resolveId(permission.annotations, scope, context) ?? id;
    const meaning = resolvePermission(permission, scope, context, undefined, true);
    const condition = conditionOf(permission, scope, context);
    if (meaning === undefined || subjects.length === 0) return [];
    const span = node.form === 'line' ? node.span : permission.span;
    return finishRule(
      {
        ...(ownId === undefined ? {} : { id: ownId }),
        effect: node.effect,
        subjects,
        ...meaning,
        ...(condition === undefined ? {} : { condition }),
        location: scope.locate(span),
        line: scope.lineOf(
          node.form === 'line' ? node.span : (permission.actions[0]?.span ?? permission.span),
        ),
        ...(ruleset === undefined ? {} : { ruleset }),
      },
      scope,
      context,
    );
  });
}

/** The rules that a grant makes of its role's permissions (S62). */
export function resolveGrant(
  node: GrantStatement,
  scope: FileScope,
  context: RuleContext,
  ruleset?: number,
): Rule[] {
  const id = resolveId(node.annotations, scope, context);
  const subjects = resolveSubjects(node.subjects, scope, context);
  const role = context.roles.values.get(node.role.text);
  if (role === undefined) {
    context.roles.reportUnknown(node.role.text, node.role.span, 'P1003', scope.report);
    return [];
  }
  const bindings = bindArguments(node, role, scope);
  if (bindings === undefined || subjects.length === 0) return [];
  if (!context.budget.takeGranted(role.node.permissions.length)) {
    scope.report({
      code: 'P3006',
      span: node.role.span,
      message: `the grants of this policy set make more than ${MAX_GRANTED_OF_SET} rules`,
      help: 'grant the role to a group',
    });
    return [];
  }
  const ownCondition = conditionOf(node, scope, context);
  const rules: Rule[] = [];
  for (const permission of role.node.permissions) {
    const meaning = resolveGranted(permission, node, bindings, role, scope, context);
    if (meaning === undefined) continue;
    const condition = bothOf(ownCondition, conditionOf(permission, silent, context));
    const origin: RoleOrigin = {
      name: role.node.name.text,
      location: role.scope.locate(permission.span),
      line: role.scope.lineOf(permission.actions[0]?.span ?? permission.span),
    };
    append(
      rules,
      finishRule(
        {
          ...(id === undefined ? {} : { id }),
          effect: 'allow',
          subjects,
          ...meaning,
          ...(condition === undefined ? {} : { condition }),
          location: scope.locate(node.span),
          line: scope.lineOf(node.role.span),
          role: origin,
          ...(ruleset === undefined ? {} : { ruleset }),
        },
        scope,
        context,
      ),
    );
  }
  return rules;
}

/** Reports the mistakes of a role's permissions where they stand, whether or not anybody is granted it. */
export function checkRole({ node, scope }: DeclaredRole, context: RuleContext): void {
  const samples = new Map<string, string>();
  const parameters = new Declarations<true>('parameter');
  for (const parameter of node.parameters) {
    parameters.declare(parameter.text, true, scope.locate(parameter.span), scope.report);
    samples.set(parameter.text, 'x');
  }
  for (const permission of node.permissions) {
    resolvePermission(permission, scope, context, samples, node.parameters.length === 0);
    conditionOf(permission, scope, context);
  }
}

/** What a role's permissions do wrong is reported by `checkRole`, once, however often it is granted. */
const silent: Pick<FileScope, 'report'> = { report: () => {} };

type Meaning = Pick<Rule, 'actions' | 'resources'>;

/** @param checksClosed  false for the sample of a role with parameters, whose ids are known only when it is granted */
function resolvePermission(
  permission: PermissionNode,
  scope: FileScope,
  context: RuleContext,
  bindings: Bindings | undefined,
  checksClosed: boolean,
): Meaning | undefined {
  const actions = resolveActions(permission.actions, scope, context);
  const resources = resolveResource(permission.resource, context.budget, bindings);
  if (!resources.ok) {
    scope.report(resources.finding);
    return undefined;
  }
  if (checksClosed) {
    for (const finding of context.closed.check(permission, actions, resources.value)) scope.report(finding);
  }
  return { actions, resources: resources.value };
}

function resolveActions(
  names: readonly NameNode[],
  scope: FileScope,
  context: RuleContext,
): readonly string[] {
  const sole = names.length === 1 ? names[0]!.text : undefined;
  const known = sole === undefined ? undefined : context.soleActions.get(sole);
  if (known !== undefined) return known;
  const actions = names.map((name) => resolveAction(name, scope.report));
  // An invalid action is remembered by nobody, so that every place that names it is reported.
  if (sole !== undefined && checkAction(sole) === FAULT_NONE) context.soleActions.set(sole, actions);
  return actions;
}

/** A role's permission with the grant's arguments: what is wrong only with them is reported at the grant. */
function resolveGranted(
  permission: PermissionNode,
  grant: GrantStatement,
  bindings: Bindings,
  role: DeclaredRole,
  scope: FileScope,
  context: RuleContext,
): Meaning | undefined {
  const actions = permission.actions.map((name) => name.text);
  const resources = resolveResource(permission.resource, context.budget, bindings);
  const atGrant = (finding: Finding): Finding => ({
    ...finding,
    span:
      grant.arguments.length > 0
        ? { start: grant.arguments[0]!.span.start, end: grant.arguments.at(-1)!.span.end }
        : grant.role.span,
    message: `${finding.message}, in role \`${role.node.name.text}\``,
    related: [
      ...(finding.related ?? []),
      { ...role.scope.locate(permission.resource.span), text: 'the permission of the role' },
    ],
  });
  if (!resources.ok) {
    // Without these arguments it would be the role's own mistake, reported there.
    const samples = new Map([...bindings.keys()].map((name) => [name, 'x']));
    if (resolveResource(permission.resource, context.budget, samples).ok)
      scope.report(atGrant(resources.finding));
    return undefined;
  }
  if (role.node.parameters.length > 0) {
    for (const finding of context.closed.check(permission, actions, resources.value))
      scope.report(atGrant(finding));
  }
  return { actions, resources: resources.value };
}

function bindArguments(node: GrantStatement, role: DeclaredRole, scope: FileScope): Bindings | undefined {
  const { parameters, name } = role.node;
  if (node.arguments.length !== parameters.length) {
    scope.report({
      code: 'P1008',
      span: node.role.span,
      message: `role \`${name.text}\` takes ${countOf(parameters.length, 'argument')}, not ${node.arguments.length}`,
      help:
        parameters.length === 0
          ? `write \`${name.text}\` alone`
          : `write \`${name.text}(${someOf(parameters)})\` with a value for each`,
      related: [{ ...role.scope.locate(name.span), text: 'the role is declared here' }],
    });
    return undefined;
  }
  const bindings = new Map<string, string>();
  for (const [i, argument] of node.arguments.entries()) {
    const text = literalText(argument);
    if (text === undefined || text === '') {
      scope.report({
        code: 'P1008',
        span: argument.span,
        message: 'an argument of a role is literal text',
        help: 'write the segment or path itself, without wildcards',
      });
      return undefined;
    }
    bindings.set(parameters[i]!.text, text);
  }
  return bindings;
}

/** Not all of a hundred thousand, again and again for every grant. */
function someOf(parameters: readonly NameNode[]): string {
  const shown = parameters.slice(0, maxParametersShown).map(({ text }) => text);
  return parameters.length > shown.length ? `${shown.join(', ')}, …` : shown.join(', ');
}

const maxParametersShown = 20;

function resolveSubjects(
  nodes: readonly SubjectNode[],
  scope: FileScope,
  context: RuleContext,
): readonly SubjectPattern[] {
  const name = soleName(nodes);
  const known = name === undefined ? undefined : context.soleSubjects.get(name);
  if (known !== undefined) return known;
  // `slice` because what `flatMap` returns has room for more, which would be kept for every subject.
  const subjects = nodes.flatMap((node) => resolveOneSubject(node, scope, context)).slice();
  if (name !== undefined && subjects.length > 0) context.soleSubjects.set(name, subjects);
  return subjects;
}

function resolveOneSubject(
  node: SubjectNode,
  scope: FileScope,
  context: RuleContext,
): readonly SubjectPattern[] {
  const resolved = resolveSubject(node, context.budget);
  if (!resolved.ok) {
    scope.report(resolved.finding);
    return [];
  }
  return resolved.value.filter((subject) => {
    if (subject.kind !== 'group' || context.groups.values.has(subject.name)) return true;
    context.groups.reportUnknown(subject.name, node.span, 'P1002', scope.report);
    return false;
  });
}

/** The text of the only subject, if there is one and it is plain. */
function soleName(nodes: readonly SubjectNode[]): string | undefined {
  const [only] = nodes;
  return nodes.length === 1 && only?.kind === 'pattern' ? plainText(only) : undefined;
}

/** The condition of a permission or a grant: its `when` and not its `unless` (S41). */
function conditionOf(
  node: { readonly when?: ExpressionNode; readonly unless?: ExpressionNode },
  { report }: Pick<FileScope, 'report'>,
  context: RuleContext,
): Expression | undefined {
  return resolveCondition([node.when], [node.unless], {
    report,
    hasGroup: (name, span) => {
      if (!context.groups.values.has(name)) context.groups.reportUnknown(name, span, 'P1002', report);
    },
  });
}

function bothOf(left: Expression | undefined, right: Expression | undefined): Expression | undefined {
  return left !== undefined && right !== undefined ? { kind: 'and', left, right } : (left ?? right);
}

function resolveId(
  annotations: readonly AnnotationNode[],
  scope: FileScope,
  context: RuleContext,
): string | undefined {
  const annotation = annotations.find(({ name }) => name.text === 'id');
  if (annotation === undefined) return undefined;
  const value = annotation.value?.value ?? '';
  if (value === '') {
    scope.report({
      code: 'P1017',
      span: annotation.span,
      message: '`@id` needs a name',
      help: 'write `@id("name")`',
    });
    return undefined;
  }
  const location = scope.locate(annotation.span);
  if (!context.ruleIds.declare(value, true, location, scope.report)) return undefined;
  context.idsOfFile.push({ name: value, location });
  return value;
}

/** A variable that stands only once on both sides of every pair is a plain wildcard (S25). */
function finishRule(rule: Rule, scope: FileScope, { budget }: RuleContext): Rule[] {
  if (!budget.takePairs(rule.subjects.length * rule.resources.length)) {
    scope.report({
      code: 'P3006',
      span: rule.location.span,
      message: `the rules of this policy set name more than ${MAX_PAIRS_OF_SET} pairs of a subject and a resource`,
      help: 'put the subjects into a group, or write wider patterns',
    });
    return [];
  }
  const shared = sharedInRule(rule);
  if (shared === undefined) return [rule];
  if (shared.size > MAX_SHARED_VARIABLES) {
    scope.report({
      code: 'P1018',
      span: rule.location.span,
      message: `a rule shares at most ${MAX_SHARED_VARIABLES} variables`,
      help: 'write `*` or `**` where the text need not be the same',
    });
    return [];
  }
  return [
    {
      ...rule,
      subjects: rule.subjects.map((subject) =>
        subject.kind === 'pattern' ? withoutSingles(subject, shared) : subject,
      ),
      resources: rule.resources.map((resource) =>
        resource.kind === 'pattern' ? withoutSingles(resource, shared) : resource,
      ),
    },
  ];
}

/** The names that stand twice in some pair of subject and resource; undefined if the rule has no variable at all. */
function sharedInRule(rule: Rule): Set<string> | undefined {
  const subjects = rule.subjects.filter((subject) => subject.kind === 'pattern');
  const resources = rule.resources.filter((resource) => resource.kind === 'pattern');
  if (![...subjects, ...resources].some(hasVariable)) return undefined;
  const shared = new Set<string>();
  for (const subject of [undefined, ...subjects]) {
    for (const resource of [undefined, ...resources]) {
      const pair = [subject, resource].filter((pattern) => pattern !== undefined);
      for (const name of sharedNames(pair)) shared.add(name);
    }
  }
  return shared;
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
