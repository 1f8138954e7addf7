import { assertNever } from '../source/invariant.ts';
import type { Span } from '../source/span.ts';
import type { DataNode, ExpressionNode, ObjectNode } from './ast.ts';
import { printKey, printString } from './print-text.ts';

/** How tightly an expression holds together; a looser one in a tighter place needs parentheses. */
const strengths = { or: 1, and: 2, comparison: 3, not: 4, primary: 5 } as const;

const bareGroup = /^[A-Za-z0-9_.@+~$-]+$/;

/** A condition with no more parentheses than it needs. Recursion follows the tree, which is at most 256 deep (S51). */
export function printExpression(expression: ExpressionNode): string {
  switch (expression.kind) {
    case 'string':
      return printString(expression.value);
    case 'number':
    case 'boolean':
      return String(expression.value);
    case 'list':
      return `[${expression.items.map(printExpression).join(', ')}]`;
    case 'call':
      return `${expression.callee.text}(${expression.arguments.map(printExpression).join(', ')})`;
    case 'root':
      return expression.name;
    case 'attribute':
      return `${printTarget(expression.target)}.${printKey(expression.name)}`;
    case 'has':
      return `${printAtLeast(expression.target, strengths.not)} has ${printKey(expression.name)}`;
    case 'not':
      return `!${printAtLeast(expression.operand, strengths.not)}`;
    case 'binary':
      return printBinary(expression);
    case 'group':
      return `group:${bareGroup.test(expression.name) ? expression.name : printString(expression.name)}`;
    default:
      return assertNever(expression);
  }
}

/** `&&` and `||` associate to the left; comparisons do not associate, so both sides of one hold tighter. */
function printBinary(expression: Extract<ExpressionNode, { kind: 'binary' }>): string {
  const strength = strengthOf(expression);
  const left = printAtLeast(expression.left, strength === strengths.comparison ? strengths.not : strength);
  const right = printAtLeast(expression.right, strength + 1);
  return `${left} ${expression.operator} ${right}`;
}

/** A condition in pieces: the operands of its outermost `&&` or `||`, each but the first with the operator before it. */
export function printOperands(expression: ExpressionNode): { readonly text: string; readonly span: Span }[] {
  if (expression.kind !== 'binary' || strengthOf(expression) >= strengths.comparison)
    return [{ text: printExpression(expression), span: expression.span }];
  const { operator } = expression;
  const strength = strengthOf(expression);
  const operands: { text: string; span: Span }[] = [];
  let left: ExpressionNode = expression;
  while (left.kind === 'binary' && left.operator === operator) {
    operands.push({ text: `${operator} ${printAtLeast(left.right, strength + 1)}`, span: left.right.span });
    left = left.left;
  }
  operands.push({ text: printAtLeast(left, strength), span: left.span });
  return operands.reverse();
}

/** `(5).x`, `(group:a).x`: a number and the name of a group would take the dot for their own. */
function printTarget(target: ExpressionNode): string {
  const text = printAtLeast(target, strengths.primary);
  return target.kind === 'number' || target.kind === 'group' ? `(${text})` : text;
}

function printAtLeast(expression: ExpressionNode, strength: number): string {
  const text = printExpression(expression);
  return strengthOf(expression) < strength ? `(${text})` : text;
}

function strengthOf(expression: ExpressionNode): number {
  switch (expression.kind) {
    case 'binary':
      if (expression.operator === '||') return strengths.or;
      return expression.operator === '&&' ? strengths.and : strengths.comparison;
    case 'has':
      return strengths.comparison;
    case 'not':
      return strengths.not;
    default:
      return strengths.primary;
  }
}

/** Data on one line. Recursion follows its nesting, which the parser limits. */
export function printData(data: DataNode): string {
  switch (data.kind) {
    case 'string':
      return printString(data.value);
    case 'number':
    case 'boolean':
      return String(data.value);
    case 'null':
      return 'null';
    case 'list':
      return `[${data.items.map(printData).join(', ')}]`;
    case 'object':
      return printObject(data);
    default:
      return assertNever(data);
  }
}

/** `{ a: 1, b: 2 }` on one line. */
export function printObject({ entries }: ObjectNode): string {
  return entries.length === 0 ? '{}' : `{ ${entries.map(printEntry).join(', ')} }`;
}

/** `key: value` */
export function printEntry({ key, value }: ObjectNode['entries'][number]): string {
  return `${printKey(key)}: ${printData(value)}`;
}
