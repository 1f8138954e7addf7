import { Worker } from 'node:worker_threads';
import type { ServiceConfig } from '../config/config.ts';
import type { OperationMetrics } from '../metrics/metrics.ts';
import type { ReloadState } from '../operation/operation-state.ts';
import type { Logger } from '../service.ts';
import { siblingModule } from '../threads/sibling-module.ts';
import {
  describeRefusal,
  errorOf,
  type LoadOutcome,
  type Refusal,
  refusalOf,
  summarizeRefusal,
  type VerifiedImage,
} from './outcome.ts';
import type { PolicyThreadData, ReloadMessage } from './policy-thread.ts';
import type { WatcherReport } from './policy-watcher.ts';

export interface PolicyFeedOptions {
  readonly config: Pick<
    ServiceConfig,
    'policy' | 'root' | 'mode' | 'watch' | 'store' | 'replica' | 'storeCache'
  >;
  readonly metrics: OperationMetrics;
  readonly log: Logger;
  /** Another policy than before is to answer from now on. */
  readonly onPolicy: (policy: VerifiedImage) => void;
  readonly onState: (state: ReloadState) => void;
  readonly pace: FeedPace;
}

export interface FeedPace {
  /** How long changed files have to be left alone before they are loaded. */
  readonly settleMs: number;
  /** How often files are looked at if the system reports no change. */
  readonly pollMs: number;
  /** How long to wait before a thread that has crashed is started again; twice as long each time. */
  readonly restartMs: number;
}

export const defaultPace: FeedPace = { settleMs: 50, pollMs: 2000, restartMs: 1000 };

const longestRestartMs = 5 * 60 * 1000;

/**
 * Policies out of a thread that reads, builds and verifies them: nothing of that happens where requests are answered. One
 * that is not sound is reported and goes no further.
 */
export class PolicyFeed {
  readonly #options: PolicyFeedOptions;
  #thread: Worker | undefined;
  #revision: string | undefined;
  #restartMs: number;
  #restart: NodeJS.Timeout | undefined;
  #isClosed = false;
  #first: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  constructor(options: PolicyFeedOptions) {
    this.#options = options;
    this.#restartMs = options.pace.restartMs;
  }

  /**
   * Resolves when the first policy has been handed over.
   *
   * @throws {PolicyError | FileError | ImageError | ConfigurationError} if there is none
   */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#first = { resolve, reject };
      this.#startThread();
    });
  }

  /** Loads the policy whether its files have changed or not. */
  reload(): void {
    if (this.#thread === undefined) this.#startThread();
    else this.#thread.postMessage({ kind: 'reload' } satisfies ReloadMessage);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#restart);
    await this.#thread?.terminate();
  }

  /** Whether there may be more to load by itself: changed files, or what a store adds. */
  get #isFollowing(): boolean {
    const { watch, store } = this.#options.config;
    return watch || store !== undefined;
  }

  #startThread(): void {
    clearTimeout(this.#restart);
    const { policy = [], root, mode, watch, store, replica, storeCache } = this.#options.config;
    const { settleMs, pollMs } = this.#options.pace;
    const stored = store === undefined ? undefined : { store, replica, storeCache };
    const workerData: PolicyThreadData = { policy, root, mode, watch, settleMs, pollMs, stored };
    const thread = new Worker(siblingModule('./policy-thread', import.meta.url), {
      workerData,
      name: 'policy',
    });
    this.#thread = thread;
    thread.on('message', (report: WatcherReport) => this.#take(report));
    thread.on('error', (error) => this.#refuse(refusalOf(error)));
    thread.on('exit', () => this.#forget(thread));
    // The servers keep the process alive, not the watching.
    thread.unref();
  }

  /** A thread that ended by itself, out of memory say, is started again, and loads the policy then. */
  #forget(thread: Worker): void {
    if (this.#thread !== thread) return;
    this.#thread = undefined;
    if (this.#isClosed || this.#first !== undefined || !this.#isFollowing) return;
    this.#restart = setTimeout(() => this.#startThread(), this.#restartMs).unref();
    this.#restartMs = Math.min(this.#restartMs * 2, longestRestartMs);
  }

  #take(report: WatcherReport): void {
    const { log } = this.#options;
    switch (report.kind) {
      case 'unsettled':
        log.warn('the policy files keep changing: they are loaded when they come to rest');
        return;
      case 'blind':
        log.warn(
          { reason: report.message },
          'changes of policy files are not reported here: they are looked for',
        );
        return;
      case 'loaded':
        this.#use(report);
        break;
      case 'refused':
        this.#refuse(report);
        break;
    }
    // Without watching there is nothing to remember, and what has been read takes several times the memory of the image.
    if (!this.#isFollowing) this.#endThread();
  }

  #use({ kind: _, elapsedMs, ...policy }: Extract<LoadOutcome, { readonly kind: 'loaded' }>): void {
    const { metrics, log, onPolicy, onState, pace } = this.#options;
    const { revision, stored } = policy;
    this.#restartMs = pace.restartMs;
    const isNew = revision !== this.#revision;
    metrics.countReload(isNew ? 'loaded' : 'unchanged');
    // The same image may hold more of a store than it did: grants come and go.
    if (isNew || stored !== undefined) onPolicy(policy);
    if (isNew) {
      this.#revision = revision;
      const about = { revision, stored: stored?.revision, elapsedMs: Math.round(elapsedMs) };
      log.info(
        about,
        policy.isCached ? 'policy of an earlier run loaded: the store is away' : 'policy loaded',
      );
    }
    onState({ state: 'loaded' });
    this.#first?.resolve();
    this.#first = undefined;
  }

  #refuse(refusal: Refusal): void {
    const { metrics, log, onState } = this.#options;
    if (this.#first !== undefined) {
      this.#first.reject(errorOf(refusal));
      this.#first = undefined;
      this.#endThread();
      return;
    }
    metrics.countReload('refused');
    const diagnostics = describeRefusal(refusal);
    log.error(
      {
        revision: this.#revision,
        reason: refusal.message,
        ...(diagnostics === undefined ? {} : { diagnostics }),
      },
      'a policy was refused: the one before goes on serving',
    );
    const codes = [...new Set(refusal.diagnostics.map(({ code }) => code))];
    onState({ state: 'refused', sinceMs: Date.now(), message: summarizeRefusal(refusal), codes });
  }

  #endThread(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    void thread?.terminate();
  }
}
