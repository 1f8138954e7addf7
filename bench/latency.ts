/** How even is the cost of a decision? Percentiles of single `isAllowed` calls on 100,000 rules, the clock's own cost taken off. */
import { build as buildHistogram } from 'hdr-histogram-js';
import { Authorizer } from '../src/index.ts';
import { createWorkload } from './workload.ts';

const { sources, requests } = createWorkload(100_000, 200_000);
const authorizer = Authorizer.fromSources(sources);
for (const [subject, action, resource] of requests) authorizer.isAllowed(subject, action, resource);

const clockNs = cheapest(() => {});
const histogram = buildHistogram({
  lowestDiscernibleValue: 1,
  highestTrackableValue: 1e9,
  numberOfSignificantValueDigits: 3,
});
for (const [subject, action, resource] of requests) {
  const start = process.hrtime.bigint();
  authorizer.isAllowed(subject, action, resource);
  histogram.recordValue(Math.max(1, Number(process.hrtime.bigint() - start) - clockNs));
}
for (const percentile of [50, 90, 99, 99.9])
  console.log(`p${percentile}: ${histogram.getValueAtPercentile(percentile)} ns`);

function cheapest(work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 100_000; i++) {
    const start = process.hrtime.bigint();
    work();
    best = Math.min(best, Number(process.hrtime.bigint() - start));
  }
  return best;
}
