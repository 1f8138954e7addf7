import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { DiagnosticCode } from '../../diagnostics/codes.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { sortDiagnostics } from '../../diagnostics/sort.ts';
import { buildJsonTree, type JsonNode, nodeAt, pointerTo } from '../../json/json-tree.ts';
import { readJsonStrictly } from '../../json/strict-json-reader.ts';
import type { Source } from '../../source/source.ts';
import type { AclEntity, AclEntry, Acls, EntityType } from './acls.ts';
import { aclsSchema } from './acls-schema.ts';
import { type AclList, aclListByName, aclLists, authorizableEndpoints, resourceKinds } from './lists.ts';

/** Nesting beyond this is refused by Mesos. */
const maxDepth = 200;

/**
 * What became of a document. `acls` is there if Mesos would load it. `value` and `places`, the JSON itself, are there if
 * it could be read as JSON; `places` is built when first asked for.
 */
export interface AclsReading {
  readonly diagnostics: readonly Diagnostic[];
  readonly acls?: Acls;
  readonly value?: Readonly<Record<string, unknown>>;
  readonly places: () => JsonNode;
}

/**
 * Reads the text of an `--acls` document, as lenient and as strict as Mesos: SEMANTICS of Mesos, 2 and 2.1. Mesos stops
 * at the first fault; here all are reported, each with its JSON pointer.
 */
export function readAcls(source: Source): AclsReading {
  let tree: JsonNode | undefined;
  const places = (): JsonNode => {
    tree ??= buildJsonTree(source.text);
    return tree;
  };
  const json = readJsonStrictly(source.text, { maxDepth, isLenient: true });
  if (!json.ok) {
    const span = { start: json.offset, end: Math.min(json.offset + 1, source.text.length) };
    return { diagnostics: [{ ...fault('P4001', json.message), file: source.file, span }], places };
  }
  if (!isJsonObject(json.value)) {
    const message = 'the document is no JSON object';
    const help = 'write `{"permissive": false, "run_tasks": […]}`';
    return { diagnostics: [{ ...fault('P4001', message), file: source.file, span: places(), help }], places };
  }
  const faults = [...structureFaults(json.value), ...meaningFaults(json.value)];
  const diagnostics = placeDiagnostics(faults, source.file, places);
  const reading = { diagnostics, value: json.value, places };
  return faults.length > 0 ? reading : { ...reading, acls: buildAcls(json.value) };
}

/** A diagnostic whose place is a JSON pointer. */
export interface PointedDiagnostic extends Omit<Diagnostic, 'file' | 'span'> {
  readonly pointer: string;
}

/** Diagnostics with the places of their pointers, in the order of the document. */
export function placeDiagnostics(
  found: readonly PointedDiagnostic[],
  file: string,
  places: () => JsonNode,
): Diagnostic[] {
  return sortDiagnostics(
    found.map((diagnostic): Diagnostic => {
      const { start, end } = nodeAt(places(), diagnostic.pointer);
      return { ...diagnostic, file, span: { start, end } };
    }),
  );
}

function fault(code: DiagnosticCode, message: string): Pick<Diagnostic, 'code' | 'severity' | 'message'> {
  return { code, severity: 'error', message };
}

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own member, so that no name finds what every object inherits. */
export function memberOf(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

// ---------------------------------------------------------------- structure, by the schema

let validator: ValidateFunction | undefined;

function structureFaults(value: unknown): PointedDiagnostic[] {
  validator ??= new Ajv({ allErrors: true, allowUnionTypes: true, strict: true, verbose: true }).compile(
    aclsSchema,
  );
  if (validator(value)) return [];
  return (validator.errors ?? []).map(describeStructureFault);
}

function describeStructureFault(error: ErrorObject): PointedDiagnostic {
  const { instancePath: pointer, keyword, data } = error;
  if (keyword === 'required') {
    const missing = String((error.params as { missingProperty: string }).missingProperty);
    return { ...lacksEntity(missing, listOf(pointer), data), pointer };
  }
  const entityField = /\/(principals|[a-z_]+)$/.exec(pointer)?.[1];
  if (data === null && entityField !== undefined)
    return { ...lacksEntity(entityField, listOf(pointer), data), pointer };
  const { title: expected, description: help } = error.parentSchema as { title: string; description: string };
  const key = pointer.split('/').findLast((token) => !/^[0-9]+$/.test(token));
  const verb = pointer.endsWith(`/${key}`) ? 'is' : 'holds';
  return { ...fault('P4002', `\`${key}\` ${verb} ${describeJson(data)}, not ${expected}`), pointer, help };
}

function listOf(pointer: string): string {
  return pointer.split('/')[1]!;
}

function lacksEntity(
  missing: string,
  list: string,
  entry: unknown,
): Pick<PointedDiagnostic, 'code' | 'severity' | 'message' | 'help'> {
  const message = `an entry of \`${list}\` lacks \`${missing}\``;
  const others = isJsonObject(entry) ? Object.keys(entry).filter((key) => isMisplaced(key, list)) : [];
  const ignored = others.length === 0 ? '' : `; \`${others.join('`, `')}\` is ignored in this list`;
  return {
    ...fault('P4003', message),
    help: `write \`"${missing}": {"type": "ANY"}\`, or list values${ignored}`,
  };
}

function isMisplaced(key: string, list: string): boolean {
  return Object.hasOwn(resourceKinds, key) && aclListByName.get(list)!.objectField !== key;
}

/** A JSON value in few words, and whatever else a program may pass for one. */
export function describeJson(value: unknown): string {
  if (value === null) return '`null`';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'function') return 'a function';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return `\`${text.length > 80 ? `${text.slice(0, 80)}…` : text}\``;
}

