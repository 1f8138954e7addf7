import type { Random } from '../../test/support/generators.ts';
import type { Check, Failure } from './check.ts';

/** What one thread is to do. */
export interface Job {
  /** Of checks, each by itself. */
  readonly names: readonly string[];
  readonly seed: number;
  /** As `Date.now()` tells it. */
  readonly stopAtMs: number;
  /** Of each check; infinite where only the time ends it. */
  readonly steps: number;
  /** Shared: the index of the check and the seed that are being looked at. */
  readonly progress: Uint32Array;
}

/** What became of a check in a thread. */
export interface Report {
  readonly name: string;
  steps: number;
  failures: number;
  usedMs: number;
  readonly counts: object;
}

export interface Lane {
  readonly check: Check;
  readonly index: number;
  readonly random: Random;
  readonly report: Report;
  /** The less, the further it is behind. */
  readonly debt: () => number;
}

/** What a thread says. */
export type Told =
  | { readonly kind: 'failure'; readonly name: string; readonly seed: number; readonly failure: Failure }
  | { readonly kind: 'done'; readonly reports: readonly Report[] };
