import type { Metrics } from '../service.ts';
import {
  ABOVE,
  latencyBuckets,
  type MetricsMemory,
  openNumbers,
  SUM,
  seriesName,
  type ThreadNumbers,
} from './metrics-memory.ts';

/** Counts of the parts that run beside the requests. */
export interface OperationMetrics extends Metrics {
  readonly countLog: (what: LogCount, entries: number) => void;
  readonly countWorkerCrash: () => void;
  /** What became of the keys of tokens when their file was read again. */
  readonly countKeys: (outcome: 'loaded' | 'refused') => void;
  readonly setGauge: (name: GaugeName, value: number) => void;
}

/** What became of entries of the decision log, and how often writing failed. */
export type LogCount = 'written' | 'spilled' | 'dropped' | 'sampled-out' | 'write-error';

export type GaugeName = 'thread_delay_p99_seconds' | 'thread_delay_max_seconds' | 'thread_heap_used_bytes';

/**
 * Counts in plain numbers of its own thread, which `/metrics` reads when it is asked. A decision costs three look-ups and
 * an addition.
 */
export function createMetrics(memory: MetricsMemory, thread: number): OperationMetrics {
  const numbers = openNumbers(memory[thread]!);
  const count = (name: string, by = 1): void => {
    const { counters } = numbers;
    counters.numbers[counters.at(name)]! += by;
  };
  return {
    countDecision: createDecisionCounter(numbers),
    observeRequest: createRequestObserver(numbers),
    countReload: (outcome) => count(seriesName('reloads', outcome)),
    countTokenRefused: (reason) => count(seriesName('tokens', reason)),
    countLog: (what, entries) => count(seriesName('log', what), entries),
    countKeys: (outcome) => count(seriesName('keys', outcome)),
    countWorkerCrash: () => count(seriesName('crashes')),
    setGauge: (name, value) => {
      numbers.gauges.numbers[numbers.gauges.at(seriesName(name, String(thread)))] = value;
    },
  };
}

function createDecisionCounter({ counters }: ThreadNumbers): Metrics['countDecision'] {
  const { numbers } = counters;
  const allows = new Map<string, Map<string, number>>();
  const denials = new Map<string, Map<string, number>>();
  return ({ api, decision, reason }) => {
    const places = decision === 'allow' ? allows : denials;
    const place = places.get(api)?.get(reason);
    if (place !== undefined) {
      numbers[place]!++;
      return;
    }
    const first = counters.at(seriesName('decisions', api, decision, reason));
    places.set(api, new Map(places.get(api)).set(reason, first));
    numbers[first]!++;
  };
}

function createRequestObserver({ counters, histograms }: ThreadNumbers): Metrics['observeRequest'] {
  const known = new Map<string, { readonly histogram: number; readonly statuses: Map<number, number> }>();
  return ({ route, status, seconds }) => {
    let places = known.get(route);
    if (places === undefined) {
      places = { histogram: histograms.at(seriesName('latency', route)), statuses: new Map() };
      known.set(route, places);
    }
    let requests = places.statuses.get(status);
    if (requests === undefined) {
      requests = counters.at(seriesName('requests', route, String(status)));
      places.statuses.set(status, requests);
    }
    counters.numbers[requests]!++;
    histograms.numbers[places.histogram + bucketOf(seconds)]!++;
    histograms.numbers[places.histogram + SUM]! += seconds;
  };
}

/** The first bucket that holds it; few are looked at, since most requests are quick. */
function bucketOf(seconds: number): number {
  let bucket = 0;
  while (bucket < ABOVE && seconds > latencyBuckets[bucket]!) bucket++;
  return bucket;
}
