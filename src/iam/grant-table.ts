import type { StoredAction } from './changes.ts';
import { type Action, actions, type Entry, type SubjectKind } from './operation.ts';

/** An access control list: a resource, and who may do what on it. */
export interface Acl {
  readonly rid: string;
  readonly description: string;
}

export interface EntryActions {
  readonly entry: Entry;
  /** In the order of `actions`. */
  readonly actions: readonly StoredAction[];
}

interface AclRow {
  acl: Acl;
  readonly entries: Map<SubjectRow, Packed>;
}

interface SubjectRow {
  readonly kind: SubjectKind;
  readonly id: string;
  /** The lists that have an entry of it. */
  readonly rows: Set<AclRow>;
}

/** Actions of one entry, each with the revision that stored it: most entries have one, which needs no object. */
type Packed = number | readonly number[];

/** More than there are actions: a stored action is revision * actionBase + its place in `actions`. */
const actionBase = 8;

/**
 * Who may do what, compactly: a million grants on 200,000 resources take some 130 MB, ids included. What a change costs does
 * not depend on how many there are. Each says how it is undone.
 */
export class GrantTable {
  readonly #acls = new Map<string, AclRow>();
  /** Those that have entries, by `users/alice`. */
  readonly #subjects = new Map<string, SubjectRow>();

  acl(rid: string): Acl | undefined {
    return this.#acls.get(rid)?.acl;
  }

  *acls(): Iterable<Acl> {
    for (const { acl } of this.#acls.values()) yield acl;
  }

  /** @returns what undoes it */
  putAcl(rid: string, description: string): () => void {
    const acl = { rid, description };
    const row = this.#acls.get(rid);
    if (row === undefined) {
      this.#acls.set(rid, { acl, entries: new Map() });
      return () => this.#acls.delete(rid);
    }
    const before = row.acl;
    row.acl = acl;
    return () => {
      row.acl = before;
    };
  }

  /** Of a list without grants. @returns what undoes it */
  deleteAcl(rid: string): () => void {
    const row = this.#acls.get(rid)!;
    this.#acls.delete(rid);
    return () => this.#acls.set(rid, row);
  }

  actionsOf({ rid, subjects, id }: Entry): readonly StoredAction[] {
    const subject = this.#subjects.get(keyOf(subjects, id));
    const packed = subject && this.#acls.get(rid)?.entries.get(subject);
    return packed === undefined ? [] : unpack(packed);
  }

  /** Of everybody on a resource, in no order. */
  entriesOf(rid: string): readonly EntryActions[] {
    const row = this.#acls.get(rid);
    if (row === undefined) return [];
    return Array.from(row.entries, ([subject, packed]) => entryOf(row, subject, packed));
  }

  /** Of one subject on everything, in no order. */
  entriesOfSubject(subjects: SubjectKind, id: string): readonly EntryActions[] {
    const subject = this.#subjects.get(keyOf(subjects, id));
    if (subject === undefined) return [];
    return Array.from(subject.rows, (row) => entryOf(row, subject, row.entries.get(subject)!));
  }

  /** The list is there, and does not hold the action for the subject. @returns what undoes it */
  grant(entry: Entry, action: Action, revision: number): () => void {
    const row = this.#acls.get(entry.rid)!;
    const subject = this.#subjectOf(entry);
    const known = row.entries.get(subject);
    const added = revision * actionBase + actions.indexOf(action);
    row.entries.set(subject, known === undefined ? added : [...listOf(known), added]);
    subject.rows.add(row);
    return () => {
      this.revoke(entry, action);
    };
  }

  /** The list holds the action for the subject. @returns what undoes it */
  revoke(entry: Entry, action: Action): () => void {
    const key = keyOf(entry.subjects, entry.id);
    const row = this.#acls.get(entry.rid)!;
    const subject = this.#subjects.get(key)!;
    const place = actions.indexOf(action);
    const known = listOf(row.entries.get(subject)!);
    const kept = known.filter((stored) => stored % actionBase !== place);
    const gone = known.find((stored) => stored % actionBase === place)!;
    if (kept.length > 0) row.entries.set(subject, kept.length === 1 ? kept[0]! : kept);
    else {
      row.entries.delete(subject);
      subject.rows.delete(row);
      if (subject.rows.size === 0) this.#subjects.delete(key);
    }
    return () => {
      this.grant(entry, action, Math.floor(gone / actionBase));
    };
  }

  #subjectOf({ subjects, id }: Entry): SubjectRow {
    const key = keyOf(subjects, id);
    let subject = this.#subjects.get(key);
    if (subject === undefined) {
      subject = { kind: subjects, id, rows: new Set() };
      this.#subjects.set(key, subject);
    }
    return subject;
  }
}

function keyOf(kind: SubjectKind, id: string): string {
  return `${kind}/${id}`;
}

function entryOf({ acl }: AclRow, { kind, id }: SubjectRow, packed: Packed): EntryActions {
  return { entry: { rid: acl.rid, subjects: kind, id }, actions: unpack(packed) };
}

function unpack(packed: Packed): StoredAction[] {
  return listOf(packed)
    .toSorted((a, b) => (a % actionBase) - (b % actionBase))
    .map((stored) => ({
      action: actions[stored % actionBase]!,
      revision: Math.floor(stored / actionBase),
    }));
}

function listOf(packed: Packed): readonly number[] {
  return typeof packed === 'number' ? [packed] : packed;
}
