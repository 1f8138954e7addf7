import type { Failure } from './execute.ts';

/** What a thread is told. */
export interface Job {
  readonly target: string;
  readonly seed: number;
  readonly runMs: number;
  readonly executions: number;
  /** What threads before it have kept. */
  readonly corpus: readonly Uint8Array[];
  /** Shared: the input that is being run, for whoever has to end the thread. */
  readonly current: CurrentInput;
}

/** `state` holds a count that grows with each input, and the length of the input in `bytes`. */
export interface CurrentInput {
  readonly state: Int32Array<SharedArrayBuffer>;
  readonly bytes: Uint8Array<SharedArrayBuffer>;
}

/** What a thread tells. */
export type Told =
  | { readonly kind: 'kept'; readonly input: Uint8Array }
  | { readonly kind: 'failure'; readonly failure: Failure; readonly input: Uint8Array }
  | { readonly kind: 'progress' | 'done'; readonly progress: Progress };

export interface Progress {
  readonly executions: number;
  readonly corpus: number;
  readonly reachedBytes: number;
  readonly failures: number;
}
