/**
 * What changes users, groups, memberships and access control entries: the content of the store's log. Each says the whole of
 * what it does; whether it may be done is asked of the state before it is written (check-operation.ts), and what has been
 * written is applied without asking again. Names are those of facts: uid, gid, rid.
 */
export type Operation =
  | { readonly kind: 'create-user'; readonly user: User }
  /** What is absent stays as it is. */
  | {
      readonly kind: 'update-user';
      readonly uid: string;
      readonly description?: string;
      readonly passwordHash?: string;
    }
  /** Memberships and grants of the user go along. */
  | { readonly kind: 'delete-user'; readonly uid: string }
  | { readonly kind: 'create-group'; readonly group: Group }
  | { readonly kind: 'update-group'; readonly gid: string; readonly description: string }
  /** Memberships and grants of the group go along. */
  | { readonly kind: 'delete-group'; readonly gid: string }
  | { readonly kind: 'add-member' | 'remove-member'; readonly gid: string; readonly uid: string }
  | { readonly kind: 'create-acl' | 'update-acl'; readonly rid: string; readonly description: string }
  /** Every grant on it goes along. */
  | { readonly kind: 'delete-acl'; readonly rid: string }
  | { readonly kind: 'grant' | 'revoke'; readonly entry: Entry; readonly action: Action }
  /** Every action of the subject on the resource. */
  | { readonly kind: 'revoke-all'; readonly entry: Entry };

/** The actions of the permission API, in the order of its documents. */
export const actions = ['create', 'read', 'update', 'delete', 'full'] as const;
export type Action = (typeof actions)[number];

/** A subject of the permission API, by the words of its paths. Service accounts are users. */
export type SubjectKind = 'users' | 'groups';

/** Who has actions on what: at most one entry for a subject and a resource. */
export interface Entry {
  readonly rid: string;
  readonly subjects: SubjectKind;
  /** A uid or a gid. */
  readonly id: string;
}

export interface User {
  readonly uid: string;
  readonly description: string;
  readonly providerType: ProviderType;
  /** Empty for `internal` and `ldap`. */
  readonly providerId: string;
  /** As modular-crypt or PHC text; absent for service accounts and users of other providers. Never shown by the API. */
  readonly passwordHash?: string;
  /** PEM of an RSA key; the user is a service account. */
  readonly publicKey?: string;
}

export type ProviderType = 'internal' | 'ldap' | 'oidc' | 'saml';

export interface Group {
  readonly gid: string;
  readonly description: string;
  readonly providerType: ProviderType;
}

/** One entry of the store's log: operations that were written together. */
export interface StoreRecord {
  /** 1 for the first; each is one more than the one before. */
  readonly revision: number;
  /** SHA-256 in hexadecimal of the record before; 64 zeros before the first. */
  readonly previousHash: string;
  /** SHA-256 in hexadecimal over the canonical JSON of the record without it. */
  readonly hash: string;
  readonly timeMs: number;
  /** Who asked for it: a uid, or what the command line says of itself. */
  readonly author: string;
  readonly reason: string;
  readonly operations: readonly Operation[];
}
