import { readFileSync } from 'node:fs';
import type { Random } from './generators-random.ts';
import type { MesosMessage, MesosRequest } from './mesos-reference.ts';

// Documents as Mesos reads them from `--acls`, in every form that it accepts and some that it refuses, and requests that
// speak the language of a document, so that most of them meet one of its rules.

interface ListTable {
  readonly list: string;
  readonly objectField: string;
  readonly usedBy: readonly string[];
  readonly hierarchicalRoles: boolean;
  readonly loadRule: string | null;
}

interface ActionTable {
  readonly action: string;
  readonly aliases: readonly string[];
  readonly acl: string | readonly string[] | null;
  readonly steps: readonly { readonly when: string }[];
  readonly childSteps?: readonly { readonly when: string }[];
  readonly objectMustHave?: readonly string[];
  readonly implicitRule: string | null;
  readonly callersSet: string;
}

interface Tables {
  readonly authorizableEndpoints: readonly string[];
  readonly actions: readonly ActionTable[];
  readonly acls: readonly ListTable[];
}

const TABLES: Tables = JSON.parse(
  readFileSync(new URL('../fixtures/mesos/actions.json', import.meta.url), 'utf8'),
);

// ---------------------------------------------------------------- words

const PLAIN_NAMES = ['a', 'b', 'c', 'ab', 'ops', 'dev', 'root', 'guest', 'child', 'alice', 'c-1'];

/** What somebody's encoding, escaping, pattern or look-up could trip over. */
const ODD_NAMES = [
  '',
  'a:b',
  ':',
  'a~b',
  '~',
  '~41',
  '~0041',
  '%41',
  '%',
  '%2F',
  'a%2fb',
  '\\',
  'a\\b',
  '\\u0041',
  ' ',
  ' a',
  'two words',
  '"',
  '`',
  "it's",
  'a,b',
  'A',
  '*',
  '**',
  '?',
  '{a,b}',
  '[a]',
  '$a',
  '\u0024{a}',
  '#',
  '!a',
  '@',
  '-',
  'SOME',
  'ANY',
  'NONE',
  'any',
  'null',
  'anyone',
  'authenticated',
  '__proto__',
  'constructor',
  'toString',
  '\u0000',
  'a\u0000b',
  '\n',
  '\t',
  '\u001f',
  '\u007f',
  '\u2028',
  '\ufeff',
  '\ufffd',
  '\ud800',
  'a\udc00',
  '\udc00\ud800',
  'é',
  'e\u0301',
  'ß',
  '😀',
  '日本',
  '/',
  'a/b',
  'a/%',
  '/%',
];

/** Alike but for the end. */
const LONG_NAMES = ['x'.repeat(5000), `${'x'.repeat(4999)}y`, 'é'.repeat(5000), '~:'.repeat(2500)];

const ROLES = [
  'a',
  'a/b',
  'a/b/c',
  'a/b/c/d',
  'a/b/',
  'a/',
  '/',
  '//',
  '/x',
  'a//b',
  'a//',
  '%',
  'a/%',
  'a/%/%',
  'a/%/b',
  'a%',
  '*',
  '*/a',
  '.',
  '..',
  'a/..',
  'a/../b',
  'a/./b',
  './a',
  'ab',
  'ab/c',
  'b',
  'b/a/c',
  '',
];

const ROLE_SEGMENTS = ['a', 'b', 'c', 'd', 'x', 'ab', '', '%', '*', '.', '..', 'a%', 'a:b', '~', '%41', ' '];

/** Recursive values that no role of the pool leads to. */
const ODD_PATTERNS = [
  '/%',
  '//%',
  'a//%',
  'a/%/%',
  '%/%',
  '*/%',
  '/%/%',
  './%',
  '../%',
  'a/../%',
  '~/%',
  ' /%',
];

/** What somebody might take for the same string. */
const TWINS: readonly ((text: string) => string)[] = [
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  (text) => text.normalize('NFC'),
  (text) => text.normalize('NFD'),
  (text) => text.toWellFormed(),
  (text) => text.trim(),
  (text) => ` ${text}`,
  (text) => `${text}\u0000`,
  (text) => text.slice(0, -1),
  (text) => `${text}/`,
  (text) => `/${text}`,
  (text) => text.replaceAll(/\/+/g, '/'),
  (text) => text.replaceAll(/\/[^/]*\/\.\.|\/\.(?=\/|$)/g, ''),
  (text) => text.replaceAll('/', ':'),
  (text) => text.replaceAll(':', '/'),
  (text) => text.replaceAll('%', '*'),
  (text) => text.replaceAll('%41', 'A').replaceAll('~', '%'),
  (text) => encodeURIComponent(text.toWellFormed()),
  (text) => JSON.stringify(text).slice(1, -1),
];

