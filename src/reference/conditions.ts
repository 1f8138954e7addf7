import type { AttributeRoot, AttributeValue, Cidr, Constant, Expression, IpAddress } from '../model/model.ts';
import { matchesGlob } from './matching.ts';

export type PlainObject = Readonly<Record<string, unknown>>;

/** What a condition can ask about the request: its attributes by root (S42), and its groups (S47). */
export type Surroundings = { roots: Record<AttributeRoot, PlainObject>; isInGroup(name: string): boolean };

/** Of S40: an ip is the 128 bits of IPv6, a time or duration milliseconds, a list what reads its items. */
type Value = { readonly kind: string; readonly content: unknown };

class ConditionError extends Error {}

/** S41 */
export function evaluateCondition(condition: Expression, surroundings: Surroundings): boolean | 'error' {
  return attempt(() => check('boolean', evaluate(condition, surroundings)));
}

function attempt(action: () => boolean): boolean | 'error' {
  try {
    return action();
  } catch (error) {
    if (error instanceof ConditionError) return 'error';
    throw error;
  }
}

function check<T>(kind: string, value: Value): T {
  if (value.kind !== kind) throw new ConditionError(`${value.kind} instead of ${kind}`);
  return value.content as T;
}

function evaluate(part: Expression, surroundings: Surroundings): Value {
  const read = (inner: Expression) => evaluate(inner, surroundings);
  const test = (inner: Expression) => check<boolean>('boolean', read(inner));
  const boolean = (content: boolean) => ({ kind: 'boolean', content });
  const attributeAt = (path: readonly string[], root: AttributeRoot) =>
    path.reduce<unknown>(attributeOf, surroundings.roots[root]);
  if (part.kind === 'constant') return fromConstant(part.value);
  if (part.kind === 'list') return { kind: 'list', content: () => part.items.map(read) };
  if (part.kind === 'attribute') return fromJson(attributeAt(part.path, part.root));
  if (part.kind === 'has') return boolean(hasAttribute(attributeAt(part.path, part.root), part.name));
  if (part.kind === 'not') return boolean(!test(part.operand));
  if (part.kind === 'compare') return boolean(compare(part.operator, read(part.left), read(part.right)));
  if (part.kind === 'in-list') return boolean(isInList(read(part.item), read(part.list)));
  if (part.kind === 'in-group') return boolean(surroundings.isInGroup(part.group));
  if (part.kind === 'in-cidr') return boolean(isInNetwork(readAs('ip', read(part.item)), part.cidr));
  if (part.kind === 'like') return boolean(matchesGlob(part.glob, check('string', read(part.item))));
  // S44
  return boolean(
    part.kind === 'and' ? test(part.left) && test(part.right) : test(part.left) || test(part.right),
  );
}

function fromConstant(constant: Constant): Value {
  if (constant.kind === 'ip') return { kind: 'ip', content: bitsOf(constant.address) };
  if (constant.kind === 'time') return { kind: 'time', content: constant.epochMs };
  return { kind: constant.kind, content: constant.kind === 'duration' ? constant.ms : constant.value };
}

function fromJson(value: unknown): Value {
  if (Array.isArray(value)) return { kind: 'list', content: () => Array.from(value, fromJson) };
  const isScalar = typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
  return { kind: isScalar ? typeof value : isPlainObject(value) ? 'object' : 'nothing', content: value };
}

export function isPlainObject(value: unknown): value is PlainObject {
  if (typeof value !== 'object' || value === null) return false;
  return [null, Object.prototype].includes(Object.getPrototypeOf(value));
}

/** Entities hold maps where JSON has objects. */
export function toJson(value: AttributeValue): unknown {
  if (Array.isArray(value)) return value.map(toJson);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([name, each]) => [name, toJson(each)]));
}

/** S43 */
function attributeOf(target: unknown, name: string): unknown {
  if (!hasAttribute(target, name)) throw new ConditionError(`no ${name}`);
  return (target as PlainObject)[name];
}

