import type { NamespaceRoot, PatternElement } from '../model/model.ts';
import type { Ground } from './action-relations.ts';
import type { Place } from './trie-lists.ts';

/** Where the ids of a place lie: in one namespace, in none, or here and there (S31). */
export class Grounds {
  /** By namespace. */
  readonly roots: readonly (readonly NamespaceRoot[])[];
  readonly #namespaces = new Map<string, number>();

  constructor(roots: readonly (readonly NamespaceRoot[])[]) {
    this.roots = roots;
    for (const [namespace, all] of roots.entries())
      for (const root of all) this.#namespaces.set(root.kind === 'path' ? '' : root.text, namespace);
  }

  /** Undefined if the ids may lie in any namespace. */
  groundOf(place: Place): Ground | undefined {
    const first = firstText(place);
    return first === undefined ? undefined : (this.#namespaces.get(first) ?? -1) + 1;
  }
}

/** The first segment of the ids of a place, empty for the root of a path; undefined if it is not always the same. */
function firstText(place: Place): string | undefined {
  if (place.kind === 'id') return /^[^:/]*/.exec(place.id)![0];
  const first: PatternElement = place.elements[0]!;
  return first.kind === 'literal' ? first.text : first.kind === 'root' ? '' : undefined;
}
