import type { Span } from '../../../source/span.ts';
import { type Finding, isGrantAction } from './grant.ts';
import { findUnknownMember } from './member-fault.ts';
import { MaskedText } from './placeholders.ts';
import type { CommandEffect } from './read-commands.ts';
import { decodeRid, encodeRid } from './rid-in-url.ts';
import type { ShellWord } from './shell-words.ts';

/** A request that makes an access control list, and grants nothing yet. */
export interface AclCommand {
  readonly kind: 'acl';
  readonly resource: string;
}

/**
 * `curl -X PUT …/acs/api/v1/acls/RID/users|groups/ID/ACTION`, the `PUT …/acls/RID` before it (SEMANTICS of DC/OS, 1), and
 * `…/groups/GID/users/UID`, which makes a member.
 *
 * @param words  behind `curl`
 * @returns undefined for another request
 */
export function readCurl(words: readonly ShellWord[], span: Span): CommandEffect | undefined {
  const method = methodOf(words.map(({ text }) => text));
  if (method !== 'PUT' && method !== 'DELETE') return undefined;
  const url = words.find(({ text }) => aclPath.test(new MaskedText(text).text));
  if (url === undefined) return readMember(words, method);
  const masked = new MaskedText(url.text);
  const path = aclPath.exec(masked.text)![1]!.replace(/\/+$/, '');
  return readAclPath(path, { method, masked, at: url.span, span });
}

/** What follows the list of ACLs, without query and fragment. */
const aclPath = /\/acls\/([^?#]+)/;

const memberPath = /\/acs\/api\/v1\/groups\/([^/?#]+)\/users\/([^/?#]+)\/*(?:[?#]|$)/;

function readMember(words: readonly ShellWord[], method: 'PUT' | 'DELETE'): CommandEffect | undefined {
  for (const { text } of words) {
    const masked = new MaskedText(text);
    const [, group, user] = memberPath.exec(masked.text) ?? [];
    if (group === undefined || user === undefined) continue;
    const membership = { group: masked.restore(group), user: masked.restore(user) };
    const unknown = findUnknownMember(membership);
    return unknown ?? { kind: method === 'PUT' ? 'member' : 'member-left', ...membership };
  }
  return undefined;
}

function methodOf(words: readonly string[]): string {
  for (const [i, word] of words.entries()) {
    if (word === '--request' || /^-[A-Za-z]*X$/.test(word)) return (words[i + 1] ?? '').toUpperCase();
    const joined = /^(?:--request=|-[a-z]*X)(.+)$/.exec(word)?.[1];
    if (joined !== undefined) return joined.toUpperCase();
  }
  return 'GET';
}

interface AclRequest {
  readonly method: 'PUT' | 'DELETE';
  readonly masked: MaskedText;
  /** The URL. */
  readonly at: Span;
  readonly span: Span;
}

function readAclPath(path: string, request: AclRequest): CommandEffect | undefined {
  const { method, masked, at } = request;
  const segments = path.split('/');
  const kindAt = kindIndexOf(segments);
  if (kindAt < 1) return readAcl(segments, request);
  const [id, action, excess] = segments.slice(kindAt + 1);
  if (id === undefined || excess !== undefined) return undefined;
  const rid = segments.slice(0, kindAt);
  const decoded = rid.length === 1 ? decodeRid(rid[0]!) : unencoded(rid);
  const faults: Finding[] = decoded.ok
    ? []
    : [
        {
          code: 'P4325',
          severity: 'error',
          message: restored(decoded.message),
          help: restored(decoded.help),
          at: 'resource',
        },
      ];
  return {
    kind: method === 'PUT' ? 'grant' : 'revoke',
    grant: {
      principalType: segments[kindAt] === 'users' ? 'user' : 'group',
      principal: masked.restore(id),
      resource: masked.restore(decoded.resource),
      action: masked.restore(action ?? ''),
      at: { principal: at, resource: at, action: at },
      spelling: masked.restore(rid.join('/')),
      isFilledIn: true,
      faults,
    },
  };

  function restored(text: string): string {
    return masked.restore(text);
  }
}

/** Where `users` or `groups` stands: behind an id of one segment, or of several, whose slashes are not encoded. */
function kindIndexOf(segments: readonly string[]): number {
  const isKind = (segment: string | undefined): boolean => segment === 'users' || segment === 'groups';
  // A user may be called `users`.
  if (segments.length <= 4 && isKind(segments[1])) return 1;
  return segments.findLastIndex(isKind);
}

/** A PUT on the list itself; one with an action behind the id lacks whom the action is granted to. */
function readAcl(segments: readonly string[], { method, masked }: AclRequest): CommandEffect | undefined {
  if (method === 'DELETE') return undefined;
  const last = segments.at(-1)!;
  if (segments.length > 1 && isGrantAction(last)) {
    const rid = masked.restore(segments.slice(0, -1).join('/'));
    const message = `the URL grants \`${last}\` to nobody`;
    const help = `write \`…/acls/${rid}/users/<uid>/${last}\` or \`…/groups/<gid>/${last}\``;
    return { kind: 'fault', finding: { code: 'P4306', severity: 'error', message, help } };
  }
  if (segments.length > 1) return undefined;
  const decoded = decodeRid(segments[0]!);
  return { kind: 'acl', resource: masked.restore(decoded.resource) };
}

/** An id whose slashes stand as they are cuts the path into too many segments. */
function unencoded(segments: readonly string[]): Extract<ReturnType<typeof decodeRid>, { ok: false }> {
  const resource = segments.join('/');
  return {
    ok: false,
    resource,
    message: 'a slash of the resource id stands in the URL as it is',
    help: `write each slash of the id as \`%252F\`: \`${encodeRid(resource)}\``,
  };
}
