import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { Request } from '../src/decision/request.ts';
import { Random, seedOfRun } from '../test/support/generators.ts';
import {
  type Confirmation,
  confirmFindings,
  emptyConfirmation,
  generateLintedPolicy,
  mesosRequests,
} from '../test/support/lint-confirm.ts';
import { everyRequest } from '../test/support/small-world.ts';

/**
 * Confirms what lint rules find in random policies at length, on every core:
 * `node scripts/campaign-lint.ts --policies 10000 [--seed N] [--threads N]`. Every policy is put to all requests of a small
 * world: ids of up to three elements, or of up to two under every context where it has conditions. Prints the seed, how
 * often each rule found something and the first findings that are wrong; exits 1 if there is any.
 */

const ELEMENTS = { unconditional: 3, conditional: 2 };
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
  const { findings, failures, ...all } = join(await Promise.all(tasks.map(runTask)));
  for (const [rule, count] of [...findings].sort(([, a], [, b]) => b - a))
    console.log(`${String(count).padStart(8)}  ${rule}`);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${failures.length} wrong findings in ${all.policies} policies, ${seconds} s`);
  for (const failure of failures.slice(0, SHOWN_FAILURES)) console.log(`\n==== ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
}

function runTask(task: Task): Promise<Confirmation> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: task });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

function join(parts: readonly Confirmation[]): Confirmation {
  const all = emptyConfirmation();
  for (const { policies, findings, failures } of parts) {
    all.policies += policies;
    all.failures.push(...failures);
    for (const [rule, count] of findings) all.findings.set(rule, (all.findings.get(rule) ?? 0) + count);
  }
  return all;
}

function confirmAll({ seed, policies }: Task): Confirmation {
  const random = new Random(seed);
  const unconditional = [...everyRequest()].filter(isWithin(ELEMENTS.unconditional));
  const conditional = [...everyRequest({ conditions: 1 })].filter(isWithin(ELEMENTS.conditional));
  const confirmation = emptyConfirmation();
  while (confirmation.policies < policies) {
    const { text, isMesos } = generateLintedPolicy(random);
    const all = / (when|unless) /.test(text) ? conditional : unconditional;
    confirmFindings(text, isMesos ? mesosRequests : all, random, confirmation);
  }
  return confirmation;
}

function isWithin(elements: number): (request: Request) => boolean {
  return ({ resource = '' }) => resource.split(/[:/]+/).length <= elements;
}