/** Different strings, each pair the same to some reader. */
const LOOKALIKES: readonly (readonly [string, string])[] = [
  ['é', 'e\u0301'],
  ['\ud800', '\ufffd'],
  ['a\udc00', 'a\ud800'],
  ['a//b', 'a/b'],
  ['a/./b', 'a/b'],
  ['a/c/../b', 'a/b'],
  ['a/', 'a'],
  ['/a', 'a'],
  ['a:b', 'a/b'],
  ['A', 'a'],
  ['%41', 'A'],
  ['~41', 'A'],
  ['a%', 'a*'],
  ['*', 'a'],
  ['a\u0000b', 'a'],
  [LONG_NAMES[0]!, LONG_NAMES[1]!],
];

/** Names of types that Mesos drops, which leaves `SOME`. */
const UNKNOWN_TYPES = ['', 'any', 'none', 'some', 'Any', ' ANY', 'NONE ', 'admin', 'ALL', '1', '__proto__'];

const CONTAINERS = ['root', 'root2', 'child', 'c', 'c-1', 'c-12', ''];

const CONTAINER_PREFIXES = ['', 'c', 'c-', 'c-1', 'ro', 'root', 'x'];

const GONE_LISTS = ['shutdown_frameworks', 'set_quotas', 'remove_quotas', 'get_weights', 'resize_volume'];

function randomName(random: Random): string {
  if (random.chance(0.004)) return random.pick(LONG_NAMES);
  return random.pick(random.chance(0.6) ? PLAIN_NAMES : ODD_NAMES);
}

function randomRole(random: Random): string {
  if (random.chance(0.004)) return random.times(300, (index) => `s${index % 7}`).join('/');
  if (random.chance(0.2)) return randomName(random);
  if (random.chance(0.6)) return random.pick(ROLES);
  const most = random.chance(0.05) ? 19 : 6;
  return random.times(random.between(1, most), () => random.pick(ROLE_SEGMENTS)).join('/');
}

function randomTwin(random: Random, text: string): string {
  const twins = TWINS.map((change) => change(text)).filter((twin) => twin !== text);
  return random.pick(twins);
}

function randomNearly(random: Random, text: string): string {
  return random.chance(0.07) ? randomTwin(random, text) : text;
}

/** Roles that are often above or below each other. */
function randomHierarchy(random: Random, size: number): string[] {
  const roles = [randomRole(random)];
  while (roles.length < size) {
    const above = random.pick(roles);
    const isGrown = random.chance(0.6) && segmentCount(above) < 18;
    roles.push(isGrown ? `${above}/${random.pick(ROLE_SEGMENTS)}` : randomRole(random));
  }
  return roles;
}

function segmentCount(role: string): number {
  return role.split('/').length;
}

// ---------------------------------------------------------------- JSON with its whims

/** A JSON text in the making. An object keeps every member that is written, repeated keys included. */
type Json = string | number | boolean | null | Json[] | JsonObject;

interface JsonObject {
  readonly members: readonly Member[];
}

type Member = readonly [key: string, value: Json];

function jsonObject(...members: readonly Member[]): JsonObject {
  return { members };
}

function renderJson(json: Json, random: Random): string {
  if (typeof json === 'string') return renderString(json, random);
  if (typeof json !== 'object' || json === null) return JSON.stringify(json);
  if (Array.isArray(json)) return `[${renderItems(json, random)}${randomSpace(random)}]`;
  const members = json.members.map(([key, value]) => {
    const name = renderString(key, random);
    return `${randomSpace(random)}${name}${randomSpace(random)}:${renderJson(value, random)}`;
  });
  return `{${members.join(',')}${randomSpace(random)}}`;
}

function renderItems(items: readonly Json[], random: Random): string {
  return items.map((item) => `${randomSpace(random)}${renderJson(item, random)}`).join(',');
}

function randomSpace(random: Random): string {
  return random.chance(0.95) ? '' : random.pick([' ', '\n', '\t', '\r\n', '  ']);
}

