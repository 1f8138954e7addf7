import { parentPort, workerData } from 'node:worker_threads';
import { Fuzzer } from './fuzzer.ts';
import type { Job, Progress, Told } from './job.ts';
import { ReachedCode } from './reached-code.ts';
import { targetNamed } from './targets.ts';

/** A thread that runs inputs of one target. */

const job = workerData as Job;
const tell = (told: Told): void => parentPort!.postMessage(told);
const { state, bytes } = job.current;

const target = targetNamed(job.target)!;
const attack = await target.open();
const reached = new ReachedCode(new URL('../../src/', import.meta.url));
const fuzzer = new Fuzzer({
  target,
  attack,
  seed: job.seed,
  reached,
  corpus: job.corpus,
  onInput: (input) => {
    const length = Math.min(input.length, bytes.length);
    bytes.set(input.subarray(0, length));
    Atomics.store(state, 1, length);
    Atomics.add(state, 0, 1);
  },
  onKept: (input) => {
    tell({ kind: 'kept', input });
    tell({ kind: 'progress', progress: progress() });
  },
  onFailure: (failure, input) => tell({ kind: 'failure', failure, input }),
});

function progress(): Progress {
  return {
    executions: fuzzer.executions,
    corpus: fuzzer.corpus.length,
    reachedBytes: reached.reachedBytes,
    failures: [...fuzzer.failures.values()].reduce((sum, count) => sum + count, 0),
  };
}

await fuzzer.run({ untilMs: performance.now() + job.runMs, executions: job.executions });
reached.close();
tell({ kind: 'done', progress: progress() });
await attack.close?.();
process.exit();
