import type { Entity, Expression, Model, Rule } from '../../model/model.ts';
import type { ExpressionNode } from '../../syntax/ast.ts';
import { printExpression } from '../../syntax/print-expression.ts';
import { type Clause, clausesOf } from '../facts/condition-clauses.ts';
import { GivenAttributes } from '../facts/given-attributes.ts';
import { mayBeForestalled } from '../facts/may-meet.ts';
import { nameOf } from '../facts/name-rule.ts';
import { PermissionFinder } from '../facts/permission-finder.ts';
import { isInScope } from '../facts/ruleset-scope.ts';
import { defineRule, type PolicyContext, type Reported, type WitnessRequest } from '../rule.ts';
import { readNames } from '../rule-options.ts';

type Attribute = Extract<Expression, { kind: 'attribute' }>;

export const denyMayError = defineRule({
  id: 'deny-may-error',
  summary: 'a deny whose condition reads an attribute that may be missing, and which then applies',
  category: 'correctness',
  presets: { recommended: 'warning', strict: 'warning' },
  isProved: true,
  check: {
    of: 'policy',
    run(context) {
      const finder = new PermissionFinder(context.trees, context.sources);
      const given = readNames(context.settings, 'deny-may-error', 'given') ?? givenByDefault;
      for (const rule of context.model.rules) {
        if (rule.effect !== 'deny' || rule.condition === undefined) continue;
        // A `when` says when the deny is meant. Without the evidence that an `unless` asks for, it is meant to apply.
        const [clause] = clausesOf(rule, context.sources, finder);
        if (clause?.keyword !== 'when') continue;
        const finding = findMissing(context, rule, clause, new Set(given));
        if (finding !== undefined) context.report(finding);
      }
    },
  },
});

/** Whoever asks has a clock. */
const givenByDefault: readonly string[] = ['context.now'];

function findMissing(
  { model, analysis }: PolicyContext,
  rule: Rule,
  clause: Clause,
  always: ReadonlySet<string>,
): Reported | undefined {
  const operands = conjunctsOf(clause.node, clause.expression);
  const given = new GivenAttributes();
  for (const { node, expression } of operands) {
    const read = findRead(node, expression);
    const isKnown =
      read === undefined ||
      always.has(printExpression(read.node)) ||
      given.has(read.attribute.root, read.attribute.path);
    if (!isKnown && !isDeclared(read.attribute, rule, model)) {
      const asked = analysis.witnessOf(rule);
      if (asked === undefined || !isInScope(model, rule, asked) || mayBeForestalled(rule, model))
        return undefined;
      if (isGivenByEntity(read.attribute, asked, model)) return undefined;
      return findingOf(rule, clause, read, { ...asked, ...given.request() });
    }
    // What comes after is read only where this holds, so the witness makes it hold.
    if (!given.satisfy(expression)) return undefined;
  }
  return undefined;
}

interface Operand {
  readonly node: ExpressionNode;
  readonly expression: Expression;
}

/** The operands of the outermost `&&`, from left to right. */
function conjunctsOf(node: ExpressionNode, expression: Expression): readonly Operand[] {
  if (node.kind !== 'binary' || expression.kind !== 'and') return [{ node, expression }];
  return [...conjunctsOf(node.left, expression.left), ...conjunctsOf(node.right, expression.right)];
}

/** An attribute that is read to find out whether the deny is meant. */
interface Read {
  readonly node: ExpressionNode;
  readonly attribute: Attribute;
}

/**
 * The attribute that an operand reads first. Of `!(…)` and `!=` none: there a missing attribute reads as one that is not
 * what it should be, and the deny is meant to apply.
 */
function findRead(node: ExpressionNode, expression: Expression): Read | undefined {
  if (expression.kind === 'attribute')
    return isAlwaysThere(expression) ? undefined : { node, attribute: expression };
  if (node.kind !== 'binary') return undefined;
  switch (expression.kind) {
    case 'or':
      return findRead(node.left, expression.left);
    case 'compare':
      if (expression.operator === '!=') return undefined;
      return findRead(node.left, expression.left) ?? findRead(node.right, expression.right);
    case 'in-list':
      return findRead(node.left, expression.item) ?? findRead(node.right, expression.list);
    case 'in-cidr':
    case 'like':
      return findRead(node.left, expression.item);
    default:
      return undefined;
  }
}

/** Every request has an action; one without subject or resource has no attributes of these to be judged by. */
function isAlwaysThere({ root, path }: Attribute): boolean {
  return root !== 'context' && path.length === 1 && path[0] === 'id';
}

/** Whether an entity gives the attribute to every id that the rule speaks of; taken so, if what else it covers is unknown. */
function isDeclared({ root, path }: Attribute, rule: Rule, { entities }: Model): boolean {
  const ids = idsOf(root, rule);
  if (ids === undefined) return false;
  return ids.every((id) => entities.some((entity) => entity.id === id && hasPath(entity, path)));
}

function isGivenByEntity({ root, path }: Attribute, request: WitnessRequest, { entities }: Model): boolean {
  if (root === 'context') return false;
  return entities.some((entity) => entity.id === request[root] && hasPath(entity, path));
}

/** The only ids that the rule speaks of, or undefined if they are open. */
function idsOf(
  root: Attribute['root'],
  { subjects, resources, actions }: Rule,
): readonly string[] | undefined {
  if (root === 'context') return undefined;
  if (root === 'action') return actions;
  if (root === 'subject')
    return subjects.every((subject) => subject.kind === 'subject') ? subjects.map(({ id }) => id) : undefined;
  return resources.every((resource) => resource.kind === 'literal')
    ? resources.map(({ id }) => id)
    : undefined;
}

function hasPath({ attributes }: Entity, path: readonly string[]): boolean {
  let value: unknown = attributes;
  for (const name of path) {
    if (!(value instanceof Map) || !value.has(name)) return false;
    value = value.get(name);
  }
  return true;
}

function findingOf(
  rule: Rule,
  { tree }: Clause,
  { node, attribute }: Read,
  request: WitnessRequest,
): Reported {
  const text = printExpression(node);
  const whole = printGuard(attribute);
  return {
    file: tree.file,
    span: node.span,
    message: `rule \`${nameOf(rule)}\` denies requests without \`${text}\``,
    label: 'errs where it is missing, and the deny applies',
    help: `write \`${whole} && …\` if only those with it are to be denied; if all others are, say so with \`unless\``,
    proof: { kind: 'witness', request, text: `denied by rule \`${nameOf(rule)}\`: \`${text}\` is missing` },
  };
}

/** `subject has a && subject.a has b` for `subject.a.b`. */
function printGuard({ root, path }: Attribute): string {
  return path
    .map((name, i) =>
      printExpression({
        kind: 'has',
        target: nodeOf(root, path.slice(0, i)),
        name: { text: name, span: nowhere },
        span: nowhere,
      }),
    )
    .join(' && ');
}

const nowhere = { start: 0, end: 0 };

function nodeOf(root: string, path: readonly string[]): ExpressionNode {
  return path.reduce<ExpressionNode>(
    (target, text) => ({ kind: 'attribute', target, name: { text, span: nowhere }, span: nowhere }),
    { kind: 'root', name: root, span: nowhere },
  );
}
