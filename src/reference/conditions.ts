import type { AttributeRoot, AttributeValue, Constant, Expression, IpAddress } from '../model/model.ts';
import { matchesGlob } from './matching.ts';

export type PlainObject = Readonly<Record<string, unknown>>;

/** What a condition can ask about the request. */
export interface Surroundings {
  /** `subject.id` and its like; undefined if the request has none. */
  readonly ids: Readonly<Record<AttributeRoot, string | undefined>>;
  /** Attributes by root, those that overlay others first (S42). */
  readonly layers: Readonly<Record<AttributeRoot, readonly PlainObject[]>>;
  readonly isInGroup: (group: string) => boolean;
}

class ConditionError extends Error {}

/** A value that JSON lacks: an ip as a string of its bits, a time or duration in milliseconds. */
class Special {
  readonly kind: string;
  readonly content: string | number;
  constructor(kind: string, content: string | number) {
    this.kind = kind;
    this.content = content;
  }
}

/** S41 */
export function evaluateCondition(condition: Expression, surroundings: Surroundings): boolean | 'error' {
  try {
    return check('boolean', evaluate(condition, surroundings)) as boolean;
  } catch (error) {
    if (error instanceof ConditionError) return 'error';
    throw error;
  }
}

export function isPlainObject(value: unknown): value is PlainObject {
  if (typeof value !== 'object' || value === null) return false;
  return [null, Object.prototype].includes(Object.getPrototypeOf(value));
}

/** As JSON would have it, without a prototype whose properties could be taken for attributes. */
export function toPlain(value: AttributeValue): unknown {
  if (Array.isArray(value)) return value.map(toPlain);
  if (!(value instanceof Map)) return value;
  const object: Record<string, unknown> = Object.create(null);
  for (const [name, each] of value) object[name] = toPlain(each);
  return object;
}

function evaluate(part: Expression, surroundings: Surroundings): unknown {
  const read = (inner: Expression) => evaluate(inner, surroundings);
  const isTrue = (inner: Expression) => check('boolean', read(inner)) as boolean;
  if (part.kind === 'constant') return fromConstant(part.value);
  if (part.kind === 'list') return part.items.map(read);
  if (part.kind === 'attribute') return attributeAt(part.root, part.path, surroundings);
  if (part.kind === 'has') return hasAttribute(part, surroundings);
  if (part.kind === 'not') return !isTrue(part.operand);
  if (part.kind === 'compare') return compare(part.operator, read(part.left), read(part.right));
  if (part.kind === 'in-list') return isInList(read(part.item), read(part.list));
  if (part.kind === 'in-group') return surroundings.isInGroup(part.group);
  if (part.kind === 'in-cidr') return isInNetwork(readAs('ip', read(part.item)), part.cidr);
  if (part.kind === 'like') return matchesGlob(part.glob, check('string', read(part.item)) as string);
  return isTrue(part.left) === (part.kind === 'or') ? part.kind === 'or' : isTrue(part.right);
}

function fromConstant(constant: Constant): unknown {
  if (constant.kind === 'ip') return new Special('ip', bitsOf(constant.address));
  if (constant.kind === 'time') return new Special('time', constant.epochMs);
  return constant.kind === 'duration' ? new Special('duration', constant.ms) : constant.value;
}

function kindOf(value: unknown): string {
  if (value instanceof Special) return value.kind;
  if (Array.isArray(value)) return 'list';
  if (isPlainObject(value)) return 'object';
  const isScalar = typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
  return isScalar ? typeof value : 'null, or nothing that JSON knows';
}

function check(kind: string, value: unknown): unknown {
  if (kindOf(value) !== kind) throw new ConditionError(`${kindOf(value)} instead of ${kind}`);
  return value;
}

// ---------------------------------------------------------------- attributes (S42, S43)

function attributeAt(
  root: AttributeRoot,
  [first, ...others]: readonly string[],
  surroundings: Surroundings,
): unknown {
  const start = own(layerWith(root, first!, surroundings), first!);
  return others.reduce((target, name) => own(check('object', target) as PlainObject, name), start);
}

function own(target: PlainObject | undefined, name: string): unknown {
  if (target === undefined || !Object.hasOwn(target, name)) throw new ConditionError(`no ${name}`);
  return target[name];
}

function hasAttribute(has: Extract<Expression, { kind: 'has' }>, surroundings: Surroundings): boolean {
  if (has.path.length === 0) return layerWith(has.root, has.name, surroundings) !== undefined;
  return Object.hasOwn(
    check('object', attributeAt(has.root, has.path, surroundings)) as PlainObject,
    has.name,
  );
}

