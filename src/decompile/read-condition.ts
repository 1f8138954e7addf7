import * as ops from '../image/condition-ops.ts';
import { type Image, textAt } from '../image/image.ts';
import { checkSection, ImageError } from '../image/image-error.ts';
import type { AttributeRoot, Expression } from '../model/model.ts';
import { readGlob } from './read-glob.ts';

/** Conditions nest at most 256 deep (S51), and no part of one becomes more than three steps of a program. */
const MAX_DEPTH = 1024;

/** A part of a condition on the stack, and how deep it is. */
interface Part {
  readonly expression: Expression;
  readonly depth: number;
}

/** Where a program is being read. */
interface Position {
  at: number;
}

/** What the programs of an image refer to. */
export interface ConditionSource {
  readonly image: Image;
  /** The name of a group, by its class. */
  readonly groupOfClass: (group: number) => string;
}

/**
 * The condition that has been compiled to a program: one of which the compiler makes the same words. Where two expressions
 * have one program (`a == "x"` and `a in ["x"]`), it is the plainer one.
 *
 * @param at  where in `programs` it begins
 * @throws {ImageError} if it is no program that the compiler writes
 */
export function readCondition(source: ConditionSource, at: number): Expression {
  const { expression } = readProgram(source, at);
  return withoutChecks(expression);
}

/** Reads to the end of the program: all of it comes to one value. */
function readProgram(source: ConditionSource, at: number): Part {
  const position = { at };
  const { programs } = source.image;
  const stack: Part[] = [];
  /** A conjunction or disjunction is read from its jump on, together with what stands between the jump and its target. */
  const waiting: {
    readonly kind: 'and' | 'or';
    readonly left: Part;
    readonly end: number;
    readonly height: number;
  }[] = [];
  for (;;) {
    let open = waiting.at(-1);
    for (; open !== undefined && open.end === position.at; open = waiting.at(-1)) {
      checkSection('programs', stack.length === open.height + 1);
      const right = stack.pop()!;
      const { kind, left } = open;
      stack.push(join({ kind, left: left.expression, right: right.expression }, left, right));
      waiting.pop();
    }
    checkSection('programs', open === undefined || position.at < open.end);
    const op = programs[position.at];
    if (op === ops.OP_END) break;
    if (op === ops.OP_JUMP_IF_FALSE || op === ops.OP_JUMP_IF_TRUE) {
      const target = position.at + 2 + programs[position.at + 1]!;
      checkSection('programs', stack.length > 0 && target > position.at + 2 && target < programs.length);
      const kind = op === ops.OP_JUMP_IF_FALSE ? 'and' : 'or';
      waiting.push({ kind, left: stack.pop()!, end: target, height: stack.length });
      position.at += 2;
    } else stack.push(readStep(source, position, stack));
  }
  checkSection('programs', stack.length === 1 && waiting.length === 0);
  return stack[0]!;
}

/** Reads one op that takes its operands from the stack, and gives what it leaves there. */
function readStep({ image, groupOfClass }: ConditionSource, position: Position, stack: Part[]): Part {
  const { programs } = image;
  const { at } = position;
  const operand = programs[at + 1]!;
  const pop = (): Part => {
    checkSection('programs', stack.length > 0);
    return stack.pop()!;
  };
  const text = (i: number): Expression => ({
    kind: 'constant',
    value: { kind: 'string', value: textAt(image, programs[i]!, programs[i + 1]!) },
  });
  position.at += 2;
  switch (programs[at]) {
    case ops.OP_BOOLEAN:
      return join({ kind: 'constant', value: { kind: 'boolean', value: operand === 1 } });
    case ops.OP_NUMBER:
      return join(numberAt(image, operand));
    case ops.OP_STRING:
      position.at++;
      return join(text(at + 1));
    case ops.OP_SPECIAL:
      position.at++;
      return join(specialAt(image, operand, programs[at + 2]!));
    case ops.OP_ATTRIBUTE:
      return join({ kind: 'attribute', ...pathAt(image, operand) });
    case ops.OP_HAS: {
      const { root, path } = pathAt(image, operand);
      checkSection('programs', path.length > 0);
      return join({ kind: 'has', root, path: path.slice(0, -1), name: path.at(-1)! });
    }
    case ops.OP_NOT: {
      const part = pop();
      return join(negation(part.expression), part);
    }
    case ops.OP_COMPARE: {
      const operator = (['==', '!=', '<', '<=', '>', '>='] as const).find(
        (each) => ops.SIGNS[each] === (operand & ((1 << ops.SIGN_BITS) - 1)),
      );
      checkSection('programs', operator !== undefined);
      const number = operand >> ops.SIGN_BITS;
      const right = number === 0 ? pop() : join(numberAt(image, number - 1));
      const left = pop();
      const sides = { left: left.expression, right: right.expression };
      return join({ kind: 'compare', operator: operator!, ...sides }, left, right);
    }
    case ops.OP_IN_LIST: {
      const list = pop();
      const item = pop();
      return join({ kind: 'in-list', item: item.expression, list: list.expression }, item, list);
    }
    case ops.OP_IN_ITEMS: {
      checkSection('programs', operand >= 0 && operand < stack.length);
      const items = stack.splice(stack.length - operand, operand);
      const item = pop();
      const list: Expression = { kind: 'list', items: items.map(({ expression }) => expression) };
      return join({ kind: 'in-list', item: item.expression, list }, item, ...items);
    }
    case ops.OP_IN_TEXTS: {
      const item = pop();
      checkSection('programs', operand > 0 && position.at + operand * 2 <= programs.length);
      const texts = Array.from({ length: operand }, (_, i) => text(at + 2 + i * 2));
      position.at += operand * 2;
      if (operand === 1)
        return join({ kind: 'compare', operator: '==', left: item.expression, right: texts[0]! }, item);
      return join({ kind: 'in-list', item: item.expression, list: { kind: 'list', items: texts } }, item);
    }
    case ops.OP_TEXT_IN_LIST: {
      position.at++;
      const list = pop();
      return join({ kind: 'in-list', item: text(at + 1), list: list.expression }, list);
    }
    case ops.OP_IN_GROUP:
      return join({ kind: 'in-group', group: groupOfClass(operand) });
    case ops.OP_IN_CIDR: {
      const item = pop();
      const words = [...programs.subarray(at + 3, at + 3 + programs[at + 2]!)];
      checkSection('programs', words.length === 1 || words.length === 4);
      position.at += 1 + words.length;
      return join(inCidr(item.expression, operand, words), item);
    }
    case ops.OP_LIKE: {
      const item = pop();
      return join({ kind: 'like', item: item.expression, glob: readGlob(image, operand) }, item);
    }
    default:
      throw new ImageError('inconsistent', `no op of a condition has the number ${programs[at]}`);
  }
}

