import type { ActivePolicy } from '../active-policy.ts';
import type { ServiceConfig } from '../config/config.ts';
import type { LogControl } from '../decision-log/control.ts';
import { defaultBufferBytes } from '../decision-log/control.ts';
import { clockMs, type StoreNews } from '../store/point.ts';

/** What readiness and metrics tell of the service beside the requests. */
export interface OperationState {
  readonly nowMs: number;
  /** Undefined before the first one. */
  readonly policy:
    | { readonly revision: string; readonly imageRevision: string; readonly loadedAtMs: number }
    | undefined;
  readonly reload: ReloadState;
  /** How the store is followed, where there is one. */
  readonly store: StoreState | undefined;
  readonly decisionLog: DecisionLogState;
  readonly decisionLogQueuedBytes: number;
  readonly isStopping: boolean;
}

/** How the last attempt to load the policy ended. */
export type ReloadState =
  | { readonly state: 'loaded' }
  | {
      readonly state: 'refused';
      readonly sinceMs: number;
      /** For who may ask without a token: it quotes no policy and names no file. */
      readonly message: string;
      /** Codes of the diagnostics, if it was a policy that was refused. */
      readonly codes: readonly string[];
    };

export interface StoreState {
  /** How far the policy in use has followed it; undefined before there is one. */
  readonly epoch: number | undefined;
  readonly revision: number | undefined;
  /** How many there are beside the image. */
  readonly changes: number;
  /** For how long there may have been something newer; infinite if nothing is known. */
  readonly staleMs: number;
  /** Whether that is longer than the configuration allows. */
  readonly isStale: boolean;
  readonly trouble: string | undefined;
}

export function storeState(
  { store, maxStaleMs }: Pick<ServiceConfig, 'store' | 'maxStaleMs'>,
  news: StoreNews | undefined,
  policy: ActivePolicy | undefined,
): StoreState | undefined {
  if (store === undefined) return undefined;
  const staleMs =
    news?.freshAtMs === undefined ? Number.POSITIVE_INFINITY : Math.max(0, clockMs() - news.freshAtMs);
  return {
    epoch: policy?.stored?.epoch,
    revision: policy?.stored?.revision,
    changes: policy?.changes.length ?? 0,
    staleMs,
    isStale: staleMs > maxStaleMs,
    trouble: news?.trouble,
  };
}

/** `blocked`: nothing is decided until it can be written again. */
export type DecisionLogState = 'off' | 'ok' | 'failing' | 'blocked';

export function decisionLogState(
  { decisionLog: { to, whenFull, bufferBytes = defaultBufferBytes } }: Pick<ServiceConfig, 'decisionLog'>,
  control: LogControl,
): DecisionLogState {
  if (to === 'off') return 'off';
  if (whenFull === 'wait' && control.queued > bufferBytes) return 'blocked';
  return control.isFailing ? 'failing' : 'ok';
}
