import type { AttributeObject, AttributeRoot, AttributeValue, Expression } from '../model/model.ts';
import { isInCidr, parseIp } from '../values/ip.ts';
import { parseDuration, parseTime } from '../values/time.ts';
import { matchesGlob } from './glob-classes.ts';

/** What a condition can ask: attributes by root (S42), ids among them, and groups (S47). */
export interface Surroundings {
  readonly roots: Readonly<Record<AttributeRoot, AttributeObject>>;
  readonly isInGroup: (name: string) => boolean;
}

export type Truth = 'true' | 'false' | 'error';

/** Of S40: addresses as words, times and durations in milliseconds. */
type Value =
  | { readonly kind: 'json'; readonly value: AttributeValue }
  | { readonly kind: 'ip'; readonly words: readonly number[] }
  | { readonly kind: 'time' | 'duration'; readonly ms: number };

class EvaluationError extends Error {}

/** One for all: a million conditions are tried, and the traces of so many errors would take most of the time. */
const failure = new EvaluationError();

/** What a condition comes to (S41): what is no boolean is an error. */
export function truthOf(condition: Expression, surroundings: Surroundings): Truth {
  return attempt(() => test(condition, surroundings));
}

function attempt(read: () => boolean): Truth {
  try {
    return read() ? 'true' : 'false';
  } catch (error) {
    if (error instanceof EvaluationError) return 'error';
    throw error;
  }
}

function fail(): never {
  throw failure;
}

function test(expression: Expression, surroundings: Surroundings): boolean {
  const value = evaluate(expression, surroundings);
  return value.kind === 'json' && typeof value.value === 'boolean' ? value.value : fail();
}

function evaluate(expression: Expression, surroundings: Surroundings): Value {
  switch (expression.kind) {
    case 'constant':
      return constantOf(expression.value);
    case 'attribute':
      return json(attributeAt(surroundings, expression));
    case 'has':
      return json(objectOf(attributeAt(surroundings, expression)).has(expression.name));
    case 'not':
      return json(!test(expression.operand, surroundings));
    case 'and':
      return json(test(expression.left, surroundings) && test(expression.right, surroundings));
    case 'or':
      return json(test(expression.left, surroundings) || test(expression.right, surroundings));
    case 'compare': {
      const { operator, left, right } = expression;
      return json(compare(operator, evaluate(left, surroundings), evaluate(right, surroundings)));
    }
    case 'in-list':
      return json(isInList(expression, surroundings));
    case 'in-group':
      return json(surroundings.isInGroup(expression.group));
    case 'in-cidr': {
      const item = readAs('ip', evaluate(expression.item, surroundings));
      if (item.kind !== 'ip') return fail();
      const { words, prefixLength } = expression.cidr;
      return json(isInCidr([item.words.length, ...item.words], 0, prefixLength, [words.length, ...words], 0));
    }
    case 'like': {
      const item = evaluate(expression.item, surroundings);
      if (item.kind !== 'json' || typeof item.value !== 'string') return fail();
      return json(matchesGlob(expression.glob, item.value));
    }
    case 'list':
      return fail();
  }
}

function constantOf(constant: Extract<Expression, { kind: 'constant' }>['value']): Value {
  switch (constant.kind) {
    case 'ip':
      return { kind: 'ip', words: constant.address.words };
    case 'time':
      return { kind: 'time', ms: constant.epochMs };
    case 'duration':
      return { kind: 'duration', ms: constant.ms };
    default:
      return json(constant.value);
  }
}

function json(value: AttributeValue): Value {
  return { kind: 'json', value };
}

/** S43 */
function attributeAt(
  { roots }: Surroundings,
  { root, path }: { readonly root: AttributeRoot; readonly path: readonly string[] },
): AttributeValue {
  let value: AttributeValue = roots[root];
  for (const name of path) {
    const target = objectOf(value);
    value = target.has(name) ? target.get(name)! : fail();
  }
  return value;
}

function objectOf(value: AttributeValue): AttributeObject {
  return value instanceof Map ? value : fail();
}

/** A string beside an ip, a time or a duration is read as one (S45). */
function readAs(kind: string, value: Value): Value {
  if (value.kind !== 'json' || typeof value.value !== 'string') return value;
  const text = value.value;
  if (kind === 'ip') {
    const address = parseIp(text);
    return address === undefined ? fail() : { kind, words: address.words };
  }
  if (kind !== 'time' && kind !== 'duration') return value;
  const ms = kind === 'time' ? parseTime(text) : parseDuration(text);
  return ms === undefined ? fail() : { kind, ms };
}

/** S45 */
function compare(operator: string, left: Value, right: Value): boolean {
  const [a, b] = [readAs(right.kind, left), readAs(left.kind, right)];
  const isEquality = operator === '==' || operator === '!=';
  if (isEquality) return areEqual(a, b) === (operator === '==');
  const [x, y] = [orderedOf(a), orderedOf(b)];
  if (x === undefined || y === undefined || a.kind !== b.kind) return fail();
  if (operator === '<') return x < y;
  if (operator === '<=') return x <= y;
  return operator === '>' ? x > y : x >= y;
}

function areEqual(a: Value, b: Value): boolean {
  if (a.kind === 'ip') return b.kind === 'ip' ? a.words.join() === b.words.join() : fail();
  if (a.kind !== b.kind) return fail();
  if (a.kind !== 'json') return a.ms === (b as typeof a).ms;
  const [x, y] = [a.value, (b as typeof a).value];
  if (typeof x !== typeof y || !['string', 'number', 'boolean'].includes(typeof x)) return fail();
  return x === y;
}

function orderedOf(value: Value): number | undefined {
  if (value.kind === 'time' || value.kind === 'duration') return value.ms;
  return value.kind === 'json' && typeof value.value === 'number' ? value.value : undefined;
}

/** S46 */
function isInList(
  { item, list }: Extract<Expression, { kind: 'in-list' }>,
  surroundings: Surroundings,
): boolean {
  const value = evaluate(item, surroundings);
  const items = itemsOf(list, surroundings);
  const found = items.map((each) => attempt(() => compare('==', value, each())));
  if (found.includes('true')) return true;
  return found.includes('error') ? fail() : false;
}

/** Read as a whole before any is compared: an item that errs makes the list err. */
function itemsOf(list: Expression, surroundings: Surroundings): (() => Value)[] {
  if (list.kind === 'list') {
    const values = list.items.map((each) => evaluate(each, surroundings));
    return values.map((value) => () => value);
  }
  const value = evaluate(list, surroundings);
  return value.kind === 'json' && Array.isArray(value.value)
    ? (value.value as readonly AttributeValue[]).map((each) => () => json(each))
    : fail();
}
