import type { Group } from '../../../model/model.ts';
import type { Membership } from './grant.ts';
import type { PermissionSet } from './permissions.ts';

/** How a policy is exported: a script of `dcos` or of `curl`, JSON lines, a dump of the IAM. */
export const exportFormats = ['dcos', 'curl', 'jsonl', 'dump'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What is written, whatever the format. */
export interface ExportedPolicy {
  readonly set: PermissionSet;
  /** Names of all groups, also of those that nothing is granted to; sorted. */
  readonly groups: readonly string[];
  /** Uids that are members or hold grants; sorted. None of them is created by the export but in a dump. */
  readonly users: readonly string[];
}

export function exportedPolicy(
  set: PermissionSet,
  groups: readonly Group[],
  memberships: readonly Membership[],
): ExportedPolicy {
  const holders = set.subjects.filter(({ type }) => type === 'user').map(({ name }) => name);
  const users = new Set([...holders, ...memberships.map(({ user }) => user)]);
  return { set, groups: groups.map(({ name }) => name), users: [...users].sort() };
}
