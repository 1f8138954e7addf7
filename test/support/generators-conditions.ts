import { quote } from './generators-ids.ts';
import type { Random } from './generators-random.ts';

/** What conditions may name, so that requests have some of it. */
export interface ConditionWorld {
  readonly groups: readonly string[];
  readonly subjects: readonly string[];
  readonly resources: readonly string[];
  readonly actions: readonly string[];
}

const IPS = [
  '10.0.0.1',
  '10.1.2.3',
  '8.8.8.8',
  '::ffff:10.0.0.1',
  '::FFFF:a00:1',
  '2001:db8::1',
  '2001:db8:0:0::1',
];
const BAD_IPS = ['10.0.0.01', '10.0.0', '1.2.3.256', 'fe80::1%eth0', '1:2:3:4:5:6:7::8:9', '::1::', ''];
const CIDRS = [
  '10.0.0.0/8',
  '10.0.0.1/32',
  '0.0.0.0/0',
  '10.1.255.255/15',
  '2001:db8::/32',
  '::/0',
  '2001:db8::1/128',
];
const TIMES = [
  '2026-01-01T00:00:00Z',
  '2026-01-01T01:00:00+01:00',
  '2025-12-31T23:59:59.5Z',
  '2026-01-01t00:00:00.000z',
  '2024-02-29T12:00:00-23:59',
];
const BAD_TIMES = [
  '2026-01-01',
  '2026-02-29T00:00:00Z',
  '2026-01-01T00:00:60Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T00:00:00',
];
const DURATIONS = ['1h', '60m', '-5m', '1h30m', '90m', '1d', '1500ms', '1s500ms', '0s'];
const BAD_DURATIONS = ['1m1h', '', '-', '5', '1 h', '1w'];
const NAMES = ['dev', 'dev-1', 'development', 'prod', '*', 'a.b', '', 'constructor'];
const GLOBS = ['dev*', '*', 'd?v', '*-1', '\\\\*', 'de*p*t', '?', '', 'user:*', '*:/*'];
const NUMBERS = [-1, 0, 3, 7, 8, 8.5, 9, 23];

/** Attribute names by the type that they mostly hold. */
const NUMERIC = ['context.hour', 'subject.level', 'resource.size', 'context.who.level'];
const TEXTUAL = [
  'context.name',
  'subject.role',
  'resource.status',
  'action.risk',
  'context."__proto__"',
  'subject.constructor',
];
const OBJECTS = [
  'context',
  'subject',
  'resource',
  'action',
  'context.who',
  'context.name',
  'context.missing.deep',
];
const KEYS = ['hour', 'level', 'role', 'id', 'constructor', 'toString', 'who', 'name', 'status'];

/** The text of a condition: every operator, over attributes that are sometimes missing or of another type. */
export function writeCondition(random: Random, world: ConditionWorld, depth = 2): string {
  if (depth > 0 && random.chance(0.35)) {
    const left = writeCondition(random, world, depth - 1);
    if (random.chance(0.2)) return `!(${left})`;
    return `(${left}) ${random.pick(['&&', '||'])} (${writeCondition(random, world, depth - 1)})`;
  }
  return random.pick(LEAVES)(random, world);
}

type Leaf = (random: Random, world: ConditionWorld) => string;

