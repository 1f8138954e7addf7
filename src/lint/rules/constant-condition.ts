import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { Expression, Rule } from '../../model/model.ts';
import type { Span } from '../../source/span.ts';
import type { ExpressionNode, SyntaxTree } from '../../syntax/ast.ts';
import { printExpression } from '../../syntax/print-expression.ts';
import { type Clause, clausesOf } from '../facts/condition-clauses.ts';
import { coveredBy, nameOf } from '../facts/name-rule.ts';
import { PermissionFinder } from '../facts/permission-finder.ts';
import { defineRule, type PolicyContext, type Reported } from '../rule.ts';

export const constantCondition = defineRule({
  id: 'constant-condition',
  summary: 'a condition, or a part of one, that is always true or never',
  category: 'correctness',
  presets: { recommended: 'warning', strict: 'warning' },
  isProved: true,
  check: { of: 'policy', run: reportConstants },
});

function reportConstants(context: PolicyContext): void {
  const { model, sources, trees, analysis, report } = context;
  const constantOf = remember((expression) => analysis.constantValueOf(expression));
  const finder = new PermissionFinder(trees, sources);
  // A role's condition is met again with every grant.
  const seen = new Set<ExpressionNode>();
  for (const rule of model.rules) {
    if (rule.condition === undefined) continue;
    const clauses = clausesOf(rule, sources, finder);
    const fresh = clauses.filter(({ node }) => !seen.has(node));
    for (const { node } of fresh) seen.add(node);
    const found = fresh.flatMap((clause) =>
      findConstants(clause.node, clause.expression, constantOf).map((part) =>
        findingOf({ context, constantOf, rule, clause, part }),
      ),
    );
    for (const finding of found) report(finding);
    if (found.length === 0 && fresh.length > 1 && constantOf(rule.condition) === false)
      report(contradictionOf(context, rule, fresh));
  }
}

/** The value that an expression always has, or undefined. */
type ValueOf = (expression: Expression) => boolean | undefined;

/** Policies repeat their conditions, and to decide one takes a while. */
function remember(constantOf: ValueOf): ValueOf {
  const known = new Map<string, boolean | undefined>();
  return (expression) => {
    const key = JSON.stringify(expression);
    if (!known.has(key)) known.set(key, constantOf(expression));
    return known.get(key);
  };
}

/** A part of a condition that has always the same value. */
interface Part {
  readonly node: ExpressionNode;
  readonly expression: Expression;
  readonly value: boolean;
}

/** The outermost parts with one value; where one operand alone is the reason, that operand. */
function findConstants(node: ExpressionNode, expression: Expression, constantOf: ValueOf): readonly Part[] {
  const value = constantOf(expression);
  const operands = operandsOf(node, expression);
  if (value === undefined)
    return operands.flatMap((each) => findConstants(each.node, each.expression, constantOf));
  const decides = expression.kind === 'and' ? value === false : expression.kind === 'or' && value;
  const reason = decides ? operands.find((each) => constantOf(each.expression) === value) : undefined;
  return reason === undefined
    ? [{ node, expression, value }]
    : findConstants(reason.node, reason.expression, constantOf);
}

function operandsOf(node: ExpressionNode, expression: Expression): readonly Omit<Part, 'value'>[] {
  if (node.kind === 'not' && expression.kind === 'not')
    return [{ node: node.operand, expression: expression.operand }];
  if (node.kind === 'binary' && (expression.kind === 'and' || expression.kind === 'or'))
    return [
      { node: node.left, expression: expression.left },
      { node: node.right, expression: expression.right },
    ];
  return [];
}

interface Found {
  readonly context: PolicyContext;
  readonly constantOf: ValueOf;
  readonly rule: Rule;
  readonly clause: Clause;
  readonly part: Part;
}

function findingOf(found: Found): Reported {
  const { rule, clause, part } = found;
  const text = printExpression(part.node);
  const effect = effectOn(found);
  const fix = fixOf(found, effect);
  return {
    file: clause.tree.file,
    span: part.node.span,
    message: `\`${text}\` is ${part.value ? 'always true' : 'never true'}${effect === undefined ? '' : `, so ${effect.text}`}`,
    help: `write what was meant${effect === undefined ? ', or delete that part' : effect.remedy}`,
    proof: coveredBy(
      [rule],
      `\`${text}\` is true for ${part.value ? 'all values' : 'no value'} of its attributes`,
    ),
    ...(fix === undefined ? {} : { fix }),
  };
}

interface Effect {
  readonly text: string;
  /** What else than mending the condition would do, as the end of a sentence. */
  readonly remedy: string;
  /** The rule never applies. */
  readonly isDead?: true;
  /** The rule applies as without the clause. */
  readonly isIdle?: true;
}

