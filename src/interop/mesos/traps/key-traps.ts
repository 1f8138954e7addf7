import type { Severity } from '../../../diagnostics/diagnostic.ts';
import { nearestName } from '../../../diagnostics/nearest.ts';
import { type JsonNode, nodeAt, pointerTo } from '../../../json/json-tree.ts';
import { type AclList, aclLists, lostLists, resourceKinds } from '../lists.ts';
import { isJsonObject, memberOf, type PointedDiagnostic } from '../read-acls.ts';
import { quoteKey, type Trap, warnOf } from './trap.ts';
import type { WrittenEntry } from './written-entries.ts';

/** A diagnostic about a key, with the place of the key: its value may be the whole of a list. */
export type KeyDiagnostic = PointedDiagnostic & Pick<JsonNode, 'start' | 'end'>;

type JsonObject = Readonly<Record<string, unknown>>;

/** An object of the document whose keys Mesos looks up. */
interface KnownObject {
  readonly value: JsonObject;
  readonly pointer: string;
  /** What messages call it. */
  readonly name: string;
  readonly known: readonly string[];
}

const listNames = aclLists.map(({ name }) => name);
const objectFields: readonly string[] = Object.keys(resourceKinds);
/** Keys that mean something in an entry or an entity somewhere. */
const innerKeys = new Set(['permissive', 'principals', 'type', 'values', ...objectFields]);

/** Keys that Mesos passes over, and keys of which it takes the last and forgets the others. */
export function keyTraps(
  document: JsonObject,
  entries: readonly WrittenEntry[],
  places: JsonNode,
): KeyDiagnostic[] {
  const top = { value: document, pointer: '', name: 'the document', known: ['permissive', ...listNames] };
  return [
    ...unknownTopKeys(top, places),
    ...repeatedKeys(top, places),
    ...entries.flatMap((entry) => {
      const { value, pointer, list } = entry;
      const known = ['principals', list.objectField];
      const asObject = { value, pointer, name: `an entry of \`${list.name}\``, known };
      return [
        ...unknownEntryKeys(asObject, list, places),
        ...repeatedKeys(asObject, places),
        ...known.flatMap((field) => entityKeys(entry, field, places)),
      ];
    }),
  ];
}

function entityKeys({ value, pointer }: WrittenEntry, field: string, places: JsonNode): KeyDiagnostic[] {
  const entity = memberOf(value, field);
  if (!isJsonObject(entity)) return [];
  const known = ['type', 'values'];
  const asObject = { value: entity, pointer: pointerTo(pointer, field), name: `\`${field}\``, known };
  return [...unknownEntityKeys(asObject, places), ...repeatedKeys(asObject, places)];
}

// ---------------------------------------------------------------- P4106

interface Finding {
  readonly severity: Severity;
  readonly message: string;
  readonly help: string;
}

function unknownTopKeys(top: KnownObject, places: JsonNode): KeyDiagnostic[] {
  return unknownKeys(top, places, (key) => {
    const message = `${quoteKey(key)} is no list of Mesos and is ignored`;
    const help = helpForListName(key, top.known);
    if (help !== undefined) return { severity: 'warning', message, help };
    const value = top.value[key];
    return typeof value === 'object' && value !== null
      ? { severity: 'warning', message, help: 'delete it, or give it the name of the list that is meant' }
      : remark(key, top.name);
  });
}

/** Names of lists that are gone are candidates too: one of them, misspelt, must not become a list that means another thing. */
function helpForListName(key: string, known: readonly string[]): string | undefined {
  const near = lostLists.has(key) ? key : nearestName(key.toLowerCase(), [...known, ...lostLists.keys()]);
  if (near === undefined) return undefined;
  const lost = lostLists.get(near);
  if (lost === undefined) return `write \`${near}\``;
  return near === key ? lost : `\`${near}\` is no list either: ${lost}`;
}

function unknownEntryKeys(entry: KnownObject, list: AclList, places: JsonNode): KeyDiagnostic[] {
  // An entry that lacks an entity is a load fault, whose message speaks of the keys that are there instead.
  if (!entry.known.every((key) => Object.hasOwn(entry.value, key))) return [];
  return unknownKeys(entry, places, (key) => {
    const near = nearestName(key.toLowerCase(), entry.known);
    if (near !== undefined)
      return { severity: 'warning', message: notKnown(key, entry.name), help: `write \`${near}\`, once` };
    const meant = innerKeys.has(key) ? key : nearestName(key.toLowerCase(), objectFields);
    if (meant === undefined) return remark(key, entry.name);
    return { severity: 'warning', message: notKnown(key, entry.name), help: misplacedHelp(meant, list) };
  });
}

function misplacedHelp(key: string, { name, objectField }: AclList): string {
  if (key === 'permissive') return 'write it at the top of the document, where it holds for all lists';
  if (key === 'type' || key === 'values') return `write it inside \`principals\` or \`${objectField}\``;
  return `delete it: \`${name}\` is about \`${objectField}\``;
}

function unknownEntityKeys(entity: KnownObject, places: JsonNode): KeyDiagnostic[] {
  return unknownKeys(entity, places, (key) => {
    const message = notKnown(key, entity.name);
    const near = nearestName(key.toLowerCase(), entity.known);
    if (near !== undefined) return { severity: 'warning', message, help: `write \`${near}\`` };
    return innerKeys.has(key)
      ? { severity: 'warning', message, help: 'delete it: an entity has `type` and `values`' }
      : remark(key, entity.name);
  });
}

function notKnown(key: string, name: string): string {
  return `${quoteKey(key)} is no key of ${name} and is ignored`;
}

function remark(key: string, name: string): Finding {
  return {
    severity: 'info',
    message: `${quoteKey(key)} means nothing in ${name} and is ignored`,
    help: 'delete it, unless it is a remark for people',
  };
}

function unknownKeys(
  { value, pointer, known }: KnownObject,
  places: JsonNode,
  judge: (key: string) => Finding,
): KeyDiagnostic[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const at = pointerTo(pointer, key);
      return { code: 'P4106', pointer: at, ...judge(key), ...keyPlace(places, at) };
    });
}

function keyPlace(places: JsonNode, pointer: string): Pick<JsonNode, 'start' | 'end'> {
  const node = nodeAt(places, pointer);
  const { start, end } = node.key ?? node;
  return { start, end };
}

// ---------------------------------------------------------------- P4110

/** Only of keys that mean something: of the others none counts, however often they stand. */
function repeatedKeys({ pointer, name, known }: KnownObject, places: JsonNode): KeyDiagnostic[] {
  const times = new Map<string, number>();
  for (const repeated of nodeAt(places, pointer).repeatedKeys) {
    if (known.includes(repeated.name)) times.set(repeated.name, (times.get(repeated.name) ?? 1) + 1);
  }
  return [...times].map(([key, count]) => {
    const at = pointerTo(pointer, key);
    const trap: Trap = {
      code: 'P4110',
      pointer: at,
      message: `\`${key}\` stands ${count === 2 ? 'twice' : `${count} times`} in ${name}: only the last counts, as a whole`,
      help: 'join them into one',
    };
    return { ...warnOf(trap), ...keyPlace(places, at) };
  });
}
