import { readFileSync } from 'node:fs';

// The local authorizer of Apache Mesos, written from its description alone and for reading, not for speed: what the
// engine's version of it is compared with. It shares no code with the engine. The section numbers are those of that
// description; the table of actions and lists is data, in the fixtures.

/** A message of a request as plain JSON; a field that is `null` is absent (§ 1). */
export type MesosMessage = Readonly<Record<string, unknown>>;

export interface MesosRequest {
  readonly action: string;
  readonly subject: MesosMessage | null;
  readonly object: MesosMessage | null;
}

export interface ReferenceAcls {
  readonly permissive: boolean;
  /** By the name of the list; a list that the document lacks is empty (§ 4.3). */
  readonly lists: ReadonlyMap<string, readonly ReferenceRule[]>;
}

export interface ReferenceRule {
  readonly principals: ReferenceEntity;
  readonly object: ReferenceEntity;
}

export interface ReferenceEntity {
  readonly type: 'SOME' | 'ANY' | 'NONE';
  readonly values: readonly string[];
}

/** What a request asks one side of a rule for. It never asks for `NONE`, and never for several values (§ 3). */
type Asked = { readonly type: 'ANY' } | { readonly type: 'SOME'; readonly value: string };

const ANY: Asked = { type: 'ANY' };

// ---------------------------------------------------------------- the tables

interface Step {
  readonly when: string;
  readonly value?: string;
  readonly default?: string;
  readonly special?: 'framework-roles';
}

interface ActionTable {
  readonly action: string;
  readonly number: number;
  readonly aliases: readonly string[];
  readonly acl: string | readonly string[] | null;
  readonly lists?: { readonly parent: string; readonly child: string };
  readonly steps: readonly Step[];
  readonly childSteps?: readonly Step[];
  readonly objectMustHave?: readonly string[];
  readonly implicitRule: 'executor' | 'resource-provider' | null;
}

interface ListTable {
  readonly list: string;
  readonly objectField: string;
  readonly hierarchicalRoles: boolean;
  readonly loadRule: string | null;
}

interface Tables {
  readonly authorizableEndpoints: readonly string[];
  readonly actions: readonly ActionTable[];
  readonly acls: readonly ListTable[];
}

const TABLES: Tables = JSON.parse(
  readFileSync(new URL('../fixtures/mesos/actions.json', import.meta.url), 'utf8'),
);

const ACTIONS = new Map<unknown, ActionTable>(
  TABLES.actions.flatMap((action) =>
    [action.action, action.number, ...action.aliases].map((name) => [name, action] as const),
  ),
);

const ROLE_LISTS = new Set(TABLES.acls.filter((table) => table.hierarchicalRoles).map(({ list }) => list));

// ---------------------------------------------------------------- loading

/**
 * § 2: from JSON text to rules.
 *
 * @throws {Error} for a document that Mesos refuses
 */
export function loadAcls(text: string): ReferenceAcls {
  const document: unknown = JSON.parse(text);
  if (!isJsonObject(document)) throw new Error('the document is not an object');
  if (deepestNesting(text) > 200) throw new Error('the document is nested more than 200 deep');
  // Mesos keeps strings as UTF-8, which has no lone surrogates; the description is silent.
  for (const [string] of text.matchAll(/"(?:[^"\\]|\\.)*"/g))
    if (!(JSON.parse(string) as string).isWellFormed()) throw new Error('a string holds a lone surrogate');
  return {
    permissive: loadPermissive(document.permissive),
    lists: new Map(TABLES.acls.map((table) => [table.list, loadList(document[table.list], table)])),
  };
}

/** Counted in the text, as a repeated key leaves no trace in the value. */
function deepestNesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++;
    if (token === '}' || token === ']') depth--;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** § 2, `permissive`. */
function loadPermissive(json: unknown): boolean {
  if (json === undefined || json === null) return true;
  if (typeof json === 'boolean') return json;
  const word = typeof json === 'string' ? /^[ \t\n\r]*(true|false)[ \t\n\r]*$/.exec(json)?.[1] : undefined;
  if (word === undefined) throw new Error('`permissive` is not a boolean');
  return word === 'true';
}

/** § 2, a list, and § 2.1. */
function loadList(json: unknown, table: ListTable): ReferenceRule[] {
  return flatten(json).map((element) => {
    if (!isJsonObject(element)) throw new Error(`an element of \`${table.list}\` is not an object`);
    const principals = loadEntity(element.principals);
    const object = loadEntity(element[table.objectField]);
    checkObjectEntity(object, table);
    return { principals, object };
  });
}

/** § 2, `principals` and the object entity. */
function loadEntity(json: unknown): ReferenceEntity {
  if (!isJsonObject(json)) throw new Error('an entity is missing or not an object');
  return { type: loadType(json.type), values: loadValues(json.values) };
}

/** § 2, `type`: a name that is not known is dropped, which leaves the default. */
function loadType(json: unknown): ReferenceEntity['type'] {
  if (json === undefined || json === null) return 'SOME';
  if (typeof json !== 'string') throw new Error('`type` is not a string');
  return json === 'ANY' || json === 'NONE' ? json : 'SOME';
}

