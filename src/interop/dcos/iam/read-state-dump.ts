import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { Acl } from '../../../iam/iam-state.ts';
import type { Entry, Group, User } from '../../../iam/operation.ts';
import type { Source } from '../../../source/source.ts';
import { diagnosticOf, type Grant } from '../grants/grant.ts';
import { parseDump } from '../grants/parse-dump.ts';
import { readDump, readParsedDump } from '../grants/read-dump.ts';
import { readAccounts } from './read-accounts.ts';

/** All that a dump says of an IAM, for a store. Nothing in it is judged: ids and actions may be invalid. */
export interface StateDump {
  readonly users: readonly User[];
  readonly groups: readonly Group[];
  readonly acls: readonly Acl[];
  readonly members: readonly { readonly gid: string; readonly uid: string }[];
  readonly grants: readonly { readonly entry: Entry; readonly action: string }[];
  /** Uids that only members and grants name; they are among the users. */
  readonly unlisted: readonly string[];
  /** Uids of service accounts that come without a public key. */
  readonly keyless: readonly string[];
}

export type StateDumpReading =
  | { readonly ok: true; readonly dump: StateDump }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Reads a dump for a store. An account, a group or a list that is named by a member or a grant and listed nowhere is taken to
 * be there, as those of the platform are, which no list of users has (IAM API of DC/OS, 10 and 12).
 */
export function readStateDump(source: Source): StateDumpReading {
  const parsed = parseDump(source);
  if (!parsed.ok) return { ok: false, diagnostics: [parsed.diagnostic] };
  const { grants, memberships, diagnostics } = readParsedDump(source.file, parsed.dump);
  const accounts = readAccounts(parsed.dump);
  if (diagnostics.length > 0 || grants.some(isFaulty)) {
    const faults = faultsOf(source);
    if (faults.length > 0) return { ok: false, diagnostics: faults };
  }
  if (accounts.faults.length > 0)
    return { ok: false, diagnostics: accounts.faults.map((message) => unreadable(source, message)) };
  const users = new Map(accounts.users);
  const groups = new Map(accounts.groups);
  const acls = new Map(accounts.acls);
  const unlisted = new Set<string>();
  const nameUser = (uid: string): void => {
    if (users.has(uid)) return;
    users.set(uid, { uid, description: '', providerType: 'internal', providerId: '' });
    unlisted.add(uid);
  };
  const nameGroup = (gid: string): void => {
    if (!groups.has(gid)) groups.set(gid, { gid, description: '', providerType: 'internal' });
  };
  for (const { group, user } of memberships) {
    nameGroup(group);
    nameUser(user);
  }
  for (const { principal, principalType, resource } of grants) {
    if (principalType === 'group') nameGroup(principal);
    else nameUser(principal);
    if (!acls.has(resource)) acls.set(resource, { rid: resource, description: '' });
  }
  return {
    ok: true,
    dump: {
      users: [...users.values()],
      groups: [...groups.values()],
      acls: [...acls.values()],
      members: memberships.map(({ group, user }) => ({ gid: group, uid: user })),
      grants: grants.map(({ principal, principalType, resource, action }) => ({
        entry: { rid: resource, subjects: principalType === 'group' ? 'groups' : 'users', id: principal },
        action,
      })),
      unlisted: [...unlisted],
      keyless: accounts.keyless,
    },
  };
}

function isFaulty({ faults }: Grant): boolean {
  return faults.some(({ severity }) => severity === 'error');
}

/** Once more, this time with places. */
function faultsOf(source: Source): Diagnostic[] {
  const { grants, diagnostics } = readDump(source);
  const found = [
    ...diagnostics,
    ...grants.flatMap((grant) => grant.faults.map((finding) => diagnosticOf(grant, finding))),
  ];
  return found.filter(({ severity }) => severity === 'error');
}

function unreadable({ file }: Source, message: string): Diagnostic {
  const help = 'correct it in the dump';
  return { code: 'P4301', severity: 'error', file, span: { start: 0, end: 0 }, message, help };
}
