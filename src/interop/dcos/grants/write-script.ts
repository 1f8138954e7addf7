import type { ExportedPolicy } from './exported.ts';
import type { SubjectPermissions } from './permissions.ts';
import { encodeRidForUrl } from './rid-in-url.ts';
import { commentLines, shellQuote } from './shell-quote.ts';

/** The commands that one way of talking to the IAM has (IAM API of DC/OS, 6 and 11). */
interface Commands {
  /** Lines at the start of the script, without `#!`. */
  readonly head: readonly string[];
  readonly createGroup: (gid: string) => string;
  readonly addMember: (gid: string, uid: string) => string;
  /** Makes the access control list, where `grant` does not; the script does so once for each. */
  readonly createAcl?: (rid: string) => string;
  readonly grant: (type: SubjectPermissions['type'], id: string, rid: string, action: string) => string;
}

/** A script of `dcos security org …`, whose `grant` makes the access control list that it needs. */
export function writeDcosScript(policy: ExportedPolicy): string {
  const command = (...words: readonly string[]): string =>
    ['dcos security org', ...words.map(shellQuote)].join(' ');
  return writeScript(policy, {
    head: ['# To be run by a superuser who has logged in with `dcos auth login`.'],
    createGroup: (gid) => command('groups', 'create', gid),
    addMember: (gid, uid) => command('groups', 'add_user', gid, uid),
    grant: (type, id, rid, action) => command(`${type}s`, 'grant', id, rid, action),
  });
}

/** A script of requests to the IAM API. */
export function writeCurlScript(policy: ExportedPolicy): string {
  const base = '"$DCOS_URL"/acs/api/v1';
  const put = (body: string, ...path: readonly string[]): string =>
    `curl -sS -X PUT -H "Authorization: token=$DCOS_TOKEN" ${body}${base}/${path.map(shellQuote).join('/')}`;
  const withDescription = `-H 'Content-Type: application/json' -d '{"description": ""}' `;
  return writeScript(policy, {
    head: ['# DCOS_URL is the address of the cluster, and DCOS_TOKEN the token of a superuser.', 'set -u'],
    createGroup: (gid) => put(withDescription, 'groups', gid),
    addMember: (gid, uid) => put('', 'groups', gid, 'users', uid),
    createAcl: (rid) => put(withDescription, 'acls', encodeRidForUrl(rid)),
    grant: (type, id, rid, action) => put('', 'acls', encodeRidForUrl(rid), `${type}s`, id, action),
  });
}

const maxCommentLength = 120;

function writeScript({ set, groups, users }: ExportedPolicy, commands: Commands): string {
  const lines = [
    '#!/bin/sh',
    '# Grants of DC/OS Enterprise, exported from a policy. What is there already is refused with 409, which does no harm.',
    ...commands.head,
  ];
  if (users.length > 0) {
    lines.push(...commentLines(['Accounts', 'that', 'must', 'be', 'there:', ...users], maxCommentLength));
  }
  const blocks = [lines, groups.map(commands.createGroup)];
  blocks.push(set.groups.flatMap(({ name, members }) => members.map((uid) => commands.addMember(name, uid))));
  const made = new Set<string>();
  for (const { type, name, permissions } of set.subjects) {
    blocks.push(
      permissions.flatMap(({ resource, actions }) => {
        const needsAcl = commands.createAcl !== undefined && !made.has(resource);
        made.add(resource);
        return [
          ...(needsAcl ? [commands.createAcl!(resource)] : []),
          ...actions.map((action) => commands.grant(type, name, resource, action)),
        ];
      }),
    );
  }
  const texts = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'));
  return `${texts.join('\n\n')}\n`;
}
