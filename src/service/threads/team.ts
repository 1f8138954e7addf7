import type { AddressInfo } from 'node:net';
import type { KeyMaterial } from '../auth/key-file.ts';
import type { ReloadState } from '../operation/operation-state.ts';
import type { StoreNews, StoreUpdate } from '../store/point.ts';
import { type ServedPolicy, Serving, type ServingOptions } from './serving.ts';

/** The threads that answer requests, as those see them that run them. */
export interface Team {
  readonly listen: () => Promise<AddressInfo>;
  readonly use: (policy: ServedPolicy) => void;
  /** Resolves when every thread decides by the policy with this change. */
  readonly apply: (update: StoreUpdate) => Promise<void>;
  readonly noteStore: (news: StoreNews) => void;
  readonly noteReload: (state: ReloadState) => void;
  readonly renewTls: () => void;
  /** @param material  that `keysOf` takes */
  readonly useKeys: (material: KeyMaterial) => void;
  readonly announceStop: () => void;
  readonly stop: (maxMs: number) => Promise<void>;
}

/** A team of one, in this thread. */
export function createLocalTeam(options: ServingOptions): Team {
  const serving = new Serving(options);
  const { host, port } = options.config;
  return {
    listen: () => serving.listen({ host, port, isShared: false }),
    use: (policy) => serving.use(policy),
    apply: async (update) => serving.apply(update),
    noteStore: (news) => serving.noteStore(news),
    noteReload: (state) => serving.noteReload(state),
    renewTls: () => serving.renewTls(),
    useKeys: (material) => serving.useKeys(material),
    announceStop: () => serving.announceStop(),
    stop: (maxMs) => serving.stop(maxMs),
  };
}
