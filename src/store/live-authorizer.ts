import { Authorizer } from '../authorizer.ts';
import type { Operation, StoreRecord } from '../iam/operation.ts';
import { readImage } from '../image/image.ts';
import { compileLive } from '../live/compile-live.ts';
import { Overlay } from '../live/overlay.ts';
import type { Model } from '../model/model.ts';
import { StoreError } from './errors.ts';
import { Follower, type WriteAbout } from './follower.ts';
import { openStore } from './open-store.ts';
import type { Store } from './store.ts';
import { makeToken, readToken } from './tokens.ts';

export interface LiveAuthorizerOptions {
  /** The path of a SQLite file, or `postgres://…`. `postern store init` makes one. */
  readonly store: string;
  /** What stands beside the store: see `buildModelFiles`. */
  readonly policies: Model;
  /** Overrides the mode of the policies. */
  readonly mode?: string;
  /** Follows and never writes. Default: false. */
  readonly readOnly?: boolean;
  /** How often the store is asked although it has reported nothing, in milliseconds. Default: 200. */
  readonly pollMs?: number;
  /**
   * After so many records the image is built anew, on this thread: about 10 µs for each rule and grant. Default: 5,000.
   */
  readonly foldAfter?: number;
  /** Told when the store cannot be read, or has lost records; decisions go on by what is known. */
  readonly onTrouble?: (error: Error) => void;
}

/**
 * Policies and a store as one authorizer, for programs that embed the library: what is written to the store, here or elsewhere,
 * decides from then on. The service does the same on more threads (`postern serve --store`).
 */
export class LiveAuthorizer {
  readonly #options: LiveAuthorizerOptions;
  readonly #store: Store;
  #follower!: Follower;
  #overlay!: Overlay;
  #base!: Authorizer;
  #authorizer!: Authorizer;
  #records = 0;

  private constructor(options: LiveAuthorizerOptions, store: Store) {
    this.#options = options;
    this.#store = store;
  }

  /** @throws {StoreError} if there is no store, or it cannot be read; {ConfigurationError} if the policies lack the mode */
  static async open(options: LiveAuthorizerOptions): Promise<LiveAuthorizer> {
    const store = await openStore(options.store, { readOnly: options.readOnly ?? false });
    const live = new LiveAuthorizer(options, store);
    try {
      live.#follower = await Follower.open({
        store,
        pollMs: options.pollMs ?? 200,
        nowMs: () => performance.now(),
        onChanges: (changes) => {
          if (++live.#records >= (options.foldAfter ?? 5000)) live.#build();
          else live.#use(live.#overlay.with(changes));
        },
        onReplaced: () => live.#build(),
        onTrouble: options.onTrouble ?? (() => {}),
      });
      live.#build();
    } catch (error) {
      await store.close();
      throw error;
    }
    live.#follower.start();
    return live;
  }

  /** Decides by what is known now. Whoever decides more than once by the same keeps it. */
  get authorizer(): Authorizer {
    return this.#authorizer;
  }

  /** What says how new `authorizer` is. */
  get token(): string {
    return makeToken(this.#follower.head);
  }

  /** For how long there may have been something newer, in milliseconds. */
  get staleMs(): number {
    return this.#follower.staleMs;
  }

  /**
   * An authorizer that knows all that a token speaks of.
   *
   * @throws {TokenError} for a text that is no token; {StoreError} if the token is of another store or history, or what it speaks
   *   of cannot be had
   */
  async atLeast(token: string): Promise<Authorizer> {
    const { storeId, epoch, revision } = readToken(token);
    if (!this.#isReached(storeId, epoch, revision)) await this.#follower.catchUp();
    if (this.#isReached(storeId, epoch, revision)) return this.#authorizer;
    throw new StoreError(`${this.#store.name} is older than the token, or of another history`);
  }

  /** An authorizer that knows all that is in the store now. @throws {StoreError} if it cannot be read */
  async latest(): Promise<Authorizer> {
    await this.#follower.catchUp();
    return this.#authorizer;
  }

  /**
   * Writes operations as one record; when it resolves, `authorizer` knows it.
   *
   * @throws {OperationRefusedError} if users, groups or grants do not admit it; {StoreError} if it cannot be written
   */
  write(operations: readonly Operation[], about: WriteAbout): Promise<StoreRecord> {
    return this.#follower.write(operations, { ...about, timeMs: Date.now() });
  }

  async close(): Promise<void> {
    this.#follower.close();
    await this.#store.close();
  }

  #isReached(storeId: string, epoch: number, revision: number): boolean {
    const { head } = this.#follower;
    return head.storeId === storeId && head.epoch === epoch && head.revision >= revision;
  }

  #build(): void {
    const { policies, mode } = this.#options;
    const image = readImage(compileLive(policies, this.#follower.state));
    this.#base = Authorizer.fromImage(image, { mode });
    this.#records = 0;
    this.#use(Overlay.on(image));
  }

  #use(overlay: Overlay): void {
    this.#overlay = overlay;
    this.#authorizer = this.#base.withOverlay(overlay);
  }
}
