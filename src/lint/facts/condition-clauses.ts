import type { Expression, Rule } from '../../model/model.ts';
import type { ExpressionNode, PermissionNode, SyntaxTree } from '../../syntax/ast.ts';
import type { RuleSources } from '../rule-sources.ts';
import type { PermissionFinder } from './permission-finder.ts';

/** A `when` or `unless` as it is written, beside what it means; both trees have one shape. */
export interface Clause {
  readonly tree: SyntaxTree;
  readonly keyword: 'when' | 'unless';
  readonly node: ExpressionNode;
  readonly expression: Expression;
  /** What it stands in, if that is a permission. */
  readonly permission?: PermissionNode;
}

type Conditional = Pick<PermissionNode, 'when' | 'unless'>;

/** The parts of a rule's condition, in the order in which they are evaluated: those of the grant, then of the permission. */
export function clausesOf(rule: Rule, sources: RuleSources, finder: PermissionFinder): readonly Clause[] {
  const { condition } = rule;
  if (condition === undefined) return [];
  const source = sources.of(rule);
  const found = finder.find(rule);
  if (source?.kind !== 'grant') {
    return found === undefined ? [] : split(condition, found.permission, found.tree, found.permission);
  }
  if (!isConditional(source.statement))
    return found === undefined ? [] : split(condition, found.permission, found.tree, found.permission);
  const ofGrant = (expression: Expression): readonly Clause[] =>
    split(expression, source.statement, source.tree, undefined);
  if (found === undefined) return [];
  if (!isConditional(found.permission)) return ofGrant(condition);
  if (condition.kind !== 'and') return [];
  return [
    ...ofGrant(condition.left),
    ...split(condition.right, found.permission, found.tree, found.permission),
  ];
}

function isConditional({ when, unless }: Conditional): boolean {
  return when !== undefined || unless !== undefined;
}

/** S41: `when && !unless`, a missing part left out. */
function split(
  condition: Expression,
  { when, unless }: Conditional,
  tree: SyntaxTree,
  permission: PermissionNode | undefined,
): readonly Clause[] {
  const context = { tree, ...(permission === undefined ? {} : { permission }) };
  const both = when !== undefined && unless !== undefined;
  if (both && condition.kind !== 'and') return [];
  const first = both && condition.kind === 'and' ? condition.left : condition;
  const last = both && condition.kind === 'and' ? condition.right : condition;
  const clauses: Clause[] = [];
  if (when !== undefined) clauses.push({ ...context, keyword: 'when', node: when, expression: first });
  if (unless !== undefined && last.kind === 'not')
    clauses.push({ ...context, keyword: 'unless', node: unless, expression: last.operand });
  return clauses;
}
