import type { Acl } from '../../../iam/iam-state.ts';
import type { Group, ProviderType, User } from '../../../iam/operation.ts';
import type { Dump } from '../grants/parse-dump.ts';
import { decodeRid, looksEncoded } from '../grants/rid-in-url.ts';

/** What a dump lists beside grants and members, each once: what is told of it first counts, lists of users before others. */
export interface DumpedAccounts {
  readonly users: ReadonlyMap<string, User>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly acls: ReadonlyMap<string, Acl>;
  /** Service accounts without the key that makes them one. */
  readonly keyless: readonly string[];
  /** Sentences about what no store can hold. */
  readonly faults: readonly string[];
}

/** @param dump  as `parseDump` took it; what its schema leaves open may be anything */
export function readAccounts(dump: Dump): DumpedAccounts {
  const reader = new AccountReader();
  const lists = Object.entries(dump).map(([key, value]) => {
    const path = key.replace('/acs/api/v1', '');
    const items = path === 'array' ? value : (value as { readonly array?: unknown }).array;
    return { path, items: Array.isArray(items) ? (items as readonly Item[]) : [] };
  });
  const [ofUsers, others] = [true, false].map((isOfUsers) =>
    lists.filter(({ path }) => path.startsWith('/users') === isOfUsers),
  );
  for (const { path, items } of [...ofUsers!, ...others!]) {
    for (const item of items) reader.add(item, path.includes('type=service'));
  }
  return reader.finish();
}

/** A user, a group, an access control list, or a member of a group: told by its properties. */
interface Item {
  readonly uid?: string;
  readonly gid?: string;
  readonly rid?: string;
  readonly user?: Item;
  readonly users?: readonly Item[];
  readonly [property: string]: unknown;
}

const providerTypes: ReadonlySet<unknown> = new Set<ProviderType>(['internal', 'ldap', 'oidc', 'saml']);

class AccountReader {
  readonly #users = new Map<string, User>();
  readonly #groups = new Map<string, Group>();
  readonly #acls = new Map<string, Acl>();
  readonly #services = new Set<string>();
  readonly #faults: string[] = [];

  add(item: Item, isService: boolean): void {
    const { rid, gid, uid, user } = item;
    if (rid !== undefined) this.#addAcl(rid, item);
    else if (gid !== undefined) this.#addGroup(gid, item);
    else if (uid !== undefined) this.#addUser(uid, item, isService || item.is_service === true);
    else if (user !== undefined) this.add(user, isService);
  }

  finish(): DumpedAccounts {
    const keyless = [...this.#services].filter((uid) => this.#users.get(uid)?.publicKey === undefined);
    return { users: this.#users, groups: this.#groups, acls: this.#acls, keyless, faults: this.#faults };
  }

  #addAcl(rid: string, { description }: Item): void {
    const id = looksEncoded(rid) ? decodeRid(rid).resource : rid;
    if (!this.#acls.has(id)) this.#acls.set(id, { rid: id, description: textOf(description) });
  }

  #addGroup(gid: string, item: Item): void {
    const providerType = this.#providerOf(item, `group \`${gid}\``);
    if (!this.#groups.has(gid))
      this.#groups.set(gid, { gid, description: textOf(item.description), providerType });
    for (const member of item.users ?? []) this.add(member, false);
  }

  #addUser(uid: string, item: Item, isService: boolean): void {
    if (isService) this.#services.add(uid);
    if (this.#users.has(uid)) return;
    const publicKey = textOf(item.public_key);
    this.#users.set(uid, {
      uid,
      description: textOf(item.description),
      providerType: this.#providerOf(item, `user \`${uid}\``),
      providerId: textOf(item.provider_id),
      ...(publicKey === '' ? {} : { publicKey }),
    });
  }

  #providerOf({ provider_type: type = 'internal' }: Item, what: string): ProviderType {
    if (!providerTypes.has(type))
      this.#faults.push(`${what} is of the unknown provider type ${JSON.stringify(type)}`);
    return type as ProviderType;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
