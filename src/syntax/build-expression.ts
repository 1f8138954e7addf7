import type { IToken } from 'chevrotain';
import type { Span } from '../source/span.ts';
import type { BinaryOperator, ExpressionNode, NameNode } from './ast.ts';
import type { ReportProblem } from './problem.ts';
import { tokenEnd } from './tokens.ts';

/** `operator right` behind an operand; with `has` the right side is a name. */
export type Tail =
  | { readonly operator: IToken; readonly right: ExpressionNode }
  | { readonly operator: IToken; readonly name: NameNode };

interface Pending {
  readonly tail: Tail;
  readonly left: ExpressionNode;
}

/** Binding strength: `||` least, then `&&`, then the comparisons, which do not chain. */
function strength(image: string): number {
  return image === '||' ? 1 : image === '&&' ? 2 : comparison;
}
const comparison = 3;

/**
 * Operands and operators, flat as parsed, to a tree. One rule parses all of them, so that a pair of parentheses costs
 * two levels of the stack and not one for every precedence; the operators wait on a list of their own.
 */
export function buildBinary(
  first: ExpressionNode,
  tails: readonly Tail[],
  report: ReportProblem,
): ExpressionNode {
  let current = first;
  const pending: Pending[] = [];
  for (const tail of tails) {
    const power = strength(tail.operator.image);
    while (pending.length > 0 && strength(pending.at(-1)!.tail.operator.image) >= power) {
      const { tail: done, left } = pending.pop()!;
      if (power === comparison) reportChain(tail.operator, report);
      current = combine(left, done, current);
    }
    if ('name' in tail) {
      current = combine(current, tail, current);
      continue;
    }
    pending.push({ tail, left: current });
    current = tail.right;
  }
  while (pending.length > 0) {
    const { tail, left } = pending.pop()!;
    current = combine(left, tail, current);
  }
  return current;
}

function combine(left: ExpressionNode, tail: Tail, right: ExpressionNode): ExpressionNode {
  const start = left.span.start;
  if ('name' in tail) {
    return { kind: 'has', target: left, name: tail.name, span: { start, end: tail.name.span.end } };
  }
  const operator = tail.operator.image as BinaryOperator;
  return { kind: 'binary', operator, left, right, span: { start, end: right.span.end } };
}

function reportChain(operator: IToken, report: ReportProblem): void {
  report({
    code: 'P0004',
    span: { start: operator.startOffset, end: tokenEnd(operator) },
    message: `\`${operator.image}\` after another comparison`,
    label: 'comparisons do not chain',
    help: 'join them with `&&`, or put one in parentheses',
  });
}

const numberForm = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/** The value of a number token; a text that is no finite number is reported and read as 0. */
export function parseNumber(image: string, span: Span, report: ReportProblem): number {
  const value = numberForm.test(image) ? Number(image) : Number.NaN;
  // Minus zero is zero: no comparison tells them apart, and no printer should have to.
  if (Number.isFinite(value)) return value + 0;
  report({
    code: 'P0005',
    span,
    message: `invalid number \`${image}\``,
    help: 'write a decimal number such as `8`, `-3`, `0.5` or `1e6`, without leading zeros and finite',
  });
  return 0;
}

/**
 * A node deeper in the tree than `limit`, or undefined. Walks with a list of its own: a chain of a million `&&` is a
 * tree as deep as it is long, and whoever walks trees later may recurse because this one refuses them.
 */
export function findTooDeep(root: ExpressionNode, limit: number): ExpressionNode | undefined {
  const open: { readonly node: ExpressionNode; readonly depth: number }[] = [{ node: root, depth: 1 }];
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    if (item.depth > limit) return item.node;
    for (const node of childrenOf(item.node)) open.push({ node, depth: item.depth + 1 });
  }
  return undefined;
}

function childrenOf(node: ExpressionNode): readonly ExpressionNode[] {
  switch (node.kind) {
    case 'binary':
      return [node.left, node.right];
    case 'not':
      return [node.operand];
    case 'attribute':
    case 'has':
      return [node.target];
    case 'list':
      return node.items;
    case 'call':
      return node.arguments;
    default:
      return [];
  }
}
