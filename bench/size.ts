/**
 * Does a decision cost more where there are more rules? Single `isAllowed` calls with fresh strings per size from 10³ to 10⁶
 * rules, interleaved in one process: medians, percentiles of single calls, and what the image weighs a rule.
 *
 *     node bench/size.ts [--sizes 1000,10000,100000,1000000] [--requests 100000] [--rounds 9] [--seconds 2]
 *
 * `index` is all of the image but the sections that only explanations read. p50 and p99 are those of calls timed one by one for
 * `--seconds`, with the clock's own cost taken off; a call that another program on the machine interrupts is among them.
 */
import { Authorizer, inspectImage } from '../src/index.ts';
import { oneByOne } from './peers/engine.ts';
import { measureLatency } from './peers/latency.ts';
import { freshRequests } from './peers/workload.ts';
import { type Cluster, checkAnswers, compileCluster, createCluster, singleCalls } from './support/cluster.ts';
import { readNumbers } from './support/options.ts';
import { describeSpread, measureInTurns } from './support/rounds.ts';

const ONLY_FOR_EXPLANATIONS = ['rules', 'roles', 'files', 'routes'] as const;

const options = readNumbers({
  sizes: '1000,10000,100000,1000000',
  requests: '100000',
  rounds: '9',
  seconds: '2',
});

interface Subject {
  readonly cluster: Cluster;
  readonly authorizer: Authorizer;
}

const subjects = options.sizes.map(prepare);
const timings = measureInTurns(
  subjects.map(({ cluster, authorizer }) => singleCalls(`${cluster.rules} rules`, authorizer, cluster)),
  options.rounds[0]!,
);
for (const timing of timings) {
  const ratio = timing.median / timings[0]!.median;
  console.log(`${timing.name}: ${describeSpread(timing)} ns a decision, ${ratio.toFixed(2)} times the first`);
}
for (const { cluster, authorizer } of subjects) {
  const decider = oneByOne((subject, action, resource) => authorizer.isAllowed(subject, action, resource));
  const { p50, p99 } = measureLatency(decider, freshRequests(cluster.requests), 0, options.seconds[0]!);
  console.log(`${cluster.rules} rules: p50 ${p50} ns, p99 ${p99} ns, ${(p99 / p50).toFixed(2)} times p50`);
}

function prepare(size: number): Subject {
  const cluster = createCluster(size, options.requests[0]!);
  const image = compileCluster(cluster);
  const { sectionBytes } = inspectImage(image);
  const explaining = ONLY_FOR_EXPLANATIONS.reduce((sum, name) => sum + sectionBytes[name], 0);
  const aRule = (bytes: number): string => `${(bytes / size).toFixed(1)} B`;
  console.log(
    `${size} rules: image ${aRule(image.byteLength)} a rule, index ${aRule(image.byteLength - explaining)}`,
  );
  const authorizer = Authorizer.fromImage(image);
  const { subjects, actions, resources } = cluster.requests;
  checkAnswers('isAllowed', cluster, (at) =>
    authorizer.isAllowed(subjects[at]!, actions[at]!, resources[at]!),
  );
  return { cluster, authorizer };
}
