import type { Diagnostic } from './diagnostic.ts';

/** A run shows this many diagnostics, then a line with the number left off. */
export const maxDiagnostics = 1_000;

export interface LimitedDiagnostics {
  readonly shown: readonly Diagnostic[];
  readonly leftOff: number;
}

/** The first diagnostics, as many as a person may want to see, and how many there are beyond. */
export function limitDiagnostics(
  diagnostics: readonly Diagnostic[],
  limit = maxDiagnostics,
): LimitedDiagnostics {
  const shown = diagnostics.slice(0, limit);
  return { shown, leftOff: diagnostics.length - shown.length };
}
