import type { Truth } from './evaluate-expression.ts';
import type { Valuation } from './policy-side.ts';

/** What some guards may come to, each by itself; a guard that is not named may come to anything. */
export type Cube = ReadonlyMap<string, ReadonlySet<Truth>>;

/**
 * The wanted valuations as a union of cubes that hold none of the unwanted: as few as a greedy search finds, each as wide as
 * it can be. What is neither may be in it. One empty cube: always.
 */
export function cubesOf(wanted: readonly Valuation[], unwanted: readonly Valuation[]): readonly Cube[] {
  const cubes: Cube[] = [];
  let rest = wanted;
  while (rest.length > 0) {
    const cube = widen(rest[0]!, unwanted);
    cubes.push(cube);
    rest = rest.filter((valuation) => !holds(cube, valuation));
  }
  return cubes;
}

const truths: readonly Truth[] = ['true', 'false', 'error'];

function widen(valuation: Valuation, unwanted: readonly Valuation[]): Cube {
  const cube = new Map([...valuation].map(([guard, truth]) => [guard, new Set([truth])]));
  const isSafe = (): boolean => !unwanted.some((each) => holds(cube, each));
  for (const [guard, allowed] of [...cube]) {
    cube.delete(guard);
    if (!isSafe()) cube.set(guard, allowed);
  }
  for (const allowed of cube.values()) {
    for (const truth of truths) {
      if (allowed.has(truth)) continue;
      allowed.add(truth);
      if (!isSafe()) allowed.delete(truth);
    }
  }
  return cube;
}

function holds(cube: Cube, valuation: Valuation): boolean {
  for (const [guard, allowed] of cube) if (!allowed.has(valuation.get(guard)!)) return false;
  return true;
}
