import { SeriesTable, type TableShape, tableBytes } from './series-table.ts';

/**
 * Upper bounds of the buckets of latencies, in seconds: a decision takes less than the first, one over the network some of
 * the next, and what is beyond the last has met its time limit.
 */
export const latencyBuckets: readonly number[] = [
  10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 0.1, 0.25, 1, 5, 30,
];

/** Behind the buckets: those above the last one, and the sum of all. */
export const ABOVE = latencyBuckets.length;
export const SUM = ABOVE + 1;

const counterShape: TableShape = { slots: 1024, width: 1 };
const gaugeShape: TableShape = { slots: 32, width: 1 };
const histogramShape: TableShape = { slots: 64, width: SUM + 1 };

/** What one thread counts. */
export interface ThreadNumbers {
  readonly counters: SeriesTable;
  readonly gauges: SeriesTable;
  readonly histograms: SeriesTable;
}

/** The memory of each thread: the first is that which starts the others. */
export type MetricsMemory = readonly SharedArrayBuffer[];

export function createMetricsMemory(threads: number): MetricsMemory {
  const bytes = tableBytes(counterShape) + tableBytes(gaugeShape) + tableBytes(histogramShape);
  return Array.from({ length: threads }, () => new SharedArrayBuffer(bytes));
}

export function openNumbers(memory: SharedArrayBuffer): ThreadNumbers {
  const gaugesAt = tableBytes(counterShape);
  const histogramsAt = gaugesAt + tableBytes(gaugeShape);
  return {
    counters: new SeriesTable(memory, counterShape),
    gauges: new SeriesTable(memory, { ...gaugeShape, offset: gaugesAt }),
    histograms: new SeriesTable(memory, { ...histogramShape, offset: histogramsAt }),
  };
}

/** The name of a series: that of its metric and the values of its labels. */
export function seriesName(metric: string, ...labels: readonly string[]): string {
  return JSON.stringify([metric, ...labels]);
}

export function readSeriesName(name: string): {
  readonly metric: string;
  readonly labels: readonly string[];
} {
  const [metric = '', ...labels] = JSON.parse(name) as string[];
  return { metric, labels };
}
