import { type Action, actions, type Entry, type Operation } from '../../src/iam/operation.ts';

/** What stands for a stored action in the naive model: a row of plain values. */
export interface NaiveGrant extends Entry {
  readonly action: Action;
  readonly revision: number;
}

/** The state of users, groups and grants as lists that are searched from end to end: the judge of the one that is quick. */
export class NaiveState {
  users: string[] = [];
  groups: string[] = [];
  acls: string[] = [];
  members: (readonly [gid: string, uid: string])[] = [];
  grants: NaiveGrant[] = [];

  copy(): NaiveState {
    return Object.assign(new NaiveState(), {
      users: [...this.users],
      groups: [...this.groups],
      acls: [...this.acls],
      members: [...this.members],
      grants: [...this.grants],
    });
  }

  get superusers(): string[] {
    return this.users.filter((uid) =>
      this.grants.some(
        ({ rid, subjects, id }) =>
          rid === 'dcos:superuser' && (subjects === 'users' ? id === uid : this.isMember(id, uid)),
      ),
    );
  }

  isMember(gid: string, uid: string): boolean {
    return this.members.some(([group, user]) => group === gid && user === uid);
  }

  grantsOf(entry: Entry): NaiveGrant[] {
    return this.grants.filter((grant) => isOf(grant, entry));
  }

  /** The code of the refusal, or undefined if it may be done. */
  check(operation: Operation): string | undefined {
    const code = this.#misses(operation);
    if (code !== undefined) return code;
    const { kind } = operation;
    if (kind === 'delete-group' && operation.gid === 'superusers') return 'ERR_IS_SUPERUSER_GROUP';
    if (kind === 'delete-acl' && operation.rid === 'dcos:superuser') return 'ERR_IS_SUPERUSER_ACL';
    if (kind === 'revoke-all' || (kind === 'revoke' && operation.action === 'full')) {
      const { rid, subjects, id } = operation.entry;
      if (rid === 'dcos:superuser' && subjects === 'groups' && id === 'superusers')
        return 'ERR_IS_SUPERUSER_GROUP';
    }
    const after = this.copy();
    after.apply(operation, 1);
    return this.superusers.length > 0 && after.superusers.length === 0 ? 'ERR_NO_MORE_SUPERUSERS' : undefined;
  }

  #misses(operation: Operation): string | undefined {
    const noUser = (uid: string) => (this.users.includes(uid) ? undefined : 'ERR_UNKNOWN_USER_ID');
    const noGroup = (gid: string) => (this.groups.includes(gid) ? undefined : 'ERR_UNKNOWN_GROUP_ID');
    const noAcl = (rid: string) => (this.acls.includes(rid) ? undefined : 'ERR_UNKNOWN_RESOURCE_ID');
    switch (operation.kind) {
      case 'create-user':
        if (!isName(operation.user.uid) || operation.user.uid === 'anonymous') return 'ERR_INVALID_USER_ID';
        return this.users.includes(operation.user.uid) ? 'ERR_USER_EXISTS' : undefined;
      case 'create-group':
        if (!isName(operation.group.gid)) return 'ERR_INVALID_GROUP_ID';
        return this.groups.includes(operation.group.gid) ? 'ERR_GROUP_EXISTS' : undefined;
      case 'create-acl':
        if (operation.rid.includes('::')) return 'ERR_INVALID_RESOURCE_ID';
        return this.acls.includes(operation.rid) ? 'ERR_ACL_EXISTS' : undefined;
      case 'update-user':
      case 'delete-user':
        return noUser(operation.uid);
      case 'update-group':
      case 'delete-group':
        return noGroup(operation.gid);
      case 'update-acl':
      case 'delete-acl':
        return noAcl(operation.rid);
      case 'add-member':
      case 'remove-member': {
        const { kind, gid, uid } = operation;
        const missing = noGroup(gid) ?? noUser(uid);
        if (missing !== undefined) return missing;
        if (kind === 'add-member') return this.isMember(gid, uid) ? 'ERR_USER_ALREADY_IN_GROUP' : undefined;
        return this.isMember(gid, uid) ? undefined : 'ERR_USER_NOT_IN_GROUP';
      }
      case 'grant':
      case 'revoke':
      case 'revoke-all': {
        const { kind, entry } = operation;
        const isUser = entry.subjects === 'users';
        const missing = noAcl(entry.rid) ?? (isUser ? noUser(entry.id) : noGroup(entry.id));
        if (missing !== undefined) return missing;
        if (kind !== 'revoke-all' && !actions.includes(operation.action)) return 'ERR_INVALID_ACTION';
        const stored = this.grantsOf(entry);
        const isStored = kind !== 'revoke-all' && stored.some(({ action }) => action === operation.action);
        if (kind === 'grant') return isStored ? 'ERR_PERMISSION_EXISTS' : undefined;
        if (stored.length === 0) return isUser ? 'ERR_USER_NOT_IN_ACL' : 'ERR_GROUP_NOT_IN_ACL';
        return kind === 'revoke' && !isStored ? 'ERR_ACTION_NOT_YET_STORED' : undefined;
      }
    }
  }

  /** Does what `check` admits. */
  apply(operation: Operation, revision: number): void {
    switch (operation.kind) {
      case 'create-user':
        this.users.push(operation.user.uid);
        return;
      case 'create-group':
        this.groups.push(operation.group.gid);
        return;
      case 'create-acl':
        this.acls.push(operation.rid);
        return;
      case 'delete-user':
        this.users = this.users.filter((uid) => uid !== operation.uid);
        this.members = this.members.filter(([, uid]) => uid !== operation.uid);
        this.grants = this.grants.filter(({ subjects, id }) => subjects !== 'users' || id !== operation.uid);
        return;
      case 'delete-group':
        this.groups = this.groups.filter((gid) => gid !== operation.gid);
        this.members = this.members.filter(([gid]) => gid !== operation.gid);
        this.grants = this.grants.filter(({ subjects, id }) => subjects !== 'groups' || id !== operation.gid);
        return;
      case 'delete-acl':
        this.acls = this.acls.filter((rid) => rid !== operation.rid);
        this.grants = this.grants.filter(({ rid }) => rid !== operation.rid);
        return;
      case 'add-member':
        this.members.push([operation.gid, operation.uid]);
        return;
      case 'remove-member':
        this.members = this.members.filter(([gid, uid]) => gid !== operation.gid || uid !== operation.uid);
        return;
      case 'grant':
        this.grants.push({ ...operation.entry, action: operation.action, revision });
        return;
      case 'revoke':
        this.grants = this.grants.filter(
          (grant) => !isOf(grant, operation.entry) || grant.action !== operation.action,
        );
        return;
      case 'revoke-all':
        this.grants = this.grants.filter((grant) => !isOf(grant, operation.entry));
        return;
      case 'update-user':
      case 'update-group':
      case 'update-acl':
        return;
    }
  }
}

function isOf(grant: NaiveGrant, { rid, subjects, id }: Entry): boolean {
  return grant.rid === rid && grant.subjects === subjects && grant.id === id;
}

function isName(text: string): boolean {
  return text !== '' && [...text].every((unit) => unit !== ' ');
}
