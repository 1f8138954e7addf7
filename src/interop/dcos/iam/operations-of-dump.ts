import type { IamState } from '../../../iam/iam-state.ts';
import type { Action, Operation } from '../../../iam/operation.ts';
import type { StateDump } from './read-state-dump.ts';

/**
 * What a state lacks of a dump, in an order in which each operation finds what it needs. What is there already stays as it is:
 * descriptions, keys and passwords too. Done a second time there is nothing left to do, so that a load that was cut short goes
 * on where it stopped. On the way there is never more granted than in the end.
 */
export function operationsOfDump(dump: StateDump, state: IamState): Operation[] {
  const operations: Operation[] = [];
  for (const user of dump.users)
    if (state.user(user.uid) === undefined) operations.push({ kind: 'create-user', user });
  for (const group of dump.groups)
    if (state.group(group.gid) === undefined) operations.push({ kind: 'create-group', group });
  for (const { rid, description } of dump.acls)
    if (state.acl(rid) === undefined) operations.push({ kind: 'create-acl', rid, description });
  const done = new Set<string>();
  const isNew = (...words: readonly string[]): boolean => {
    const { size } = done;
    return done.add(JSON.stringify(words)).size > size;
  };
  for (const { gid, uid } of dump.members) {
    if (!state.isMember(gid, uid) && isNew(gid, uid)) operations.push({ kind: 'add-member', gid, uid });
  }
  for (const { entry, action } of dump.grants) {
    const isStored = state.actionsOf(entry).some((stored) => stored.action === action);
    if (isStored || !isNew(entry.rid, entry.subjects, entry.id, action)) continue;
    // The state refuses what is none of the five.
    operations.push({ kind: 'grant', entry, action: action as Action });
  }
  return operations;
}
