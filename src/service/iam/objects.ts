import type { StoredAction } from '../../iam/changes.ts';
import type { Acl, EntryActions, IamState } from '../../iam/iam-state.ts';
import type { Entry, Group, User } from '../../iam/operation.ts';
import { urls } from './paths.ts';

/** The objects that answers are made of. They are closed: clients get these members and no others. */

/** Lists come as an object with one key. */
export function listOf<Item>(items: Iterable<Item>): { readonly array: readonly Item[] } {
  return { array: [...items] };
}

export function isService({ publicKey }: User): boolean {
  return publicKey !== undefined;
}

export function showUser(user: User) {
  const { uid, description, providerType, providerId, publicKey } = user;
  return {
    uid,
    url: urls.user(uid),
    description,
    is_remote: providerType !== 'internal',
    is_service: isService(user),
    provider_type: providerType,
    provider_id: providerId,
    ...(publicKey === undefined ? {} : { public_key: publicKey }),
  };
}

export function showGroup({ gid, description, providerType }: Group) {
  return { gid, url: urls.group(gid), description, provider_type: providerType };
}

export function showAcl({ rid, description }: Acl) {
  return { rid, url: urls.acl(rid), description };
}

export function showActions({ rid, subjects, id }: Entry, actions: readonly StoredAction[]) {
  return actions.map(({ action }) => ({ name: action, url: urls.grant(rid, subjects, id, action) }));
}

/** The state has no order for them, and answers that differ for no reason make work. */
function sorted(entries: readonly EntryActions[], keyOf: (entry: Entry) => string): readonly EntryActions[] {
  return entries
    .map((item) => ({ item, key: keyOf(item.entry) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ item }) => item);
}

/** What is stored for one subject, resource by resource. */
export function showPermissions(state: IamState, subjects: Entry['subjects'], id: string) {
  return sorted(state.entriesOfSubject(subjects, id), ({ rid }) => rid).map(({ entry, actions }) => ({
    rid: entry.rid,
    description: state.acl(entry.rid)?.description ?? '',
    aclurl: urls.acl(entry.rid),
    actions: showActions(entry, actions),
  }));
}

/**
 * What is stored for a user, by how it reaches the user. It is no decision: neither paths nor `full` are spelled out, and a
 * right that is held both ways is on both sides.
 */
export function showUserPermissions(state: IamState, uid: string) {
  const groups = state.groupsOf(uid).flatMap((gid) =>
    showPermissions(state, 'groups', gid).map((permission) => ({
      ...permission,
      gid,
      membershipurl: urls.membership(gid, uid),
    })),
  );
  return { direct: showPermissions(state, 'users', uid), groups };
}

/** Who has what on a resource. Both keys are always there. */
export function showAclPermissions(state: IamState, rid: string) {
  const entries = sorted(state.entriesOf(rid), ({ id }) => id);
  return {
    users: entries
      .filter(({ entry }) => entry.subjects === 'users')
      .map(({ entry, actions }) => ({
        uid: entry.id,
        userurl: urls.user(entry.id),
        actions: showActions(entry, actions),
      })),
    groups: entries
      .filter(({ entry }) => entry.subjects === 'groups')
      .map(({ entry, actions }) => ({
        gid: entry.id,
        groupurl: urls.group(entry.id),
        actions: showActions(entry, actions),
      })),
  };
}
