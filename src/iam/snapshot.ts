import { isNestedDeeper } from '../json/is-nested-deeper.ts';
import { maxJsonDepth } from '../json/parse-json.ts';
import type { Acl, EntryActions } from './grant-table.ts';
import type { IamState } from './iam-state.ts';
import { type Action, actions, type Group, type SubjectKind, type User } from './operation.ts';
import { isCount, isGroup, isHash, isListOf, isText, isUser } from './read-record.ts';
import { canonicalJson } from './record-hash.ts';

/** A text that is no snapshot of a state. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
}

/** What is read from a snapshot, piece by piece: groups come after users, and lists after both. False refuses a piece. */
export interface SnapshotReader {
  readonly user: (user: User) => boolean;
  readonly group: (group: Group, members: readonly string[]) => boolean;
  readonly acl: (acl: Acl, grants: readonly SnapshotGrant[]) => boolean;
}

export type SnapshotGrant = readonly [subjects: SubjectKind, id: string, action: Action, revision: number];

/** What a state is of. */
interface Head {
  readonly revision: number;
  readonly hash: string;
}

const format = 'postern-iam';
const version = 1;

/**
 * JSON lines: a head with format, version, revision and hash; a line for each user, group and access control list, each kind
 * sorted by id; and an end that counts them, so that a text that was cut is known.
 *
 *     {"acl":{"description":…,"rid":…},"grants":[["users","alice","read",17],…]}
 */
export function writeSnapshot(state: IamState): string {
  const lines: string[] = [JSON.stringify({ format, version, revision: state.revision, hash: state.hash })];
  const add = (piece: object): void => {
    lines.push(canonicalJson(piece));
  };
  for (const user of sortedBy(state.users(), ({ uid }) => uid)) add({ user });
  for (const group of sortedBy(state.groups(), ({ gid }) => gid))
    add({ group, members: state.membersOf(group.gid) });
  for (const acl of sortedBy(state.acls(), ({ rid }) => rid))
    add({ acl, grants: grantsIn(state.entriesOf(acl.rid)) });
  lines.push(JSON.stringify({ end: lines.length }));
  return `${lines.join('\n')}\n`;
}

function grantsIn(entries: readonly EntryActions[]): SnapshotGrant[] {
  return sortedBy(entries, ({ entry }) => `${entry.subjects}/${entry.id}`).flatMap(
    ({ entry, actions: stored }) =>
      stored.map(({ action, revision }): SnapshotGrant => [entry.subjects, entry.id, action, revision]),
  );
}

/** @throws {SnapshotError} for any other text than `writeSnapshot` writes */
export function readSnapshot(text: string, reader: SnapshotReader): Head {
  let number = 0;
  let head: Head | undefined;
  let isEnded = false;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    if (end < 0) throw new SnapshotError('the snapshot is cut short');
    const line = parse(text.slice(start, end), ++number);
    start = end + 1;
    if (isEnded) throw new SnapshotError(`line ${number} of the snapshot stands behind its end`);
    if (head === undefined) head = readHead(line);
    else if (line.end !== undefined) {
      if (line.end !== number - 1) throw new SnapshotError('the snapshot has lost lines');
      isEnded = true;
    } else if (!readPiece(line, head, reader))
      throw new SnapshotError(
        `line ${number} of the snapshot is not understood, or does not fit those before`,
      );
  }
  if (head === undefined || !isEnded) throw new SnapshotError('the snapshot is cut short');
  return head;
}

type Line = Readonly<Record<string, unknown>>;

function parse(text: string, number: number): Line {
  if (isNestedDeeper(text, maxJsonDepth))
    throw new SnapshotError(`line ${number} of the snapshot is nested more than ${maxJsonDepth} deep`);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Line;
  } catch {
    // Said below.
  }
  throw new SnapshotError(`line ${number} of the snapshot is no JSON object`);
}

function readHead(line: Line): Head {
  const { format: found, version: written, revision, hash } = line;
  if (found !== format) throw new SnapshotError('this is no snapshot of users, groups and grants');
  if (written !== version)
    throw new SnapshotError(`the snapshot has version ${String(written)}, and ${version} is known here`);
  if (!(isCount(revision) || revision === 0) || !isHash(hash))
    throw new SnapshotError('the head of the snapshot lacks its revision or hash');
  return { revision: revision as number, hash: hash as string };
}

function readPiece(line: Line, head: Head, reader: SnapshotReader): boolean {
  const { user, group, members, acl, grants } = line;
  if (user !== undefined) return isUser(user) && reader.user(user as User);
  if (group !== undefined)
    return (
      isGroup(group) &&
      isListOf(members, isText) &&
      reader.group(group as Group, members as readonly string[])
    );
  const list = acl as Acl | undefined;
  return (
    isText(list?.rid) &&
    isText(list.description) &&
    isListOf(grants, (grant) => isGrant(grant, head)) &&
    reader.acl(list, grants as readonly SnapshotGrant[])
  );
}

function isGrant(value: unknown, head: Head): boolean {
  if (!Array.isArray(value) || value.length !== 4) return false;
  const [kind, id, action, revision] = value as readonly unknown[];
  return (
    (kind === 'users' || kind === 'groups') &&
    isText(id) &&
    (actions as readonly unknown[]).includes(action) &&
    isCount(revision) &&
    (revision as number) <= head.revision
  );
}

function sortedBy<Value>(values: Iterable<Value>, keyOf: (value: Value) => string): Value[] {
  return [...values].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
