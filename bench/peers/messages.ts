import type { Figures } from './engine.ts';

/** Whether strings are new to the engine, as off a wire, or the same objects in every round. */
export type Strings = 'fresh' | 'reused';

/** What the process that leads asks of the one that holds an engine, one at a time. */
export type Command =
  | { readonly kind: 'build' }
  /** Decides as many requests as fit into `seconds`, going on where the last round ended. */
  | { readonly kind: 'round'; readonly strings: Strings; readonly seconds: number }
  /** The same with fresh strings, each call timed. */
  | { readonly kind: 'latency'; readonly seconds: number };

export type Reply =
  | { readonly kind: 'built'; readonly built: Built }
  | { readonly kind: 'round'; readonly round: RoundResult }
  | { readonly kind: 'latency'; readonly latency: Latency };

export interface Built {
  readonly buildMs: number;
  /** Heap and buffers that the engine holds, without the grants it was built from. */
  readonly retainedBytes: number;
  readonly figures?: Figures;
}

export interface RoundResult {
  readonly nsPerDecision: number;
  /** The first request that was decided, and an answer for it and each that follows. */
  readonly first: number;
  readonly answers: Uint8Array;
}

/** Of single calls, in nanoseconds a decision, the clock's own cost taken off. */
export interface Latency {
  readonly calls: number;
  readonly p50: number;
  readonly p99: number;
}
