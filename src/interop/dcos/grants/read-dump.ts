import { Ajv, type ValidateFunction } from 'ajv';
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { buildJsonTree, type JsonNode, nodeAt, pointerTo } from '../../../json/json-tree.ts';
import { parseJson } from '../../../json/parse-json.ts';
import type { Source } from '../../../source/source.ts';
import type { Span } from '../../../source/span.ts';
import { dumpSchema } from './dump-schema.ts';
import type { Finding, Grant, GrantsReading, Membership, NamedAcl, PrincipalType } from './grant.ts';
import { type DecodedRid, decodeRid } from './rid-in-url.ts';

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
type Dump = Readonly<Record<string, unknown>>;

let validator: ValidateFunction<Dump> | undefined;

/** A dump of the IAM as one JSON document; `dumpSchema` tells its form. */
export function readDump(source: Source): GrantsReading {
  const { file, text } = source;
  const json = parseJson(text);
  if (!json.ok) {
    const span = { start: json.offset, end: Math.min(json.offset + 1, text.length) };
    return empty([unreadable(file, span, `not JSON: ${json.message}`)]);
  }
  const places = buildJsonTree(text);
  validator ??= new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false }).compile<Dump>(
    dumpSchema,
  );
  if (validator(json.value)) return new DumpReader(file, places).read(json.value);
  const { instancePath, message, params } = validator.errors![0]!;
  const { additionalProperty } = params as { additionalProperty?: string };
  const pointer =
    additionalProperty === undefined ? instancePath : pointerTo(instancePath, additionalProperty);
  const { start, end } =
    additionalProperty === undefined ? nodeAt(places, pointer) : keyPlace(places, pointer);
  const what =
    additionalProperty === undefined
      ? `${instancePath === '' ? 'the document' : `\`${instancePath}\``} ${message}`
      : `\`${additionalProperty}\` is no path of the IAM that is read here`;
  return empty([{ ...unreadable(file, { start, end }, what), pointer }]);
}

function keyPlace(places: JsonNode, pointer: string): Span {
  const node = nodeAt(places, pointer);
  return node.key ?? node;
}

function unreadable(file: string, span: Span, what: string): Diagnostic {
  return {
    code: 'P4301',
    severity: 'error',
    file,
    span,
    message: `no dump of the IAM: ${what}`,
    help: 'write `{"/acls": …, "/acls/<rid>/permissions": …, "/users": …, "/groups": …, "/groups/<gid>/users": …}`',
  };
}

function empty(diagnostics: readonly Diagnostic[]): GrantsReading {
  return { grants: [], acls: [], memberships: [], diagnostics };
}

class DumpReader {
  readonly #file: string;
  readonly #places: JsonNode;
  readonly #grants: Grant[] = [];
  readonly #acls: NamedAcl[] = [];
  readonly #memberships: Membership[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  readonly #types = new Map<string, PrincipalType>();
  /** The ids that `/acls` lists, if it was asked. */
  #listed: Set<string> | undefined;

  constructor(file: string, places: JsonNode) {
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
      if (rid !== undefined) this.#readPermissions(decodeRid(rid), value as Permissions, pointer, pointer);
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
    const id: DecodedRid = rid.includes('%') ? decodeRid(rid) : { ok: true, resource: rid };
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
    const resourceAt = ridPointer === pointer ? keyPlace(this.#places, pointer) : this.#span(ridPointer);
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
