import type { Contestant } from './contestant.ts';
import { percentileOf } from './percentiles.ts';

/** Of single calls, what the clock itself costs taken off. */
export interface Latency {
  readonly sampleCount: number;
  readonly p50Ns: number;
  readonly p90Ns: number;
  readonly p99Ns: number;
  readonly p999Ns: number;
  readonly maxNs: number;
}

const mostSamples = 200_000;
/** Few enough that a slow contestant does not run long past its time. */
const samplesAtOnce = 1_000;

/** Times single calls until `budgetMs` are over. Call it after the rounds: the code is warm then. */
export function measureLatency({ prepare }: Contestant, budgetMs: number, clockNs: number): Latency {
  const samples = new Float64Array(mostSamples);
  const end = performance.now() + budgetMs;
  let count = 0;
  do {
    const { answer } = prepare(count, samplesAtOnce);
    for (let i = 0; i < samplesAtOnce; i++) {
      const startMs = performance.now();
      answer(i);
      const tookNs = (performance.now() - startMs) * 1e6;
      samples[count++] = Math.max(0, tookNs - clockNs);
    }
  } while (count < mostSamples && performance.now() < end);
  const sorted = samples.subarray(0, count).sort();
  return {
    sampleCount: count,
    p50Ns: percentileOf(sorted, 50),
    p90Ns: percentileOf(sorted, 90),
    p99Ns: percentileOf(sorted, 99),
    p999Ns: percentileOf(sorted, 99.9),
    maxNs: percentileOf(sorted, 100),
  };
}

/** What reading the clock twice says of doing nothing: the least, so that never more is taken off than the clock took. */
export function measureClock(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 50_000; i++) {
    const startMs = performance.now();
    least = Math.min(least, (performance.now() - startMs) * 1e6);
  }
  return least;
}
