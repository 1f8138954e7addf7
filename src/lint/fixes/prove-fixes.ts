import type { Effort } from '../../analysis/effort.ts';
import type { TextOf } from '../../diagnostics/locate.ts';
import type { Model } from '../../model/model.ts';
import { applyFixes, chooseFixes, type Fixable } from './apply-fixes.ts';

export interface ProveOptions {
  readonly before: Model;
  readonly textOf: TextOf;
  /** The policy set with other texts in some of its files; undefined if it has an error then. */
  readonly rebuild: (texts: ReadonlyMap<string, string>) => Model | undefined;
  readonly compare: (before: Model, after: Model) => { readonly kind: 'equal' | 'different' | 'unknown' };
  /** What all comparisons together may cost. */
  readonly effort: Effort;
}

/**
 * Looking for the one that does not hold among many takes so many attempts at most; what is left then is not proved. Each
 * builds and compares the whole set, so a large one gets fewer.
 */
function maxAttemptsOf(rules: number): number {
  return Math.max(8, Math.min(64, Math.floor(1_000_000 / Math.max(rules, 1))));
}

/**
 * Which of the fixes change no decision: the policy set is built anew with them and compared with itself. All that go
 * together are tried at once; where that fails, halves of them, down to the ones that hold. Fixes that meet are tried
 * apart from each other.
 */
export function proveFixes<Item extends Fixable>(items: readonly Item[], options: ProveOptions): Set<Item> {
  const { before, textOf, rebuild, compare, effort } = options;
  const search = new Search<Item>(before.rules.length, (chosen) => {
    if (effort.isSpent) return false;
    const after = rebuild(applyFixes(chosen, textOf));
    return after !== undefined && compare(before, after).kind === 'equal';
  });
  const proved = new Set<Item>();
  let left = items;
  while (left.length > 0 && search.hasAttempts) {
    const chosen = chooseFixes(left);
    if (chosen.length === 0) break;
    for (const item of search.run(chosen)) proved.add(item);
    const tried = new Set(chosen);
    left = left.filter((item) => !tried.has(item));
  }
  return proved;
}

/**
 * As many of the items as hold together.
 *
 * @param items  none of which meets another
 * @param rules  of the policy set
 * @param holds  is asked about more and fewer of them
 */
export function keepHolding<Item>(
  items: readonly Item[],
  rules: number,
  holds: (items: readonly Item[]) => boolean,
): readonly Item[] {
  return new Search(rules, holds).run(items);
}

class Search<Item> {
  readonly #holds: (items: readonly Item[]) => boolean;
  #attempts: number;

  constructor(rules: number, holds: (items: readonly Item[]) => boolean) {
    this.#holds = holds;
    this.#attempts = maxAttemptsOf(rules);
  }

  get hasAttempts(): boolean {
    return this.#attempts > 0;
  }

  run(items: readonly Item[]): readonly Item[] {
    const held: Item[] = [];
    const waiting: (readonly Item[])[] = [items];
    for (let next = waiting.pop(); next !== undefined && this.hasAttempts; next = waiting.pop()) {
      this.#attempts--;
      if (this.#holds([...held, ...next])) held.push(...next);
      else if (next.length > 1) {
        const middle = next.length >>> 1;
        waiting.push(next.slice(middle), next.slice(0, middle));
      }
    }
    return held;
  }
}
