import type { Expression } from '../model/model.ts';

/** A condition with one thing in it changed. */
export interface ConditionVariant {
  readonly condition: Expression;
  /** What was done to it, in words that stand behind the place of the rule. */
  readonly words: string;
}

/**
 * Every condition that differs from this one in one place: a part of `&&` or `||` left out, a limit taken in or left out,
 * an equality turned round, an item of a list left out. Recursion follows the tree, which is at most 256 deep (S51).
 */
export function conditionVariants(condition: Expression): ConditionVariant[] {
  return [...ownVariants(condition), ...innerVariants(condition)];
}

const otherOperators = { '<': '<=', '<=': '<', '>': '>=', '>=': '>', '==': '!=', '!=': '==' } as const;

function ownVariants(expression: Expression): ConditionVariant[] {
  switch (expression.kind) {
    case 'and':
    case 'or': {
      const words = `a part of \`${expression.kind === 'and' ? '&&' : '||'}\` left out`;
      return [expression.left, expression.right].map((condition) => ({ condition, words }));
    }
    case 'compare': {
      const operator = otherOperators[expression.operator];
      const words = `\`${expression.operator}\` turned into \`${operator}\``;
      return [{ condition: { ...expression, operator }, words }];
    }
    case 'in-list':
      return shorterLists(expression.list).map((list) => ({
        condition: { ...expression, list },
        words: 'an item of the list left out',
      }));
    default:
      return [];
  }
}

function shorterLists(list: Expression): Expression[] {
  if (list.kind !== 'list' || list.items.length < 2) return [];
  return list.items.map((_, left) => ({ ...list, items: list.items.filter((_, i) => i !== left) }));
}

function innerVariants(expression: Expression): ConditionVariant[] {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return [
        ...conditionVariants(expression.left).map(({ condition, words }) => ({
          condition: { ...expression, left: condition },
          words,
        })),
        ...conditionVariants(expression.right).map(({ condition, words }) => ({
          condition: { ...expression, right: condition },
          words,
        })),
      ];
    case 'not':
      return conditionVariants(expression.operand).map(({ condition, words }) => ({
        condition: { ...expression, operand: condition },
        words,
      }));
    default:
      return [];
  }
}
