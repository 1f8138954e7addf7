/**
 * Does a decision cost more where there are more rules? Decisions per size from 10³ to 10⁶ rules, interleaved in one process.
 *
 *     node bench/size.ts [--sizes 1000,1000000] [--rounds 9]
 */
import { parseArgs } from 'node:util';
import { Authorizer, build } from '../src/index.ts';
import { createWorkload, type Workload } from './workload.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000,100000,1000000' },
    rounds: { type: 'string', default: '9' },
  },
});
const REQUESTS = 200_000;

interface Entrant {
  readonly size: number;
  readonly authorizer: Authorizer;
  readonly requests: Workload['requests'];
  readonly nsPerDecision: number[];
}

const entrants = values.sizes.split(',').map((size) => prepare(Number(size)));
for (let round = 0; round < Number(values.rounds); round++) for (const entrant of entrants) measure(entrant);
const first = median(entrants[0]!.nsPerDecision);
for (const { size, nsPerDecision } of entrants) {
  const ns = median(nsPerDecision);
  const spread = `${Math.min(...nsPerDecision).toFixed(0)} to ${Math.max(...nsPerDecision).toFixed(0)}`;
  console.log(
    `${size} rules: ${ns.toFixed(0)} ns a decision (${spread}), ${(ns / first).toFixed(2)} times that at ${entrants[0]!.size}`,
  );
}

function prepare(size: number): Entrant {
  const { sources, requests } = createWorkload(size, REQUESTS);
  const start = performance.now();
  const result = build(sources);
  if (!result.ok) throw new Error(`the workload does not build: ${result.diagnostics[0]?.message}`);
  const built = performance.now();
  const authorizer = Authorizer.fromImage(result.image);
  const loaded = performance.now();
  const allowed = requests.filter(([subject, action, resource]) =>
    authorizer.isAllowed(subject, action, resource),
  ).length;
  console.log(
    `${size} rules: built in ${(built - start).toFixed(0)} ms, image ${(result.image.byteLength / 2 ** 20).toFixed(1)} MiB, ` +
      `loaded in ${(loaded - built).toFixed(0)} ms, peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB, ` +
      `${((allowed / requests.length) * 100).toFixed(0)} % of the requests allowed`,
  );
  return { size, authorizer, requests, nsPerDecision: [] };
}

function measure({ authorizer, requests, nsPerDecision }: Entrant): void {
  let allowed = 0;
  const start = process.hrtime.bigint();
  for (const [subject, action, resource] of requests)
    if (authorizer.isAllowed(subject, action, resource)) allowed++;
  nsPerDecision.push(Number(process.hrtime.bigint() - start) / requests.length);
  if (allowed === 0) throw new Error('no request was allowed');
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}