/** What the whole clause does to its rule. An error makes a deny apply, so one that can err is never dead (S41). */
function effectOn({ constantOf, rule, clause }: Found): Effect | undefined {
  const { keyword, expression } = clause;
  const holds: Expression = keyword === 'when' ? expression : { kind: 'not', operand: expression };
  const fails: Expression = { kind: 'not', operand: holds };
  if (constantOf(holds) === true)
    return {
      text: `the \`${keyword}\` changes nothing`,
      remedy: `, or delete the \`${keyword}\``,
      isIdle: true,
    };
  const isNever = constantOf(holds) === false;
  if (isNever && (rule.effect === 'allow' || constantOf(fails) === true))
    return {
      text: `rule \`${nameOf(rule)}\` never applies`,
      remedy: `, or delete the ${nounFor(rule, clause)}`,
      isDead: true,
    };
  if (!isNever) return undefined;
  return {
    text: `rule \`${nameOf(rule)}\` denies only where it errs`,
    remedy: ': an attribute that is missing, or of another type, makes a deny apply',
  };
}

/** What never applies with the clause. */
function nounFor(rule: Rule, { permission }: Clause): string {
  if (rule.role === undefined) return 'rule';
  return permission === undefined ? 'grant' : 'permission';
}

function fixOf(found: Found, effect: Effect | undefined): Fix | undefined {
  const { context, rule, clause } = found;
  if (effect === undefined) return simplify(found);
  if (effect.isIdle) return withoutClause(clause);
  if (!effect.isDead || rule.role !== undefined) return undefined;
  const span = context.sources.spanToDelete(rule);
  return span === undefined ? undefined : { safety: 'safe', edits: [{ span, newText: '' }] };
}

/** Deletes the only clause of a permission; where there is a comment within, or another clause, nothing. */
function withoutClause({ tree, permission }: Clause): Fix | undefined {
  if (permission === undefined || (permission.when !== undefined && permission.unless !== undefined))
    return undefined;
  const span = { start: permission.resource.span.end, end: permission.span.end };
  if (hasComment(tree, span)) return undefined;
  return { safety: 'safe', edits: [{ span, newText: '' }] };
}

/** The condition without a part that changes nothing in it: a true operand of `&&`, a false one of `||`. */
function simplify({ constantOf, clause, part }: Found): Fix | undefined {
  const { node, tree } = clause;
  // One that is never true may err, and what stands beside it then counts for nothing (S44). Without it that counts.
  const canErr = !part.value && constantOf({ kind: 'not', operand: part.expression }) !== true;
  const simpler = withoutPart(node, part);
  const span = spanWithParentheses(tree.text, node.span);
  if (simpler === undefined || hasComment(tree, span)) return undefined;
  return {
    safety: canErr ? 'review' : 'safe',
    edits: [{ span, newText: printExpression(simpler) }],
  };
}

/** Of a whole condition: the nodes of `(a) && (b)` begin and end within the parentheses. */
function spanWithParentheses(text: string, { start, end }: Span): Span {
  let first = start;
  for (let i = start - 1; isBlankOr('(', text[i]); i--) if (text[i] === '(') first = i;
  let last = end;
  for (let i = end; isBlankOr(')', text[i]); i++) if (text[i] === ')') last = i + 1;
  return { start: first, end: last };
}

function isBlankOr(parenthesis: string, unit: string | undefined): boolean {
  return unit === parenthesis || unit === ' ' || unit === '\t' || unit === '\n' || unit === '\r';
}

function hasComment({ comments }: SyntaxTree, { start, end }: Span): boolean {
  return comments.some(({ span }) => span.start >= start && span.end <= end);
}

function withoutPart(node: ExpressionNode, part: Part): ExpressionNode | undefined {
  if (node.kind !== 'binary') return undefined;
  const { operator, left, right } = node;
  if (operator !== '&&' && operator !== '||') return undefined;
  const isNeutral = part.value ? operator === '&&' : operator === '||';
  if (left === part.node) return isNeutral ? right : undefined;
  if (right === part.node) return isNeutral ? left : undefined;
  const simplerLeft = withoutPart(left, part);
  if (simplerLeft !== undefined) return { ...node, left: simplerLeft };
  const simplerRight = withoutPart(right, part);
  return simplerRight === undefined ? undefined : { ...node, right: simplerRight };
}

/** Each clause by itself may hold, both together never. */
function contradictionOf({ sources }: PolicyContext, rule: Rule, clauses: readonly Clause[]): Reported {
  const last = clauses.at(-1)!;
  const [first] = clauses;
  const span = rule.effect === 'allow' && rule.role === undefined ? sources.spanToDelete(rule) : undefined;
  return {
    file: last.tree.file,
    span: last.node.span,
    message: `the conditions of rule \`${nameOf(rule)}\` never hold together`,
    related: [{ file: first!.tree.file, span: first!.node.span, text: 'the other condition' }],
    help: 'write what was meant, or delete the rule',
    proof: coveredBy([rule], 'one of its conditions fails for every value of their attributes'),
    ...(span === undefined ? {} : { fix: { safety: 'safe', edits: [{ span, newText: '' }] } }),
  };
}