/** A lone surrogate, which no reader takes, is rare and comes out as an escape; now and then everything does. */
function renderString(string: string, random: Random): string {
  const text = random.chance(0.02) ? string : string.toWellFormed();
  if (random.chance(0.03)) return `"${text.split('').map(escapeUnit).join('')}"`;
  const quoted = JSON.stringify(text);
  return random.chance(0.05) ? quoted.replaceAll('/', '\\/') : quoted;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Anything at all: what an unknown key may hold. */
function randomJunk(random: Random, depth = 0): Json {
  if (depth < 3 && random.chance(0.3)) {
    return random.times(random.below(4), () => randomJunk(random, depth + 1));
  }
  if (depth < 3 && random.chance(0.3)) {
    const keys = ['principals', 'type', 'values', 'roles', 'users', '', '__proto__'];
    const member = (): Member => [random.pick(keys), randomJunk(random, depth + 1)];
    return jsonObject(...random.times(random.below(3), member));
  }
  return random.pick<Json>([null, true, false, 0, -1.5e-3, 1e300, '', 'NONE', 'a', '\ud800', 'true']);
}

interface ObjectWhims {
  /** Keys that mean something where the object stands, so that no junk may be written for good under them. */
  readonly known: readonly string[];
  readonly junkKeys: readonly string[];
}

/** The members in any order, now and then with unknown ones, and with earlier ones that do not count. */
function randomObject(
  random: Random,
  members: readonly Member[],
  { known, junkKeys }: ObjectWhims,
): JsonObject {
  let written = random.chance(0.2) ? random.shuffle(members) : [...members];
  if (random.chance(0.06)) {
    const unknown = junkKeys.filter((key) => !known.includes(key));
    const member: Member = [random.pick(unknown), randomIgnored(random, members)];
    written.splice(random.below(written.length + 1), 0, member);
  }
  if (members.length > 0 && random.chance(0.04)) {
    const [key] = random.pick(members);
    written = [[key, randomIgnored(random, members)], ...written];
  }
  return { members: written };
}

/** Junk, or something that would change a verdict if it were read. */
function randomIgnored(random: Random, members: readonly Member[]): Json {
  return members.length > 0 && random.chance(0.5) ? random.pick(members)[1] : randomJunk(random);
}

/** An array with `null` elements and arrays in arrays, or a lone element without the array around it. */
function randomArray(random: Random, items: readonly Json[]): Json {
  if (items.length === 1 && random.chance(0.12)) return items[0]!;
  if (items.length === 0 && random.chance(0.3)) return null;
  let written = [...items];
  if (random.chance(0.06)) written.splice(random.below(written.length + 1), 0, null);
  if (random.chance(0.05)) {
    const cut = random.below(written.length + 1);
    written = [written.slice(0, cut), written.slice(cut)];
  }
  return random.chance(0.02) ? nest(written, random.between(1, 150)) : written;
}

function nest(json: Json, times: number): Json {
  let nested = json;
  for (let i = 0; i < times; i++) nested = [nested];
  return nested;
}

// ---------------------------------------------------------------- documents

/** The strings of one document. They are few, so that its rules and requests meet. */
interface Pool {
  readonly principals: readonly string[];
  readonly users: readonly string[];
  readonly roles: readonly string[];
}

/** The JSON text of one document: mostly one that loads, with few lists of a few rules each. */
export function randomAcls(random: Random): string {
  if (random.chance(0.025)) return randomBrokenText(random);
  const isChain = random.chance(0.12);
  const pool = randomPool(random, isChain ? random.between(8, 16) : random.between(2, 5));
  const rules = new Map(
    chooseLists(random, isChain).map((table) => {
      const length = isChain ? random.between(12, 60) : random.between(random.chance(0.05) ? 0 : 1, 8);
      return [table, random.times(length, () => randomRule(random, table, pool, isChain))];
    }),
  );
  if (random.chance(0.045)) addBadRule(random, rules, pool);
  const lists = [...rules].map(([{ list }, items]): Member => [list, randomArray(random, items)]);
  const members = random.shuffle([...lists, ...randomPermissive(random)]);
  const junkKeys = [...GONE_LISTS, 'run_task', 'Permissive', 'version', '__proto__', ''];
  const document = randomObject(random, members, { known: [], junkKeys });
  return spaceOutside(random, renderJson(document, random));
}

function spaceOutside(random: Random, text: string): string {
  if (!random.chance(0.1)) return text;
  return `${random.pick(['', ' ', '\n'])}${text}${random.pick(['\n', ' \t\r\n '])}`;
}

/** The empty string and `*` come up often, because they stand for what a request leaves out. */
function randomPool(random: Random, size: number): Pool {
  const name = () => randomName(random);
  const user = () => (random.chance(0.1) ? random.pick(CONTAINERS) : randomName(random));
  return {
    principals: withTwins(random, random.times(size, name)),
    users: [...withTwins(random, random.times(size, user)), ...(random.chance(0.25) ? [''] : [])],
    roles: [
      ...withTwins(random, randomHierarchy(random, size)),
      ...(random.chance(0.5) ? ['*', '*', ''] : []),
    ],
  };
}

/** A pool speaks of two strings that are nearly the same more often than chance would have it. */
function withTwins(random: Random, names: readonly string[]): string[] {
  if (random.chance(0.15)) return [...names, ...random.pick(LOOKALIKES)];
  return random.chance(0.3) ? [...names, randomTwin(random, random.pick(names))] : [...names];
}

/** One to three lists, seldom many; the two lists of a nested launch mostly together. */
function chooseLists(random: Random, isChain: boolean): ListTable[] {
  if (random.chance(0.02)) return [];
  const count = !isChain && random.chance(0.05) ? random.between(10, 54) : random.between(1, 3);
  const chosen = new Set<ListTable>();
  for (let i = 0; i < count; i++) {
    const table = random.pick(random.pick(LIST_KINDS));
    for (const each of random.chance(0.7) ? partnersOf(table) : [table]) chosen.add(each);
  }
  return [...chosen];
}

function isAnyOrNone(table: ListTable): boolean {
  return table.loadRule === 'object entity must be ANY or NONE';
}

/** The lists about which there is something to say that holds for no other. */
const LISTS_OF_THEIR_OWN = new Set([
  'register_frameworks',
  'update_quotas',
  'get_endpoints',
  'mark_agents_gone',
  'view_tasks',
  'launch_nested_containers_as_user',
  'launch_nested_container_sessions_as_user',
]);

/** By how often they are worth a document. */
const LIST_KINDS: readonly (readonly ListTable[])[] = [
  TABLES.acls.filter((table) => table.hierarchicalRoles),
  TABLES.acls.filter((table) => table.hierarchicalRoles),
  TABLES.acls.filter((table) => !table.hierarchicalRoles && !isAnyOrNone(table)),
  TABLES.acls.filter((table) => !table.hierarchicalRoles && !isAnyOrNone(table)),
  TABLES.acls.filter((table) => isAnyOrNone(table)),
  TABLES.acls.filter(({ list }) => LISTS_OF_THEIR_OWN.has(list)),
];

function partnersOf(table: ListTable): ListTable[] {
  const action = TABLES.actions.find(({ acl }) => Array.isArray(acl) && acl.includes(table.list));
  return action === undefined ? [table] : TABLES.acls.filter(({ list }) => action.acl!.includes(list));
}

function randomPermissive(random: Random): Member[] {
  if (random.chance(0.35)) return [];
  const value = random.chance(0.6)
    ? random.chance(0.35)
    : random.pick([null, 'true', 'false', ' false\n', '\t\r true ', 'false ']);
  return [['permissive', value]];
}

// ---------------------------------------------------------------- rules

interface Entity {
  readonly type: 'SOME' | 'ANY' | 'NONE';
  readonly values: readonly string[];
}

/** @param isNarrow  whether the rule names both sides, as those of long chains do */
function randomRule(random: Random, table: ListTable, pool: Pool, isNarrow: boolean): Json {
  const principals = randomEntity(random, () => random.pick(pool.principals), isNarrow);
  return renderRule(random, table, principals, randomObjectEntity(random, table, pool, isNarrow));
}

function randomObjectEntity(random: Random, table: ListTable, pool: Pool, isNarrow: boolean): Entity {
  const value = () => randomObjectValue(random, table, pool);
  if (random.chance(anyOnlyShare(table))) return randomAnyOrNone(random, value);
  // The quirk: a lone recursive value under a type that should not have values.
  const isOverridden = table.hierarchicalRoles && random.chance(0.08);
  if (isOverridden) return { ...randomAnyOrNone(random, value), values: [randomPattern(random, pool)] };
  const entity = randomEntity(random, value, isNarrow);
  // Where paths are not looked at, they may be anything.
  const isIgnored = table.list === 'get_endpoints' && entity.type !== 'SOME';
  return isIgnored ? randomAnyOrNone(random, () => random.pick(pool.users)) : entity;
}

function anyOnlyShare(table: ListTable): number {
  if (table.list === 'mark_agents_gone') return 0.7;
  return isAnyOrNone(table) ? 0.998 : 0;
}

function randomEntity(random: Random, value: () => string, isNarrow: boolean): Entity {
  if (!random.chance(isNarrow ? 0.97 : 0.64)) return randomAnyOrNone(random, value);
  const count = random.chance(0.03) ? 0 : random.between(1, random.chance(0.5) ? 1 : 4);
  return { type: 'SOME', values: random.times(count, value) };
}

/** Now and then with values, which mean nothing there. */
function randomAnyOrNone(random: Random, value: () => string): Entity {
  const values = random.chance(0.2) ? random.times(random.between(1, 3), value) : [];
  return { type: random.chance(0.7) ? 'ANY' : 'NONE', values };
}

function randomObjectValue(random: Random, table: ListTable, pool: Pool): string {
  if (table.list === 'get_endpoints') {
    const paths = random.chance(0.002) ? ['/flags', '/containers/', ''] : TABLES.authorizableEndpoints;
    return random.pick(paths);
  }
  if (!table.hierarchicalRoles) return random.pick(pool.users) + (random.chance(0.05) ? '/%' : '');
  return random.chance(0.4) ? randomPattern(random, pool) : random.pick(pool.roles);
}

function randomPattern(random: Random, pool: Pool): string {
  const role = random.pick(pool.roles);
  const isDeep = segmentCount(role) >= 20;
  return isDeep || random.chance(0.08) ? random.pick(ODD_PATTERNS) : `${role}/%`;
}

function renderRule(random: Random, table: ListTable, principals: Entity, object: Entity): Json {
  const members: Member[] = [
    ['principals', renderEntity(random, principals)],
    [table.objectField, renderEntity(random, object)],
  ];
  const junkKeys = ['users', 'roles', 'logs', 'principal', 'Principals', 'type', 'values', 'permissive', ''];
  return randomObject(random, members, { known: ['principals', table.objectField], junkKeys });
}

function renderEntity(random: Random, { type, values }: Entity): Json {
  const members: Member[] = [];
  const isLeftOut = type === 'SOME' && random.chance(0.7);
  if (!isLeftOut) members.push(['type', type === 'SOME' ? randomSome(random) : type]);
  if (values.length > 0 || random.chance(0.2)) members.push(['values', randomArray(random, [...values])]);
  const junkKeys = ['comment', 'Type', 'value', 'principals', '__proto__'];
  return randomObject(random, members, { known: ['type', 'values'], junkKeys });
}

/** Everything that means `SOME`, but leaving it out. */
function randomSome(random: Random): Json {
  return random.chance(0.5) ? 'SOME' : random.pick([null, ...UNKNOWN_TYPES]);
}

// ---------------------------------------------------------------- documents that do not load

const BAD_PERMISSIVES: readonly Json[] = [0, 1, 'yes', 'TRUE', '', 'true false', [], [true], jsonObject()];

/** White space, but not that of JSON. */
const NEARLY_PERMISSIVES: readonly Json[] = ['\u00a0true', 'true\u000b', '\ufefftrue', 'false\u2028'];

const BAD_LISTS: readonly Json[] = ['x', '', 5, true, [[1]], [false]];

const BAD_TEXTS = ['', '[]', 'null', '"a"', '{', '{} {}', '{},', "{'a': 1}", '{"a": 1,}', '{"a": "\n"}'];

/** A document with one thing in it, and that is wrong; or a text that is just, or just not, nested too deep. */
function randomBrokenText(random: Random): string {
  const permissive = random.pick(random.pick([BAD_PERMISSIVES, NEARLY_PERMISSIVES]));
  const list = random.pick(TABLES.acls).list;
  return random.pick([
    renderJson(jsonObject(['permissive', permissive]), random),
    renderJson(jsonObject([list, random.pick(BAD_LISTS)]), random),
    renderJson(jsonObject(['unknown', nest([], random.between(197, 200))]), random),
    random.pick(BAD_TEXTS),
  ]);
}

/** Puts one rule that does not load among the others, or into a list of its own. */
function addBadRule(random: Random, rules: Map<ListTable, Json[]>, pool: Pool): void {
  const checked = TABLES.acls.filter(({ loadRule }) => loadRule !== null);
  const endpoints = checked.filter((table) => !isAnyOrNone(table));
  const ofDocument = rules.size > 0 ? [...rules.keys()] : checked;
  const table = random.pick(random.pick([ofDocument, ofDocument, TABLES.acls, checked, endpoints]));
  const items = rules.get(table) ?? [];
  items.splice(random.below(items.length + 1), 0, randomBadRule(random, table, pool));
  rules.set(table, items);
}

const ANY_ENTITY = jsonObject(['type', 'ANY']);

function randomBadRule(random: Random, table: ListTable, pool: Pool): Json {
  const isOfItsKind = table.loadRule !== null && random.chance(0.6);
  const bad = isOfItsKind ? randomRefusedEntity(random, table, pool) : randomBadEntity(random);
  const otherName = random.pick(['object', 'user', 'ROLES', 'value']);
  const withBadObject = jsonObject(['principals', ANY_ENTITY], [table.objectField, bad]);
  if (isOfItsKind) return withBadObject;
  return random.pick<Json>([
    withBadObject,
    jsonObject(['principals', bad], [table.objectField, ANY_ENTITY]),
    jsonObject(['principals', ANY_ENTITY]),
    jsonObject([table.objectField, ANY_ENTITY]),
    jsonObject(['principals', ANY_ENTITY], [otherName, ANY_ENTITY]),
    random.pick<Json>(['x', 1, true]),
  ]);
}

/** An entity that is well formed and that the checks after parsing refuse. */
function randomRefusedEntity(random: Random, table: ListTable, pool: Pool): Json {
  if (table.list === 'get_endpoints') {
    const path = random.pick(['/flags', '/slave(1)/containers', '/containers/', '']);
    return jsonObject(['values', ['/containers', path]]);
  }
  const values: Member = ['values', random.sample(pool.users, 2)];
  return random.pick<Json>([
    jsonObject(),
    jsonObject(values),
    jsonObject(['type', 'SOME'], values),
    jsonObject(['type', random.pick(UNKNOWN_TYPES)]),
  ]);
}

const BAD_TYPES: readonly Json[] = [0, 1, true, [], ['ANY'], jsonObject()];

const BAD_VALUES: readonly Json[] = [5, true, [1], ['a', false], [['a', [0]]], [jsonObject()], jsonObject()];

const BAD_ENTITIES: readonly Json[] = [null, 'ANY', '', 1, false, [], [ANY_ENTITY]];

function randomBadEntity(random: Random): Json {
  return random.pick<Json>([
    jsonObject(['type', random.pick(BAD_TYPES)]),
    jsonObject(['values', random.pick(BAD_VALUES)]),
    jsonObject(['type', 'ANY'], ['values', random.pick(BAD_VALUES)]),
    random.pick(BAD_ENTITIES),
  ]);
}

// ---------------------------------------------------------------- vocabularies

/** What a document speaks of: by the action, the values on either side of the rules in its lists. */
export type Vocabulary = ReadonlyMap<string, Words>;

interface Words {
  readonly principals: readonly string[];
  readonly objects: readonly string[];
}

/** Reads what it can of documents that Mesos refuses, too. */
export function vocabularyOf(acls: string): Vocabulary {
  const document = parseOrNothing(acls);
  const spoken = TABLES.actions.filter((action) =>
    listsOf(action).some(({ list }) => hasList(document, list)),
  );
  return new Map(spoken.map((action) => [action.action, wordsOf(document, action)]));
}

function wordsOf(document: unknown, action: ActionTable): Words {
  const lists = listsOf(action);
  return {
    principals: lists.flatMap(({ list }) => valuesIn(document, list, 'principals')),
    objects: lists.flatMap(({ list, objectField }) => valuesIn(document, list, objectField)),
  };
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function listsOf({ acl }: ActionTable): ListTable[] {
  const names: readonly unknown[] = [acl].flat();
  return TABLES.acls.filter(({ list }) => names.includes(list));
}

function hasList(document: unknown, list: string): boolean {
  return memberOf(document, list) !== undefined;
}

function valuesIn(document: unknown, list: string, entity: string): string[] {
  const rules = flat(memberOf(document, list));
  const values = rules.flatMap((rule) => flat(memberOf(memberOf(rule, entity), 'values')));
  return values.filter((value) => typeof value === 'string');
}

function memberOf(json: unknown, key: string): unknown {
  return typeof json === 'object' && json !== null ? (json as MesosMessage)[key] : undefined;
}

function flat(json: unknown): unknown[] {
  return [json].flat(Number.POSITIVE_INFINITY);
}

// ---------------------------------------------------------------- requests

/** Names that no action has, and that a look-up in a plain object would find. */
const UNKNOWN_ACTIONS = [
  '',
  'RUN_TASKS',
  'run_task',
  'ANY',
  'SET_QUOTA',
  'constructor',
  '__proto__',
  'RUN_TASK ',
];

/** A request, mostly for an action that the vocabulary knows and with the words that go with it. */
export function randomRequest(random: Random, vocabulary: Vocabulary): MesosRequest {
  const table = chooseAction(random, vocabulary);
  const words = vocabulary.get(table.action) ?? { principals: [], objects: [] };
  const name = random.chance(0.3) ? random.pick([table.action, ...table.aliases]) : table.action;
  const object = randomObjectOf(random, table, words);
  return {
    action: random.chance(0.008) ? random.pick(UNKNOWN_ACTIONS) : name,
    subject: randomSubject(random, table, words, object),
    object,
  };
}

function chooseAction(random: Random, vocabulary: Vocabulary): ActionTable {
  const spoken = TABLES.actions.filter(({ action }) => vocabulary.has(action));
  return random.pick(spoken.length > 0 && random.chance(0.9) ? spoken : TABLES.actions);
}

/** Each field is there, `null` or left out; the last two are alike. */
function randomMessage(
  random: Random,
  makers: Readonly<Record<string, () => unknown>>,
  isLikely: (field: string) => boolean = () => true,
): MesosMessage {
  const fields: [string, unknown][] = [];
  for (const [field, make] of Object.entries(makers)) {
    if (random.chance(isLikely(field) ? 0.72 : 0.05)) fields.push([field, make()]);
    else if (random.chance(0.15)) fields.push([field, null]);
  }
  return Object.fromEntries(fields);
}

/** A repeated field, now and then with `null` among its elements. */
function randomElements<T>(random: Random, most: number, make: () => T): (T | null)[] {
  return random.times(random.below(most + 1), () => (random.chance(0.05) ? null : make()));
}

// ---------------------------------------------------------------- subjects

function randomSubject(
  random: Random,
  table: ActionTable,
  words: Words,
  object: MesosMessage | null,
): MesosMessage | null {
  if (random.chance(0.1)) return null;
  if (random.chance(0.01)) {
    return random.pick([{}, { value: null }, { value: null, claims: null }, { claims: null }]);
  }
  const claims = randomClaims(random, idsOf(object?.container_id));
  if (random.chance(table.implicitRule === null ? 0.04 : 0.35)) {
    return random.chance(0.2) ? { value: null, claims } : { claims };
  }
  const value = randomWord(random, words.principals);
  if (random.chance(0.1)) return { value, claims };
  return random.chance(0.05) ? { value, claims: null } : { value };
}

/** A string of the document, or one that is most likely not in it. */
function randomWord(random: Random, words: readonly string[]): string {
  return words.length > 0 && random.chance(0.85)
    ? randomNearly(random, random.pick(words))
    : randomName(random);
}

/** The values of a container and of its parents, the root last. */
function idsOf(container: unknown): string[] {
  if (typeof container !== 'object' || container === null) return [];
  const { value, parent } = container as MesosMessage;
  return [typeof value === 'string' ? value : '', ...idsOf(parent)];
}

/** @param ids  of the container that the request is about, so that claims often fit it */
function randomClaims(random: Random, ids: readonly string[]): MesosMessage {
  if (random.chance(0.05)) return random.pick([{}, { labels: null }, { labels: [] }]);
  const labels = randomElements(random, 4, () => randomLabel(random, ids));
  return { labels: random.chance(0.1) ? labels : [...labels, randomLabel(random, ids)] };
}

function randomLabel(random: Random, ids: readonly string[]): MesosMessage {
  const isRead = random.chance(0.7);
  const key = random.pick(isRead ? ['cid', 'cid_prefix'] : ['fid', 'eid', 'CID']);
  if (random.chance(0.1)) return random.chance(0.5) ? { key } : { key, value: null };
  const isRoot = random.chance(0.7);
  const near = (key === 'cid_prefix') === isRoot ? ids.at(0) : ids.at(-1);
  if (near === undefined || random.chance(0.4)) {
    return { key, value: random.pick(key === 'cid_prefix' ? CONTAINER_PREFIXES : CONTAINERS) };
  }
  const isCut = key === 'cid_prefix' && random.chance(0.6);
  return { key, value: isCut ? near.slice(0, random.below(near.length + 1)) : near };
}

// ---------------------------------------------------------------- objects

function randomObjectOf(random: Random, table: ActionTable, words: Words): MesosMessage | null {
  if (random.chance(0.08)) return null;
  const string = () => randomObjectString(random, table, words);
  if (random.chance(0.008)) return randomBareObject(random, string);
  const relevant = relevantFields(table);
  const object = randomMessage(random, objectFields(random, string), (field) => relevant.has(field));
  return completed(random, object, table, string);
}

/** An object that the two ways into the authorizer take differently. */
function randomBareObject(random: Random, string: () => string): MesosMessage {
  const { machine_id, command_info } = objectFields(random, string);
  return random.pick<MesosMessage>([
    {},
    { value: null, resource: null },
    { machine_id: machine_id!() },
    { command_info: command_info!() },
    { machine_id: machine_id!(), command_info: command_info!(), task: null },
  ]);
}

/** The fields of the object that the steps, the checks and the implicit rules of an action look at. */
function relevantFields(table: ActionTable): Set<string> {
  const paths = [...table.steps, ...(table.childSteps ?? [])].map(({ when }) => when);
  const checked = (table.objectMustHave ?? []).flatMap((need) => need.split(' or '));
  const more = table.implicitRule === null ? [] : ['container_id'];
  if (table.callersSet.startsWith('machine_id')) more.push('machine_id');
  return new Set([...paths.map((path) => path.split('.')[0]!), ...checked, ...more]);
}

/** Mostly with what the action insists on, and with something that counts as set. */
function completed(
  random: Random,
  object: MesosMessage,
  table: ActionTable,
  string: () => string,
): MesosMessage {
  const makers = objectFields(random, string);
  const full: Record<string, unknown> = { ...object };
  for (const need of table.objectMustHave ?? []) {
    const alternatives = need.split(' or ');
    const isMissing = alternatives.every((field) => (full[field] ?? null) === null);
    const field = random.pick(alternatives);
    if (isMissing && random.chance(0.85)) full[field] = makers[field]!();
  }
  const isBare = Object.entries(full).every(
    ([field, value]) => value === null || field === 'machine_id' || field === 'command_info',
  );
  return isBare && random.chance(0.9) ? { ...full, value: string() } : full;
}

function objectFields(random: Random, string: () => string): Readonly<Record<string, () => unknown>> {
  const command = () => randomMessage(random, { user: string, value: () => 'echo' });
  const executor = () => randomMessage(random, { command, executor_id: () => ({ value: 'e' }) });
  return {
    value: string,
    framework_info: () => randomFramework(random, string),
    task: () => randomMessage(random, { user: string, name: string }),
    task_info: () => randomMessage(random, { command, executor, name: string }),
    executor_info: executor,
    quota_info: () => randomMessage(random, { role: string, principal: string }),
    weight_info: () => randomMessage(random, { role: string, weight: () => 1.5 }),
    resource: () => randomResource(random, string),
    command_info: command,
    container_id: () => randomContainer(random, string),
    machine_id: () => randomMessage(random, { hostname: string, ip: () => '127.0.0.1' }),
  };
}

function randomFramework(random: Random, string: () => string): MesosMessage {
  return randomMessage(random, {
    user: string,
    principal: string,
    role: string,
    roles: () => randomRepeated(random, string),
    capabilities: () => randomCapabilities(random),
    name: string,
  });
}

/** None, one or several, some of them twice. */
function randomRepeated(random: Random, string: () => string): (string | null)[] {
  const strings = randomElements(random, 3, string);
  return random.chance(0.2) ? [...strings, ...random.sample(strings, 2)] : strings;
}

function randomCapabilities(random: Random): (MesosMessage | null)[] {
  const types = ['MULTI_ROLE', 'MULTI_ROLE', 'GPU_RESOURCES', 'SHARED_RESOURCES', 'multi_role', null];
  return randomElements(random, 3, () => (random.chance(0.03) ? {} : { type: random.pick(types) }));
}

function randomResource(random: Random, string: () => string): MesosMessage {
  const reservation = () => randomMessage(random, { role: string, principal: string, type: () => 'DYNAMIC' });
  const persistence = () => randomMessage(random, { id: () => 'v', principal: string });
  return randomMessage(random, {
    reservations: () => randomElements(random, 3, reservation),
    role: string,
    reservation,
    disk: () => randomMessage(random, { persistence, source: () => ({ type: 'RAW' }) }),
    name: () => 'disk',
  });
}

/** With parents, a few of them deep; the value is one of the few container names, or a string of the document. */
function randomContainer(random: Random, string: () => string): MesosMessage {
  const value = random.chance(0.25) ? string() : random.pick(CONTAINERS);
  const id = random.chance(0.97) ? { value } : random.pick([{}, { value: null }]);
  if (random.chance(0.45)) return { ...id, parent: randomContainer(random, string) };
  return random.chance(0.1) ? { ...id, parent: null } : id;
}

function randomObjectString(random: Random, table: ActionTable, words: Words): string {
  const [list] = listsOf(table);
  if (list?.hierarchicalRoles) return randomRoleNear(random, words.objects);
  if (list?.list === 'get_endpoints' && random.chance(0.3)) return random.pick(TABLES.authorizableEndpoints);
  const word = randomWord(random, words.objects);
  return word.endsWith('/%') && random.chance(0.3) ? `${word.slice(0, -1)}a` : word;
}

/** A role of the document, or one that differs from it by a step in the hierarchy. */
function randomRoleNear(random: Random, words: readonly string[]): string {
  if (words.length === 0 || random.chance(0.12)) return randomRole(random);
  const listed = random.pick(words);
  const above = listed.endsWith('/%') ? listed.slice(0, -2) : listed;
  if (random.chance(0.003)) return `${above}${'/s'.repeat(300)}`;
  const below = () => `${above}/${random.pick(ROLE_SEGMENTS)}`;
  if (random.chance(0.5)) return randomNearly(random, listed.endsWith('/%') ? below() : listed);
  return random.pick([
    above,
    listed,
    `${above}/`,
    below(),
    `${below()}/b`,
    `${above}x`,
    `${above}/%`,
    parentOf(above),
  ]);
}

function parentOf(role: string): string {
  return role.slice(0, Math.max(0, role.lastIndexOf('/')));
}
