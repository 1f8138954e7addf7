import type { EngineId } from './registry.ts';
import { find, type Measurement, type Results } from './results.ts';

/** Something that the project has set out to reach. */
export interface Target {
  readonly title: string;
  readonly grants: number;
  readonly bound: 'at least' | 'at most';
  readonly wanted: number;
  readonly unit: '×' | 'B' | 'µs' | 'ms';
  /** What this run says, or undefined where something that it takes was not measured. */
  measured(results: Results): number | undefined;
}

const ALL_SIZES = [1_000, 10_000, 100_000, 1_000_000];
const LARGE_SIZES = [100_000, 1_000_000];

export const TARGETS: readonly Target[] = [
  ...faster('postern', 'casl', 'one check against CASL, turned round', {
    10000: 16,
    100000: 24,
    1000000: 28,
  }),
  ...faster('postern', 'casl-plain', 'one check against CASL', { 10000: 16, 100000: 24 }),
  ...faster('postern', 'map-trie', 'one check against the trie of `Map`s', {
    10000: 4.5,
    100000: 8,
    1000000: 8,
  }),
  ...faster('postern', 'expanded-maps', 'one check against all expanded', { 10000: 1.9, 100000: 2 }),
  ...faster('postern', 'cedar-sliced', 'one check against Cedar, sliced to the request', {
    100000: 1500,
  }),
  ...faster('postern', 'cedar-by-subject', 'one check against Cedar, sliced to the subject', {
    100000: 1500,
  }),
  ...faster('postern', 'casbin', 'one check against Casbin', { 100000: 100_000 }),
  ...faster('postern-batch', 'postern', 'a batch of 64 against one check', { 100000: 1.5, 1000000: 1.5 }),
  ...ALL_SIZES.flatMap((grants) =>
    faster('postern-handles', 'postern', 'handles against strings', { [grants]: 3 }),
  ),
  {
    title: 'one check, against one at 100,000 grants',
    grants: 1_000_000,
    bound: 'at most',
    wanted: 2,
    unit: '×',
    measured: (results) =>
      quotient(freshNs(results, 'postern', 1_000_000), freshNs(results, 'postern', 100_000)),
  },
  ...ALL_SIZES.map((grants) =>
    ofPostern(
      'p99 of one check against its p50',
      grants,
      2.5,
      '×',
      ({ latency }) => latency.p99 / latency.p50,
    ),
  ),
  ...LARGE_SIZES.flatMap((grants) => [
    ofPostern('decision index, a grant', grants, 60, 'B', ({ built }) =>
      per(built.figures?.decisionIndexBytes, grants),
    ),
    ofPostern('retained, a grant', grants, 110, 'B', ({ built }) => per(built.retainedBytes, grants)),
    ofPostern('image, a grant', grants, 110, 'B', ({ built }) => per(built.figures?.imageBytes, grants)),
  ]),
  ofPostern('building from text, a rule', 1_000_000, 12, 'µs', ({ built }) =>
    per(built.figures && built.figures.compileMs * 1000, 1_000_000),
  ),
  ofPostern('loading the image', 1_000_000, 150, 'ms', ({ built }) => built.figures?.loadMs),
];

function faster(
  quick: EngineId,
  slow: EngineId,
  title: string,
  wantedAt: Readonly<Record<number, number>>,
): Target[] {
  return Object.entries(wantedAt).map(([size, wanted]) => {
    const grants = Number(size);
    return {
      title,
      grants,
      bound: 'at least',
      wanted,
      unit: '×',
      measured: (results) => quotient(freshNs(results, slow, grants), freshNs(results, quick, grants)),
    };
  });
}

function ofPostern(
  title: string,
  grants: number,
  wanted: number,
  unit: Target['unit'],
  figureOf: (measurement: Measurement) => number | undefined,
): Target {
  return {
    title,
    grants,
    bound: 'at most',
    wanted,
    unit,
    measured: (results) => {
      const measurement = find(results, 'postern', grants);
      return measurement === undefined ? undefined : figureOf(measurement);
    },
  };
}

function freshNs(results: Results, id: EngineId, grants: number): number | undefined {
  return find(results, id, grants)?.fresh.median;
}

function quotient(dividend: number | undefined, divisor: number | undefined): number | undefined {
  return dividend === undefined || divisor === undefined ? undefined : dividend / divisor;
}

function per(amount: number | undefined, grants: number): number | undefined {
  return amount === undefined ? undefined : amount / grants;
}
