import { Worker } from 'node:worker_threads';
import { addUp } from '../add-up.ts';
import type { Check, Failure } from './check.ts';
import type { Job, Report, Told } from './job.ts';

/** A step that has not ended so long after the end of the campaign never will. */
const GRACE_MS = 180_000;

export interface TeamOptions {
  readonly checks: readonly Check[];
  /** A seed for each thread. */
  readonly seeds: readonly number[];
  readonly stopAtMs: number;
  readonly steps: number;
  readonly onFailure: (check: string, seed: number, failure: Failure) => void;
}

/** Has every thread work on every check until the time is over, and adds up what they report. */
export async function runTeam(options: TeamOptions): Promise<readonly Report[]> {
  const all = await Promise.all(options.seeds.map((seed) => runThread(seed, options)));
  return options.checks.map(({ name, empty }) => {
    const sum: Report = { name, steps: 0, failures: 0, usedMs: 0, counts: empty() };
    return addUp(
      sum,
      all.flat().filter((report) => report.name === name),
    );
  });
}

function runThread(
  seed: number,
  { checks, stopAtMs, steps, onFailure }: TeamOptions,
): Promise<readonly Report[]> {
  const names = checks.map(({ name }) => name);
  const progress = new Uint32Array(new SharedArrayBuffer(2 * Uint32Array.BYTES_PER_ELEMENT));
  const workerData: Job = { names, seed, stopAtMs, steps, progress };
  const worker = new Worker(new URL('thread.ts', import.meta.url), { workerData });
  const { promise, resolve } = Promise.withResolvers<readonly Report[]>();
  /** A thread that is lost tells nothing of what it has done; where it was when it was lost is a failure. */
  const lose = (kind: string): void => {
    onFailure(names[progress[0]!]!, progress[1]!, { kind, text: kind });
    void worker.terminate();
    resolve([]);
  };
  const waitMs = Number.isFinite(stopAtMs) ? stopAtMs - Date.now() + GRACE_MS : undefined;
  const timer = waitMs === undefined ? undefined : setTimeout(() => lose('does not end'), waitMs);
  worker.on('message', (told: Told) => {
    if (told.kind === 'failure') return onFailure(told.name, told.seed, told.failure);
    clearTimeout(timer);
    resolve(told.reports);
  });
  worker.on('error', (error) => {
    clearTimeout(timer);
    lose(`thread ends: ${error}`);
  });
  return promise;
}
