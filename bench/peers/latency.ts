import { build as buildHistogram } from 'hdr-histogram-js';
import type { Decider } from './engine.ts';
import type { Latency } from './messages.ts';
import type { Requests } from './workload.ts';

const CLOCK_SAMPLES = 20_000;

/** Times each call by itself, from request `first` on, for `seconds` or to the end of the requests. */
export function measureLatency(
  decider: Decider,
  requests: Requests,
  first: number,
  seconds: number,
): Latency {
  const { decisionsPerCall } = decider;
  const round = decider.bind(requests);
  const count = requests.subjects.length;
  const answers = new Uint8Array(count);
  const clockNs = medianClockNs();
  const histogram = createHistogram();
  const deadline = performance.now() + seconds * 1000;
  for (let at = first; at < count && performance.now() < deadline; at += decisionsPerCall) {
    const end = Math.min(count, at + decisionsPerCall);
    const started = process.hrtime.bigint();
    round(at, end, answers);
    const ns = Number(process.hrtime.bigint() - started) - clockNs;
    histogram.recordValue(Math.max(1, Math.round(ns / (end - at))));
  }
  return {
    calls: histogram.totalCount,
    p50: histogram.getValueAtPercentile(50),
    p99: histogram.getValueAtPercentile(99),
  };
}

/** What two readings of the clock, one after the other, say that nothing took. */
function medianClockNs(): number {
  const histogram = createHistogram();
  for (let i = 0; i < CLOCK_SAMPLES; i++) {
    const started = process.hrtime.bigint();
    histogram.recordValue(Number(process.hrtime.bigint() - started));
  }
  return histogram.getValueAtPercentile(50);
}

function createHistogram() {
  return buildHistogram({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 1e11,
    numberOfSignificantValueDigits: 3,
  });
}
