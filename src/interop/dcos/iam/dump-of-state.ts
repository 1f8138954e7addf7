import type { EntryActions, IamState } from '../../../iam/iam-state.ts';
import type { DumpContent, DumpedAcl, DumpedEntry } from '../grants/write-dump.ts';

/**
 * What a dump of a store holds: all but passwords, which the IAM never shows. Everything is sorted, so that two states that
 * hold the same have the same dump, whatever came before.
 */
export function dumpOfState(state: IamState): DumpContent {
  const users = sortedBy([...state.users()], ({ uid }) => uid);
  const groups = sortedBy([...state.groups()], ({ gid }) => gid);
  const acls = sortedBy([...state.acls()], ({ rid }) => rid);
  return {
    users: users.map(({ passwordHash: _, ...user }) => user),
    groups: groups.map((group) => ({ ...group, members: [...state.membersOf(group.gid)].sort() })),
    // What is granted is looked up when it is written: a large state is not held twice.
    acls: acls.map((acl) => ({ ...acl, entries: () => entriesOf(state.entriesOf(acl.rid)) })),
  };
}

function entriesOf(entries: readonly EntryActions[]): ReturnType<DumpedAcl['entries']> {
  const of = (kind: 'users' | 'groups'): DumpedEntry[] =>
    sortedBy(
      entries
        .filter(({ entry }) => entry.subjects === kind)
        .map(({ entry: { id }, actions }) => ({ id, actions: actions.map(({ action }) => action) })),
      ({ id }) => id,
    );
  return { users: of('users'), groups: of('groups') };
}

function sortedBy<T>(items: T[], keyOf: (item: T) => string): T[] {
  return items.sort((a, b) => {
    const [left, right] = [keyOf(a), keyOf(b)];
    return left < right ? -1 : left > right ? 1 : 0;
  });
}
