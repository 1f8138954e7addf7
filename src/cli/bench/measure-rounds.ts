import type { Contestant } from './contestant.ts';
import { percentileOf } from './percentiles.ts';

export interface RoundsOptions {
  /** At most; fewer if the time is up before. */
  readonly rounds: number;
  /** For all contestants together, what is made ready between rounds included. */
  readonly budgetMs: number;
  readonly onRound: (round: number) => void;
}

/** What one decision took, over all rounds. */
export interface Throughput {
  readonly rounds: number;
  readonly decisionsPerRound: number;
  /** By the median. */
  readonly decisionsPerSecond: number;
  readonly medianNs: number;
  /** A tenth of the rounds were faster. */
  readonly p10Ns: number;
  /** A tenth of the rounds were slower. */
  readonly p90Ns: number;
}

/**
 * Rounds are short and many, for two reasons. The median then leaves out those in which another program had the processor. And what is
 * made ready for one stays in the caches and in the youngest part of the heap, as one request off a wire does: a collection in
 * the middle of a round would otherwise have to carry all of it around. Yet they are long enough that the clock costs nothing.
 */
const mostInRound = 500;
/** A slow engine is asked less in one round, so that all get many of them. */
const roundMs = 5;
/** Fewer rounds have no median worth the name: so many are run even where the time is up before. */
const fewestRounds = 3;

/**
 * Measures contestants side by side: all have their turn in every round, and who is first in one is last in the next, so that
 * whatever slows the machine down for a while slows all of them down.
 *
 * @param teams  members of a team are asked the same requests in each round; another team may be asked fewer or more
 */
export function measureRounds(
  teams: readonly (readonly Contestant[])[],
  { rounds, budgetMs, onRound }: RoundsOptions,
): Map<Contestant, Throughput> {
  const deadline = performance.now() + budgetMs;
  const warmUpMs = (budgetMs * 0.25) / teams.flat().length;
  const runs = teams.flatMap((members) => {
    const slowestNs = Math.max(...members.map((contestant) => warmUp(contestant, warmUpMs)));
    const count = Math.max(1, Math.min(mostInRound, Math.floor((roundMs * 1e6) / slowestNs)));
    return members.map((contestant) => ({ contestant, count, samples: [] as number[] }));
  });
  for (let round = 0; round < rounds; round++) {
    if (round >= fewestRounds && performance.now() > deadline) break;
    onRound(round);
    for (const { contestant, count, samples } of round % 2 === 0 ? runs : runs.toReversed()) {
      samples.push(timeBatch(contestant, round * count, count));
    }
  }
  return new Map(runs.map(({ contestant, samples, count }) => [contestant, summarize(samples, count)]));
}

/**
 * Lets the compiler of the JavaScript engine see what is going to be called.
 *
 * @returns the least ns that a decision took: by an estimate from cold code a round would be too short to measure warm code
 */
function warmUp(contestant: Contestant, durationMs: number): number {
  const end = performance.now() + durationMs;
  let leastNs = timeBatch(contestant, 0, 1);
  for (let count = 2; performance.now() < end; count *= 2) {
    // The next batch must not take much longer than what is left.
    const leftNs = (end - performance.now()) * 1e6;
    const fitting = Math.max(1, Math.min(count, mostInRound, Math.floor(leftNs / leastNs)));
    leastNs = Math.min(leastNs, timeBatch(contestant, 0, fitting));
  }
  return Math.max(leastNs, 1);
}

/** The ns that one decision took, of `count`. */
function timeBatch({ prepare }: Contestant, start: number, count: number): number {
  const { answerAll } = prepare(start, count);
  const startMs = performance.now();
  answerAll();
  return ((performance.now() - startMs) * 1e6) / count;
}

function summarize(samples: readonly number[], decisionsPerRound: number): Throughput {
  const sorted = Float64Array.from(samples).sort();
  const medianNs = medianOf(sorted);
  return {
    rounds: sorted.length,
    decisionsPerRound,
    decisionsPerSecond: 1e9 / medianNs,
    medianNs,
    p10Ns: percentileOf(sorted, 10),
    p90Ns: percentileOf(sorted, 90),
  };
}

/** Of an even number, the middle between the two in the middle. */
function medianOf(sorted: Float64Array): number {
  const middle = sorted.length >>> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
