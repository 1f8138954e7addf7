import '../http/steady-ticks.ts';
import type { AddressInfo } from 'node:net';
import { type KeyMaterial, readKeyMaterial } from '../auth/key-file.ts';
import { KeySource } from '../auth/key-source.ts';
import type { ServiceConfig } from '../config/config.ts';
import { LogControl } from '../decision-log/control.ts';
import { DecisionLogWriter } from '../decision-log/writer.ts';
import type { IamDirectory } from '../iam/directory.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { createMetricsMemory } from '../metrics/metrics-memory.ts';
import { defaultPace, type FeedPace, PolicyFeed } from '../policy-set/policy-feed.ts';
import type { Logger } from '../service.ts';
import { StoreFeed } from '../store/store-feed.ts';
import { createLocalTeam, type Team } from '../threads/team.ts';
import { WorkerTeam } from '../threads/worker-team.ts';
import { followCertificates } from './follow-certificates.ts';
import { followKeys } from './follow-keys.ts';
import { createLogger } from './logging.ts';

export interface OperateOptions {
  /** Default: standard error. Workers write there in any case. */
  readonly log?: Logger;
  readonly pace?: Partial<FeedPace>;
}

/** A service with all that a process of its own needs. */
export interface OperatedService {
  /** Where it listens: `https://127.0.0.1:8181`. */
  readonly address: string;
  readonly team: Team;
  /** Loads the policy, the certificate and the keys of tokens again, whether they have changed or not. */
  readonly reload: () => void;
  /** Goes on with a new file of the decision log, after the old one has been renamed. */
  readonly reopenLog: () => void;
  /** Answers what is under way and writes down what was decided, within the time of the configuration. */
  readonly stop: () => Promise<void>;
}

/**
 * Listens, loads the policy and answers by it, follows its changes, and writes decisions down.
 *
 * @param config  as `completeConfig` returns it
 * @throws {PolicyError | FileError | ImageError | ConfigurationError} and runs nothing then
 */
export async function operateService(
  config: ServiceConfig,
  options: OperateOptions = {},
): Promise<OperatedService> {
  const log = options.log ?? createLogger(config.log.level);
  const keys = readKeys(config);
  const memory = createMetricsMemory(config.workers + 1);
  const metrics = createMetrics(memory, 0);
  const control = new LogControl();
  const writer =
    config.decisionLog.to === 'off'
      ? undefined
      : new DecisionLogWriter({ config: config.decisionLog, control, metrics, log });
  const shared = {
    config,
    memory,
    logMemory: control.memory,
    keys,
    log,
    send: (batch: Parameters<DecisionLogWriter['add']>[0]) => writer?.add(batch),
    ...(config.store === undefined ? {} : { catchUp: () => stored!.catchUp() }),
  };
  const team: Team =
    config.workers === 1
      ? createLocalTeam({
          ...shared,
          thread: 1,
          ...(config.store === undefined || config.replica ? {} : { directory: directoryOf(() => stored!) }),
        })
      : new WorkerTeam({ ...shared, metrics });
  const feed: PolicyFeed = new PolicyFeed({
    config,
    metrics,
    log,
    pace: { ...defaultPace, ...options.pace },
    onPolicy: (policy) => {
      if (stored === undefined) team.use({ ...policy, loadedAtMs: Date.now() });
      else void stored.use(policy);
    },
    onState: (state) => team.noteReload(state),
  });
  const stored =
    config.store === undefined ? undefined : new StoreFeed({ config, team, log, fold: () => feed.reload() });
  const followed = [
    ...(config.tls === undefined ? [] : [followCertificates(config.tls, team, log)]),
    ...(keys === undefined ? [] : [followKeys({ token: config.token!, team, metrics, log })]),
  ];
  const close = async (maxMs: number): Promise<void> => {
    for (const files of followed) files.close();
    await feed.close();
    await team.stop(maxMs);
    await stored?.close();
    await writer?.close(Math.max(maxMs, 1000));
  };
  try {
    const address = addressOf(await team.listen(), config.tls !== undefined);
    log.info({ address }, 'listening');
    await stored?.start();
    await feed.start();
    log.info({ address, workers: config.workers }, 'ready');
    return {
      address,
      team,
      reload() {
        feed.reload();
        for (const files of followed) files.renew();
      },
      reopenLog: () => writer?.reopen(),
      async stop() {
        log.info('stopping');
        team.announceStop();
        await close(config.shutdownMs);
        log.info('stopped');
      },
    };
  } catch (error) {
    await close(0);
    throw error;
  }
}

/** What there will be when requests come: the server is made before what it asks. */
function directoryOf(feed: () => StoreFeed): IamDirectory {
  return {
    state: () => feed().state(),
    write: (operations, about) => feed().write(operations, about),
  };
}

/**
 * The keys that all threads begin with, if they come from a file.
 *
 * @throws {FileError | ConfigurationError} if they cannot be used
 */
function readKeys({ token }: ServiceConfig): KeyMaterial | undefined {
  const material = token && readKeyMaterial(token);
  if (token !== undefined && material !== undefined) new KeySource(token, material);
  return material;
}

function addressOf({ address, port, family }: AddressInfo, isSecure: boolean): string {
  return `${isSecure ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
