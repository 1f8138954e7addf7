import type { Truth } from '../analysis/evaluate-expression.ts';
import { TooComplexError } from '../analysis/too-complex.ts';

/** What open facts come to, by their texts. One that is not named errs. */
export type Facts = ReadonlyMap<string, 'true' | 'false'>;

/** Of what a fact has to be, some of both for few. */
export interface Wanted {
  /** Facts that somebody gains by if they are true, or false. */
  readonly key: string;
  readonly truths: readonly ('true' | 'false')[];
}

/** Facts that matter both ways, and those of which some but not one alone is enough, are tried in all combinations. */
const MAX_TOGETHER = 12;

/**
 * The least that has to be so for `isAllowed`: every way in which it can come about, none of them within another. One empty
 * way: it always is; no way at all: it never is.
 *
 * @param isAllowed  never less true when a fact errs no more: a fact that errs allows nothing (S41)
 * @throws {TooComplexError}
 */
export function alternativesOf(
  wanted: readonly Wanted[],
  isAllowed: (facts: Facts) => boolean,
): readonly Facts[] {
  if (isAllowed(new Map())) return [new Map()];
  const both = wanted.filter(({ truths }) => truths.length > 1);
  const single = wanted.filter(({ truths }) => truths.length === 1);
  if (both.length > MAX_TOGETHER / 2) throw new TooComplexError('too many conditions beside one another');
  const ways: Facts[] = [];
  for (const base of assignmentsOf(both)) ways.push(...waysBeside(base, single, isAllowed));
  return ways.filter(
    (way, i) => !ways.some((other, j) => j !== i && isWithin(other, way) && !(isWithin(way, other) && i < j)),
  );
}

function waysBeside(
  base: Facts,
  single: readonly Wanted[],
  isAllowed: (facts: Facts) => boolean,
): readonly Facts[] {
  const all = single.map(({ key, truths }) => [key, truths[0]!] as const);
  const withFacts = (facts: typeof all): Facts => new Map([...base, ...facts]);
  if (!isAllowed(withFacts(all))) return [];
  const needed = all.filter((fact) => !isAllowed(withFacts(all.filter((other) => other !== fact))));
  const others = all.filter((fact) => !needed.includes(fact));
  if (isAllowed(withFacts(needed))) return [withFacts(needed)];
  const enough = others.filter((fact) => isAllowed(withFacts([...needed, fact])));
  const rest = others.filter((fact) => !enough.includes(fact));
  const ways = enough.map((fact) => withFacts([...needed, fact]));
  if (!isAllowed(withFacts([...needed, ...rest]))) return ways;
  if (rest.length > MAX_TOGETHER) throw new TooComplexError('too many conditions beside one another');
  for (let bits = 1; bits < 2 ** rest.length; bits++) {
    const way = withFacts([...needed, ...rest.filter((_, i) => ((bits >> i) & 1) === 1)]);
    if (isAllowed(way)) ways.push(way);
  }
  return ways;
}

function* assignmentsOf(both: readonly Wanted[]): Iterable<Facts> {
  const options: readonly Truth[] = ['error', 'true', 'false'];
  for (let i = 0; i < 3 ** both.length; i++) {
    yield new Map(
      both.flatMap(({ key }, at) => {
        const truth = options[Math.floor(i / 3 ** at) % 3]!;
        return truth === 'error' ? [] : [[key, truth] as const];
      }),
    );
  }
}

/** Whether all that `inner` needs, `outer` needs too. */
function isWithin(inner: Facts, outer: Facts): boolean {
  return [...inner].every(([key, truth]) => outer.get(key) === truth);
}