const LEAVES: readonly Leaf[] = [
  (random) => `${random.pick(NUMERIC)} ${comparison(random)} ${random.pick(NUMBERS)}`,
  (random) => `${random.pick(NUMERIC)} ${comparison(random)} ${random.pick(NUMBERS)}`,
  (random) => `${random.pick(NUMBERS)} ${comparison(random)} ${random.pick(NUMERIC)}`,
  (random) => `${random.pick(TEXTUAL)} ${equality(random)} ${quote(random.pick(NAMES))}`,
  (random) => `${random.pick(TEXTUAL)} like "${random.pick(GLOBS)}"`,
  (random) => `${random.pick(['subject.id', 'resource.id', 'action.id'])} like "${random.pick(GLOBS)}"`,
  (random) => `${random.pick(TEXTUAL)} in [${random.sample(NAMES, random.below(4)).map(quote).join(', ')}]`,
  (random) =>
    `${random.pick(TEXTUAL)} in [${quote(random.pick(NAMES))}, ${random.pick(NUMBERS)}, ${random.pick(TEXTUAL)}]`,
  (random) => `${random.pick([...TEXTUAL, ...NUMERIC])} in context.tags`,
  (random) => `context.ip in cidr("${random.pick(CIDRS)}")`,
  (random) => `context.ip ${equality(random)} ip("${random.pick(IPS)}")`,
  (random) => `context.ip in [ip("${random.pick(IPS)}"), "${random.pick(IPS)}"]`,
  (random) => `context.at ${comparison(random)} time("${random.pick(TIMES)}")`,
  (random) => `duration("${random.pick(DURATIONS)}") ${comparison(random)} context.ttl`,
  (random) =>
    `${random.pick(TEXTUAL)} ${comparison(random)} ${random.pick(['context.at', 'context.hour', 'context.flag'])}`,
  (random) => `${random.pick(OBJECTS)} has ${random.pick(KEYS)}`,
  (random) => `${random.pick(OBJECTS)} has ${random.pick(KEYS)}`,
  (random) => random.pick(['context.flag', '!context.flag', 'context.flag == true', 'true', 'false']),
  (random, world) => `subject in group:${quote(random.pick(world.groups))}`,
  (random, world) => `!(subject in group:${quote(random.pick(world.groups))})`,
  (random, world) => `subject.id ${equality(random)} ${quote(random.pick(world.subjects))}`,
  (random, world) => `resource.id ${equality(random)} ${quote(random.pick(world.resources))}`,
  (random, world) => `action.id in [${random.sample(world.actions, 2).map(quote).join(', ')}]`,
  (random) => `${random.pick(['resource.id', 'action.id'])} != subject.id`,
];

function comparison(random: Random): string {
  return random.pick(['==', '!=', '<', '<=', '>', '>=']);
}

function equality(random: Random): string {
  return random.pick(['==', '!=']);
}

// ---------------------------------------------------------------- data

/** A `context` for conditions: of each attribute mostly there, mostly of the right type. */
export function generateContext(random: Random): Record<string, unknown> {
  return ownProperties(
    Object.entries({
      hour: random.pick(NUMBERS),
      name: random.pick(NAMES),
      ip: random.chance(0.85) ? random.pick(IPS) : random.pick(BAD_IPS),
      at: random.chance(0.85) ? random.pick(TIMES) : random.pick(BAD_TIMES),
      ttl: random.chance(0.85) ? random.pick(DURATIONS) : random.pick(BAD_DURATIONS),
      flag: random.chance(0.5),
      tags: random.sample<unknown>([...NAMES, ...NUMBERS, null, ['dev'], true], random.below(4)),
      who: generateAttributes(random),
      ['__proto__']: random.pick(NAMES),
    }),
    random,
  );
}

/** Attributes of a subject, action or resource. */
export function generateAttributes(random: Random): Record<string, unknown> {
  const all = {
    level: random.pick(NUMBERS),
    role: random.pick(NAMES),
    status: random.pick(NAMES),
    size: random.pick(NUMBERS),
    risk: random.pick(NAMES),
    constructor: random.pick(NAMES),
    id: random.pick(NAMES),
  };
  return ownProperties(Object.entries(all), random);
}

/** Most of the entries as own properties, `__proto__` too; some with a value of another type. */
function ownProperties(entries: readonly [string, unknown][], random: Random): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [name, value] of entries) {
    if (random.chance(0.15)) continue;
    const given = random.chance(0.08) ? random.pick<unknown>([null, 7, 'dev', true, [], {}, ['dev']]) : value;
    Object.defineProperty(object, name, {
      value: given,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return object;
}

/** JSON data as the language writes it. */
export function writeData(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeData).join(', ')}]`;
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([name, each]) => `${quote(name)}: ${writeData(each)}`)
    .join(', ')} }`;
}
