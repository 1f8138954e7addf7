import { unknownAcl, unknownGroup, unknownUser } from '../../iam/check-operation.ts';
import type { Acl, IamState, OperationFault } from '../../iam/iam-state.ts';
import type { Group, SubjectKind, User } from '../../iam/operation.ts';
import { errorOfFault } from './iam-error.ts';

/** Things that a path names. What is not known is 400 with a code of its own: 404 is for routes. */

/** @throws {IamError} 400 */
export function knownUser(state: IamState, uid: string): User {
  return state.user(uid) ?? refuse(unknownUser(state, uid));
}

/** @throws {IamError} 400 */
export function knownGroup(state: IamState, gid: string): Group {
  return state.group(gid) ?? refuse(unknownGroup(state, gid));
}

/** @throws {IamError} 400 */
export function knownAcl(state: IamState, rid: string): Acl {
  return state.acl(rid) ?? refuse(unknownAcl(state, rid));
}

/** @throws {IamError} 400 */
export function checkKnownSubject(state: IamState, subjects: SubjectKind, id: string): void {
  if (subjects === 'users') knownUser(state, id);
  else knownGroup(state, id);
}

function refuse(fault: OperationFault | undefined): never {
  throw errorOfFault(fault!);
}
