import type { AttributeObject, AttributeRoot, Expression } from '../model/model.ts';
import { type Truth, truthOf } from './evaluate-expression.ts';

/** What is known of a request before it is asked. */
export interface Known {
  /** The ids of roots that are known; undefined for one that the request does not have. */
  readonly ids: ReadonlyMap<AttributeRoot, string | undefined>;
  /** Roots of which every attribute is known, ids among them. */
  readonly closed?: ReadonlyMap<AttributeRoot, AttributeObject>;
  /** The groups that the subject is in; absent: unknown. */
  readonly groups?: ReadonlySet<string>;
}

/**
 * What is left of a condition once what is known is put into it: what it comes to, or a condition that comes to the same
 * for every such request. Attributes stay open unless their root is closed: a request may overlay them (S42).
 */
export function foldCondition(condition: Expression, known: Known): Truth | Expression {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return foldTogether(condition, known);
    case 'not': {
      const operand = foldCondition(condition.operand, known);
      if (operand === 'error') return 'error';
      if (typeof operand === 'string') return operand === 'true' ? 'false' : 'true';
      return operand === condition.operand ? condition : { kind: 'not', operand };
    }
    default:
      return isClosed(condition, known) ? truthOf(condition, surroundingsOf(known)) : condition;
  }
}

/** S44: the left side decides first; a right side that errs does so only if it is reached. */
function foldTogether(
  condition: Extract<Expression, { kind: 'and' | 'or' }>,
  known: Known,
): Truth | Expression {
  const { kind } = condition;
  const [neutral, deciding] = kind === 'and' ? (['true', 'false'] as const) : (['false', 'true'] as const);
  const left = foldCondition(condition.left, known);
  if (left === 'error' || left === deciding) return left;
  const right = foldCondition(condition.right, known);
  if (left === neutral) return right;
  if (right === neutral) return left;
  const rest = typeof right === 'string' ? constantFor(right, condition.right) : right;
  if (left === condition.left && rest === condition.right) return condition;
  return { kind, left: left as Expression, right: rest };
}

function constantFor(truth: Truth, written: Expression): Expression {
  return truth === 'error'
    ? written
    : { kind: 'constant', value: { kind: 'boolean', value: truth === 'true' } };
}

function isClosed(part: Expression, known: Known): boolean {
  const { ids, closed, groups } = known;
  switch (part.kind) {
    case 'constant':
      return true;
    case 'attribute':
      return (
        closed?.has(part.root) === true ||
        (ids.has(part.root) && part.path.length === 1 && part.path[0] === 'id')
      );
    case 'has':
      return (
        closed?.has(part.root) === true ||
        (ids.has(part.root) && part.path.length === 0 && part.name === 'id')
      );
    case 'in-group':
      return groups !== undefined;
    case 'not':
      return isClosed(part.operand, known);
    case 'and':
    case 'or':
    case 'compare':
      return isClosed(part.left, known) && isClosed(part.right, known);
    case 'in-list':
      return isClosed(part.item, known) && isClosed(part.list, known);
    case 'list':
      return part.items.every((item) => isClosed(item, known));
    case 'in-cidr':
    case 'like':
      return isClosed(part.item, known);
  }
}

function surroundingsOf({ ids, closed, groups }: Known): Parameters<typeof truthOf>[1] {
  const rootOf = (root: AttributeRoot): AttributeObject => {
    const whole = closed?.get(root);
    if (whole !== undefined) return whole;
    const id = ids.get(root);
    return new Map(id === undefined ? [] : [['id', id]]);
  };
  return {
    roots: {
      subject: rootOf('subject'),
      action: rootOf('action'),
      resource: rootOf('resource'),
      context: rootOf('context'),
    },
    isInGroup: (name) => groups?.has(name) === true,
  };
}
