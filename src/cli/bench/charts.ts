import { escapeHtml } from './escape-html.ts';
import type { BenchReport } from './report.ts';
import { renderNs, threeDigits } from './words.ts';

interface Bar {
  readonly label: string;
  readonly value: number;
  readonly text: string;
  /** Which colour: of the policy, of what it is compared with, or of a second way to ask. */
  readonly series: 'own' | 'second' | 'other' | 'otherSecond';
}

interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

/** Beyond this many times the smallest, a linear bar would be a hair. */
const linearSpan = 20;

export function renderThroughputChart({ calls, baseline, peers }: BenchReport): string {
  const own: BarGroup = {
    title: 'This policy',
    bars: calls.map(({ call, decisionsPerSecond }) =>
      throughputBar(call, decisionsPerSecond, call === 'isAllowed' ? 'own' : 'second'),
    ),
  };
  const beside = (baseline?.calls ?? []).map(({ call, policyMedianNs, baselineMedianNs }) => ({
    title: `${call}, beside the baseline`,
    bars: [
      throughputBar('policy', 1e9 / policyMedianNs, 'own'),
      throughputBar('baseline', 1e9 / baselineMedianNs, 'other'),
    ],
  }));
  const others = (peers ?? []).flatMap(({ engine, version, throughput }) =>
    throughput === undefined
      ? []
      : [
          {
            title: `isAllowed, beside ${engine} ${version}`,
            bars: [
              throughputBar('postern', throughput.postern.decisionsPerSecond, 'own'),
              throughputBar(engine, throughput.peer.decisionsPerSecond, 'other'),
            ],
          },
        ],
  );
  return renderChart([own, ...beside, ...others], 'decisions per second, more is better');
}

export function renderLatencyChart({ calls, baseline }: BenchReport): string {
  const series = [
    ...calls.map(({ call, latency }) => ({ name: call as string, latency, isOwn: true, call })),
    ...(baseline?.calls ?? []).map(({ call, latency }) => ({
      name: `${call}, baseline`,
      latency,
      isOwn: false,
      call,
    })),
  ];
  const percentiles = [
    ['p50', 'p50Ns'],
    ['p90', 'p90Ns'],
    ['p99', 'p99Ns'],
    ['p99.9', 'p999Ns'],
    ['max', 'maxNs'],
  ] as const;
  const groups = percentiles.map(([title, key]) => ({
    title,
    bars: series.map(({ name, latency, isOwn, call }): Bar => {
      const isFirst = call === 'isAllowed';
      const color = isOwn ? (isFirst ? 'own' : 'second') : isFirst ? 'other' : 'otherSecond';
      return { label: name, value: latency[key], text: renderNs(latency[key]), series: color };
    }),
  }));
  return renderChart(groups, 'time of one call, less is better');
}

function throughputBar(label: string, value: number, series: Bar['series']): Bar {
  return { label, value, text: threeDigits(value), series };
}

const titleHeight = 26;
const barHeight = 40;

/**
 * Bars to the right, label and figure above each. Only lengths along the page are relative, so that a narrow page gets shorter bars and
 * not smaller letters.
 */
function renderChart(groups: readonly BarGroup[], caption: string): string {
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value)).filter((value) => value > 0);
  const scale = createScale(values);
  let top = 0;
  const parts: string[] = [];
  for (const { title, bars } of groups) {
    parts.push(`<text class="title" x="0" y="${top + 18}">${escapeHtml(title)}</text>`);
    top += titleHeight;
    for (const bar of bars) {
      parts.push(renderBar(bar, top, scale.percentOf(bar.value)));
      top += barHeight;
    }
    top += 8;
  }
  const label = `${caption}; ${scale.isLogarithmic ? 'logarithmic' : 'linear'} scale`;
  return `<figure>
<svg role="img" aria-label="${escapeHtml(label)}" width="100%" height="${top}">
${parts.join('\n')}
</svg>
<figcaption>${escapeHtml(label)}</figcaption>
</figure>`;
}

function renderBar({ label, text, series }: Bar, top: number, percent: number): string {
  return `<text x="0" y="${top + 13}">${escapeHtml(label)}</text><text class="figure" x="100%" y="${top + 13}">${escapeHtml(text)}</text>
<rect class="track" x="0" y="${top + 18}" width="100%" height="8" rx="2"/><rect class="${series}" x="0" y="${top + 18}" width="${percent.toFixed(2)}%" height="8" rx="2"/>`;
}

interface Scale {
  readonly isLogarithmic: boolean;
  /** Of the whole width. */
  readonly percentOf: (value: number) => number;
}

function createScale(values: readonly number[]): Scale {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (values.length === 0 || most / least <= linearSpan)
    return { isLogarithmic: false, percentOf: (value) => (value / Math.max(most, 1)) * 100 };
  // The smallest still gets a bar that can be seen: half a power of ten.
  const low = Math.log10(least) - 0.5;
  const span = Math.log10(most) - low;
  return {
    isLogarithmic: true,
    percentOf: (value) => (value <= 0 ? 0 : ((Math.log10(value) - low) / span) * 100),
  };
}
