import type { AddressInfo } from 'node:net';
import type { FastifyInstance, FastifyListenOptions } from 'fastify';
import type { Changes } from '../../live/changes.ts';
import { type ActivePolicy, createActivePolicy } from '../active-policy.ts';
import type { Answers } from '../answers/question.ts';
import { authenticateNobody, createAuthenticator } from '../auth/authenticator.ts';
import type { KeyMaterial } from '../auth/key-file.ts';
import { KeySource } from '../auth/key-source.ts';
import type { ServiceConfig } from '../config/config.ts';
import { type LogBatch, LogControl } from '../decision-log/control.ts';
import { createRecorder, type Recorder } from '../decision-log/recorder.ts';
import { ServiceError } from '../http/errors.ts';
import { allRoutes } from '../http/routes.ts';
import { createServer } from '../http/server.ts';
import type { IamDirectory } from '../iam/directory.ts';
import { createMetrics } from '../metrics/metrics.ts';
import type { MetricsMemory } from '../metrics/metrics-memory.ts';
import { createMetricsPage } from '../metrics/render-metrics.ts';
import { watchThread } from '../metrics/thread-gauges.ts';
import { type GracefulStop, prepareGracefulStop } from '../operation/graceful-stop.ts';
import { addHealthRoutes } from '../operation/health.ts';
import {
  decisionLogState,
  type OperationState,
  type ReloadState,
  storeState,
} from '../operation/operation-state.ts';
import { readTlsOptions, renewTls } from '../operation/tls.ts';
import type { VerifiedImage } from '../policy-set/outcome.ts';
import type { Logger } from '../service.ts';
import { Consistency } from '../store/consistency.ts';
import { LivePolicy } from '../store/live-policy.ts';
import type { StoredPoint, StoreNews, StoreUpdate } from '../store/point.ts';

export interface ServingOptions {
  readonly config: ServiceConfig;
  /** The number of this thread: an index of `memory`. */
  readonly thread: number;
  readonly memory: MetricsMemory;
  readonly logMemory: SharedArrayBuffer;
  /** Those of tokens, if they come from a file that has been read already. */
  readonly keys?: KeyMaterial | undefined;
  /** Takes lines of the decision log. */
  readonly send: (batch: LogBatch) => void;
  readonly log: Logger;
  /** Default: of the server itself. */
  readonly answers?: Answers;
  /** Resolves when this thread decides by all that was in the store when it was called; there is none without a store. */
  readonly catchUp?: () => Promise<void>;
  /** What the permission API reads and writes. */
  readonly directory?: IamDirectory;
}

/** A policy, and when it became the one that answers. */
export interface ServedPolicy extends VerifiedImage {
  readonly loadedAtMs: number;
  /** What the store has changed since the image was built, and how far that goes. */
  readonly changes?: readonly Changes[];
  readonly point?: StoredPoint;
}

/** One thread that answers requests, with all that it keeps for itself. Without a policy it answers 503. */
export class Serving {
  readonly #config: ServiceConfig;
  readonly #log: Logger;
  readonly #app: FastifyInstance;
  readonly #recorder: Recorder;
  readonly #control: LogControl;
  readonly #gracefulStop: GracefulStop;
  readonly #gauges: { readonly close: () => void };
  readonly #keys: KeySource | undefined;
  readonly #consistency: Consistency | undefined;
  #policy: ActivePolicy | undefined;
  /** Behind the policy, if there is a store. */
  #live: LivePolicy | undefined;
  #store: StoreNews | undefined;
  #reload: ReloadState = { state: 'loaded' };
  #isStopping = false;