/** Where the root has the attribute: the first of its layers that does. */
function layerWith(
  root: AttributeRoot,
  name: string,
  { ids, layers }: Surroundings,
): PlainObject | undefined {
  if (name === 'id' && root !== 'context') return ids[root] === undefined ? undefined : { id: ids[root] };
  return layers[root].find((layer) => Object.hasOwn(layer, name));
}

// ---------------------------------------------------------------- operators (S45 to S48)

const EQUATED = ['string', 'boolean', 'ip', 'number', 'time', 'duration'];
const ORDERED = EQUATED.slice(3);

function compare(operator: string, left: unknown, right: unknown): boolean {
  const [a, b] = [readAs(kindOf(right), left), readAs(kindOf(left), right)];
  const isEquality = operator === '==' || operator === '!=';
  const isAllowed = kindOf(a) === kindOf(b) && (isEquality ? EQUATED : ORDERED).includes(kindOf(a));
  if (!isAllowed) throw new ConditionError(`${kindOf(a)} ${operator} ${kindOf(b)}`);
  const [x, y] = [a, b].map((value) => (value instanceof Special ? value.content : value)) as [
    number,
    number,
  ];
  if (isEquality) return (x === y) === (operator === '==');
  return (
    (x < y && operator.startsWith('<')) ||
    (x > y && operator.startsWith('>')) ||
    (x === y && operator.endsWith('='))
  );
}

/** A string beside an ip, a time or a duration is read as one; any other value stays what it is. */
function readAs(kind: string, value: unknown): unknown {
  const reader = { ip: readIp, time: readTime, duration: readDuration }[kind];
  const content = typeof value === 'string' ? reader?.(value) : undefined;
  return content === undefined ? value : new Special(kind, content);
}

function isInList(item: unknown, list: unknown): boolean {
  const results = (check('list', list) as unknown[]).map((each) => {
    try {
      return compare('==', item, each);
    } catch (error) {
      return error;
    }
  });
  const passedOver = results.find((result) => typeof result !== 'boolean');
  if (passedOver !== undefined && !results.includes(true)) throw passedOver;
  return results.includes(true);
}

function isInNetwork(address: unknown, network: IpAddress & { readonly prefixLength: number }): boolean {
  const bits = (check('ip', address) as Special).content as string;
  const isSameFamily = bits.length === bitsOf(network).length;
  return isSameFamily && bits.startsWith(bitsOf(network).slice(0, network.prefixLength));
}

// ---------------------------------------------------------------- constants (S50)

function bitsOf({ words }: IpAddress): string {
  return words.map((word) => (word >>> 0).toString(2).padStart(32, '0')).join('');
}

function readIp(text: string): string | undefined {
  const words = ipv4Words(text) ?? ipv6Words(text);
  return words && bitsOf({ words });
}

function ipv4Words(text: string): number[] | undefined {
  const bytes = /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text) ? text.split('.').map(Number) : [256];
  return bytes.every((byte) => byte <= 255) ? [bytes.reduce((word, byte) => word * 256 + byte)] : undefined;
}

function ipv6Words(text: string): number[] | undefined {
  const [last] = ipv4Words(text.slice(text.lastIndexOf(':') + 1)) ?? [];
  const asGroups = (word: number) => `${(word >>> 16).toString(16)}:${(word & 0xffff).toString(16)}`;
  const halves = (last === undefined ? text : text.replace(/[^:]*$/, asGroups(last))).split('::');
  const [front = [], back] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - front.length - (back?.length ?? 0);
  if (halves.length > 2 || (back === undefined ? missing !== 0 : missing < 1)) return undefined;
  const groups = [...front, ...Array<string>(missing).fill('0'), ...(back ?? [])];
  if (!groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return undefined;
  const words = [0, 2, 4, 6].map((at) => Number(`0x${groups[at]}`) * 65536 + Number(`0x${groups[at + 1]}`));
  return words.slice(0, 3).join() === '0,0,65535' ? words.slice(3) : words;
}

const TIME =
  /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3])(?::[0-5]\d){2})(\.\d{1,9})?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

function readTime(text: string): number | undefined {
  const [, date = '', clock, fraction = '', zone = ''] = TIME.exec(text) ?? [];
  const midnight = new Date(`${date}T00:00Z`);
  // A day that its month lacks is carried into the next month.
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(date)) return undefined;
  return Date.parse(`${date}T${clock}${zone.toUpperCase()}`) + Number(`0${fraction}`) * 1000;
}

const DURATION = /^(-?)(?=\d)(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/;

function readDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const [days, hours, minutes, seconds, ms] = match.slice(2).map((count = '0') => Number(count)) as Counts;
  return Number(`${match[1]}1`) * ((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + ms);
}

type Counts = [number, number, number, number, number];
