import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { OperationState, StoreState } from '../operation/operation-state.ts';
import {
  ABOVE,
  latencyBuckets,
  type MetricsMemory,
  openNumbers,
  readSeriesName,
  SUM,
  type ThreadNumbers,
} from './metrics-memory.ts';

/** What `/metrics` answers. */
export interface MetricsPage {
  readonly contentType: string;
  readonly render: () => Promise<string>;
}

/** Sums over all threads, so that it does not matter which of them is asked. */
export function createMetricsPage(memory: MetricsMemory, state: () => OperationState): MetricsPage {
  const registry = new Registry();
  const threads = memory.map(openNumbers);
  addProcessMetrics(registry);
  addCounters(registry, threads);
  addThreadGauges(registry, threads);
  addStateGauges(registry, state);
  addStoreGauges(registry, state);
  new RequestLatency(registry, threads);
  return { contentType: registry.contentType, render: () => registry.metrics() };
}

/** Those of the whole process; what Node.js tells of the thread that happens to be asked is left to `addThreadGauges`. */
function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const { name } of registry.getMetricsAsArray())
    if (name.startsWith('nodejs_') && name !== 'nodejs_version_info') registry.removeSingleMetric(name);
}

const counters = [
  { series: 'decisions', name: 'decisions', help: 'Decisions', labels: ['api', 'decision', 'reason'] },
  { series: 'requests', name: 'http_requests', help: 'HTTP requests answered', labels: ['route', 'status'] },
  {
    series: 'tokens',
    name: 'tokens_refused',
    help: 'Requests refused on account of their token',
    labels: ['reason'],
  },
  { series: 'reloads', name: 'reloads', help: 'Attempts to load the policy', labels: ['outcome'] },
  {
    series: 'keys',
    name: 'key_reloads',
    help: 'Attempts to load the key file of tokens again',
    labels: ['outcome'],
  },
  {
    series: 'log',
    name: 'decision_log_entries',
    help: 'Entries of the decision log, and failures to write it',
    labels: ['outcome'],
  },
  { series: 'crashes', name: 'worker_crashes', help: 'Workers that ended by themselves', labels: [] },
] as const;

function addCounters(registry: Registry, threads: readonly ThreadNumbers[]): void {
  for (const { series, name, help, labels } of counters)
    new Counter<string>({
      name: `postern_${name}_total`,
      help,
      labelNames: labels,
      registers: [registry],
      collect() {
        this.reset();
        for (const { metric, values, value } of countersOf(threads))
          if (metric === series)
            this.inc(Object.fromEntries(labels.map((label, i) => [label, values[i]!])), value);
      },
    });
  new Counter({
    name: 'postern_reload_failures_total',
    help: 'Policies that were refused, while the one before went on serving',
    registers: [registry],
    collect() {
      this.reset();
      for (const { metric, values, value } of countersOf(threads))
        if (metric === 'reloads' && values[0] === 'refused') this.inc(value);
    },
  });
}

interface Value {
  readonly metric: string;
  readonly values: readonly string[];
  readonly value: number;
}

function* countersOf(threads: readonly ThreadNumbers[]): Generator<Value> {
  for (const { counters: table } of threads)
    for (const { name, at } of table.read()) {
      const { metric, labels } = readSeriesName(name);
      yield { metric, values: labels, value: table.numbers[at]! };
    }
}

const threadGauges = [
  { series: 'thread_delay_p99_seconds', help: 'Delay of the event loop in the last second, 99th percentile' },
  { series: 'thread_delay_max_seconds', help: 'Delay of the event loop in the last second, longest' },
  { series: 'thread_heap_used_bytes', help: 'JavaScript heap in use' },
] as const;

/** Labelled with the number of the thread: 0 is that which starts the others. */
function addThreadGauges(registry: Registry, threads: readonly ThreadNumbers[]): void {
  for (const { series, help } of threadGauges)
    new Gauge({
      name: `postern_${series}`,
      help,
      labelNames: ['thread'],
      registers: [registry],
      collect() {
        for (const { metric, values, value } of gaugesOf(threads))
          if (metric === series) this.set({ thread: values[0]! }, value);
      },
    });
}

