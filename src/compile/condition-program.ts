import {
  ATTRIBUTE_ROOTS,
  COMPARISONS,
  OP_ATTRIBUTE,
  OP_BOOLEAN,
  OP_COMPARE,
  OP_DURATION,
  OP_END,
  OP_FALSE,
  OP_HAS,
  OP_IN_CIDR,
  OP_IN_GROUP,
  OP_IN_LIST,
  OP_IP,
  OP_JUMP_IF_FALSE,
  OP_JUMP_IF_TRUE,
  OP_LIKE,
  OP_LIST,
  OP_NOT,
  OP_NUMBER,
  OP_STRING,
  OP_TIME,
  OP_TRUE,
} from '../image/condition-ops.ts';
import type { Constant, Expression } from '../model/model.ts';
import { assertNever } from '../source/invariant.ts';
import { writeGlob } from './glob-program.ts';
import type { TextPool } from './text-pool.ts';
import type { Words } from './words.ts';

/** Where the parts of a program go. */
export interface ConditionTarget {
  readonly programs: Words;
  readonly pool: TextPool;
  readonly numbers: number[];
  readonly classOfGroup: (name: string) => number;
}

/** Writes the program of a condition and returns where it begins. Depth is bounded by the parser (S51). */
export function writeCondition(expression: Expression, target: ConditionTarget): number {
  // Globs lie among the programs too: they are written first, so that the ops of the condition stay in one row.
  const globs = new Map<Expression, number>();
  collectGlobs(expression, target, globs);
  const at = target.programs.length;
  writeExpression(expression, target, globs);
  target.programs.push(OP_BOOLEAN, OP_END);
  return at;
}

function collectGlobs(expression: Expression, target: ConditionTarget, globs: Map<Expression, number>): void {
  if (expression.kind === 'like')
    globs.set(expression, writeGlob(expression.glob, target.programs, target.pool));
  for (const child of childrenOf(expression)) collectGlobs(child, target, globs);
}

function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'list':
      return expression.items;
    case 'not':
      return [expression.operand];
    case 'and':
    case 'or':
    case 'compare':
      return [expression.left, expression.right];
    case 'in-list':
      return [expression.item, expression.list];
    case 'in-cidr':
    case 'like':
      return [expression.item];
    case 'constant':
    case 'attribute':
    case 'has':
    case 'in-group':
      return [];
    default:
      return assertNever(expression);
  }
}

function writeExpression(
  expression: Expression,
  target: ConditionTarget,
  globs: ReadonlyMap<Expression, number>,
): void {
  const { programs, pool } = target;
  switch (expression.kind) {
    case 'constant':
      writeConstant(expression.value, target);
      return;
    case 'list':
      for (const item of expression.items) writeExpression(item, target, globs);
      programs.push(OP_LIST, expression.items.length);
      return;
    case 'attribute':
    case 'has': {
      const names = expression.kind === 'has' ? [...expression.path, expression.name] : expression.path;
      programs.push(
        expression.kind === 'has' ? OP_HAS : OP_ATTRIBUTE,
        ATTRIBUTE_ROOTS.indexOf(expression.root),
        names.length,
      );
      for (const name of names) programs.push(pool.intern(name), name.length);
      return;
    }
    case 'not':
      writeExpression(expression.operand, target, globs);
      programs.push(OP_NOT);
      return;
    case 'and':
    case 'or': {
      writeExpression(expression.left, target, globs);
      const jump = programs.push(expression.kind === 'and' ? OP_JUMP_IF_FALSE : OP_JUMP_IF_TRUE, 0);
      writeExpression(expression.right, target, globs);
      programs.push(OP_BOOLEAN);
      programs.set(jump + 1, programs.length);
      return;
    }
    case 'compare':
      writeExpression(expression.left, target, globs);
      writeExpression(expression.right, target, globs);
      programs.push(OP_COMPARE, COMPARISONS.indexOf(expression.operator));
      return;
    case 'in-list':
      writeExpression(expression.item, target, globs);
      writeExpression(expression.list, target, globs);
      programs.push(OP_IN_LIST);
      return;
    case 'in-group':
      programs.push(OP_IN_GROUP, target.classOfGroup(expression.group));
      return;
    case 'in-cidr':
      writeExpression(expression.item, target, globs);
      programs.push(
        OP_IN_CIDR,
        expression.cidr.prefixLength,
        expression.cidr.words.length,
        ...expression.cidr.words,
      );
      return;
    case 'like':
      writeExpression(expression.item, target, globs);
      programs.push(OP_LIKE, globs.get(expression)!);
      return;
    default:
      assertNever(expression);
  }
}

function writeConstant(value: Constant, { programs, pool, numbers }: ConditionTarget): void {
  switch (value.kind) {
    case 'string':
      programs.push(OP_STRING, pool.intern(value.value), value.value.length);
      return;
    case 'number':
      programs.push(OP_NUMBER, numbers.push(value.value) - 1);
      return;
    case 'boolean':
      programs.push(value.value ? OP_TRUE : OP_FALSE);
      return;
    case 'ip':
      programs.push(OP_IP, value.address.words.length, ...value.address.words);
      return;
    case 'time':
      programs.push(OP_TIME, numbers.push(value.epochMs) - 1);
      return;
    case 'duration':
      programs.push(OP_DURATION, numbers.push(value.ms) - 1);
      return;
    default:
      assertNever(value);
  }
}
