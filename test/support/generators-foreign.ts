import type { Random } from './generators-random.ts';

/** Values that no JSON has, and a program may put into the attributes of a request all the same. */
const FOREIGN: readonly unknown[] = [
  undefined,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -0,
  7n,
  Symbol.iterator,
  () => true,
  new Date(0),
  new Map([['level', 7]]),
  new String('dev'),
  ['dev', undefined],
  Object.assign(['dev'], { length: 3 }),
];

/** The request with such a value in its context, or among its attributes of the subject, if it has any. */
export function withForeignValue(request: unknown, random: Random): unknown {
  if (!isRecord(request)) return request;
  const { context, attributes } = request;
  const value = random.pick(FOREIGN);
  if (isRecord(context) && random.chance(0.7))
    return { ...request, context: withValue(context, random.pick([...Object.keys(context), 'tags']), value) };
  if (!isRecord(attributes) || !isRecord(attributes.subject)) return request;
  const subject = withValue(attributes.subject, random.pick(['level', 'role', 'constructor', 'id']), value);
  return { ...request, attributes: { ...attributes, subject } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** As an own property, `__proto__` too. */
function withValue(object: object, name: string, value: unknown): object {
  return Object.fromEntries([...Object.entries(object).filter(([key]) => key !== name), [name, value]]);
}
