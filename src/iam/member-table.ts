/** Who is in which group, both ways. Every change says how it is undone. */
export class MemberTable {
  readonly #groupsOf = new Map<string, Set<string>>();
  readonly #membersOf = new Map<string, Set<string>>();

  has(gid: string, uid: string): boolean {
    return this.#membersOf.get(gid)?.has(uid) ?? false;
  }

  /** Sorted. */
  groupsOf(uid: string): readonly string[] {
    return [...(this.#groupsOf.get(uid) ?? [])].sort();
  }

  /** Sorted. */
  membersOf(gid: string): readonly string[] {
    return [...(this.#membersOf.get(gid) ?? [])].sort();
  }

  /** @returns what undoes it */
  add(gid: string, uid: string): () => void {
    put(this.#groupsOf, uid, gid);
    put(this.#membersOf, gid, uid);
    return () => {
      this.remove(gid, uid);
    };
  }

  /** @returns what undoes it */
  remove(gid: string, uid: string): () => void {
    take(this.#groupsOf, uid, gid);
    take(this.#membersOf, gid, uid);
    return () => {
      this.add(gid, uid);
    };
  }
}

function put(map: Map<string, Set<string>>, key: string, value: string): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, new Set([value]));
  else known.add(value);
}

function take(map: Map<string, Set<string>>, key: string, value: string): void {
  const known = map.get(key);
  known?.delete(value);
  if (known?.size === 0) map.delete(key);
}
