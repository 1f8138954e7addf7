import { encodeRidForUrl } from './rid-in-url.ts';

/** What a dump of the IAM holds; the order of the lists is that of the dump. */
export interface DumpContent {
  readonly users: readonly DumpedUser[];
  readonly groups: readonly DumpedGroup[];
  readonly acls: readonly DumpedAcl[];
}

export interface DumpedUser {
  readonly uid: string;
  readonly description: string;
  readonly providerType?: string;
  readonly providerId?: string;
  /** PEM; makes it a service account. */
  readonly publicKey?: string;
}

export interface DumpedGroup {
  readonly gid: string;
  readonly description: string;
  readonly providerType?: string;
  /** Uids; each is among the users. */
  readonly members: readonly string[];
}

export interface DumpedAcl {
  readonly rid: string;
  readonly description: string;
  readonly entries: () => DumpedEntries;
}

export interface DumpedEntries {
  readonly users: readonly DumpedEntry[];
  readonly groups: readonly DumpedEntry[];
}

export interface DumpedEntry {
  /** A uid or gid. */
  readonly id: string;
  readonly actions: readonly string[];
}

/**
 * A dump as `dumpSchema` tells: the answers of the IAM by the paths that were asked, without the URLs in them (IAM API of
 * DC/OS, 5). A line for each item, so that two dumps can be compared.
 */
export function* writeDump({ users, groups, acls }: DumpContent): Generator<string> {
  const services = users.filter(({ publicKey }) => publicKey !== undefined);
  const people = users.filter(({ publicKey }) => publicKey === undefined);
  const isService = new Set(services.map(({ uid }) => uid));
  const answers = [
    listText('/users', people.map(userBody)),
    listText('/users?type=service', services.map(userBody)),
    listText('/groups', groups.map(groupBody)),
    listText(
      '/acls',
      acls.map(({ rid, description }) => ({ rid, description })),
    ),
  ];
  yield `{\n${answers.join(',\n')}`;
  for (const { gid, members } of groups) {
    if (members.length === 0) continue;
    const bodies = members.map((uid) => ({ user: { uid, is_service: isService.has(uid) } }));
    yield `,\n${listText(`/groups/${encodeURIComponent(gid)}/users`, bodies)}`;
  }
  for (const acl of acls) {
    const entries = acl.entries();
    if (entries.users.length + entries.groups.length > 0) yield `,\n${permissionsText(acl.rid, entries)}`;
  }
  yield '\n}\n';
}

function userBody({
  uid,
  description,
  providerType = 'internal',
  providerId = '',
  publicKey,
}: DumpedUser): object {
  return {
    uid,
    description,
    is_remote: providerType !== 'internal',
    is_service: publicKey !== undefined,
    provider_type: providerType,
    provider_id: providerId,
    ...(publicKey === undefined ? {} : { public_key: publicKey }),
  };
}

function groupBody({ gid, description, providerType = 'internal' }: DumpedGroup): object {
  return { gid, description, provider_type: providerType };
}

function listText(path: string, items: readonly object[]): string {
  return `  ${JSON.stringify(path)}: ${arrayText(items, '  ')}`;
}

function arrayText(items: readonly object[], indent: string): string {
  if (items.length === 0) return '{ "array": [] }';
  const lines = items.map((item) => `${indent}  ${JSON.stringify(item)}`);
  return `{ "array": [\n${lines.join(',\n')}\n${indent}] }`;
}

function permissionsText(rid: string, { users, groups }: DumpedEntries): string {
  const actionsOf = (actions: readonly string[]): object[] => actions.map((name) => ({ name }));
  const body = {
    users: users.map(({ id, actions }) => ({ uid: id, actions: actionsOf(actions) })),
    groups: groups.map(({ id, actions }) => ({ gid: id, actions: actionsOf(actions) })),
  };
  return `  ${JSON.stringify(`/acls/${encodeRidForUrl(rid)}/permissions`)}: ${JSON.stringify(body)}`;
}