// ---------------------------------------------------------------- meaning (2.1)

/** The checks after parsing, on whatever of the document has the right structure. */
function meaningFaults(value: Readonly<Record<string, unknown>>): PointedDiagnostic[] {
  return aclLists.flatMap((list) => {
    if (list.check === 'none') return [];
    return rawEntries(value, list.name).flatMap(({ value: entry, pointer }) => {
      const entity = memberOf(entry, list.objectField);
      if (!isJsonObject(entity) || !hasType(entity, 'SOME')) return [];
      const entityPointer = pointerTo(pointer, list.objectField);
      return list.check === 'any-or-none'
        ? [mustBeAnyOrNone(list, entity, entityPointer)]
        : endpointFaults(entity, entityPointer);
    });
  });
}

function mustBeAnyOrNone(
  { name, objectField }: AclList,
  entity: Readonly<Record<string, unknown>>,
  pointer: string,
): PointedDiagnostic {
  const written = memberOf(entity, 'type');
  const isUnknown = typeof written === 'string' && written !== 'SOME';
  const how = isUnknown ? `${describeJson(written)} is no type, which leaves \`SOME\`` : 'is `SOME`';
  return {
    ...fault(
      'P4004',
      `\`${objectField}\` of \`${name}\` must be \`ANY\` or \`NONE\`: ${isUnknown ? how : `it ${how}`}`,
    ),
    pointer,
    help: 'write `{"type": "ANY"}` to allow, `{"type": "NONE"}` to deny',
  };
}

function endpointFaults(entity: Readonly<Record<string, unknown>>, pointer: string): PointedDiagnostic[] {
  return flatten(memberOf(entity, 'values'), pointerTo(pointer, 'values')).flatMap(
    ({ value: path, pointer }) => {
      if (typeof path !== 'string' || authorizableEndpoints.includes(path)) return [];
      return [
        {
          ...fault('P4005', `${describeJson(path)} is no endpoint that can be authorized`),
          pointer,
          help: endpointHelp(path),
        },
      ];
    },
  );
}

function endpointHelp(path: string): string {
  const bare = path
    .replace(/^\/slave\([^)]*\)/, '')
    .replace(/^\/(?:master|slave|agent)(?=\/)/, '')
    .replace(/(?<=.)\/$/, '');
  const meant = authorizableEndpoints.find((endpoint) => endpoint === bare);
  return meant === undefined
    ? `the endpoints are \`${authorizableEndpoints.join('`, `')}\``
    : `write \`${meant}\`: the bare path, without the name of an agent and without a slash behind it`;
}

// ---------------------------------------------------------------- reading

interface RawEntry {
  readonly value: Readonly<Record<string, unknown>>;
  readonly pointer: string;
}

/** The objects of a list in the order in which Mesos counts them; what is no object is passed over. */
export function rawEntries(document: Readonly<Record<string, unknown>>, list: string): RawEntry[] {
  return flatten(memberOf(document, list), pointerTo('', list)).filter((found): found is RawEntry =>
    isJsonObject(found.value),
  );
}

/** A lone value stands for an array of one, arrays in arrays are one array, `null` vanishes. */
export function flatten(
  value: unknown,
  pointer: string,
): { readonly value: unknown; readonly pointer: string }[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) return [{ value, pointer }];
  return value.flatMap((item, index) => flatten(item, pointerTo(pointer, index)));
}

/** Of a type that is no text the structure has been told already. */
function hasType(entity: Readonly<Record<string, unknown>>, type: EntityType): boolean {
  const written = memberOf(entity, 'type');
  const isText = written === undefined || written === null || typeof written === 'string';
  return isText && readType(entity) === type;
}

/** Any other text than these three is dropped, which leaves the default. */
function readType(entity: Readonly<Record<string, unknown>>): EntityType {
  const type = memberOf(entity, 'type');
  return type === 'ANY' || type === 'NONE' ? type : 'SOME';
}

function readPermissive(value: unknown): boolean {
  return typeof value === 'string' ? value.trim() !== 'false' : value !== false;
}

/** @param document  without faults */
function buildAcls(document: Readonly<Record<string, unknown>>): Acls {
  const lists = new Map<string, readonly AclEntry[]>();
  for (const { name, objectField } of aclLists) {
    const entries = rawEntries(document, name).map(
      ({ value, pointer }, index): AclEntry => ({
        list: name,
        index,
        pointer,
        principals: readEntity(value, 'principals'),
        object: readEntity(value, objectField),
      }),
    );
    if (entries.length > 0) lists.set(name, entries);
  }
  return { permissive: readPermissive(memberOf(document, 'permissive')), lists };
}

function readEntity(entry: Readonly<Record<string, unknown>>, field: string): AclEntity {
  const entity = entry[field] as Readonly<Record<string, unknown>>;
  const values = flatten(memberOf(entity, 'values'), '').map(({ value }) => value as string);
  return { type: readType(entity), values };
}
