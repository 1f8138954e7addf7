import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { firstOperations } from '../../src/iam/first-operations.ts';
import type { PostgresServer } from './postgres.ts';
import { openStoreHand, type StoreHand } from './store-hand.ts';

/** A new store with the state of a fresh cluster; it goes with the test. */
export async function createTestStore(server: PostgresServer | undefined): Promise<StoreHand> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const url = server === undefined ? join(folder, 'postern.db') : await server.createDatabase();
  const hand = await openStoreHand(url, { create: true });
  onTestFinished(hand.close);
  await hand.write(...firstOperations);
  return hand;
}
