import { StoreError } from '../../store/errors.ts';
import type { VerifiedImage } from '../policy-set/outcome.ts';
import type { PolicyLoader } from '../policy-set/policy-loader.ts';
import { ImageCache } from './image-cache.ts';
import { StoreView } from './store-view.ts';

export interface StoredLoaderOptions {
  /** Whose grants are built into the image. */
  readonly store: string;
  /** Whether snapshots are left to others. */
  readonly replica: boolean;
  readonly storeCache?: string | undefined;
}

/** A start reads a snapshot and what came after it: so many records at most. */
const snapshotEvery = 1000;

/** Loads policies with what a store adds to them. */
export class StoredLoader {
  readonly #loader: PolicyLoader;
  readonly #view: StoreView;
  readonly #isReplica: boolean;
  readonly #cache: ImageCache | undefined;
  #hasLoaded = false;

  constructor(loader: PolicyLoader, { store, replica, storeCache }: StoredLoaderOptions) {
    this.#loader = loader;
    this.#view = new StoreView(store, { readOnly: replica });
    this.#isReplica = replica;
    this.#cache = storeCache === undefined ? undefined : new ImageCache(storeCache);
  }

  get imports(): ReadonlyMap<string, string> {
    return this.#loader.imports;
  }

  /**
   * As the loader does; at the start, while the store is away, what an earlier run has verified.
   *
   * @throws {PolicyError | FileError | ImageError | ConfigurationError | StoreError}
   */
  async load(): Promise<VerifiedImage> {
    let read: Awaited<ReturnType<StoreView['read']>>;
    try {
      read = await this.#view.read();
    } catch (error) {
      const cached = error instanceof StoreError && !this.#hasLoaded ? this.#cache?.read() : undefined;
      if (cached === undefined) throw error;
      return cached;
    }
    const { state, head } = read;
    const loaded = { ...this.#loader.load(state), stored: head };
    this.#hasLoaded = true;
    this.#cache?.write(loaded);
    if (!this.#isReplica) await this.#view.saveSnapshot(snapshotEvery);
    return loaded;
  }
}
