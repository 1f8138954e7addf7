import type { AclEntity } from '../acls.ts';
import { goesByValues, matchesNothing, prefixOf } from '../entity-meaning.ts';
import type { ListMatch } from '../lists.ts';

/**
 * A part of what an entity applies to that other entities cover as a whole or not at all: one text, every text that
 * begins with a prefix, or everything, the absent included. No union of texts covers a prefix, and no union of prefixes
 * covers everything: a request may always bring a text that nobody has listed.
 */
export type Atom =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'prefix'; readonly text: string }
  | { readonly kind: 'everything' };

/** None if nothing matches the entity. */
export function atomsOf(entity: AclEntity, match: ListMatch): Atom[] {
  if (matchesNothing(entity, match)) return [];
  if (!goesByValues(entity, match)) return [{ kind: 'everything' }];
  return [...new Set(entity.values)].map((value): Atom => {
    const prefix = prefixOf(value, match);
    return prefix === undefined ? { kind: 'text', text: value } : { kind: 'prefix', text: prefix };
  });
}

/** Atoms with the number of the first entry that brought each, asked which of them cover another atom. */
export class AtomCover {
  #everything = Number.POSITIVE_INFINITY;
  readonly #texts = new Map<string, number>();
  readonly #prefixes = new Map<string, number>();
  /** The few lengths at which a prefix can end spare a look-up for every slash of a long role. */
  readonly #prefixLengths = new Set<number>();

  /** @param entry  no less than any before */
  add(atom: Atom, entry: number): void {
    if (atom.kind === 'everything') this.#everything = Math.min(this.#everything, entry);
    else if (atom.kind === 'text') setIfAbsent(this.#texts, atom.text, entry);
    else {
      setIfAbsent(this.#prefixes, atom.text, entry);
      this.#prefixLengths.add(atom.text.length);
    }
  }

  /** The first entry that covers the atom; infinite if none does. */
  firstFor(atom: Atom): number {
    if (atom.kind === 'everything') return this.#everything;
    let first = this.#everything;
    if (atom.kind === 'text') first = Math.min(first, this.#texts.get(atom.text) ?? first);
    for (const length of this.#prefixLengths) {
      if (atom.text[length - 1] !== '/') continue;
      first = Math.min(first, this.#prefixes.get(atom.text.slice(0, length)) ?? first);
    }
    return first;
  }

  covers(atom: Atom): boolean {
    return this.firstFor(atom) !== Number.POSITIVE_INFINITY;
  }
}

function setIfAbsent(map: Map<string, number>, key: string, value: number): void {
  if (!map.has(key)) map.set(key, value);
}
