import { type AddressInfo, createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { systemErrorCode } from '../../files/file-error.ts';
import { ConfigurationError } from '../../index.ts';
import { Answerer } from '../answers/answerer.ts';
import { relayQuestions } from '../answers/relay.ts';
import type { KeyMaterial } from '../auth/key-file.ts';
import type { OperationMetrics } from '../metrics/metrics.ts';
import type { ReloadState } from '../operation/operation-state.ts';
import type { StoreNews, StoreUpdate } from '../store/point.ts';
import type { ServedPolicy, ServingOptions } from './serving.ts';
import type { FromServing, ServingThreadData, ToServing } from './serving-thread.ts';
import { siblingModule } from './sibling-module.ts';
import type { Team } from './team.ts';

export interface WorkerTeamOptions extends Omit<ServingOptions, 'thread' | 'answers' | 'directory'> {
  readonly metrics: OperationMetrics;
}

const shortestRestartMs = 100;
const longestRestartMs = 5000;

/**
 * Threads that answer side by side, each with a listening socket of its own on the same port, on one image in shared memory.
 * One that crashes takes its own requests with it and nothing else, and is replaced.
 */
export class WorkerTeam implements Team {
  readonly #options: WorkerTeamOptions;
  readonly #members: Member[];
  /** For all of them. */
  readonly #answerer = new Answerer();
  #address: AddressInfo | undefined;
  #policy: ServedPolicy | undefined;
  #keys: KeyMaterial | undefined;
  #reload: ReloadState = { state: 'loaded' };
  #isStopping = false;
  #lastUpdate = 0;

  constructor(options: WorkerTeamOptions) {
    this.#options = options;
    this.#keys = options.keys;
    this.#members = Array.from({ length: options.config.workers }, (_, i) => ({
      thread: i + 1,
      worker: undefined,
      restartMs: shortestRestartMs,
      applied: new Map(),
    }));
  }

  /** The threads that run now. */
  get workers(): readonly Worker[] {
    return this.#members.flatMap(({ worker }) => worker ?? []);
  }

  /** @throws {ConfigurationError} where the system cannot share a port among sockets */
  async listen(): Promise<AddressInfo> {
    this.#address = await findFreePort(this.#options.config);
    const starts = this.#members.map((member) => this.#start(member));
    const failed = (await Promise.allSettled(starts)).find((result) => result.status === 'rejected');
    if (failed === undefined) return this.#address;
    await this.stop(0);
    throw describeStartFailure(failed.reason);
  }

  use(policy: ServedPolicy): void {
    this.#policy = policy;
    this.#tell({ kind: 'use', policy });
  }

  async apply(update: StoreUpdate): Promise<void> {
    // A thread that is started from now on begins with the change.
    if (this.#policy !== undefined) {
      const { changes = [], ...policy } = this.#policy;
      this.#policy = { ...policy, changes: [...changes, update.changes], point: update.point };
    }
    const id = ++this.#lastUpdate;
    const running = this.#members.filter(({ worker }) => worker !== undefined);
    await Promise.all(
      running.map(
        ({ worker, applied }) =>
          new Promise<void>((resolve) => {
            applied.set(id, resolve);
            worker!.postMessage({ kind: 'apply', id, update } satisfies ToServing);
          }),
      ),
    );
  }

  noteStore(news: StoreNews): void {
    this.#tell({ kind: 'note-store', news });
  }

  noteReload(state: ReloadState): void {
    this.#reload = state;
    this.#tell({ kind: 'note-reload', state });
  }

  renewTls(): void {
    this.#tell({ kind: 'renew-tls' });
  }

  useKeys(material: KeyMaterial): void {
    this.#keys = material;
    this.#tell({ kind: 'use-keys', material });
  }

  announceStop(): void {
    this.#tell({ kind: 'announce-stop' });
  }

  async stop(maxMs: number): Promise<void> {
    this.#isStopping = true;
    for (const { restart } of this.#members) clearTimeout(restart);
    const ended = this.workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
    this.#tell({ kind: 'stop', maxMs });
    const timer = setTimeout(() => this.workers.map((worker) => worker.terminate()), maxMs + 1000);
    await Promise.all(ended);
    clearTimeout(timer);
    await this.#answerer.close();
  }

  #tell(message: ToServing): void {
    for (const worker of this.workers) worker.postMessage(message);
  }

  /** Resolves when it listens, rejects if it ends before. */
  #start(member: Member): Promise<void> {
    const { config, memory, logMemory, send } = this.#options;
    const { thread } = member;
    const port = this.#address!.port;
    const data: ServingThreadData = {
      config,
      thread,
      memory,
      logMemory,
      keys: this.#keys,
      port,
      policy: this.#policy,
      reload: this.#reload,
    };
    const worker = new Worker(siblingModule('./serving-thread', import.meta.url), {
      workerData: data,
      name: `serving ${thread}`,
    });
    member.worker = worker;
    const relay = relayQuestions(this.#answerer, (answer, transfer) => worker.postMessage(answer, transfer));
    return new Promise((resolve, reject) => {
      let failure: unknown;
      let isListening = false;
      worker.on('message', (message: FromServing) => {
        if (message.kind === 'log') send(message.batch);
        if (message.kind === 'ask' || message.kind === 'forget') relay(message);
        if (message.kind === 'catch-up') void this.#catchUp(worker, message.id);
        if (message.kind === 'applied') {
          member.applied.get(message.id)?.();
          member.applied.delete(message.id);
        }
        if (message.kind !== 'listening') return;
        isListening = true;
        resolve();
        // What changed while it started.
        if (this.#keys !== undefined && this.#keys !== data.keys)
          worker.postMessage({ kind: 'use-keys', material: this.#keys } satisfies ToServing);
        if (this.#policy !== undefined && this.#policy !== data.policy)
          worker.postMessage({ kind: 'use', policy: this.#policy } satisfies ToServing);
      });
      worker.on('error', (error) => {
        failure = error;
      });
      worker.on('exit', (code) => {
        member.worker = undefined;
        // Nobody decides there any more.
        for (const resolve of member.applied.values()) resolve();
        member.applied.clear();
        const error = failure ?? new Error(`worker ${thread} ended with code ${code}`);
        reject(error);
        if (!this.#isStopping && (isListening || member.wasListening)) this.#replace(member, error);
        member.wasListening ||= isListening;
      });
    });
  }

  async #catchUp(worker: Worker, id: number): Promise<void> {
    let failure: string | undefined;
    try {
      await this.#options.catchUp!();
    } catch (error) {
      failure = String(error);
    }
    worker.postMessage({ kind: 'caught-up', id, failure } satisfies ToServing);
  }

  #replace(member: Member, error: unknown): void {
    const { log, metrics } = this.#options;
    metrics.countWorkerCrash();
    log.error({ err: error, worker: member.thread }, 'a worker ended by itself and is replaced');
    member.restart = setTimeout(() => {
      this.#start(member).then(
        () => {
          member.restartMs = shortestRestartMs;
        },
        () => {},
      );
    }, member.restartMs);
    member.restartMs = Math.min(member.restartMs * 2, longestRestartMs);
  }
}

/** A place in the team, whoever holds it. */
interface Member {
  readonly thread: number;
  worker: Worker | undefined;
  restartMs: number;
  restart?: NodeJS.Timeout;
  wasListening?: boolean;
  /** Changes that it has been told and has not acknowledged: their numbers, and what to call then. */
  readonly applied: Map<number, () => void>;
}

/**
 * Takes the port for itself for a moment. Sockets that share a port share it with every other of this user, so a second
 * service by mistake would answer half of the requests.
 */
function findFreePort({
  host,
  port,
}: {
  readonly host: string;
  readonly port: number;
}): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port }, () => {
      const address = server.address() as AddressInfo;
      server.close(() => resolve(address));
    });
  });
}

function describeStartFailure(error: unknown): unknown {
  if (systemErrorCode(error) !== 'ENOTSUP') return error;
  return new ConfigurationError(
    'more than one worker needs a system on which sockets can share a port, such as Linux',
  );
}
