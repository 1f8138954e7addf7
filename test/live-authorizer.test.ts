import { describe, expect, onTestFinished, test } from 'vitest';
import type { Operation } from '../src/iam/operation.ts';
import { buildModel } from '../src/index.ts';
import { LiveAuthorizer, type LiveAuthorizerOptions, makeToken, readToken } from '../src/store.ts';
import { newUser, type StoreHand } from './support/store-hand.ts';
import { createTestStore } from './support/test-stores.ts';

const rid = 'doc:/a';
const grant: Operation = { kind: 'grant', entry: { rid, subjects: 'users', id: 'ann' }, action: 'read' };
const revoke: Operation = { ...grant, kind: 'revoke' };
const prepared: readonly Operation[] = [newUser('ann'), { kind: 'create-acl', rid, description: '' }];
const about = { author: 'test', reason: 'a test' };

async function open(
  { url }: Pick<StoreHand, 'url'>,
  options: Partial<LiveAuthorizerOptions> = {},
): Promise<LiveAuthorizer> {
  const built = buildModel([{ file: 'a.acl', text: 'allow user:bob to read on doc:/b\n' }]);
  if (!built.ok) throw new Error('the policy of the test does not build');
  const live = await LiveAuthorizer.open({ store: url, policies: built.model, pollMs: 60_000, ...options });
  onTestFinished(() => live.close());
  return live;
}

describe('an authorizer on a store', () => {
  test('decides by the policies and by what it writes', async () => {
    const live = await open(await createTestStore(undefined));
    expect(live.authorizer.isAllowed('user:bob', 'read', 'doc:/b')).toBe(true);
    await live.write([...prepared, grant], about);
    const before = live.authorizer;
    expect(before.isAllowed('user:ann', 'read', rid)).toBe(true);
    await live.write([revoke], about);
    expect(live.authorizer.isAllowed('user:ann', 'read', rid)).toBe(false);
    // Whoever keeps one has answers of one moment.
    expect(before.isAllowed('user:ann', 'read', rid)).toBe(true);
  });

  test('follows what others write, when it is asked for it', async () => {
    const store = await createTestStore(undefined);
    const live = await open(store);
    const { storeId, epoch } = readToken(live.token);
    const revision = await store.write(...prepared, grant);
    expect(live.authorizer.isAllowed('user:ann', 'read', rid)).toBe(false);
    const token = makeToken({ storeId, epoch, revision });
    expect((await live.atLeast(token)).isAllowed('user:ann', 'read', rid)).toBe(true);
    expect(live.token).toBe(token);
    await store.write(revoke);
    expect((await live.latest()).isAllowed('user:ann', 'read', rid)).toBe(false);
    const later = makeToken({ storeId, epoch, revision: revision + 2 });
    await expect(live.atLeast(later)).rejects.toThrow(/is older than the token/);
    await expect(live.atLeast('pst1.x')).rejects.toThrow(/token/);
  });

  test('builds anew now and then, and answers alike', async () => {
    const live = await open(await createTestStore(undefined), { foldAfter: 2 });
    await live.write(prepared, about);
    for (let i = 0; i < 5; i++) {
      const isAllowed = i % 2 === 0;
      await live.write([isAllowed ? grant : revoke], about);
      expect(live.authorizer.isAllowed('user:ann', 'read', rid)).toBe(isAllowed);
    }
  });

  test('writes nothing that users and groups do not admit', async () => {
    const live = await open(await createTestStore(undefined));
    await expect(live.write([grant], about)).rejects.toMatchObject({
      name: 'OperationRefusedError',
      fault: { code: 'ERR_UNKNOWN_RESOURCE_ID' },
    });
  });
});
