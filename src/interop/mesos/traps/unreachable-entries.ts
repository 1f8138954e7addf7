import type { AclEntry } from '../acls.ts';
import type { ListMatch } from '../lists.ts';
import { type Atom, AtomCover, atomsOf } from './atom-cover.ts';

/** An entry that decides nothing. */
export interface UnreachableEntry {
  readonly entry: AclEntry;
  /** Earlier entries that apply to everything that it applies to: one if it does so alone. */
  readonly by: readonly AclEntry[];
}

/** Pairs of a principal and an object beyond these are not looked at: no finding, and none false. */
const maxPairs = 5_000_000;

/**
 * Entries of a list that never decide because earlier ones apply to everything that they apply to. Exact: every pair of
 * atoms must be covered by one earlier entry. Entries that apply to nothing are left out.
 *
 * Cost: one look-up for each pair of a principal and an object of an entry.
 */
export function findUnreachable(entries: readonly AclEntry[], match: ListMatch): UnreachableEntry[] {
  const scopes = entries.map((entry) => scopeOf(entry, match));
  const covered = new CoveredPairs();
  const chooser = new Chooser(scopes);
  const found: UnreachableEntry[] = [];
  let pairs = 0;
  for (const [i, scope] of scopes.entries()) {
    const size = scope.principals.length * scope.objects.length;
    if (size === 0 || pairs + size > maxPairs) continue;
    pairs += size;
    const needed = covered.add(scope, i);
    if (needed === undefined) continue;
    const by = chooser.choose(needed, scope).map((index) => entries[index]!);
    found.push({ entry: entries[i]!, by });
  }
  return found;
}

/** Whom and what an entry applies to. */
interface Scope {
  readonly principals: readonly Atom[];
  readonly objects: readonly Atom[];
}

function scopeOf({ principals, object }: AclEntry, match: ListMatch): Scope {
  return { principals: atomsOf(principals, 'value'), objects: atomsOf(object, match) };
}

/** What the entries so far apply to: objects by principal, and those that everybody has. */
class CoveredPairs {
  readonly #ofEverybody = new AtomCover();
  readonly #byPrincipal = new Map<string, AtomCover>();

  /**
   * Adds what entry `i` applies to.
   *
   * @returns the first entry for each pair, if all pairs had one before
   */
  add({ principals, objects }: Scope, i: number): ReadonlySet<number> | undefined {
    const needed = new Set<number>();
    for (const principal of principals) {
      const own = this.#coverOf(principal);
      for (const object of objects) {
        const first = Math.min(own.firstFor(object), this.#ofEverybody.firstFor(object));
        needed.add(Math.min(first, i));
        // A pair that is covered covers nothing that the one before it does not.
        if (first > i) own.add(object, i);
      }
    }
    return needed.has(i) ? undefined : needed;
  }

  #coverOf(principal: Atom): AtomCover {
    if (principal.kind === 'everything') return this.#ofEverybody;
    const known = this.#byPrincipal.get(principal.text);
    if (known !== undefined) return known;
    const cover = new AtomCover();
    this.#byPrincipal.set(principal.text, cover);
    return cover;
  }
}

/**
 * Which of the earlier entries to name. Without the last of them some pair stays open; it is named alone if it leaves
 * nothing to the others. Remembers what entries cover: the same one often covers many.
 */
class Chooser {
  readonly #scopes: readonly Scope[];
  readonly #covers = new Map<number, Cover>();

  constructor(scopes: readonly Scope[]) {
    this.#scopes = scopes;
  }

  choose(needed: ReadonlySet<number>, { principals, objects }: Scope): readonly number[] {
    const inOrder = [...needed].sort((a, b) => a - b);
    if (inOrder.length === 1) return inOrder;
    const last = inOrder.at(-1)!;
    const cover = this.#coverOf(last);
    const isAlone =
      principals.every((atom) => cover.principals.covers(atom)) &&
      objects.every((atom) => cover.objects.covers(atom));
    return isAlone ? [last] : inOrder;
  }

  #coverOf(index: number): Cover {
    const known = this.#covers.get(index);
    if (known !== undefined) return known;
    const { principals, objects } = this.#scopes[index]!;
    const cover = { principals: new AtomCover(), objects: new AtomCover() };
    for (const atom of principals) cover.principals.add(atom, index);
    for (const atom of objects) cover.objects.add(atom, index);
    this.#covers.set(index, cover);
    return cover;
  }
}

interface Cover {
  readonly principals: AtomCover;
  readonly objects: AtomCover;
}
