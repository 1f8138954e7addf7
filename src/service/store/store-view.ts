import type { IamState } from '../../iam/iam-state.ts';
import { TrimmedError } from '../../store/errors.ts';
import { openStore } from '../../store/open-store.ts';
import { readOn, readState } from '../../store/read-state.ts';
import type { Head, Store } from '../../store/store.ts';

interface Known {
  readonly state: IamState;
  readonly head: Head;
}

/** A store as one thread reads it for building: what was read before is kept, and only what is new is read again. */
export class StoreView {
  readonly #url: string;
  readonly #isReadOnly: boolean;
  #store: Store | undefined;
  #known: Known | undefined;

  constructor(url: string, { readOnly }: { readonly readOnly: boolean }) {
    this.#url = url;
    this.#isReadOnly = readOnly;
  }

  /**
   * What the store says now. The state is the same object each time, which has gone on.
   *
   * @throws {StoreError} if it cannot be read
   */
  async read(): Promise<Known> {
    this.#store ??= await openStore(this.#url, { readOnly: this.#isReadOnly });
    const { storeId, epoch } = await this.#store.head();
    const known = this.#known;
    const isSame = known?.head.storeId === storeId && known.head.epoch === epoch;
    this.#known = isSame ? await readFurther(this.#store, known) : await readState(this.#store);
    return this.#known;
  }

  /** Leaves a snapshot of what was read last, where the newest one is `after` revisions older or more. @throws {StoreError} */
  async saveSnapshot(after: number): Promise<void> {
    const { state } = this.#known!;
    const newest = (await this.#store!.snapshotRevision()) ?? 0;
    if (state.revision - newest < after) return;
    const { revision, hash } = state;
    await this.#store!.saveSnapshot({ revision, hash, state: state.serialize() });
  }
}

async function readFurther(store: Store, { state, head }: Known): Promise<Known> {
  try {
    await readOn(store, state);
  } catch (error) {
    if (error instanceof TrimmedError) return readState(store);
    throw error;
  }
  return { state, head: { ...head, revision: state.revision, hash: state.hash } };
}
