import { Worker } from 'node:worker_threads';
import { Random } from '../../test/support/generators.ts';
import type { Failure } from './execute.ts';
import type { CurrentInput, Job, Progress, Told } from './job.ts';

export interface WatchOptions {
  readonly target: string;
  readonly seed: number;
  readonly runMs: number;
  readonly executions: number;
  readonly onFailure: (failure: Failure, input: Uint8Array) => void;
}

/** What all threads of one target have done, one after the other. */
export interface Outcome extends Progress {
  readonly usedMs: number;
}

/** An input that has been running for so long hangs; many times what is slow, since the machine may be busy. */
const HANG_MS = 20_000;
/** Until the first input, when the target is opened and its code is loaded. */
const OPEN_MS = 120_000;
const MAX_INPUT = 4 * 1024 * 1024;

/**
 * Fuzzes one target in a thread. If the thread hangs, or dies of what it was given, its input is a failure, and another thread
 * goes on with the inputs that it had kept.
 */
export async function watchTarget(options: WatchOptions): Promise<Outcome> {
  const random = new Random(options.seed);
  const startMs = performance.now();
  const kept: Uint8Array[] = [];
  let sum: Progress = { executions: 0, corpus: 0, reachedBytes: 0, failures: 0 };
  for (;;) {
    const runMs = options.runMs - (performance.now() - startMs);
    const executions = options.executions - sum.executions;
    if (runMs <= 0 || executions <= 0) break;
    const { progress, isDone } = await watchThread(
      { ...options, seed: random.seed(), runMs, executions },
      kept,
    );
    sum = {
      executions: sum.executions + progress.executions,
      corpus: Math.max(sum.corpus, progress.corpus),
      reachedBytes: Math.max(sum.reachedBytes, progress.reachedBytes),
      failures: sum.failures + progress.failures + (isDone ? 0 : 1),
    };
    if (isDone) break;
  }
  return { ...sum, usedMs: performance.now() - startMs };
}

function watchThread(
  { target, seed, runMs, executions, onFailure }: WatchOptions,
  kept: Uint8Array[],
): Promise<{ readonly progress: Progress; readonly isDone: boolean }> {
  const current: CurrentInput = {
    state: new Int32Array(new SharedArrayBuffer(8)),
    bytes: new Uint8Array(new SharedArrayBuffer(MAX_INPUT)),
  };
  const job: Job = { target, seed, runMs, executions, corpus: kept, current };
  const worker = new Worker(new URL('thread.ts', import.meta.url), {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: 2048 },
  });
  const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<typeof watchThread>>>();
  let progress: Progress = { executions: 0, corpus: 0, reachedBytes: 0, failures: 0 };
  let isOver = false;
  const end = (isDone: boolean): void => {
    isOver = true;
    clearInterval(timer);
    void worker.terminate();
    resolve({ progress, isDone });
  };
  const lose = (kind: string): void => {
    if (isOver) return;
    const input = Uint8Array.from(current.bytes.subarray(0, Atomics.load(current.state, 1)));
    onFailure({ kind, text: kind }, input);
    end(false);
  };
  const timer = watchState(current.state, () => lose(`hangs: more than ${HANG_MS / 1000} s`));
  worker.on('message', (told: Told) => {
    if (told.kind === 'kept') kept.push(told.input);
    else if (told.kind === 'failure') onFailure(told.failure, told.input);
    else {
      progress = told.progress;
      if (told.kind === 'done') end(true);
    }
  });
  worker.on('exit', () => lose('ends the thread'));
  worker.on('error', (error) => lose(`ends the thread: ${String(error)}`));
  return promise;
}

/** Calls `onHang` once the state has been the same for too long. */
function watchState(state: Int32Array<SharedArrayBuffer>, onHang: () => void): NodeJS.Timeout {
  let last = 0;
  let sinceMs = performance.now();
  return setInterval(() => {
    const count = Atomics.load(state, 0);
    const nowMs = performance.now();
    if (count !== last) [last, sinceMs] = [count, nowMs];
    else if (nowMs - sinceMs > (count === 0 ? OPEN_MS : HANG_MS)) onHang();
  }, 500);
}
