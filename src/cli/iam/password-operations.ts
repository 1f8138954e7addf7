import type { IamState } from '../../iam/iam-state.ts';
import type { Operation } from '../../iam/operation.ts';
import { UsageError } from '../usage-error.ts';

/**
 * What gives a user another password; whether the user is there is found out by the state.
 *
 * @throws {UsageError} if the user is one who proves otherwise who it is
 */
export function passwordOperations(state: IamState, uid: string, passwordHash: string): readonly Operation[] {
  const user = state.user(uid);
  if (user?.publicKey !== undefined)
    throw new UsageError(`\`${uid}\` is a service account: it has a key and no password`);
  if (user !== undefined && user.providerType !== 'internal')
    throw new UsageError(`\`${uid}\` logs in elsewhere: it is a user of provider type ${user.providerType}`);
  return [{ kind: 'update-user', uid, passwordHash }];
}
