import type { Diagnostic, RelatedLocation } from '../../../diagnostics/diagnostic.ts';
import { sortDiagnostics } from '../../../diagnostics/sort.ts';
import { type JsonNode, nodeAt } from '../../../json/json-tree.ts';
import type { Source } from '../../../source/source.ts';
import type { Acls } from '../acls.ts';
import { aclListByName, aclLists } from '../lists.ts';
import { type AclsReading, memberOf, type PointedDiagnostic, placeDiagnostics } from '../read-acls.ts';
import { entityTraps } from './entity-traps.ts';
import { type KeyDiagnostic, keyTraps } from './key-traps.ts';
import { listsWithoutEffect, roleItselfTraps, unreachableTraps } from './list-traps.ts';
import { informOf, warnOf } from './trap.ts';
import { findUnreachable, type UnreachableEntry } from './unreachable-entries.ts';
import { type WrittenEntry, writtenEntries } from './written-entries.ts';

/**
 * What in an `--acls` document loads and is probably not meant: SEMANTICS of Mesos, 2, 4, 5 and 11. Every message is true of
 * the document as it stands; what is merely unusual is not reported. Of a document with load faults the entries are told
 * that mislead by themselves, and not what depends on the others of their list.
 *
 * @param reading  of the same source
 */
export function findTraps({ file }: Source, reading: AclsReading): Diagnostic[] {
  const { value, acls, places } = reading;
  if (value === undefined) return [];
  const entries = writtenEntries(value);
  const unreachable = acls === undefined ? [] : unreachableIn(acls);
  const locate = (pointer: string): Omit<RelatedLocation, 'text'> => ({
    file,
    span: spanOf(nodeAt(places(), pointer)),
  });
  const dead = new Set(unreachable.map(({ entry }) => entry.pointer));
  const found = [
    ...defaultTraps(value),
    ...entries.flatMap((entry) => entityTraps(entry, dead.has(entry.pointer))),
    ...unreachableTraps(unreachable, locate),
    ...(acls === undefined ? [] : listTraps(acls, entries, dead)),
  ];
  const placed = placeDiagnostics(found, file, places);
  return sortDiagnostics([
    ...placed,
    ...keyTraps(value, entries, places()).map((each) => placeAtKey(each, file)),
  ]);
}

function unreachableIn({ lists }: Acls): UnreachableEntry[] {
  return [...lists].flatMap(([name, entries]) => findUnreachable(entries, aclListByName.get(name)!.match));
}

function listTraps(
  acls: Acls,
  entries: readonly WrittenEntry[],
  dead: ReadonlySet<string>,
): PointedDiagnostic[] {
  return [...roleItselfTraps(entries), ...listsWithoutEffect(acls, ({ pointer }) => dead.has(pointer))];
}

function placeAtKey({ start, end, ...diagnostic }: KeyDiagnostic, file: string): Diagnostic {
  return { ...diagnostic, file, span: { start, end } };
}

function spanOf({ start, end }: JsonNode): RelatedLocation['span'] {
  return { start, end };
}

// ---------------------------------------------------------------- P4104, P4112

/** What becomes of requests that no entry decides. */
function defaultTraps(document: Readonly<Record<string, unknown>>): PointedDiagnostic[] {
  const permissive = permissiveIn(document);
  if (permissive === undefined) return [];
  return permissive ? [allowsByDefault(document)] : absentLists(document);
}

/** Nothing where it is a load fault. */
function permissiveIn(document: Readonly<Record<string, unknown>>): boolean | undefined {
  const written = memberOf(document, 'permissive') ?? true;
  if (typeof written === 'boolean') return written;
  const word =
    typeof written === 'string' ? /^[ \t\n\r]*(true|false)[ \t\n\r]*$/.exec(written)?.[1] : undefined;
  return word === undefined ? undefined : word === 'true';
}

function allowsByDefault(document: Readonly<Record<string, unknown>>): PointedDiagnostic {
  const isWritten = Object.hasOwn(document, 'permissive');
  const isNull = memberOf(document, 'permissive') === null;
  const how = !isWritten
    ? 'is absent, which means `true`'
    : isNull
      ? 'is `null`, which means `true`'
      : 'is `true`';
  return warnOf({
    code: 'P4104',
    pointer: isWritten ? '/permissive' : '',
    message: `\`permissive\` ${how}: these ACLs allow whatever no entry decides, absent lists included`,
    help: `${isWritten && !isNull ? 'write `false`' : 'write `"permissive": false`'}, and entries for whatever is to be allowed`,
  });
}

const maxNames = 10;

function absentLists(document: Readonly<Record<string, unknown>>): PointedDiagnostic[] {
  const absent = aclLists.map(({ name }) => name).filter((name) => !Object.hasOwn(document, name));
  if (absent.length === 0) return [];
  const names = absent.slice(0, maxNames).map((name) => `\`${name}\``);
  if (absent.length > maxNames) names.push(`and ${absent.length - maxNames} more`);
  const all = aclLists.length;
  const which = absent.length === all ? `all ${all} lists` : `${absent.length} of the ${all} lists`;
  const [are, they] = absent.length === 1 ? ['is', 'it is'] : ['are', 'they are'];
  return [
    informOf({
      code: 'P4112',
      pointer: '',
      message: `${which} ${are} absent, and \`permissive\` is \`false\`: these ACLs deny everybody what ${they} about: ${names.join(', ')}`,
      help: 'add entries for what is to be allowed, or an empty list `[]` where nothing is',
    }),
  ];
}
