import { StoreError } from './errors.ts';
import type { SqlStore } from './sql-store.ts';
import type { Head } from './store.ts';

/**
 * Copies everything with its revisions and hashes, in one transaction: an empty store becomes the same store, or stays empty.
 * Two that are written to afterwards are two histories under one name: writers have to be stopped before.
 *
 * @returns where both end
 * @throws {StoreError} if the target is not empty, or either fails
 */
export async function copyStore(from: SqlStore, to: SqlStore): Promise<Head> {
  const content = await from.content();
  await to.fill((present) => {
    checkEmpty(to, present);
    return content;
  });
  return content.head;
}

/** @throws {StoreError} unless it is as it was made */
export function checkEmpty(store: SqlStore, { revision, epoch }: Head): void {
  if (revision > 0 || epoch > 1)
    throw new StoreError(
      `${store.name} is not empty: it ends at revision ${revision} of epoch ${epoch}: name a store that is new`,
    );
}