function* gaugesOf(threads: readonly ThreadNumbers[]): Generator<Value> {
  for (const { gauges: table } of threads)
    for (const { name, at } of table.read()) {
      const { metric, labels } = readSeriesName(name);
      yield { metric, values: labels, value: table.numbers[at]! };
    }
}

function addStateGauges(registry: Registry, state: () => OperationState): void {
  new Gauge({
    name: 'postern_policy_age_seconds',
    help: 'Time since the policy that answers was loaded',
    registers: [registry],
    collect() {
      const { policy, nowMs } = state();
      if (policy === undefined) this.reset();
      else this.set((nowMs - policy.loadedAtMs) / 1000);
    },
  });
  new Gauge({
    name: 'postern_policy_info',
    help: 'The policy that answers',
    labelNames: ['revision'],
    registers: [registry],
    collect() {
      this.reset();
      const { policy } = state();
      if (policy !== undefined) this.set({ revision: policy.imageRevision }, 1);
    },
  });
  new Gauge({
    name: 'postern_decision_log_queued_bytes',
    help: 'What waits to be written to the decision log',
    registers: [registry],
    collect() {
      this.set(state().decisionLogQueuedBytes);
    },
  });
  new Gauge({
    name: 'postern_decision_log_failing',
    help: '1 while the decision log cannot be written',
    registers: [registry],
    collect() {
      this.set(['failing', 'blocked'].includes(state().decisionLog) ? 1 : 0);
    },
  });
}

function addStoreGauges(registry: Registry, state: () => OperationState): void {
  const gauge = (name: string, help: string, read: (store: StoreState) => number | undefined): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        const { store } = state();
        const value = store && read(store);
        if (value === undefined) this.reset();
        else this.set(value);
      },
    });
  };
  gauge(
    'postern_store_revision',
    'The revision of the store that decisions are made by',
    ({ revision }) => revision,
  );
  gauge('postern_store_epoch', 'How often the store has been restored', ({ epoch }) => epoch);
  gauge(
    'postern_store_stale_seconds',
    'How old what is known of the store may be; infinite if nothing is',
    ({ staleMs }) => staleMs / 1000,
  );
  gauge('postern_store_changes', 'Changes of the store beside the image', ({ changes }) => changes);
}

const latencyName = 'postern_http_request_duration_seconds';
const latencyHelp = 'Time from the head of a request until its answer is sent, of a stream until it ends';

interface HistogramValue {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** The library's histogram counts by itself: here it renders what we have counted. */
class RequestLatency extends Histogram<'route'> {
  readonly #threads: readonly ThreadNumbers[];

  constructor(registry: Registry, threads: readonly ThreadNumbers[]) {
    super({ name: latencyName, help: latencyHelp, labelNames: ['route'], registers: [registry] });
    this.#threads = threads;
  }

  /** What the registry asks for. */
  async getForPromString(): Promise<object> {
    const values = [...this.#sums()].flatMap(([route, numbers]) => valuesOf(route, numbers));
    return { name: latencyName, help: latencyHelp, type: 'histogram', aggregator: 'sum', values };
  }

  #sums(): Map<string, Float64Array> {
    const sums = new Map<string, Float64Array>();
    for (const { histograms } of this.#threads)
      for (const { name, at } of histograms.read()) {
        const route = readSeriesName(name).labels[0]!;
        const sum = sums.get(route) ?? new Float64Array(histograms.width);
        for (let i = 0; i < sum.length; i++) sum[i]! += histograms.numbers[at + i]!;
        sums.set(route, sum);
      }
    return sums;
  }
}

/** As the text format wants it: every bucket holds those before it. */
function valuesOf(route: string, numbers: Float64Array): HistogramValue[] {
  let count = 0;
  const bucket = (le: number | string, value: number): HistogramValue => ({
    metricName: `${latencyName}_bucket`,
    labels: { le, route },
    value,
  });
  const buckets = latencyBuckets.map((bound, i) => {
    count += numbers[i]!;
    return bucket(bound, count);
  });
  count += numbers[ABOVE]!;
  return [
    ...buckets,
    bucket('+Inf', count),
    { metricName: `${latencyName}_sum`, labels: { route }, value: numbers[SUM]! },
    { metricName: `${latencyName}_count`, labels: { route }, value: count },
  ];
}
