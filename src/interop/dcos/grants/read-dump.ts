import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { buildJsonTree, type JsonNode, nodeAt, pointerTo } from '../../../json/json-tree.ts';
import type { Source } from '../../../source/source.ts';
import type { Span } from '../../../source/span.ts';
import type { Finding, Grant, GrantsReading, Membership, NamedAcl, PrincipalType } from './grant.ts';
import { type Dump, keyPlace, parseDump } from './parse-dump.ts';
import { type DecodedRid, decodeRid, decodeRidOfKey, looksEncoded } from './rid-in-url.ts';

interface Action {
  readonly name: string;
  readonly url?: string;
  readonly value?: { readonly allowed?: boolean };
}
interface UserEntry {
  readonly uid: string;
  readonly userurl?: string;
  readonly actions: readonly Action[];
}
interface GroupEntry {
  readonly gid: string;
  readonly groupurl?: string;
  readonly actions: readonly Action[];
}
interface Permissions {
  readonly users?: readonly UserEntry[];
  readonly groups?: readonly GroupEntry[];
}
interface Acl extends Permissions {
  readonly rid: string;
  readonly url?: string;
}
interface User {
  readonly uid: string;
  readonly is_service?: boolean;
}
interface Member {
  readonly user: User;
}
interface Group {
  readonly gid: string;
  readonly users?: readonly Member[];
}
interface List<T> {
  readonly array: readonly T[];
}

/** A dump of the IAM as one JSON document; `dumpSchema` tells its form. */
export function readDump(source: Source): GrantsReading {
  const parsed = parseDump(source);
  if (!parsed.ok) return { grants: [], acls: [], memberships: [], diagnostics: [parsed.diagnostic] };
  return readParsedDump(source.file, parsed.dump, buildJsonTree(source.text));
}

/** @param places  of the values, for messages; without them everything stands at the start of the file, and memory is saved */
export function readParsedDump(file: string, dump: Dump, places?: JsonNode): GrantsReading {
  return new DumpReader(file, places).read(dump);
}

class DumpReader {
  readonly #file: string;
  readonly #places: JsonNode | undefined;
  readonly #grants: Grant[] = [];
  readonly #acls: NamedAcl[] = [];
  readonly #memberships: Membership[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  readonly #types = new Map<string, PrincipalType>();
  /** The ids that `/acls` lists, if it was asked. */
  #listed: Set<string> | undefined;

  constructor(file: string, places: JsonNode | undefined) {
    this.#file = file;
    this.#places = places;
  }

  read(dump: Dump): GrantsReading {
    const answers = Object.entries(dump).map(([key, value]) => ({
      path: key.replace('/acs/api/v1', ''),
      value,
      pointer: pointerTo('', key),
    }));
    // Who is a service account, and which ACLs there are, is told before anything is said of grants.
    for (const { path, value, pointer } of answers) this.#readList(path, value, pointer);
    for (const { path, value, pointer } of answers) {
      const rid = /^\/acls\/([^/]+)\/permissions$/.exec(path)?.[1];
      if (rid !== undefined)
        this.#readPermissions(decodeRidOfKey(rid), value as Permissions, pointer, pointer);
    }
    return {
      grants: this.#grants.map((grant) => ({ ...grant, principalType: this.#typeOf(grant) })),
      acls: this.#acls,
      memberships: this.#memberships,
      diagnostics: this.#diagnostics,
    };
  }

  #typeOf({ principalType, principal }: Grant): PrincipalType {
    return principalType === 'group' ? 'group' : (this.#types.get(principal) ?? 'unknown');
  }

