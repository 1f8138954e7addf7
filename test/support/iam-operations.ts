import {
  type Action,
  actions,
  type Entry,
  type Group,
  type Operation,
  type User,
} from '../../src/iam/operation.ts';
import type { Random } from './generators-random.ts';

/** Operations over few names, so that most of them meet something that is there: and some names that nothing may have. */

export const uids = ['ada', 'bob', 'eve'] as const;
export const gids = ['superusers', 'team', 'ops'] as const;
export const rids = ['dcos:superuser', 'a:x', 'a/y', 'b'] as const;

export function entryOf(random: Random): Entry {
  const rid = random.pick(rids);
  return random.chance(0.5)
    ? { rid, subjects: 'users', id: random.pick(uids) }
    : { rid, subjects: 'groups', id: random.pick(gids) };
}

export function userOf(uid: string, description = ''): User {
  return { uid, description, providerType: 'internal', providerId: '' };
}

export function groupOf(gid: string, description = ''): Group {
  return { gid, description, providerType: 'internal' };
}

export function generateOperation(random: Random): Operation {
  const uid = random.pick(uids);
  const gid = random.pick(gids);
  const rid = random.pick(rids);
  const action: Action = random.pick(actions);
  const text = random.pick(['', 'ä', '"\n\\']);
  // Weighted by how often each is listed.
  const makers: readonly (() => Operation)[] = [
    () => ({ kind: 'create-user', user: userOf(random.chance(0.05) ? 'anonymous' : uid, text) }),
    () => ({ kind: 'create-group', group: groupOf(random.chance(0.05) ? 'a b' : gid, text) }),
    () => ({ kind: 'create-acl', rid: random.chance(0.05) ? 'a::b' : rid, description: text }),
    () => ({ kind: 'create-acl', rid, description: text }),
    () => ({ kind: 'update-user', uid, description: text }),
    () => ({ kind: 'update-group', gid, description: text }),
    () => ({ kind: 'update-acl', rid, description: text }),
    () =>
      random.chance(0.3) ? { kind: 'delete-user', uid } : { kind: 'update-user', uid, passwordHash: text },
    () => (random.chance(0.3) ? { kind: 'delete-group', gid } : { kind: 'add-member', gid, uid }),
    () => (random.chance(0.3) ? { kind: 'delete-acl', rid } : { kind: 'create-acl', rid, description: '' }),
    () => ({ kind: 'add-member', gid, uid }),
    () => ({ kind: 'add-member', gid, uid }),
    () => ({ kind: 'remove-member', gid, uid }),
    () => ({ kind: 'grant', entry: entryOf(random), action }),
    () => ({ kind: 'grant', entry: entryOf(random), action }),
    () => ({ kind: 'grant', entry: entryOf(random), action }),
    () => ({ kind: 'revoke', entry: entryOf(random), action }),
    () => ({ kind: 'revoke', entry: entryOf(random), action }),
    () => ({ kind: 'revoke-all', entry: entryOf(random) }),
  ];
  return random.pick(makers)();
}
