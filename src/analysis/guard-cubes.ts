import type { Truth } from './evaluate-expression.ts';
import type { Valuation } from './policy-side.ts';

/** What some guards may come to, each by itself; a guard that is not named may come to anything. */
export type Cube = ReadonlyMap<string, ReadonlySet<Truth>>;

/**
 * The wanted valuations as a union of cubes that hold none of the unwanted: as few as a greedy search finds, each of as
 * few guards as it can be. What is neither may be in it. One empty cube: always.
 */
export function cubesOf(wanted: readonly Valuation[], unwanted: readonly Valuation[]): readonly Cube[] {
  const cubes: Cube[] = [];
  let rest = wanted;
  while (rest.length > 0) {
    const cube = widen(rest[0]!, rest, unwanted);
    cubes.push(cube);
    rest = rest.filter((valuation) => !holds(cube, valuation));
  }
  return cubes;
}

const truths: readonly Truth[] = ['true', 'false', 'error'];

/** Without the guards that need not be named; with more of what the others may come to where that is wanted too. */
function widen(valuation: Valuation, wanted: readonly Valuation[], unwanted: readonly Valuation[]): Cube {
  const cube = new Map([...valuation].map(([guard, truth]) => [guard, new Set([truth])]));
  const isSafe = (): boolean => !unwanted.some((each) => holds(cube, each));
  for (const [guard, allowed] of [...cube]) {
    cube.delete(guard);
    if (!isSafe()) cube.set(guard, allowed);
  }
  const countWanted = (): number => wanted.filter((each) => holds(cube, each)).length;
  for (const allowed of cube.values()) {
    for (const truth of truths) {
      if (allowed.has(truth)) continue;
      const count = countWanted();
      allowed.add(truth);
      if (!isSafe() || countWanted() === count) allowed.delete(truth);
    }
  }
  return cube;
}

function holds(cube: Cube, valuation: Valuation): boolean {
  for (const [guard, allowed] of cube) if (!allowed.has(valuation.get(guard)!)) return false;
  return true;
}
