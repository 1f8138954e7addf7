import { assertNever } from '../source/invariant.ts';
import type { Changes, StoredAction } from './changes.ts';
import { checkOperation } from './check-operation.ts';
import type { OperationFault } from './fault.ts';
import { type Acl, type EntryActions, GrantTable } from './grant-table.ts';
import { MemberTable } from './member-table.ts';
import type { Action, Entry, Group, Operation, StoreRecord, SubjectKind, User } from './operation.ts';
import { RecordError } from './record-error.ts';
import { noHash, verifyRecord } from './record-hash.ts';
import { readSnapshot, type SnapshotGrant, writeSnapshot } from './snapshot.ts';
import { isSuperuser } from './superuser.ts';
import { Touched } from './touched.ts';

export type { OperationFault } from './fault.ts';
export type { Acl, EntryActions } from './grant-table.ts';

/**
 * What all records of a store up to one revision amount to: users, groups, memberships, access control lists and what they
 * grant. It changes only by the next record. Ids are compared unit by unit.
 */
export class IamState {
  #revision = 0;
  #hash: string = noHash;
  readonly #users = new Map<string, User>();
  readonly #groups = new Map<string, Group>();
  readonly #members = new MemberTable();
  readonly #grants = new GrantTable();
  /** What undoes the operations that have been done since it was emptied, the last first. */
  #undo: (() => void)[] = [];

  static empty(): IamState {
    return new IamState();
  }

  /**
   * What `serialize` wrote.
   *
   * @throws {SnapshotError} for any other text
   */
  static parse(text: string): IamState {
    const state = new IamState();
    const { revision, hash } = readSnapshot(text, {
      user: (user) => state.#addUser(user),
      group: (group, members) => state.#addGroup(group, members),
      acl: (acl, grants) => state.#addAcl(acl, grants),
    });
    state.#revision = revision;
    state.#hash = hash;
    return state;
  }

  /** All of it as JSON lines; the same state gives the same text, however it came about. */
  serialize(): string {
    return writeSnapshot(this);
  }

  /** That of the last record; 0 before the first. */
  get revision(): number {
    return this.#revision;
  }

  /** That of the last record. */
  get hash(): string {
    return this.#hash;
  }

  user(uid: string): User | undefined {
    return this.#users.get(uid);
  }

  /** In no order. */
  users(): Iterable<User> {
    return this.#users.values();
  }

  group(gid: string): Group | undefined {
    return this.#groups.get(gid);
  }

  /** In no order. */
  groups(): Iterable<Group> {
    return this.#groups.values();
  }

  /** Sorted. */
  groupsOf(uid: string): readonly string[] {
    return this.#members.groupsOf(uid);
  }

  /** Sorted. */
  membersOf(gid: string): readonly string[] {
    return this.#members.membersOf(gid);
  }

  isMember(gid: string, uid: string): boolean {
    return this.#members.has(gid, uid);
  }

  acl(rid: string): Acl | undefined {
    return this.#grants.acl(rid);
  }

  /** In no order. */
  acls(): Iterable<Acl> {
    return this.#grants.acls();
  }

  /** What is stored for the subject on the resource, in the order of the API's documents. */
  actionsOf(entry: Entry): readonly StoredAction[] {
    return this.#grants.actionsOf(entry);
  }

  /** In no order. */
  entriesOf(rid: string): readonly EntryActions[] {
    return this.#grants.entriesOf(rid);
  }

  /** What is stored for the subject itself, not for its groups; in no order. */
  entriesOfSubject(kind: SubjectKind, id: string): readonly EntryActions[] {
    return this.#grants.entriesOfSubject(kind, id);
  }

  /** Whether any action on `dcos:superuser` is stored for the user or one of its groups. */
  isSuperuser(uid: string): boolean {
    return isSuperuser(this, uid);
  }

  /** Why an operation may not be done now; undefined if it may. */
  check(operation: Operation): OperationFault | undefined {
    return checkOperation(this, operation);
  }

  /** The same for operations one after the other. */
  checkAll(operations: readonly Operation[]): OperationFault | undefined {
    if (operations.length === 1) return this.check(operations[0]!);
    try {
      for (const operation of operations) {
        const fault = this.check(operation);
        if (fault !== undefined) return fault;
        this.#do(operation, this.#revision + 1);
      }
      return undefined;
    } finally {
      this.#undoAll();
    }
  }

  /**
   * Takes the next record. What it says has been checked before it was written, so no rule is looked at again: an operation
   * without a sense in this state can come of damage or of another version alone, and to go on would be to guess.
   *
   * @throws {RecordError} and leaves the state as it was, if it is not the next one, not what was written, or makes no sense
   */
  apply(record: StoreRecord): Changes {
    const { revision, hash, operations } = record;
    verifyRecord(this, record);
    const touched = new Touched();
    try {
      for (const operation of operations) {
        touched.note(operation, this);
        this.#do(operation, revision);
      }
    } catch (error) {
      this.#undoAll();
      throw error;
    }
    this.#undo = [];
    this.#revision = revision;
    this.#hash = hash;
    return touched.changesIn(this);
  }

  #addUser(user: User): boolean {
    if (this.#users.has(user.uid)) return false;
    this.#users.set(user.uid, user);
    return true;
  }

