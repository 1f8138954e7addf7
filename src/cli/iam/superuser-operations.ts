import { firstOperations } from '../../iam/first-operations.ts';
import type { IamState } from '../../iam/iam-state.ts';
import type { Operation } from '../../iam/operation.ts';
import { superuserGroup, superuserRid } from '../../iam/superuser.ts';

const alreadyDone: ReadonlySet<string> = new Set([
  'ERR_GROUP_EXISTS',
  'ERR_ACL_EXISTS',
  'ERR_PERMISSION_EXISTS',
]);

/**
 * What makes a user who may do everything. An empty store becomes a fresh cluster with it; any other gets what the group of
 * superusers lacks.
 */
export function superuserOperations(
  state: IamState,
  uid: string,
  passwordHash: string,
): readonly Operation[] {
  const user = { uid, description: '', providerType: 'internal', providerId: '', passwordHash } as const;
  return [
    ...firstOperations.filter(
      (operation) =>
        (state.revision === 0 || isAboutSuperusers(operation)) &&
        !alreadyDone.has(state.check(operation)?.code ?? ''),
    ),
    { kind: 'create-user', user },
    { kind: 'add-member', gid: superuserGroup, uid },
  ];
}

function isAboutSuperusers(operation: Operation): boolean {
  return operation.kind !== 'create-acl' || operation.rid === superuserRid;
}
