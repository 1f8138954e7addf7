import type { IamDirectory } from '../../src/service/iam/directory.ts';
import {
  type Ask,
  asker,
  type IamService,
  type IamServiceOptions,
  sign,
  startIam,
} from './iam-conformance-service.ts';
import { createWorld } from './iam-conformance-world.ts';
import { MemoryDirectory } from './memory-directory.ts';

export interface Started extends IamService {
  readonly directory: IamDirectory;
  /** As the superuser. */
  readonly ask: Ask;
}

/** The permission API on the world of the conformance suite, in memory. */
export async function startAsking(options: Omit<IamServiceOptions, 'directory'> = {}): Promise<Started> {
  const directory = new MemoryDirectory();
  await createWorld(directory);
  const started = await startIam({ ...options, directory });
  return { ...started, directory, ask: asker(started.address, await sign({ uid: 'admin' })) };
}
