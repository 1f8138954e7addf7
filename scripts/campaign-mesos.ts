import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { mesosActionByKey } from '../src/interop/mesos/actions.ts';
import { Random, seedOfRun } from '../test/support/generators.ts';
import { compareOnce, emptyMesosShares, type MesosShares } from '../test/support/mesos-compare.ts';
import {
  emptyRoundTripShares,
  type RoundTripShares,
  roundTripOnce,
} from '../test/support/mesos-round-trip.ts';

/**
 * Compares the authorizer of Mesos with its reference at length, and ACLs with what becomes of them as a policy and back,
 * on every core: `node scripts/campaign-mesos.ts --pairs 1000000 [--round-trips 10000] [--seed N]`. Prints the seed, the
 * shares and the first disagreements, each with its document and request; exits 1 if there is any.
 */

const REQUESTS_PER_DOCUMENT = 60;
const MAX_EXAMPLES = 3;

interface Task {
  readonly seed: number;
  readonly pairs: number;
  readonly roundTrips: number;
}

interface Report {
  readonly shares: MesosShares;
  readonly disagreements: number;
  readonly roundTrips: RoundTripShares;
  /** Documents that come back otherwise, or not at all. */
  readonly faults: number;
  /** The first ones, ready to print. */
  readonly examples: readonly string[];
}

if (isMainThread) await main();
else parentPort!.postMessage(run(workerData as Task));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string', default: '1000000' },
      'round-trips': { type: 'string', default: '10000' },
      seed: { type: 'string' },
    },
  });
  const seed = seedOfRun(values.seed);
  const pairs = Number(values.pairs);
  const roundTrips = Number(values['round-trips']);
  const workers = availableParallelism();
  console.log(`seed ${seed}, ${pairs} pairs and ${roundTrips} round trips on ${workers} threads`);
  const started = performance.now();
  const random = new Random(seed);
  const tasks = random.times(workers, (): Task => {
    const [ownPairs, ownTrips] = [pairs, roundTrips].map((count) => Math.ceil(count / workers));
    return { seed: random.seed(), pairs: ownPairs!, roundTrips: ownTrips! };
  });
  const report = joinReports(await Promise.all(tasks.map(runTask)));
  console.log(renderShares(report.shares));
  console.log(renderRoundTrips(report.roundTrips));
  const { disagreements, faults } = report;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${disagreements} disagreements and ${faults} faulty round trips in ${seconds} s`);
  for (const example of report.examples) console.log(`\n==== ${example}`);
  if (disagreements + faults > 0) process.exitCode = 1;
}

function runTask(task: Task): Promise<Report> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: task });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

function run({ seed, pairs, roundTrips: count }: Task): Report {
  const random = new Random(seed);
  const shares = emptyMesosShares();
  const examples: string[] = [];
  let disagreements = 0;
  while (shares.pairs < pairs) {
    const found = compareOnce(random, REQUESTS_PER_DOCUMENT, shares);
    disagreements += found.length;
    examples.push(...found.slice(0, MAX_EXAMPLES - examples.length));
  }
  const roundTrips = emptyRoundTripShares();
  const faults: string[] = [];
  while (roundTrips.documents < count) {
    const fault = roundTripOnce(random, roundTrips);
    if (fault !== undefined) faults.push(fault);
  }
  return {
    shares,
    disagreements,
    roundTrips,
    faults: faults.length,
    examples: [...examples, ...faults.slice(0, MAX_EXAMPLES)],
  };
}

function joinReports(reports: readonly Report[]): Report {
  const shares = emptyMesosShares();
  const roundTrips = emptyRoundTripShares();
  for (const report of reports) {
    const { actions, ...counts } = report.shares;
    addNumbers(shares, counts);
    for (const action of actions) shares.actions.add(action);
    const { refusals, ...tripCounts } = report.roundTrips;
    addNumbers(roundTrips, tripCounts);
    for (const [reason, count] of refusals) {
      roundTrips.refusals.set(reason, (roundTrips.refusals.get(reason) ?? 0) + count);
    }
  }
  return {
    shares,
    disagreements: reports.reduce((sum, report) => sum + report.disagreements, 0),
    roundTrips,
    faults: reports.reduce((sum, report) => sum + report.faults, 0),
    examples: reports.flatMap(({ examples }) => examples),
  };
}

function addNumbers<K extends string>(
  sums: Record<NoInfer<K>, number>,
  counts: Readonly<Record<K, number>>,
): void {
  for (const key of Object.keys(counts) as K[]) sums[key] += counts[key];
}

function renderShares(shares: MesosShares): string {
  const { documents, refused, pairs, allowed, denied, errors, decided } = shares;
  const actions = new Set([...shares.actions].map((name) => mesosActionByKey.get(name)).filter(Boolean));
  return [
    `${pairs} pairs over ${documents} documents, ${refused} of them refused; ${actions.size} actions`,
    ...renderCounts({ allowed, denied, errors, 'decided by an entry or a claim': decided }, pairs),
  ].join('\n');
}

function renderRoundTrips(shares: RoundTripShares): string {
  const { documents, same, faulty, questions, allowed, refusals } = shares;
  return [
    `${documents} round trips, compared by ${questions} questions`,
    ...renderCounts({ allowed }, questions),
    ...renderCounts({ 'the same': same, 'refused by Mesos': faulty }, documents),
    ...renderCounts(Object.fromEntries(refusals), documents),
  ].join('\n');
}

function renderCounts(counts: Readonly<Record<string, number>>, total: number): string[] {
  return Object.entries(counts).map(([name, count]) => {
    return `  ${((count / total) * 100).toFixed(1).padStart(5)} %  ${name}`;
  });
}
