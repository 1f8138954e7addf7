/**
 * Combinations of one choice from each of several lists, given as indexes: those that take early choices everywhere come
 * first, so that good guesses put at the front of each list are tried together before any list is tried to its end.
 *
 * @param sizes  of the lists; with an empty one there is no combination
 */
export function* dovetail(sizes: readonly number[]): Iterable<readonly number[]> {
  if (sizes.some((size) => size === 0)) return;
  const last = sizes.reduce((sum, size) => sum + size - 1, 0);
  for (let sum = 0; sum <= last; sum++) yield* withSum(sizes, sum, []);
}

function* withSum(
  sizes: readonly number[],
  sum: number,
  chosen: readonly number[],
): Iterable<readonly number[]> {
  const size = sizes[chosen.length];
  if (size === undefined) {
    if (sum === 0) yield chosen;
    return;
  }
  const rest = sizes.slice(chosen.length + 1).reduce((total, each) => total + each - 1, 0);
  for (let i = Math.max(0, sum - rest); i <= Math.min(size - 1, sum); i++)
    yield* withSum(sizes, sum - i, [...chosen, i]);
}
