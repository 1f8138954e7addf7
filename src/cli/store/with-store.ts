import { openStore, type StoreOptions } from '../../store/open-store.ts';
import type { SqlStore } from '../../store/sql-store.ts';

/** Maintenance waits longer for a busy database than a service may. */
const timeoutMs = 60_000;

/** Opens a store for the time of some work. @throws {StoreError} */
export async function withStore<T>(
  address: string,
  options: Omit<StoreOptions, 'timeoutMs'>,
  work: (store: SqlStore) => Promise<T>,
): Promise<T> {
  const store = await openStore(address, { ...options, timeoutMs });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