function hasAttribute(target: unknown, name: string): boolean {
  return Object.hasOwn(check<PlainObject>('object', fromJson(target)), name);
}

/** The signs that the difference of the sides may have. */
const SIGNS = { '==': [0], '!=': [-1, 1], '<': [-1], '<=': [-1, 0], '>': [1], '>=': [0, 1] };
const ORDERED = ['number', 'time', 'duration'];
const EQUATED = [...ORDERED, 'string', 'boolean', 'ip'];

/** S45 */
function compare(operator: keyof typeof SIGNS, left: Value, right: Value): boolean {
  const [a, b] = [readAs(right.kind, left), readAs(left.kind, right)];
  const kinds = operator === '==' || operator === '!=' ? EQUATED : ORDERED;
  if (a.kind !== b.kind || !kinds.includes(a.kind))
    throw new ConditionError(`${a.kind} ${operator} ${b.kind}`);
  const [x, y] = [a.content, b.content] as [number, number];
  return SIGNS[operator].includes(Number(x > y) - Number(x < y));
}

/** A string beside an ip, a time or a duration is read as one; any other value stays what it is. */
function readAs(kind: string, value: Value): Value {
  const reader = { ip: readIp, time: readTime, duration: readDuration }[kind];
  const content = value.kind === 'string' ? reader?.(value.content as string) : undefined;
  return content === undefined ? value : { kind, content };
}

/** S46 */
function isInList(item: Value, list: Value): boolean {
  const items = check<() => Value[]>('list', list)();
  const results = items.map((each) => attempt(() => compare('==', item, each)));
  if (results.includes('error') && !results.includes(true)) throw new ConditionError('no comparison');
  return results.includes(true);
}

const MAPPED = '0'.repeat(80) + '1'.repeat(16);

/** S48 */
function isInNetwork(address: Value, { words, prefixLength }: Cidr): boolean {
  const bits = check<string>('ip', address);
  const isIPv4 = words.length === 1;
  const prefix = bitsOf({ words }).slice(0, isIPv4 ? MAPPED.length + prefixLength : prefixLength);
  return bits.startsWith(MAPPED) === isIPv4 && bits.startsWith(prefix);
}

function bitsOf({ words }: IpAddress): string {
  const bits = words.map((word) => (word >>> 0).toString(2).padStart(32, '0')).join('');
  return words.length === 1 ? MAPPED + bits : bits;
}

/** S50: IPv4 as its mapped IPv6. A URL checks and canonicalises what is in brackets. */
function readIp(text: string): string | undefined {
  const url = `http://[${/^\d+(\.\d+){3}$/.test(text) ? '::ffff:' : ''}${text}]`;
  if (!/^[\dA-Fa-f:.]+$/.test(text) || !URL.canParse(url)) return undefined;
  const halves = new URL(url).hostname.slice(1, -1).split('::');
  const [front = [], back = []] = halves.map((half) => half.split(':').filter((group) => group !== ''));
  const groups = [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back];
  return groups.map((group) => Number(`0x${group}`).toString(2).padStart(16, '0')).join('');
}

const TIME =
  /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3])(?::[0-5]\d){2})(\.\d{1,9})?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

function readTime(text: string): number | undefined {
  const [, date = '', clock, fraction = '', zone = ''] = TIME.exec(text) ?? [];
  const midnight = Date.parse(`${date}T00:00Z`);
  // A day that its month lacks is carried into the next month.
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(date)) return undefined;
  return Date.parse(`${date}T${clock}${zone.toUpperCase()}`) + Number(`0${fraction}`) * 1000;
}

const DURATION = /^(-?)(?=\d)(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/;

function readDuration(text: string): number | undefined {
  const [, sign, ...counts] = DURATION.exec(text) ?? [];
  const perUnit = [1, 24, 60, 60, 1000];
  const total = perUnit.reduce((sum, units, i) => sum * units + Number(counts[i] ?? 0), 0);
  return sign === undefined ? undefined : Number(`${sign}1`) * total;
}
