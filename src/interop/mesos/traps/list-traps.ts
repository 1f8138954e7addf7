import type { RelatedLocation } from '../../../diagnostics/diagnostic.ts';
import { type AclEntry, type Acls, entryName } from '../acls.ts';
import { goesByValues, isDenial, matchesNothing, prefixOf } from '../entity-meaning.ts';
import { type AclList, aclListByName } from '../lists.ts';
import type { PointedDiagnostic } from '../read-acls.ts';
import { AtomCover, atomsOf } from './atom-cover.ts';
import { quoteText, warnOf } from './trap.ts';
import type { UnreachableEntry } from './unreachable-entries.ts';
import type { WrittenEntity, WrittenEntry } from './written-entries.ts';

// What is misleading about entries only beside the others of their list.

// ---------------------------------------------------------------- P4105

/** More places would not be read. */
const maxRelated = 8;

/** @param locate  gives the place of a JSON pointer */
export function unreachableTraps(
  unreachable: readonly UnreachableEntry[],
  locate: (pointer: string) => Omit<RelatedLocation, 'text'>,
): PointedDiagnostic[] {
  return unreachable.map(({ entry, by }) => {
    const isAlone = by.length === 1;
    const related = by.slice(0, maxRelated).map((earlier) => ({
      ...locate(earlier.pointer),
      text: isAlone ? coverText(earlier) : `\`${entryName(earlier)}\` applies to a part of it`,
    }));
    const before = isAlone
      ? `\`${entryName(by[0]!)}\` applies`
      : `${by.length} entries before it together apply`;
    return {
      ...warnOf({
        code: 'P4105',
        pointer: entry.pointer,
        message: `\`${entryName(entry)}\` never decides: ${before} to everything that it applies to`,
        help: `delete it, or move it before \`${entryName(by[0]!)}\``,
      }),
      related,
    };
  });
}

function coverText(entry: AclEntry): string {
  const { match } = aclListByName.get(entry.list)!;
  const isCatchAll = !goesByValues(entry.principals, 'value') && !goesByValues(entry.object, match);
  return `\`${entryName(entry)}\` applies ${isCatchAll ? 'to every request' : 'first'}`;
}

// ---------------------------------------------------------------- P4103

/** Entries of a role list that cover the roles below one and leave out the role itself. */
export function roleItselfTraps(entries: readonly WrittenEntry[]): PointedDiagnostic[] {
  const covers = new Map<string, AtomCover>();
  for (const entry of entries) addTo(covers, entry);
  return entries.flatMap((entry) => {
    const { object } = entry;
    if (object === undefined || object.match !== 'role' || !goesByValues(object, 'role')) return [];
    // Whoever lists the role in an entry of its own for the same principals has thought of it.
    const cover = covers.get(audienceOf(entry))!;
    return prefixesIn(object).flatMap(({ prefix, pointer }) => {
      const role = prefix.slice(0, -1);
      if (role === '' || cover.covers({ kind: 'text', text: role })) return [];
      return [leavesOut(object, role, pointer)];
    });
  });
}

function addTo(covers: Map<string, AtomCover>, entry: WrittenEntry): void {
  if (entry.object?.match !== 'role') return;
  const audience = audienceOf(entry);
  const cover = covers.get(audience) ?? new AtomCover();
  covers.set(audience, cover);
  for (const atom of atomsOf(entry.object, 'role')) cover.add(atom, entry.index);
}

/** The same text for entries of the same principals and the same effect. */
function audienceOf({ list, principals, object }: WrittenEntry): string {
  if (principals === undefined || object === undefined) return '';
  const whom = principals.type === 'SOME' ? [...new Set(principals.values)].sort() : principals.type;
  return JSON.stringify([list.name, whom, isDenial(object, 'role')]);
}

/** Each once, where it first stands. */
function prefixesIn({ values, valuePointers, match }: WrittenEntity): { prefix: string; pointer: string }[] {
  const first = new Map<string, string>();
  for (const [i, value] of values.entries()) {
    const prefix = prefixOf(value, match);
    if (prefix !== undefined && !first.has(prefix)) first.set(prefix, valuePointers[i]!);
  }
  return [...first].map(([prefix, pointer]) => ({ prefix, pointer }));
}

function leavesOut({ type }: WrittenEntity, role: string, pointer: string): PointedDiagnostic {
  const below = quoteText(`${role}/%`);
  const both = `\`{"values": [${quoteText(role)}, ${below}]}\``;
  return warnOf({
    code: 'P4103',
    pointer,
    message: `\`${below}\` covers the roles below \`${quoteText(role)}\`, and not that role itself`,
    help: `list both if both are meant: ${both}${type === 'SOME' ? '' : ', without a `type`'}`,
  });
}

// ---------------------------------------------------------------- P4111

/** Lists that could be deleted: everything is allowed with them, and without them. */
export function listsWithoutEffect(
  { permissive, lists }: Acls,
  isUnreachable: (entry: AclEntry) => boolean,
): PointedDiagnostic[] {
  if (!permissive) return [];
  return [...lists].flatMap(([name, entries]) => {
    const list = aclListByName.get(name)!;
    if (entries.some((entry) => canDeny(entry, list) && !isUnreachable(entry))) return [];
    return [
      warnOf({
        code: 'P4111',
        pointer: `/${name}`,
        message: `\`${name}\` has no effect: none of its entries denies anything, and what no entry decides is allowed`,
        help: `write \`"permissive": false\`, or end the list with \`{"principals": {"type": "ANY"}, "${list.objectField}": {"type": "NONE"}}\``,
      }),
    ];
  });
}

function canDeny({ principals, object }: AclEntry, { match }: AclList): boolean {
  if (matchesNothing(principals, 'value') || matchesNothing(object, match)) return false;
  return isDenial(principals, 'value') || isDenial(object, match);
}