/** § 2, `values`. */
function loadValues(json: unknown): string[] {
  return flatten(json).map((value) => {
    if (typeof value !== 'string') throw new Error('an element of `values` is not a string');
    return value;
  });
}

/** § 2: nested arrays are flattened, a lone element stands for an array of one, `null` vanishes. */
function flatten(json: unknown): unknown[] {
  if (json === undefined || json === null) return [];
  return Array.isArray(json) ? json.flatMap(flatten) : [json];
}

/** § 2.1. */
function checkObjectEntity(object: ReferenceEntity, table: ListTable): void {
  if (object.type !== 'SOME') return;
  if (table.loadRule === 'object entity must be ANY or NONE') {
    throw new Error(`\`${table.list}\` takes only ANY or NONE for \`${table.objectField}\``);
  }
  if (table.list === 'get_endpoints' && !object.values.every(isAuthorizable)) {
    throw new Error('`get_endpoints` names a path that is not authorizable');
  }
}

function isAuthorizable(path: string): boolean {
  return TABLES.authorizableEndpoints.includes(path);
}

function isJsonObject(json: unknown): json is MesosMessage {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

// ---------------------------------------------------------------- the two ways in

/** The request is one on which Mesos fails an internal check (§ 7.2), or not a mirror of a request at all (§ 1). */
class Refused extends Error {}

/** § 10: asking for one decision, which checks the request before anything else. */
export function authorized(acls: ReferenceAcls, request: unknown): boolean | 'error' {
  return orError(() => {
    const given = messageOf(request);
    const action = actionOf(given?.action);
    const subject = messageOf(given?.subject);
    const object = messageOf(given?.object);
    if (namesNobody(subject)) throw new Refused('the subject has neither a value nor claims');
    if (object !== undefined && CHECKED_FIELDS.every((field) => !isSet(object[field]))) {
      throw new Refused('no field of the object is set');
    }
    return decide(acls, subject, action, object);
  });
}

/** § 10: `machine_id` and `command_info` are not among them. */
const CHECKED_FIELDS = [
  'value',
  'framework_info',
  'task',
  'task_info',
  'executor_info',
  'quota_info',
  'weight_info',
  'container_id',
  'resource',
];

/** § 10: the reusable approver, which checks nothing about the request but the action. */
export function approved(
  acls: ReferenceAcls,
  subject: unknown,
  action: unknown,
  object: unknown,
): boolean | 'error' {
  return orError(() => {
    const table = actionOf(action);
    const given = messageOf(subject);
    if (namesNobody(given)) return false;
    return decide(acls, given, table, messageOf(object));
  });
}

function orError(decision: () => boolean): boolean | 'error' {
  try {
    return decision();
  } catch (error) {
    if (error instanceof Refused) return 'error';
    throw error;
  }
}

/** § 7.2 and, as names and numbers are read alike, § 7.4. */
function actionOf(action: unknown): ActionTable {
  const table = ACTIONS.get(action);
  if (table === undefined) throw new Refused('the action is not known');
  return table;
}

function namesNobody(subject: MesosMessage | undefined): boolean {
  return subject !== undefined && !isSet(subject.value) && !isSet(subject.claims);
}

// ---------------------------------------------------------------- the decision

function decide(
  acls: ReferenceAcls,
  subject: MesosMessage | undefined,
  action: ActionTable,
  object: MesosMessage | undefined,
): boolean {
  if (action.acl === null) return false; // § 7.3: UNKNOWN, whatever `permissive` says
  if (subject !== undefined && !isSet(subject.value)) return claimsAllow(subject, action, object);
  checkObject(action, object);
  const principal = askedOf(stringOf(subject?.value));
  if (action.lists !== undefined) return nestedLaunchAllows(acls, principal, action, object);
  const framework = messageOf(object?.framework_info);
  if (action.steps[0]?.special === 'framework-roles' && framework !== undefined) {
    return everyRoleAllows(acls, principal, action, rolesOf(framework));
  }
  return listAllows(acls, String(action.acl), principal, askedObject(action.steps, object));
}

/** § 7.2: what an object must have if there is one, before the rules are looked at. */
function checkObject(action: ActionTable, object: MesosMessage | undefined): void {
  if (object === undefined) return;
  for (const need of action.objectMustHave ?? []) {
    const alternatives = need.split(' or ');
    if (!alternatives.some((field) => isSet(object[field]))) throw new Refused(`the object lacks ${need}`);
  }
}

/** § 7.1: the child list has a say only if there is a command. */
function nestedLaunchAllows(
  acls: ReferenceAcls,
  principal: Asked,
  action: ActionTable,
  object: MesosMessage | undefined,
): boolean {
  const { parent, child } = action.lists!;
  if (!listAllows(acls, parent, principal, askedObject(action.steps, object))) return false;
  if (!isSet(object?.command_info)) return true;
  return listAllows(acls, child, principal, askedObject(action.childSteps!, object));
}

/** § 5.4: every role is judged on its own; without any the rules are not consulted. */
function everyRoleAllows(
  acls: ReferenceAcls,
  principal: Asked,
  action: ActionTable,
  roles: readonly string[],
): boolean {
  if (roles.length === 0) return acls.permissive;
  return roles.every((role) => listAllows(acls, String(action.acl), principal, askedOf(role)));
}

/** § 5.4: the roles of a framework. */
function rolesOf(framework: MesosMessage): string[] {
  const capabilities = elementsOf(framework.capabilities).map((element) => messageOf(element)?.type);
  if (!capabilities.includes('MULTI_ROLE')) return [stringOf(framework.role) ?? '*'];
  return [...new Set(elementsOf(framework.roles).map((role) => stringOf(role)!))];
}

// ---------------------------------------------------------------- matching

/** § 4.3: the first rule both of whose sides apply decides. */
function listAllows(acls: ReferenceAcls, list: string, principal: Asked, object: Asked): boolean {
  const isRoleList = ROLE_LISTS.has(list);
  for (const rule of acls.lists.get(list) ?? []) {
    const entity = isRoleList ? withoutOverriddenType(rule.object) : rule.object;
    const covers = isRoleList ? coversRole : isSame;
    if (!applies(principal, rule.principals, isSame) || !applies(object, entity, covers)) continue;
    return allows(principal, rule.principals, isSame) && allows(object, entity, covers);
  }
  return acls.permissive;
}

type Covers = (listed: string, asked: string) => boolean;

/** § 4.1. */
function applies(asked: Asked, entity: ReferenceEntity, covers: Covers): boolean {
  if (entity.type !== 'SOME') return true;
  return asked.type === 'SOME' && entity.values.some((listed) => covers(listed, asked.value));
}

/** § 4.2. */
function allows(asked: Asked, entity: ReferenceEntity, covers: Covers): boolean {
  if (entity.type === 'NONE') return false;
  return applies(asked, entity, covers);
}

function isSame(listed: string, asked: string): boolean {
  return listed === asked;
}

/** § 5.1: plain text prefix, the slash included. A rule of several values is the union of them (§ 5.2). */
function coversRole(listed: string, asked: string): boolean {
  return listed.endsWith('/%') ? asked.startsWith(listed.slice(0, -1)) : listed === asked;
}

/** § 5.3: one lone recursive value makes the entity a recursive one, whatever its type says. */
function withoutOverriddenType(entity: ReferenceEntity): ReferenceEntity {
  const isLoneRecursive = entity.values.length === 1 && entity.values[0]!.endsWith('/%');
  return isLoneRecursive ? { type: 'SOME', values: entity.values } : entity;
}

// ---------------------------------------------------------------- what a request asks for

/** § 3: the first step that applies gives the string; without an object, or without such a step, `ANY`. */
function askedObject(steps: readonly Step[], object: MesosMessage | undefined): Asked {
  const step = steps.find(({ when }) => isSet(valueAt(object, when)));
  if (step === undefined) return ANY;
  return askedOf(stringOf(valueAt(object, step.value ?? step.when)) ?? step.default);
}

function askedOf(value: string | undefined): Asked {
  return value === undefined ? ANY : { type: 'SOME', value };
}

/** A path such as `resource.reservations[last].role`; undefined as soon as something on the way is absent. */
function valueAt(object: MesosMessage | undefined, path: string): unknown {
  let value: unknown = object;
  for (const segment of path.split('.')) {
    const field = segment.replace('[last]', '');
    value = messageOf(value)?.[field];
    if (segment.endsWith('[last]')) value = elementsOf(value).at(-1);
  }
  return value;
}

// ---------------------------------------------------------------- claims

/** § 6: neither the lists nor `permissive` play a part. */
function claimsAllow(subject: MesosMessage, action: ActionTable, object: MesosMessage | undefined): boolean {
  const container = messageOf(object?.container_id);
  if (action.implicitRule === null || container === undefined) return false;
  const claims = messageOf(subject.claims)!;
  if (action.implicitRule === 'executor') {
    return claimedValues(claims, 'cid').at(0) === containerName(rootOf(container));
  }
  const prefix = claimedValues(claims, 'cid_prefix').at(-1);
  return prefix !== undefined && containerName(container).startsWith(prefix);
}

/** In the order of the labels; labels without a value are passed over. */
function claimedValues(claims: MesosMessage, key: string): string[] {
  return elementsOf(claims.labels)
    .map((element) => messageOf(element)!)
    .filter((label) => label.key === key && isSet(label.value))
    .map((label) => stringOf(label.value)!);
}

function rootOf(container: MesosMessage): MesosMessage {
  const parent = messageOf(container.parent);
  return parent === undefined ? container : rootOf(parent);
}

/** An ID without a value reads as the empty string, as where it is looked up among the users (§ 7.1). */
function containerName(container: MesosMessage): string {
  return stringOf(container.value) ?? '';
}

// ---------------------------------------------------------------- presence

/** § 1: set in the protobuf sense. An empty string is set, and so is a message without fields. */
function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function messageOf(value: unknown): MesosMessage | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw new Refused('a message is not an object');
  return value;
}

function stringOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new Refused('a string field holds something else');
  return value;
}

function elementsOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Refused('a repeated field is not an array');
  return value.filter(isSet);
}