  /** @throws {FileError | ConfigurationError} if a key, certificate or salt cannot be used */
  constructor({
    config,
    thread,
    memory,
    logMemory,
    keys,
    send,
    log,
    answers,
    catchUp,
    directory,
  }: ServingOptions) {
    this.#config = config;
    this.#log = log;
    this.#control = new LogControl(logMemory);
    const metrics = createMetrics(memory, thread);
    this.#recorder = createRecorder({
      config: config.decisionLog,
      control: this.#control,
      metrics,
      log,
      send,
    });
    this.#keys = config.token && new KeySource(config.token, keys);
    const authenticate =
      config.token === undefined ? authenticateNobody : createAuthenticator(config.token, log, this.#keys);
    const state = (): OperationState => this.#state();
    const page = createMetricsPage(memory, state);
    const policy = (): ActivePolicy => this.#activePolicy();
    this.#consistency = catchUp && new Consistency({ policy, catchUp, waitMs: config.consistencyWaitMs });
    this.#app = createServer(
      {
        policy,
        authenticate,
        metrics,
        decisionLog: this.#recorder,
        log,
        config,
        ...(answers === undefined ? {} : { answers }),
        ...(this.#consistency === undefined ? {} : { consistency: this.#consistency }),
        ...(directory === undefined ? {} : { directory }),
      },
      {
        ...(config.tls === undefined ? {} : { https: readTlsOptions(config.tls) }),
        routes: [...allRoutes, (app) => addHealthRoutes(app, { state, page })],
      },
    );
    this.#gracefulStop = prepareGracefulStop(this.#app);
    this.#gauges = watchThread(metrics);
  }

  /** @param isShared  whether other threads listen on the same port; the system then deals connections out */
  async listen({ host, port, isShared }: ListenOptions): Promise<AddressInfo> {
    const options: FastifyListenOptions & { readonly reusePort: boolean } = {
      host,
      port,
      reusePort: isShared,
    };
    await this.#app.listen(options);
    return this.#app.server.address() as AddressInfo;
  }

  /** One assignment: a request that has begun ends on the policy that it began with. */
  use({ image, files, policies, loadedAtMs, changes = [], point }: ServedPolicy): void {
    const base = createActivePolicy(image, {
      mode: this.#config.mode,
      loadedAtMs,
      isVerified: true,
      ...(files === undefined ? {} : { files }),
      ...(policies === undefined ? {} : { policies }),
    });
    this.#live = point && new LivePolicy(base, changes, point);
    this.#policy = this.#live?.policy ?? base;
    this.#consistency?.noteProgress();
  }

  /** The same policy with one change more, by one assignment too. */
  apply(update: StoreUpdate): void {
    // Before the first policy: it will come with the change.
    if (this.#live === undefined) return;
    this.#live.apply(update);
    this.#policy = this.#live.policy;
    this.#consistency?.noteProgress();
  }

  noteStore(news: StoreNews): void {
    this.#store = news;
  }

  noteReload(state: ReloadState): void {
    this.#reload = state;
  }

  renewTls(): void {
    const { tls } = this.#config;
    if (tls !== undefined) renewTls(this.#app.server, tls);
  }

  /** Tokens that come from now on are verified with them. */
  useKeys(material: KeyMaterial): void {
    this.#keys?.use(material);
  }

  /** From now on it is not ready; it answers as before. */
  announceStop(): void {
    this.#isStopping = true;
  }

  /** Answers what is under way, for as long as the bound allows. */
  async stop(maxMs: number): Promise<void> {
    this.announceStop();
    const cut = await this.#gracefulStop.stop(maxMs);
    if (cut > 0)
      this.#log.warn({ connections: cut }, 'connections were cut: their requests took too long to finish');
    this.#recorder.flush();
    this.#gauges.close();
  }

  /** @throws {ServiceError} 503 */
  #activePolicy(): ActivePolicy {
    if (this.#policy !== undefined) return this.#policy;
    throw new ServiceError(503, 'no policy is loaded yet', { 'retry-after': '1' });
  }

  #state(): OperationState {
    return {
      nowMs: Date.now(),
      policy: this.#policy,
      reload: this.#reload,
      store: storeState(this.#config, this.#store, this.#policy),
      decisionLog: decisionLogState(this.#config, this.#control),
      decisionLogQueuedBytes: this.#control.queued,
      isStopping: this.#isStopping,
    };
  }
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly isShared: boolean;
}
