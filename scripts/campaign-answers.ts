import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Random, seedOfRun } from '../test/support/generators.ts';
import {
  confirmListings,
  emptyConfirmation,
  type ListingConfirmation,
} from '../test/support/listing-confirm.ts';

/**
 * Holds listings against the oracle at length, on every core: `node scripts/campaign-answers.ts --policies 10000 [--seed N]
 * [--threads N]`. Requests of small policies are put to the policy, to the policy of the one who asks and of what is asked for,
 * and to what `what-can` and `who-can` list of them. Prints the seed, what was asked and the first answers that are wrong;
 * exits 1 if there is any.
 */

const REQUESTS_OF_A_POLICY = 400;
const SHOWN_FAILURES = 5;

interface Task {
  readonly seed: number;
  readonly policies: number;
}

if (isMainThread) await main();
else parentPort!.postMessage(confirmAll(workerData as Task));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { policies: { type: 'string' }, seed: { type: 'string' }, threads: { type: 'string' } },
  });
  const seed = seedOfRun(values.seed);
  const policies = Number(values.policies ?? 10_000);
  const workers = Number(values.threads ?? availableParallelism());
  console.log(`seed ${seed}, ${policies} policies on ${workers} threads`);
  const started = performance.now();
  const random = new Random(seed);
  const tasks = random.times(
    workers,
    (): Task => ({ seed: random.seed(), policies: Math.ceil(policies / workers) }),
  );
  const { failures, ...counts } = join(await Promise.all(tasks.map(runTask)));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${failures.length} wrong answers to ${counts.requests} requests of ${counts.policies} policies, ${counts.allowed} allowed, ${counts.undecided} undecided, ${seconds} s`,
  );
  for (const failure of failures.slice(0, SHOWN_FAILURES)) console.log(`\n==== ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
}

function runTask(task: Task): Promise<ListingConfirmation> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: task });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

function join(parts: readonly ListingConfirmation[]): ListingConfirmation {
  const all = emptyConfirmation();
  for (const { failures, policies, requests, allowed, undecided } of parts) {
    all.policies += policies;
    all.requests += requests;
    all.allowed += allowed;
    all.undecided += undecided;
    all.failures.push(...failures);
  }
  return all;
}

function confirmAll({ seed, policies }: Task): ListingConfirmation {
  const random = new Random(seed);
  const known = emptyConfirmation();
  while (known.policies < policies) confirmListings(random, { requests: REQUESTS_OF_A_POLICY, known });
  return known;
}
