import type { BenchReport } from './report.ts';
import { renderAdvantage, renderCount, renderNs, renderShare, threeDigits } from './words.ts';

/** A head for each column, and rows of as many cells; the first cell of a row is its label. Not escaped for any format. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function tabulateOutcomes({ requests }: BenchReport): Table {
  const rows = requests.outcomes.map(({ decision, reason, count }) => [
    `${decision.padEnd(6)} ${reason}`,
    renderCount(count),
    renderShare(count, requests.count),
  ]);
  return { head: ['answers', 'requests', 'share'], rows };
}

export function tabulateThroughput({ calls }: BenchReport): Table {
  const rows = calls.map(({ call, decisionsPerSecond, medianNs, p10Ns, p90Ns, rounds }) => [
    call,
    threeDigits(decisionsPerSecond),
    ...[medianNs, p10Ns, p90Ns].map(renderNs),
    renderCount(rounds),
  ]);
  return { head: ['throughput', 'decisions/s', 'median', 'p10', 'p90', 'rounds'], rows };
}

export function tabulateLatency({ calls, baseline }: BenchReport): Table {
  const series = [
    ...calls.map(({ call, latency }) => ({ name: call, latency })),
    ...(baseline?.calls ?? []).map(({ call, latency }) => ({ name: `${call}, baseline`, latency })),
  ];
  const rows = series.map(({ name, latency }) => {
    const { p50Ns, p90Ns, p99Ns, p999Ns, maxNs, sampleCount } = latency;
    return [name, ...[p50Ns, p90Ns, p99Ns, p999Ns, maxNs].map(renderNs), renderCount(sampleCount)];
  });
  return { head: ['single calls', 'p50', 'p90', 'p99', 'p99.9', 'max', 'calls'], rows };
}

export function tabulateBaseline({ calls }: NonNullable<BenchReport['baseline']>): Table {
  const rows = calls.map(({ call, policyMedianNs, baselineMedianNs, ratio }) => [
    call,
    renderNs(policyMedianNs),
    renderNs(baselineMedianNs),
    ratio.toFixed(2),
  ]);
  return { head: ['baseline', 'policy', 'baseline', 'ratio'], rows };
}

export function tabulatePeers(peers: NonNullable<BenchReport['peers']>, requestCount: number): Table {
  const rows = peers.map(({ engine, version, comparableCount, throughput }) => [
    `${engine} ${version}`,
    `${renderCount(comparableCount)} of ${renderCount(requestCount)}`,
    ...(throughput === undefined
      ? ['-', '-', 'nothing to compare']
      : [
          threeDigits(throughput.postern.decisionsPerSecond),
          threeDigits(throughput.peer.decisionsPerSecond),
          renderAdvantage(throughput.ratio),
        ]),
  ]);
  return { head: ['engines', 'comparable', 'postern/s', 'engine/s', 'postern is'], rows };
}
