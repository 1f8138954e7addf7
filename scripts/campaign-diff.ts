import { parseArgs } from 'node:util';
import { confirmNextPair, diffRequests, diffWorlds } from '../test/support/diff-confirm.ts';
import { Random, seedOfRun } from '../test/support/generators.ts';

/**
 * Confirms differences of random small policies at length: `node scripts/campaign-diff.ts --pairs 100000 [--seed N]
 * [--sample N]`. Every pair is put to a sample of all requests there are over its names, or with `--sample 0` to all. Prints
 * the seed, how the pairs differ and the first failures; exits 1 if there is any.
 */
const { values } = parseArgs({
  options: { pairs: { type: 'string' }, seed: { type: 'string' }, sample: { type: 'string' } },
});
const seed = seedOfRun(values.seed);
const pairs = Number(values.pairs ?? 10_000);
const sample = Number(values.sample ?? 1000) || Number.POSITIVE_INFINITY;
const SHOWN_FAILURES = 3;

console.log(`seed ${seed}, ${pairs} pairs`);
const random = new Random(seed);
const worlds = Object.values(diffWorlds).map((options) => ({ options, requests: diffRequests(options) }));
const counts = new Map<string, number>();
const failures: string[] = [];
for (let i = 0; i < pairs; ) {
  const { options, requests } = worlds[i % worlds.length]!;
  const { kind, failure } = confirmNextPair(options, requests, random, sample);
  if (kind === undefined) continue;
  i++;
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
  if (failure !== undefined) failures.push(failure);
}
for (const [kind, count] of counts) console.log(`${String(count).padStart(8)}  ${kind}`);
console.log(`${failures.length} wrong of ${pairs}`);
for (const failure of failures.slice(0, SHOWN_FAILURES)) console.log(`\n==== ${failure}`);
if (failures.length > 0) process.exitCode = 1;