function join(expression: Expression, ...parts: readonly Part[]): Part {
  const depth = 1 + Math.max(0, ...parts.map((part) => part.depth));
  checkSection('programs', depth <= MAX_DEPTH);
  return { expression, depth };
}

/** `a != "x"` is written as `!(a == "x")`. */
function negation(operand: Expression): Expression {
  if (operand.kind === 'compare' && operand.operator === '==' && isWrittenAsEquation(operand))
    return { ...operand, operator: '!=' };
  return { kind: 'not', operand };
}

/** Whether the comparison has an op of its own, which knows no `!=`. */
function isWrittenAsEquation({ left, right }: Extract<Expression, { kind: 'compare' }>): boolean {
  return (
    left.kind === 'attribute' &&
    right.kind === 'constant' &&
    (right.value.kind === 'string' || right.value.kind === 'ip')
  );
}

/** `x == ip("…")` is written as the block of that address alone. */
function inCidr(item: Expression, prefixLength: number, words: readonly number[]): Expression {
  if (item.kind !== 'attribute' || prefixLength !== words.length * 32)
    return { kind: 'in-cidr', item, cidr: { words, prefixLength } };
  const right: Expression = { kind: 'constant', value: { kind: 'ip', address: { words } } };
  return { kind: 'compare', operator: '==', left: item, right };
}

/**
 * What has to be a boolean and may be none is negated twice, at the end and on the right of `&&` and `||`: the compiler does so again.
 */
function withoutChecks(expression: Expression): Expression {
  return withoutInnerChecks(withoutCheck(expression));
}

function withoutInnerChecks(expression: Expression): Expression {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return {
        ...expression,
        left: withoutInnerChecks(expression.left),
        right: withoutChecks(expression.right),
      };
    case 'compare':
      return {
        ...expression,
        left: withoutInnerChecks(expression.left),
        right: withoutInnerChecks(expression.right),
      };
    case 'not':
      return { kind: 'not', operand: withoutInnerChecks(expression.operand) };
    case 'in-list':
      return {
        ...expression,
        item: withoutInnerChecks(expression.item),
        list: withoutInnerChecks(expression.list),
      };
    case 'list':
      return { kind: 'list', items: expression.items.map(withoutInnerChecks) };
    case 'in-cidr':
    case 'like':
      return { ...expression, item: withoutInnerChecks(expression.item) };
    default:
      return expression;
  }
}

function withoutCheck(expression: Expression): Expression {
  if (expression.kind !== 'not' || expression.operand.kind !== 'not') return expression;
  const { operand } = expression.operand;
  return ['constant', 'list', 'attribute'].includes(operand.kind) ? operand : expression;
}

function numberAt({ numbers }: Image, at: number): Expression {
  const value = numbers[at];
  checkSection('programs', value !== undefined);
  // A list that stands elsewhere than behind `in` is equal to nothing, whatever is in it.
  if (Number.isNaN(value)) return { kind: 'list', items: [] };
  return { kind: 'constant', value: { kind: 'number', value: value! } };
}

function specialAt({ numbers }: Image, kind: number, at: number): Expression {
  const values = [...numbers.subarray(at + 1, at + 1 + (numbers[at] ?? 0))];
  checkSection('programs', values.length > 0 && values.length <= 4);
  if (kind === ops.SPECIAL_IP) return { kind: 'constant', value: { kind: 'ip', address: { words: values } } };
  if (kind === ops.SPECIAL_TIME) return { kind: 'constant', value: { kind: 'time', epochMs: values[0]! } };
  checkSection('programs', kind === ops.SPECIAL_DURATION);
  return { kind: 'constant', value: { kind: 'duration', ms: values[0]! } };
}

function pathAt(image: Image, at: number): { root: AttributeRoot; path: readonly string[] } {
  const { programs } = image;
  const root = ops.ATTRIBUTE_ROOTS[programs[at + ops.PATH_ROOT]!];
  const count = programs[at + ops.PATH_COUNT]!;
  const names = at + ops.PATH_NAMES;
  checkSection(
    'programs',
    root !== undefined && count >= 0 && names + count * ops.NAME_OF_PATH_SIZE <= programs.length,
  );
  const path = Array.from({ length: count }, (_, i) => {
    const name = names + i * ops.NAME_OF_PATH_SIZE;
    return textAt(image, programs[name + 1]!, programs[name + 2]!);
  });
  return { root: root!, path };
}
