import { type Surroundings, type Truth, truthOf } from '../analysis/evaluate-expression.ts';
import type { AttributeObject, AttributeRoot, AttributeValue, Expression } from '../model/model.ts';
import { printAttributeName, printCondition } from '../printing/print-condition.ts';
import type { AttributeRead, ConditionAccount, ConditionPart } from './answer.ts';
import { toJson } from './surroundings.ts';

/** What a condition comes to, and by which of its parts. */
export function accountOfCondition(condition: Expression, surroundings: Surroundings): ConditionAccount {
  return {
    text: printCondition(condition),
    outcome: truthOf(condition, surroundings),
    parts: partsOf(condition, surroundings),
  };
}

/** The smallest parts on which what a condition comes to rests. At most 256 deep (S51). */
function partsOf(expression: Expression, surroundings: Surroundings): readonly ConditionPart[] {
  const outcome = truthOf(expression, surroundings);
  switch (expression.kind) {
    case 'not':
      return isCompound(expression.operand)
        ? partsOf(expression.operand, surroundings)
        : [partOf(expression, outcome, surroundings)];
    case 'and':
    case 'or': {
      const { left, right } = expression;
      const first = truthOf(left, surroundings);
      const decides: Truth = expression.kind === 'and' ? 'false' : 'true';
      // The right side counts only if the left one has not decided (S44).
      if (first === decides || first === 'error') return partsOf(left, surroundings);
      const rest = partsOf(right, surroundings);
      return outcome === decides || outcome === 'error' ? rest : [...partsOf(left, surroundings), ...rest];
    }
    default:
      return [partOf(expression, outcome, surroundings)];
  }
}

function isCompound({ kind }: Expression): boolean {
  return kind === 'and' || kind === 'or' || kind === 'not';
}

function partOf(expression: Expression, outcome: Truth, surroundings: Surroundings): ConditionPart {
  return { text: printCondition(expression), outcome, reads: readsOf(expression, surroundings) };
}

/** Every attribute that a part reads, each once. */
function readsOf(expression: Expression, { roots }: Surroundings): readonly AttributeRead[] {
  const reads = new Map<string, AttributeRead>();
  for (const { root, path } of attributesIn(expression)) {
    const text = [root, ...path.map(printAttributeName)].join('.');
    const value = valueAt(roots[root], path);
    reads.set(
      text,
      value === undefined
        ? { path: text, isMissing: true }
        : { path: text, isMissing: false, value: toJson(value) },
    );
  }
  return [...reads.values()];
}

interface AttributePath {
  readonly root: AttributeRoot;
  readonly path: readonly string[];
}

function attributesIn(expression: Expression): AttributePath[] {
  switch (expression.kind) {
    case 'attribute':
      return [expression];
    case 'has':
      return [{ root: expression.root, path: [...expression.path, expression.name] }];
    case 'not':
      return attributesIn(expression.operand);
    case 'and':
    case 'or':
    case 'compare':
      return [...attributesIn(expression.left), ...attributesIn(expression.right)];
    case 'in-list':
      return [...attributesIn(expression.item), ...attributesIn(expression.list)];
    case 'in-cidr':
    case 'like':
      return attributesIn(expression.item);
    case 'list':
      return expression.items.flatMap(attributesIn);
    default:
      return [];
  }
}

/** Undefined if it is not there. */
export function valueAt(root: AttributeObject, path: readonly string[]): AttributeValue | undefined {
  let value: AttributeValue | undefined = root;
  for (const name of path)
    value = value instanceof Map ? (value.get(name) as AttributeValue | undefined) : undefined;
  return value;
}
