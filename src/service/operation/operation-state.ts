import type { ServiceConfig } from '../config/config.ts';
import type { LogControl } from '../decision-log/control.ts';
import { defaultBufferBytes } from '../decision-log/control.ts';

/** What readiness and metrics tell of the service beside the requests. */
export interface OperationState {
  readonly nowMs: number;
  /** Undefined before the first one. */
  readonly policy: { readonly revision: string; readonly loadedAtMs: number } | undefined;
  readonly reload: ReloadState;
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
