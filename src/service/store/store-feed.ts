import type { Operation } from '../../iam/operation.ts';
import type { Changes } from '../../live/changes.ts';
import { StoreError } from '../../store/errors.ts';
import { Follower } from '../../store/follower.ts';
import { openStore } from '../../store/open-store.ts';
import type { Store } from '../../store/store.ts';
import type { ServiceConfig } from '../config/config.ts';
import type { IamDirectory } from '../iam/directory.ts';
import type { VerifiedImage } from '../policy-set/outcome.ts';
import type { Logger } from '../service.ts';
import type { Team } from '../threads/team.ts';
import { clockMs, pointAt, type StoreNews } from './point.ts';

export interface StoreFeedOptions {
  readonly config: Pick<ServiceConfig, 'store' | 'replica' | 'storeCache' | 'storePollMs' | 'foldAfter'>;
  readonly team: Team;
  /** Asks for a new image of policies and store. */
  readonly fold: () => void;
  readonly log: Logger;
}

const retryMs = 1000;
/** How often the threads are told how fresh their policy is. */
const newsMs = 250;

/**
 * What happens in the store, brought to the threads that decide: each record as a change beside the image in use, and now and
 * then a new image that holds them. Also the way by which the API writes.
 */
export class StoreFeed implements IamDirectory {
  readonly #options: StoreFeedOptions;
  #store: Store | undefined;
  #follower: Follower | undefined;
  /** What has happened since the image in use was built, and from which revision on that is everything. */
  #recent: Changes[] = [];
  #recentFrom = 0;
  #isFolding = false;
  #retry: NodeJS.Timeout | undefined;
  #news: NodeJS.Timeout | undefined;
  #trouble: string | undefined;
  #isClosed = false;

  constructor(options: StoreFeedOptions) {
    this.#options = options;
  }

  /**
   * Opens the store; where a policy of an earlier run may stand in, it is tried again and again.
   *
   * @throws {StoreError} if it cannot be read
   */
  async start(): Promise<void> {
    this.#news = setInterval(() => this.#tellNews(), newsMs).unref();
    try {
      await this.#open();
    } catch (error) {
      if (!(error instanceof StoreError) || this.#options.config.storeCache === undefined) throw error;
      this.#note(error);
      this.#retryLater();
    }
  }

  /** Puts an image to use, with what has happened since it was built. */
  async use(policy: VerifiedImage): Promise<void> {
    const base = policy.stored!;
    const follower = this.#follower;
    try {
      if (follower !== undefined && isBehind(follower, base)) await follower.catchUp();
    } catch (error) {
      this.#note(error as Error);
    }
    this.#isFolding = false;
    if (this.#isClosed) return;
    if (follower === undefined || policy.isCached) {
      this.#options.team.use({ ...policy, loadedAtMs: Date.now(), changes: [], point: pointAt(base) });
      return;
    }
    // Built from another history, or from before what is remembered: it is not known what has happened since.
    if (isBehind(follower, base) || base.epoch !== follower.head.epoch || base.revision < this.#recentFrom) {
      this.#fold();
      return;
    }
    this.#recent = this.#recent.filter(({ revision }) => revision > base.revision);
    this.#recentFrom = base.revision;
    const point = pointAt(follower.head);
    this.#options.team.use({ ...policy, loadedAtMs: Date.now(), changes: [...this.#recent], point });
    this.#tellNews();
  }

  state(): ReturnType<IamDirectory['state']> {
    return this.#opened.state;
  }

  /** Resolves when every thread decides by what was written. */
  async write(
    operations: readonly Operation[],
    about: { readonly author: string; readonly reason: string },
  ): Promise<{ readonly revision: number; readonly token: string }> {
    const follower = this.#opened;
    const { revision } = await follower.write(operations, { ...about, timeMs: Date.now() });
    return { revision, token: pointAt({ ...follower.head, revision }).token };
  }

  /** Resolves when the threads have everything that was in the store when it was called. @throws {StoreError} */
  async catchUp(): Promise<void> {
    await this.#opened.catchUp();
    this.#trouble = undefined;
    this.#tellNews();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#news);
    this.#follower?.close();
    await this.#store?.close();
  }

  get #opened(): Follower {
    if (this.#follower !== undefined) return this.#follower;
    throw new StoreError('the store cannot be reached', { isUnavailable: true });
  }

  async #open(): Promise<void> {
    const { config } = this.#options;
    this.#store ??= await openStore(config.store!, { readOnly: config.replica });
    const follower = await Follower.open({
      store: this.#store,
      pollMs: config.storePollMs,
      nowMs: clockMs,
      onChanges: (changes) => this.#take(changes),
      onReplaced: () => this.#restart(),
      onTrouble: (error) => this.#note(error),
    });
    if (this.#isClosed) return;
    this.#recent = [];
    this.#recentFrom = follower.head.revision;
    this.#follower = follower;
    this.#trouble = undefined;
    follower.start();
  }

  #retryLater(): void {
    this.#retry = setTimeout(() => {
      this.#open().then(
        () => {
          this.#options.log.info('the store can be read again');
          this.#fold();
        },
        (error: Error) => {
          this.#note(error);
          if (!this.#isClosed) this.#retryLater();
        },
      );
    }, retryMs).unref();
  }

  async #take(changes: Changes): Promise<void> {
    this.#recent.push(changes);
    const point = pointAt(this.#follower!.head);
    await this.#options.team.apply({ changes, point });
    if (this.#recent.length > this.#options.config.foldAfter) this.#fold();
  }

  /** A store that was restored: what is in use is of a history that is no more, until there is a new image. */
  #restart(): void {
    this.#options.log.warn(
      'the store was restored, or no longer has the records that are missing here: the policy is built anew',
    );
    this.#recent = [];
    this.#recentFrom = this.#follower!.head.revision;
    this.#isFolding = false;
    this.#fold();
  }

  #fold(): void {
    if (this.#isFolding) return;
    this.#isFolding = true;
    this.#options.fold();
  }

  #note(error: Error): void {
    this.#trouble =
      error instanceof StoreError && error.isUnavailable
        ? 'the store cannot be reached'
        : 'the store cannot be followed';
    this.#options.log.error({ err: error }, this.#trouble);
    this.#tellNews();
  }

  #tellNews(): void {
    const follower = this.#follower;
    if (follower?.trouble === undefined && follower !== undefined) this.#trouble = undefined;
    const news: StoreNews = {
      freshAtMs: follower === undefined ? undefined : clockMs() - follower.staleMs,
      trouble: this.#trouble,
    };
    this.#options.team.noteStore(news);
  }
}

function isBehind(
  follower: Follower,
  { storeId, epoch, revision }: NonNullable<VerifiedImage['stored']>,
): boolean {
  const { head } = follower;
  return head.storeId !== storeId || head.epoch < epoch || (head.epoch === epoch && head.revision < revision);
}
