/** An `--acls` document as Mesos understands it: defaults filled in, arrays flattened, unknown keys gone. */
export interface Acls {
  /** The verdict of every list in which no entry applies. */
  readonly permissive: boolean;
  /** By name of the list; only lists that have entries. */
  readonly lists: ReadonlyMap<string, readonly AclEntry[]>;
}

/** One rule of a list; Mesos calls it an ACL. */
export interface AclEntry {
  readonly list: string;
  /** 0-based, as Mesos counts: after arrays in arrays are flattened and `null` is dropped. */
  readonly index: number;
  /** JSON pointer to it in the document. */
  readonly pointer: string;
  readonly principals: AclEntity;
  /** What the entry is about: `users`, `roles`, … */
  readonly object: AclEntity;
}

export interface AclEntity {
  readonly type: EntityType;
  readonly values: readonly string[];
}

export type EntityType = 'SOME' | 'ANY' | 'NONE';

/** `/run_tasks/3` of the document as people speak of it. */
export function entryName({ list, index }: Pick<AclEntry, 'list' | 'index'>): string {
  return `${list}[${index}]`;
}

/** Suffix of a role that stands for all roles below the one before it. */
export const belowSuffix = '/%';

/**
 * The sole value of an entity of a role list whose type plays no part (SEMANTICS of Mesos, 5.3): one value that ends in
 * `/%` makes the entry apply to the roles below, and allow there, whatever the type says, even NONE.
 */
export function overridingValue({ type, values }: AclEntity): string | undefined {
  return type !== 'SOME' && values.length === 1 && values[0]!.endsWith(belowSuffix) ? values[0] : undefined;
}
