import type { ExportedPolicy } from './exported.ts';
import { type DumpedAcl, type DumpedEntry, writeDump } from './write-dump.ts';

/** A dump of the IAM that holds what a policy grants. A policy has no descriptions, and does not tell who is a service account. */
export function writePolicyDump({ set, groups, users }: ExportedPolicy): string {
  const membersOf = new Map(set.groups.map(({ name, members }) => [name, members]));
  const acls = new Map<string, { users: DumpedEntry[]; groups: DumpedEntry[] }>();
  for (const { type, name: id, permissions } of set.subjects) {
    for (const { resource, actions } of permissions) {
      const acl = acls.get(resource) ?? { users: [], groups: [] };
      acls.set(resource, acl);
      acl[`${type}s`].push({ id, actions });
    }
  }
  const content = {
    users: users.map((uid) => ({ uid, description: '' })),
    groups: groups.map((gid) => ({ gid, description: '', members: membersOf.get(gid) ?? [] })),
    acls: [...acls]
      .map(([rid, entries]): DumpedAcl => ({ rid, description: '', entries: () => entries }))
      .sort((a, b) => (a.rid < b.rid ? -1 : 1)),
  };
  return [...writeDump(content)].join('');
}
