import type { Operation } from '../../src/iam/operation.ts';
import { Follower } from '../../src/store/follower.ts';
import { openStore } from '../../src/store/open-store.ts';

/** A hand on a store that is not that of the service. */
export interface StoreHand {
  readonly url: string;
  /** Resolves with the revision. @throws {OperationRefusedError} */
  readonly write: (...operations: readonly Operation[]) => Promise<number>;
  readonly follower: Follower;
  readonly close: () => Promise<void>;
}

export async function openStoreHand(
  url: string,
  options: { readonly create?: boolean } = {},
): Promise<StoreHand> {
  const store = await openStore(url, options);
  const follower = await Follower.open({
    store,
    pollMs: 1000,
    nowMs: () => performance.now(),
    onChanges: () => {},
    onReplaced: () => {},
    onTrouble: () => {},
  });
  let isClosed = false;
  return {
    url,
    follower,
    async write(...operations) {
      const about = { author: 'test', reason: 'a test', timeMs: Date.now() };
      return (await follower.write(operations, about)).revision;
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      follower.close();
      await store.close();
    },
  };
}

export function newUser(uid: string): Operation {
  return { kind: 'create-user', user: { uid, description: uid, providerType: 'internal', providerId: '' } };
}

export function newGroup(gid: string): Operation {
  return { kind: 'create-group', group: { gid, description: gid, providerType: 'internal' } };
}
