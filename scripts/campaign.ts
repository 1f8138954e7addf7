import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { build } from '../src/index.ts';
import {
  countAnswer,
  countPolicy,
  emptyShares,
  generatePolicy,
  generateRequest,
  Random,
  renderShares,
  type Shares,
  seedOfRun,
} from '../test/support/generators.ts';
import { isSameDecision, loadImage, reference } from '../test/support/generators-evaluators.ts';
import {
  findDisagreement,
  kindOf,
  renderDisagreement,
  renderValue,
  shrink,
} from '../test/support/generators-shrink.ts';

/**
 * Compares the image with the reference at length, on every core: `node scripts/campaign.ts --pairs 1000000 [--seed N]`.
 * Prints the seed, the shares and every kind of disagreement once, made small; exits 1 if there is any.
 */

const REQUESTS_PER_POLICY = 100;

interface Task {
  readonly seed: number;
  readonly pairs: number;
}

interface Report {
  readonly shares: Shares;
  readonly disagreements: number;
  /** One of each kind, ready to print. */
  readonly examples: ReadonlyMap<string, string>;
}

if (isMainThread) await main();
else parentPort!.postMessage(compareAll(workerData as Task));

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { pairs: { type: 'string' }, seed: { type: 'string' } } });
  const seed = seedOfRun(values.seed);
  const pairs = Number(values.pairs ?? 1_000_000);
  const workers = availableParallelism();
  console.log(`seed ${seed}, ${pairs} pairs on ${workers} threads`);
  const started = performance.now();
  const random = new Random(seed);
  const tasks = random.times(
    workers,
    (): Task => ({ seed: random.seed(), pairs: Math.ceil(pairs / workers) }),
  );
  const report = joinReports(await Promise.all(tasks.map(runTask)));
  console.log(renderShares(report.shares));
  console.log(
    `${report.disagreements} disagreements in ${((performance.now() - started) / 1000).toFixed(1)} s`,
  );
  for (const [kind, text] of report.examples) console.log(`\n==== ${kind}\n${text}`);
  if (report.disagreements > 0) process.exitCode = 1;
}

function runTask(task: Task): Promise<Report> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: task });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

function joinReports(reports: readonly Report[]): Report {
  const shares = emptyShares();
  for (const { shares: part } of reports) {
    shares.pairs += part.pairs;
    shares.policies += part.policies;
    shares.invalidPolicies += part.invalidPolicies;
    addCounts(shares.answers, part.answers);
    addCounts(shares.traits, part.traits);
  }
  return {
    shares,
    disagreements: reports.reduce((sum, report) => sum + report.disagreements, 0),
    examples: new Map(reports.flatMap((report) => [...report.examples])),
  };
}

function addCounts<K>(sums: Map<K, number>, counts: ReadonlyMap<K, number>): void {
  for (const [key, count] of counts) sums.set(key, (sums.get(key) ?? 0) + count);
}

function compareAll({ seed, pairs }: Task): Report {
  const random = new Random(seed);
  const shares = emptyShares();
  const examples = new Map<string, string>();
  let disagreements = 0;
  while (shares.pairs < pairs) disagreements += comparePolicy(random.seed(), shares, examples);
  return { shares, disagreements, examples };
}

/** The number of requests on which the two disagree. */
function comparePolicy(seed: number, shares: Shares, examples: Map<string, string>): number {
  const policy = generatePolicy(seed);
  const built = build(policy.sources);
  if (!built.ok) {
    shares.invalidPolicies++;
    examples.set(
      'invalid policy',
      `seed ${seed}: ${built.diagnostics.map(({ message }) => message).join('; ')}`,
    );
    return 0;
  }
  countPolicy(shares, built.model);
  const random = new Random(seed);
  const mode = random.chance(0.5) ? random.pick([undefined, ...built.model.modes]) : undefined;
  const expecting = reference.load(built.model, mode);
  const image = loadImage(built.image, mode);
  let disagreements = 0;
  const requests: unknown[] = [];
  const answers: boolean[] = [];
  for (let i = 0; i < REQUESTS_PER_POLICY; i++) {
    const request = generateRequest(policy, random);
    const expected = expecting.decide(request);
    const actual = image.decide(request);
    countAnswer(shares, expected);
    requests.push(request);
    answers.push(expected.decision === 'allow');
    if (isSameDecision(expected, actual)) continue;
    disagreements++;
    const kind = kindOf({ expected, actual });
    if (examples.has(kind)) continue;
    const found = findDisagreement(policy.sources, mode, request);
    const text =
      found === undefined
        ? `only after other requests: ${renderValue(request)}`
        : renderDisagreement(shrink(found));
    examples.set(kind, `policy seed ${seed}\n${text}`);
  }
  if (image.areAllowed?.(requests).some((isAllowed, i) => isAllowed !== answers[i])) {
    disagreements++;
    examples.set('batch', `policy seed ${seed}: a batch answers otherwise than the same requests one by one`);
  }
  return disagreements;
}
