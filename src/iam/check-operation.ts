import { scan } from '../id/scan.ts';
import { fault, type OperationFault } from './fault.ts';
import type { IamState } from './iam-state.ts';
import { actions, type Entry, type Operation } from './operation.ts';
import { leavesSuperusers, superuserGroup, superuserRid } from './superuser.ts';

/** Of a uid, and of a gid, for which no syntax is stated (facts: IAM-API.md § 4). */
const idPattern = /^[A-Za-z0-9_@.-]{1,96}$/;
const reservedUid = 'anonymous';

/** Why a uid cannot be one. */
export function checkUid(uid: string): OperationFault | undefined {
  if (idPattern.test(uid) && uid !== reservedUid) return undefined;
  return fault('ERR_INVALID_USER_ID', `Invalid user ID: \`${uid}\`.`);
}

export function checkGid(gid: string): OperationFault | undefined {
  return idPattern.test(gid) ? undefined : fault('ERR_INVALID_GROUP_ID', `Invalid group ID: \`${gid}\`.`);
}

/** A rid is opaque to the API; here it has to be an id that decisions can be made about (S1, S2). */
export function checkRid(rid: string): OperationFault | undefined {
  return scan(rid) ? undefined : fault('ERR_INVALID_RESOURCE_ID', `Invalid resource ID: \`${rid}\`.`);
}

/**
 * What the state does not admit, by the rules of facts: IAM-API.md § 3.1, 6 and 10.
 */
export function checkOperation(state: IamState, operation: Operation): OperationFault | undefined {
  switch (operation.kind) {
    case 'create-user': {
      const { uid } = operation.user;
      if (state.user(uid) !== undefined)
        return fault('ERR_USER_EXISTS', `User with uid \`${uid}\` already exists.`);
      return checkUid(uid);
    }
    case 'update-user':
      return unknownUser(state, operation.uid);
    case 'delete-user':
      return unknownUser(state, operation.uid) ?? lastSuperuser();
    case 'create-group': {
      const { gid } = operation.group;
      if (state.group(gid) !== undefined)
        return fault('ERR_GROUP_EXISTS', `Group with gid \`${gid}\` already exists.`);
      return checkGid(gid);
    }
    case 'update-group':
      return unknownGroup(state, operation.gid);
    case 'delete-group': {
      const unknown = unknownGroup(state, operation.gid);
      if (unknown !== undefined) return unknown;
      if (operation.gid === superuserGroup)
        return fault('ERR_IS_SUPERUSER_GROUP', `The group \`${superuserGroup}\` cannot be deleted.`);
      return lastSuperuser();
    }
    case 'add-member': {
      const { gid, uid } = operation;
      const unknown = unknownGroup(state, gid) ?? unknownUser(state, uid);
      if (unknown !== undefined || !state.isMember(gid, uid)) return unknown;
      return fault('ERR_USER_ALREADY_IN_GROUP', `User \`${uid}\` is already a member of group \`${gid}\`.`);
    }
    case 'remove-member': {
      const { gid, uid } = operation;
      const unknown = unknownGroup(state, gid) ?? unknownUser(state, uid);
      if (unknown !== undefined) return unknown;
      if (state.isMember(gid, uid)) return lastSuperuser();
      return fault('ERR_USER_NOT_IN_GROUP', `User \`${uid}\` is not a member of group \`${gid}\`.`);
    }
    case 'create-acl': {
      const { rid } = operation;
      if (state.acl(rid) !== undefined)
        return fault('ERR_ACL_EXISTS', `ACL with rid \`${rid}\` already exists.`);
      return checkRid(rid);
    }
    case 'update-acl':
      return unknownAcl(state, operation.rid);
    case 'delete-acl': {
      const unknown = unknownAcl(state, operation.rid);
      if (unknown !== undefined || operation.rid !== superuserRid) return unknown;
      return fault('ERR_IS_SUPERUSER_ACL', `The ACL \`${superuserRid}\` cannot be deleted.`);
    }
    case 'grant': {
      const { entry, action } = operation;
      const unknown = unknownEntry(state, entry) ?? unknownAction(action);
      if (unknown !== undefined) return unknown;
      const isStored = state.actionsOf(entry).some((stored) => stored.action === action);
      if (!isStored) return undefined;
      return fault(
        'ERR_PERMISSION_EXISTS',
        `${nameOf(entry)} already has \`${action}\` on \`${entry.rid}\`.`,
      );
    }
    case 'revoke': {
      const { entry, action } = operation;
      const missing = unknownEntry(state, entry) ?? unknownAction(action) ?? missingEntry(state, entry);
      if (missing !== undefined) return missing;
      if (!state.actionsOf(entry).some((stored) => stored.action === action))
        return fault(
          'ERR_ACTION_NOT_YET_STORED',
          `${nameOf(entry)} does not have \`${action}\` on \`${entry.rid}\`.`,
        );
      return (action === 'full' ? builtInGrant(entry) : undefined) ?? lastSuperuser();
    }
    case 'revoke-all': {
      const { entry } = operation;
      return (
        unknownEntry(state, entry) ?? missingEntry(state, entry) ?? builtInGrant(entry) ?? lastSuperuser()
      );
    }
  }

  function lastSuperuser(): OperationFault | undefined {
    if (leavesSuperusers(state, operation)) return undefined;
    return fault('ERR_NO_MORE_SUPERUSERS', 'There would be no superuser any more.');
  }
}

export function unknownUser(state: IamState, uid: string): OperationFault | undefined {
  if (state.user(uid) !== undefined) return undefined;
  return fault('ERR_UNKNOWN_USER_ID', `User with uid \`${uid}\` not known.`);
}

export function unknownGroup(state: IamState, gid: string): OperationFault | undefined {
  if (state.group(gid) !== undefined) return undefined;
  return fault('ERR_UNKNOWN_GROUP_ID', `Group with gid \`${gid}\` not known.`);
}

export function unknownAcl(state: IamState, rid: string): OperationFault | undefined {
  if (state.acl(rid) !== undefined) return undefined;
  return fault('ERR_UNKNOWN_RESOURCE_ID', `ACL with rid \`${rid}\` not known.`);
}

/** Neither the list nor the subject is made by granting. */
export function unknownEntry(state: IamState, { rid, subjects, id }: Entry): OperationFault | undefined {
  return unknownAcl(state, rid) ?? (subjects === 'users' ? unknownUser(state, id) : unknownGroup(state, id));
}

export function unknownAction(action: string): OperationFault | undefined {
  if ((actions as readonly string[]).includes(action)) return undefined;
  return fault('ERR_INVALID_ACTION', `Invalid action: \`${action}\` is none of ${actions.join(', ')}.`);
}

function missingEntry(state: IamState, entry: Entry): OperationFault | undefined {
  if (state.actionsOf(entry).length > 0) return undefined;
  const code = entry.subjects === 'users' ? 'ERR_USER_NOT_IN_ACL' : 'ERR_GROUP_NOT_IN_ACL';
  return fault(code, `${nameOf(entry)} has no entry in the ACL \`${entry.rid}\`.`);
}

/** The `full` of the built-in group on the built-in list (§ 10). */
function builtInGrant({ rid, subjects, id }: Entry): OperationFault | undefined {
  if (rid !== superuserRid || subjects !== 'groups' || id !== superuserGroup) return undefined;
  return fault(
    'ERR_IS_SUPERUSER_GROUP',
    `The group \`${superuserGroup}\` keeps \`full\` on \`${superuserRid}\`.`,
  );
}

function nameOf({ subjects, id }: Entry): string {
  return subjects === 'users' ? `User \`${id}\`` : `Group \`${id}\``;
}
