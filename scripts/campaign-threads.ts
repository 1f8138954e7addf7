import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Random, seedOfRun } from '../test/support/generators.ts';

/** What one thread does: its share of the work, and its own seed. */
export type Task<Name extends string> = Readonly<Record<Name, number>> & { readonly seed: number };

/** Random work that is shared out among threads: `Size` names how much there is of it, `Setting` how it is done. */
export interface Campaign<Report, Size extends string, Setting extends string = never> {
  /** The script itself, as every thread runs it: `import.meta.url`. */
  readonly url: string;
  /** How much is done without an option of that name. */
  readonly sizes: Readonly<Record<Size, number>>;
  /** Other numbers, and what they are without an option of that name. */
  readonly settings?: Readonly<Record<Setting, number>>;
  /** In a thread. What it returns is cloned on its way to the main thread. */
  readonly run: (task: Task<Size | Setting>) => Report;
  /** In the main thread, with a report of each. */
  readonly conclude: (reports: readonly Report[]) => Conclusion;
}

export interface Conclusion {
  /** The last one says how many answers are wrong; the time that it took is put behind it. */
  readonly lines: readonly string[];
  readonly isWrong: boolean;
  /** Of what is wrong, ready to print. */
  readonly examples: readonly string[];
}

/**
 * Runs a campaign on every core, or on as many threads as `--threads` says. Prints the seed, then the conclusion; the process
 * exits 1 if anything is wrong. The same options and `--seed`, `--threads` included, do the same work.
 */
export async function runCampaign<Report, Size extends string, Setting extends string = never>(
  campaign: Campaign<Report, Size, Setting>,
): Promise<void> {
  if (!isMainThread) return parentPort!.postMessage(campaign.run(workerData));
  const { sizes, settings } = campaign;
  const names = [...Object.keys({ ...sizes, ...settings }), 'seed', 'threads'];
  const { values } = parseArgs({
    options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
  });
  const seed = seedOfRun(values.seed);
  const threads = Number(values.threads ?? availableParallelism());
  const told = <Name extends string>(defaults: Readonly<Record<Name, number>>): Record<Name, number> => {
    const numbers = Object.entries<number>(defaults).map(([name, number]) => [name, values[name] ?? number]);
    return Object.fromEntries(numbers.map(([name, number]) => [name, Number(number)]));
  };
  const whole = told(sizes);
  const work = Object.entries(whole).map(([name, count]) => `${count} ${name.replace('-', ' ')}`);
  console.log(`seed ${seed}, ${work.join(' and ')} on ${threads} threads`);
  const started = performance.now();
  const random = new Random(seed);
  const tasks = random.times(threads, () => {
    const share = Object.entries<number>(whole).map(([name, count]) => [name, Math.ceil(count / threads)]);
    return { ...Object.fromEntries(share), ...(settings && told(settings)), seed: random.seed() };
  });
  const reports = await Promise.all(tasks.map((task) => runTask<Report>(campaign.url, task)));
  const { lines, isWrong, examples } = campaign.conclude(reports);
  console.log(`${lines.join('\n')}, ${((performance.now() - started) / 1000).toFixed(1)} s`);
  for (const example of examples) console.log(`\n==== ${example}`);
  if (isWrong) process.exitCode = 1;
}

/** How often each of them was counted, the most frequent first. */
export function renderCounts(counts: ReadonlyMap<string, number>): readonly string[] {
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${String(count).padStart(8)}  ${name}`);
}

function runTask<Report>(url: string, task: unknown): Promise<Report> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(url), { workerData: task });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
