import type { Changes } from '../../live/changes.ts';
import type { Head } from '../../store/store.ts';
import { makeToken } from '../../store/tokens.ts';

/** How far the policy in use has followed the store. */
export interface StoredPoint extends Head {
  /** What says so to clients. */
  readonly token: string;
}

/** What one record changes, on its way to the threads that decide. */
export interface StoreUpdate {
  readonly changes: Changes;
  readonly point: StoredPoint;
}

/** How the store is doing, for readiness and metrics. */
export interface StoreNews {
  /** When there was nothing newer for certain, by `clockMs`; undefined if not since the start. */
  readonly freshAtMs: number | undefined;
  /** Why it is not followed now. Shown to whoever may ask without a token: it names no file and no host. */
  readonly trouble: string | undefined;
}

export function pointAt(head: Head): StoredPoint {
  return { ...head, token: makeToken(head) };
}

/** Milliseconds on a clock that all threads of a process share and that never goes back. */
export function clockMs(): number {
  return performance.timeOrigin + performance.now();
}
