import type { IamState } from './iam-state.ts';
import type { Operation } from './operation.ts';

/** Any action on it opens everything (facts: IAM-API.md § 9). */
export const superuserRid = 'dcos:superuser';
/** The built-in group that holds `full` on it. */
export const superuserGroup = 'superusers';

/** Whether any action on the superuser's resource is stored for the user or one of its groups. */
export function isSuperuser(state: IamState, uid: string): boolean {
  const holds = (subjects: 'users' | 'groups', id: string): boolean =>
    state.actionsOf({ rid: superuserRid, subjects, id }).length > 0;
  return holds('users', uid) || state.groupsOf(uid).some((gid) => holds('groups', gid));
}

/** Whether an operation that takes something away leaves a superuser. It does not take the last where there was none. */
export function leavesSuperusers(state: IamState, operation: Operation): boolean {
  return hasSuperuser(state, operation) || !hasSuperuser(state, undefined);
}

function hasSuperuser(state: IamState, without: Operation | undefined): boolean {
  return state.entriesOf(superuserRid).some(({ entry, actions }) => {
    const kept = without?.kind === 'revoke' ? actions.filter(({ action }) => action !== without.action) : [];
    const isRevoked =
      (without?.kind === 'revoke' || without?.kind === 'revoke-all') &&
      without.entry.rid === entry.rid &&
      without.entry.subjects === entry.subjects &&
      without.entry.id === entry.id;
    if (isRevoked && kept.length === 0) return false;
    if (entry.subjects === 'users') return !(without?.kind === 'delete-user' && without.uid === entry.id);
    if (without?.kind === 'delete-group' && without.gid === entry.id) return false;
    return state.membersOf(entry.id).some((uid) => {
      if (without?.kind === 'delete-user') return without.uid !== uid;
      if (without?.kind === 'remove-member') return without.uid !== uid || without.gid !== entry.id;
      return true;
    });
  });
}