  #readList(path: string, value: unknown, pointer: string): void {
    const gid = /^\/groups\/([^/]+)\/users/.exec(path)?.[1];
    if (gid !== undefined) {
      this.#addMembers(decode(gid), (value as List<Member>).array, pointerTo(pointer, 'array'));
      return;
    }
    if (path === 'array') {
      for (const [i, item] of (value as readonly unknown[]).entries())
        this.#readItem(item, pointerTo(pointer, i));
      return;
    }
    if (path === '/acls') this.#listed = new Set();
    if (!/^\/(?:acls|users(?:\?.*)?|groups)$/.test(path)) return;
    for (const [i, item] of (value as List<unknown>).array.entries()) {
      this.#readItem(item, pointerTo(pointerTo(pointer, 'array'), i), path.includes('type=service'));
    }
  }

  #readItem(item: unknown, pointer: string, isService = false): void {
    const entry = item as Partial<Acl & Group & User>;
    if (entry.rid !== undefined) this.#readAcl(entry as Acl, pointer);
    else if (entry.gid !== undefined) {
      this.#addMembers(entry.gid, entry.users ?? [], pointerTo(pointer, 'users'));
    } else if (entry.uid !== undefined) {
      this.#types.set(entry.uid, isService || entry.is_service === true ? 'service-account' : 'user');
    }
  }

  #addMembers(group: string, members: readonly Member[], pointer: string): void {
    for (const [i, { user }] of members.entries()) {
      const span = this.#span(`${pointer}/${i}/user/uid`);
      this.#memberships.push({ group, user: user.uid, file: this.#file, span });
      if (user.is_service !== undefined)
        this.#types.set(user.uid, user.is_service ? 'service-account' : 'user');
    }
  }

  /** The IAM writes ids decoded; backup tools keep them as they stand in URLs. */
  #readAcl(acl: Acl, pointer: string): void {
    const { rid, url } = acl;
    const id: DecodedRid = looksEncoded(rid) ? decodeRid(rid) : { ok: true, resource: rid };
    const at = this.#span(pointerTo(pointer, 'rid'));
    const inUrl = url === undefined ? undefined : ridOf(url);
    if (inUrl !== undefined && inUrl !== id.resource) {
      this.#diagnostics.push(
        this.#mismatch(`the ACL is \`${id.resource}\`, and its URL that of \`${inUrl}\``, at, 'warning'),
      );
    }
    this.#acls.push({ resource: id.resource, file: this.#file, span: at });
    this.#listed?.add(id.resource);
    if (acl.users !== undefined || acl.groups !== undefined)
      this.#readPermissions(id, acl, pointer, pointerTo(pointer, 'rid'));
  }

  #mismatch(message: string, span: Span, severity: 'warning' | 'error'): Diagnostic {
    const help = 'see in the IAM which of the two holds the permission';
    return { code: 'P4330', severity, file: this.#file, span, message, help };
  }

  #span(pointer: string): Span {
    if (this.#places === undefined) return { start: 0, end: 0 };
    const { start, end } = nodeAt(this.#places, pointer);
    return { start, end };
  }

  /** @param ridPointer  where the id of the ACL stands: its value, or the key that is the path */
  #readPermissions(
    id: DecodedRid,
    { users = [], groups = [] }: Permissions,
    pointer: string,
    ridPointer: string,
  ): void {
    const isKey = ridPointer === pointer && this.#places !== undefined;
    const resourceAt = isKey ? keyPlace(this.#places, pointer) : this.#span(ridPointer);
    if (this.#listed?.has(id.resource) === false) {
      const message = `permissions of \`${id.resource}\`, which \`/acls\` does not list`;
      this.#diagnostics.push(this.#mismatch(message, resourceAt, 'warning'));
    }
    const faults: readonly Finding[] = id.ok
      ? []
      : [{ code: 'P4325', severity: 'error', message: id.message, help: id.help, at: 'resource' }];
    for (const [i, { uid, userurl, actions }] of users.entries()) {
      const subject = { kind: 'users', id: uid, url: userurl } as const;
      this.#readEntry({ id, faults, resourceAt, subject, actions, pointer: `${pointer}/users/${i}` });
    }
    for (const [i, { gid, groupurl, actions }] of groups.entries()) {
      const subject = { kind: 'groups', id: gid, url: groupurl } as const;
      this.#readEntry({ id, faults, resourceAt, subject, actions, pointer: `${pointer}/groups/${i}` });
    }
  }

  #readEntry({ id, faults, resourceAt, subject, actions, pointer }: Entry): void {
    const principalAt = this.#span(`${pointer}/${subject.kind === 'users' ? 'uid' : 'gid'}`);
    for (const [i, action] of actions.entries()) {
      if (action.value?.allowed === false) continue;
      const span = this.#span(`${pointer}/actions/${i}`);
      this.#grants.push({
        principalType: subject.kind === 'groups' ? 'group' : 'unknown',
        principal: subject.id,
        resource: id.resource,
        action: action.name,
        file: this.#file,
        span,
        at: {
          principal: principalAt,
          resource: resourceAt,
          action: this.#span(`${pointer}/actions/${i}/name`),
        },
        spelling: id.resource,
        isFilledIn: false,
        faults: [...faults, ...urlFaults(id.resource, subject, action)],
      });
    }
  }
}

interface Entry {
  readonly id: DecodedRid;
  readonly faults: readonly Finding[];
  readonly resourceAt: Span;
  readonly subject: Subject;
  readonly actions: readonly Action[];
  readonly pointer: string;
}

interface Subject {
  readonly kind: 'users' | 'groups';
  readonly id: string;
  readonly url: string | undefined;
}

/** The resource id in an URL of the IAM, decoded; undefined if there is none. */
function ridOf(url: string): string | undefined {
  const segment = /\/acls\/([^/?#]+)/.exec(url)?.[1];
  return segment === undefined ? undefined : decodeRid(segment).resource;
}

/** Answers name the grant twice, by members and by URL; where they differ nobody can tell which holds. */
function urlFaults(resource: string, subject: Subject, { name, url }: Action): Finding[] {
  const found: Finding[] = [];
  const differ = (message: string, at: keyof Grant['at']): void => {
    const help = 'see in the IAM which of the two holds the permission';
    found.push({ code: 'P4330', severity: 'error', message, help, at });
  };
  const ownId =
    subject.url === undefined ? undefined : /\/(?:users|groups)\/([^/?#]+)$/.exec(subject.url)?.[1];
  if (ownId !== undefined && decode(ownId) !== subject.id)
    differ(`the entry is of \`${subject.id}\`, and its URL of \`${ownId}\``, 'principal');
  const path = url === undefined ? null : /\/acls\/([^/]+)\/(users|groups)\/([^/]+)\/([^/?#]+)$/.exec(url);
  if (path === null) return found;
  const [, rid = '', kind, id = '', action] = path;
  const isSame =
    decodeRid(rid).resource === resource &&
    kind === subject.kind &&
    decode(id) === subject.id &&
    action === name;
  if (!isSame)
    differ(
      `the entry is \`${name}\` for \`${subject.id}\`, and its URL ends in \`${rid}/${kind}/${id}/${action}\``,
      'action',
    );
  return found;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
