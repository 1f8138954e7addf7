/**
 * Does a batch take less time for a decision than single calls? `areAllowed` in batches of 1 to 1,000 beside `isAllowed`, with
 * fresh strings, where the image fits the processor's caches and where it does not.
 *
 *     node bench/batch.ts [--sizes 10000,100000] [--batches 1,8,64,1000] [--requests 100000] [--rounds 9]
 */
import type { Authorizer } from '../src/index.ts';
import { freshRequests } from './peers/workload.ts';
import {
  type Cluster,
  checkAnswers,
  countAllowed,
  createCluster,
  loadCluster,
  type PlainRequest,
  plainRequests,
  singleCalls,
} from './support/cluster.ts';
import { readNumbers } from './support/options.ts';
import { describeSpread, type Entrant, measureInTurns } from './support/rounds.ts';

const options = readNumbers({
  sizes: '10000,100000',
  batches: '1,8,64,1000',
  requests: '100000',
  rounds: '9',
});

for (const size of options.sizes) {
  const cluster = createCluster(size, options.requests[0]!);
  const authorizer = loadCluster(cluster);
  const [single, ...batched] = measureInTurns(
    [
      singleCalls('isAllowed', authorizer, cluster),
      ...options.batches.map((length) => inBatches(authorizer, cluster, length)),
    ],
    options.rounds[0]!,
  );
  console.log(`${size} rules, isAllowed: ${describeSpread(single!)} ns a decision`);
  for (const timing of batched) {
    const ratio = (single!.median / timing.median).toFixed(2);
    console.log(
      `${size} rules, ${timing.name}: ${describeSpread(timing)} ns a decision, ${ratio} times as fast`,
    );
  }
}

function inBatches(authorizer: Authorizer, cluster: Cluster, length: number): Entrant {
  const name = `areAllowed of ${length}`;
  const { requests, expected } = cluster;
  const answers = cut(plainRequests(requests), length).flatMap((batch) => authorizer.areAllowed(batch));
  checkAnswers(name, cluster, (at) => answers[at]!);
  return {
    name,
    decisions: expected.length,
    result: countAllowed(expected),
    prepare: () => {
      const batches = cut(plainRequests(freshRequests(requests)), length);
      return () => {
        let allowed = 0;
        for (const batch of batches) for (const answer of authorizer.areAllowed(batch)) if (answer) allowed++;
        return allowed;
      };
    },
  };
}

function cut(requests: readonly PlainRequest[], length: number): PlainRequest[][] {
  return Array.from({ length: Math.ceil(requests.length / length) }, (_, i) =>
    requests.slice(i * length, (i + 1) * length),
  );
}
