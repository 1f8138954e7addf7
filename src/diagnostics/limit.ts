/** A run shows this many diagnostics, then a line with the number left off. */
export const maxDiagnostics = 1_000;

export interface LimitedDiagnostics<Item> {
  readonly shown: readonly Item[];
  readonly leftOff: number;
}

/** The first diagnostics, as many as a person may want to see, and how many there are beyond. */
export function limitDiagnostics<Item>(
  diagnostics: readonly Item[],
  limit = maxDiagnostics,
): LimitedDiagnostics<Item> {
  const shown = diagnostics.slice(0, limit);
  return { shown, leftOff: diagnostics.length - shown.length };
}
