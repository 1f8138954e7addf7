import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import type { IamDirectory } from '../src/service/iam/directory.ts';
import { iamConformance } from './support/iam-conformance.ts';
import { MemoryDirectory } from './support/memory-directory.ts';
import { PostgresServer, wantsPostgres } from './support/postgres.ts';
import { openStoreHand } from './support/store-hand.ts';

describe('in memory', () => {
  iamConformance(async () => ({ directory: new MemoryDirectory(), close: async () => {} }));
});

describe('in SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-conformance-'));
  let count = 0;
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  iamConformance(() => directoryIn(join(folder, `${count++}.db`)));
});

describe.skipIf(!wantsPostgres())('in PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.create();
  });
  afterAll(() => server.remove());
  iamConformance(async () => directoryIn(await server.createDatabase()));
});

async function directoryIn(
  url: string,
): Promise<{ readonly directory: IamDirectory; readonly close: () => Promise<void> }> {
  const { follower, close } = await openStoreHand(url, { create: true });
  return {
    directory: {
      state: () => follower.state,
      async write(operations, about) {
        const { revision } = await follower.write(operations, { ...about, timeMs: Date.now() });
        return { revision, token: `test.${revision}` };
      },
    },
    close,
  };
}