  #addGroup(group: Group, members: readonly string[]): boolean {
    const { gid } = group;
    if (this.#groups.has(gid)) return false;
    this.#groups.set(gid, group);
    return members.every((uid) => {
      const isNew = this.#users.has(uid) && !this.#members.has(gid, uid);
      if (isNew) this.#members.add(gid, uid);
      return isNew;
    });
  }

  #addAcl({ rid, description }: Acl, grants: readonly SnapshotGrant[]): boolean {
    if (this.acl(rid) !== undefined) return false;
    this.#grants.putAcl(rid, description);
    return grants.every(([subjects, id, action, revision]) => {
      const entry = { rid, subjects, id };
      const isKnown = (subjects === 'users' ? this.#users : this.#groups).has(id);
      if (!isKnown || this.#holds(entry, action)) return false;
      this.#grants.grant(entry, action, revision);
      return true;
    });
  }

  #holds(entry: Entry, action: Action): boolean {
    return this.actionsOf(entry).some((stored) => stored.action === action);
  }

  #do(operation: Operation, revision: number): void {
    switch (operation.kind) {
      case 'create-user':
        expect(!this.#users.has(operation.user.uid), operation, revision);
        this.#put(this.#users, operation.user.uid, operation.user);
        return;
      case 'update-user': {
        const { kind: _, uid, ...changed } = operation;
        const user = this.#users.get(uid);
        expect(user !== undefined, operation, revision);
        this.#put(this.#users, uid, { ...user, ...changed });
        return;
      }
      case 'delete-user': {
        const { uid } = operation;
        expect(this.#users.has(uid), operation, revision);
        for (const gid of this.groupsOf(uid)) this.#undo.push(this.#members.remove(gid, uid));
        this.#revokeAll(this.entriesOfSubject('users', uid));
        this.#put(this.#users, uid, undefined);
        return;
      }
      case 'create-group':
        expect(!this.#groups.has(operation.group.gid), operation, revision);
        this.#put(this.#groups, operation.group.gid, operation.group);
        return;
      case 'update-group': {
        const { gid, description } = operation;
        const group = this.#groups.get(gid);
        expect(group !== undefined, operation, revision);
        this.#put(this.#groups, gid, { ...group, description });
        return;
      }
      case 'delete-group': {
        const { gid } = operation;
        expect(this.#groups.has(gid), operation, revision);
        for (const uid of this.membersOf(gid)) this.#undo.push(this.#members.remove(gid, uid));
        this.#revokeAll(this.entriesOfSubject('groups', gid));
        this.#put(this.#groups, gid, undefined);
        return;
      }
      case 'add-member':
      case 'remove-member': {
        const { kind, gid, uid } = operation;
        const isMember = this.#members.has(gid, uid);
        expect(isMember === (kind === 'remove-member'), operation, revision);
        expect(this.#users.has(uid) && this.#groups.has(gid), operation, revision);
        this.#undo.push(isMember ? this.#members.remove(gid, uid) : this.#members.add(gid, uid));
        return;
      }
      case 'create-acl':
      case 'update-acl': {
        const { kind, rid, description } = operation;
        expect((this.acl(rid) === undefined) === (kind === 'create-acl'), operation, revision);
        this.#undo.push(this.#grants.putAcl(rid, description));
        return;
      }
      case 'delete-acl': {
        const { rid } = operation;
        expect(this.acl(rid) !== undefined, operation, revision);
        this.#revokeAll(this.entriesOf(rid));
        this.#undo.push(this.#grants.deleteAcl(rid));
        return;
      }
      case 'grant':
      case 'revoke': {
        const { kind, entry, action } = operation;
        const known = entry.subjects === 'users' ? this.#users : this.#groups;
        expect(known.has(entry.id) && this.acl(entry.rid) !== undefined, operation, revision);
        const isStored = this.#holds(entry, action);
        expect(isStored === (kind === 'revoke'), operation, revision);
        this.#undo.push(
          isStored ? this.#grants.revoke(entry, action) : this.#grants.grant(entry, action, revision),
        );
        return;
      }
      case 'revoke-all': {
        const { entry } = operation;
        const stored = this.actionsOf(entry);
        expect(stored.length > 0, operation, revision);
        this.#revokeAll([{ entry, actions: stored }]);
        return;
      }
      default:
        assertNever(operation);
    }
  }

  #put<Value>(map: Map<string, Value>, key: string, value: Value | undefined): void {
    const before = map.get(key);
    this.#undo.push(() => {
      if (before === undefined) map.delete(key);
      else map.set(key, before);
    });
    if (value === undefined) map.delete(key);
    else map.set(key, value);
  }

  #revokeAll(entries: readonly EntryActions[]): void {
    for (const { entry, actions: stored } of entries)
      for (const { action } of stored) this.#undo.push(this.#grants.revoke(entry, action));
  }

  #undoAll(): void {
    for (const undo of this.#undo.reverse()) undo();
    this.#undo = [];
  }
}

/** What `check` has seen to before a record was written. */
function expect(isSo: boolean, { kind }: Operation, revision: number): asserts isSo {
  if (!isSo)
    throw new RecordError(`record ${revision} has \`${kind}\` where it makes no sense: the log is damaged`);
}
