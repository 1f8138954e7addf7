import { type Surroundings, truthOf } from '../analysis/evaluate-expression.ts';
import type { AttributeRoot, AttributeValue, Constant, Expression, Glob } from '../model/model.ts';
import { durationText, ipText, timeText } from '../printing/print-condition.ts';
import { valueAt } from './condition-account.ts';

/** A value that a request would have to carry; `undefined` for an attribute that it must not have. */
export interface Assignment {
  readonly root: AttributeRoot;
  readonly path: readonly string[];
  readonly value: AttributeValue | undefined;
}

/**
 * Values with which a condition would come to what is wanted: those that stand in the condition, or lie next to them. Only a
 * proposal: the parts are looked at one by one, and whoever takes them asks again. Undefined where no value helps, or any of
 * many would.
 */
export function satisfy(
  condition: Expression,
  wanted: boolean,
  surroundings: Surroundings,
): readonly Assignment[] | undefined {
  if (truthOf(condition, surroundings) === String(wanted)) return [];
  switch (condition.kind) {
    case 'not':
      return satisfy(condition.operand, !wanted, surroundings);
    case 'and':
    case 'or':
      return satisfyBoth(condition, wanted, surroundings);
    case 'attribute':
      return assign(condition, wanted);
    case 'has':
      return assign(
        { root: condition.root, path: [...condition.path, condition.name] },
        wanted ? true : undefined,
      );
    case 'compare':
      return satisfyComparison(condition, wanted, surroundings);
    case 'in-list':
      return wanted ? satisfyMembership(condition, surroundings) : undefined;
    case 'in-cidr':
      return wanted && condition.item.kind === 'attribute'
        ? assign(condition.item, ipText(condition.cidr))
        : undefined;
    case 'like':
      return wanted && condition.item.kind === 'attribute'
        ? assign(condition.item, exampleOf(condition.glob))
        : undefined;
    default:
      return undefined;
  }
}

function satisfyBoth(
  { kind, left, right }: Extract<Expression, { kind: 'and' | 'or' }>,
  wanted: boolean,
  surroundings: Surroundings,
): readonly Assignment[] | undefined {
  // Of `&&` to be false, and of `||` to be true, one side is enough.
  if ((kind === 'or') === wanted) {
    return satisfy(left, wanted, surroundings) ?? satisfySecond(left, right, wanted, surroundings);
  }
  const first = satisfy(left, wanted, surroundings);
  const second = satisfy(right, wanted, surroundings);
  return first && second && [...first, ...second];
}

/** The right side is looked at only if the left one neither decides nor errs (S44). */
function satisfySecond(
  left: Expression,
  right: Expression,
  wanted: boolean,
  surroundings: Surroundings,
): readonly Assignment[] | undefined {
  const before = satisfy(left, !wanted, surroundings);
  const after = satisfy(right, wanted, surroundings);
  return before && after && [...before, ...after];
}

type AttributePath = Pick<Extract<Expression, { kind: 'attribute' }>, 'root' | 'path'>;

/** Ids are what they are. */
function assign(
  { root, path }: AttributePath,
  value: AttributeValue | undefined,
): readonly Assignment[] | undefined {
  if (path.length === 0 || (root !== 'context' && path[0] === 'id')) return undefined;
  return [{ root, path, value }];
}

const opposites = { '==': '!=', '!=': '==', '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const;
const mirrored = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

function satisfyComparison(
  { operator, left, right }: Extract<Expression, { kind: 'compare' }>,
  wanted: boolean,
  surroundings: Surroundings,
): readonly Assignment[] | undefined {
  const needed = wanted ? operator : opposites[operator];
  if (left.kind === 'attribute') {
    const value = valueBeside(needed, right, surroundings);
    const found = value === undefined ? undefined : assign(left, value);
    if (found !== undefined) return found;
  }
  if (right.kind !== 'attribute') return undefined;
  const value = valueBeside(mirrored[needed], left, surroundings);
  return value === undefined ? undefined : assign(right, value);
}

/** A value that stands so to what the other side is. */
function valueBeside(
  operator: keyof typeof mirrored,
  other: Expression,
  { roots }: Surroundings,
): AttributeValue | undefined {
  if (other.kind === 'attribute') {
    const value = valueAt(roots[other.root], other.path);
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      return undefined;
    const kind = typeof value as 'string' | 'number' | 'boolean';
    return valueFrom(operator, { kind, value } as Constant);
  }
  return other.kind === 'constant' ? valueFrom(operator, other.value) : undefined;
}

function valueFrom(operator: keyof typeof mirrored, constant: Constant): AttributeValue | undefined {
  if (operator === '!=') return constant.kind === 'boolean' ? !constant.value : undefined;
  const step = operator === '<' ? -1 : operator === '>' ? 1 : 0;
  switch (constant.kind) {
    case 'string':
    case 'boolean':
      return step === 0 ? constant.value : undefined;
    case 'number':
      return constant.value + step;
    case 'ip':
      return ipText(constant.address);
    case 'time':
      return timeText(constant.epochMs + step * 1000);
    case 'duration':
      return durationText(constant.ms + step * 1000);
  }
}

function satisfyMembership(
  { item, list }: Extract<Expression, { kind: 'in-list' }>,
  surroundings: Surroundings,
): readonly Assignment[] | undefined {
  if (list.kind === 'list') {
    const [first] = list.items;
    if (item.kind !== 'attribute' || first?.kind !== 'constant') return undefined;
    const value = valueFrom('==', first.value);
    return value === undefined ? undefined : assign(item, value);
  }
  const value = valueBeside('==', item, surroundings);
  return value === undefined || list.kind !== 'attribute' ? undefined : assign(list, [value]);
}

function exampleOf(glob: Glob): string {
  return glob.map((part) => (part.kind === 'text' ? part.text : part.kind === 'unit' ? 'x' : '')).join('');
}
