import { nearestName } from './nearest.ts';

/** Pairs of units that are compared in one run before hints are given up: some tenths of a second. */
const maxComparisons = 20_000_000;
/** And for one name, so that the first unknown one among a million gets its hint. */
const maxForOne = 200_000_000;

/**
 * `nearestName` for as many names as a policy set may hold: a hundred thousand unknown names among a hundred thousand known ones
 * would take hours. Whoever makes so many mistakes gets no hint for the last of them.
 */
export class NearNameSearch {
  #left = maxComparisons;

  /** @param count  how many candidates there are */
  find(name: string, candidates: Iterable<string>, count: number): string | undefined {
    const comparisons = count * Math.max(1, name.length ** 2);
    if (this.#left < 0 || comparisons > maxForOne) return undefined;
    this.#left -= comparisons;
    return nearestName(name, candidates);
  }
}
