/** Nearest rank: a value that was measured, never one between two. `sorted` is not empty. */
export function percentileOf(sorted: Float64Array, percent: number): number {
  // 99.9 % of 1,000 is 999.0000000000001 in floating point, and would be rounded up to the one after.
  const rank = Math.ceil(Number(((percent / 100) * sorted.length).toFixed(6)));
  return sorted[Math.max(0, rank - 1)]!;
}
