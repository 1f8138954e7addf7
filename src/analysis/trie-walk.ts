import type { Glob, Separator } from '../model/model.ts';
import type { Effort } from './effort.ts';
import { getOrAdd } from './get-or-add.ts';
import { segmentClasses } from './glob-classes.ts';
import { type Letter, separatorsIn, ZONE_COLONS, ZONE_SLASHES, ZONE_START, type Zone } from './letters.ts';
import { type NodeSet, ownersAt, type PatternTrie, separatorsMatching, stepOver } from './pattern-trie.ts';

/** Nodes of a trie that some beginning of an id leads to: the same object for the same nodes, as long as one walk lasts. */
export interface Place {
  readonly number: number;
  readonly nodes: NodeSet;
  /** Whose patterns match ids that end here. */
  readonly owners: readonly number[];
}

/** One trie as a walk of many beginnings sees it: each step from a place is taken once. */
export class TrieWalk {
  readonly #trie: PatternTrie;
  readonly #effort: Effort;
  readonly #places = new Map<string, Place>();
  readonly #steps = new Map<Place, Map<Separator, Map<string, Place>>>();

  constructor(trie: PatternTrie, effort: Effort) {
    this.#trie = trie;
    this.#effort = effort;
  }

  start(): Place {
    return this.#placeOf(this.#trie.start());
  }

  /** @param letter  with the separator `start` only at the start */
  step(place: Place, letter: Letter): Place {
    const steps = getOrAdd(
      getOrAdd(this.#steps, place, () => new Map()),
      letter.separator,
      () => new Map<string, Place>(),
    );
    let after = steps.get(letter.text);
    if (after === undefined) {
      this.#effort.spend(place.nodes.length);
      after = this.#placeOf(stepOver(place.nodes, letter, zoneOf(letter.separator)));
      steps.set(letter.text, after);
    }
    return after;
  }

  #placeOf(nodes: NodeSet): Place {
    let key = '';
    for (const { id } of nodes) key += `${id},`;
    this.#effort.spend(nodes.length);
    return getOrAdd(this.#places, key, () => ({ number: this.#places.size, nodes, owners: ownersAt(nodes) }));
  }
}

/** Places side by side: those of the region, then those of the other tries. */
export interface Places {
  readonly zone: Zone;
  readonly places: readonly Place[];
}

/** What the nodes of a place tell apart behind a separator; equal ones are one object. */
interface Tellers {
  readonly number: number;
  readonly isOpen: boolean;
  readonly texts: readonly string[];
  readonly globs: readonly Glob[];
}

/** Elements that may come next: the texts that patterns name, then one for each combination of globs. */
interface NextLetters {
  readonly named: readonly Letter[];
  readonly others: () => readonly Letter[];
}

/** Elements that may come next in a walk. Many places tell the same apart: what comes next is found once for all of them. */
export class WalkLetters {
  readonly #effort: Effort;
  readonly #tellers = new Map<string, Tellers>();
  readonly #tellersAt = new Map<Separator, WeakMap<Place, Tellers>>();
  readonly #letters = new Map<string, NextLetters>();
  readonly #globs = new Map<string, { readonly number: number; readonly glob: Glob }>();
  readonly #numbers = new WeakMap<Glob, number>();

  constructor(effort: Effort) {
    this.#effort = effort;
  }

  /** One element of every kind that the patterns can tell apart and the region has room for. */
  *after({ zone, places }: Places): Iterable<Letter> {
    for (const { separator, mayBeRoot } of separatorsIn[zone]) {
      const region = this.#tellersOf(places[0]!, separator);
      // Beside a region that names all of its texts the other patterns, which may be thousands, add none.
      const isOpen = region.isOpen || region.globs.length > 0;
      const tellers = isOpen ? places.map((place) => this.#tellersOf(place, separator)) : [region];
      let key = separator as string;
      for (const { number } of tellers) key += `,${number}`;
      const letters = getOrAdd(this.#letters, key, () => this.#findLetters(tellers, separator, isOpen));
      yield* letters.named;
      yield* letters.others();
      if (mayBeRoot) yield { separator, text: '' };
    }
  }

  #findLetters(all: readonly Tellers[], separator: Separator, isOpen: boolean): NextLetters {
    const texts = new Set(all.flatMap((each) => each.texts));
    this.#effort.spend(texts.size);
    const lettersOf = (each: Iterable<string>): readonly Letter[] =>
      Array.from(each, (text): Letter => ({ separator, text }));
    let others: readonly Letter[] | undefined;
    return {
      named: lettersOf(texts),
      // Not before they are needed: they may be too many to be found.
      others: () => {
        others ??= isOpen
          ? lettersOf(segmentClasses(this.#globsOf(all), texts, this.#effort).map(({ text }) => text))
          : [];
        return others;
      },
    };
  }

  #globsOf(all: readonly Tellers[]): readonly Glob[] {
    return [...new Set(all.flatMap(({ globs }) => globs))];
  }

  #tellersOf(place: Place, separator: Separator): Tellers {
    const known = getOrAdd(this.#tellersAt, separator, () => new WeakMap<Place, Tellers>());
    let tellers = known.get(place);
    if (tellers === undefined) {
      tellers = this.#readTellers(place.nodes, separator);
      known.set(place, tellers);
    }
    return tellers;
  }

  #readTellers(nodes: NodeSet, separator: Separator): Tellers {
    const written = separatorsMatching(separator, zoneOf(separator));
    const texts = new Set<string>();
    const globs = new Set<Glob>();
    let isOpen = false;
    for (const node of nodes) {
      isOpen ||= node.after !== undefined;
      for (const each of written) {
        isOpen ||= node.ones?.has(each) === true || node.manies?.has(each) === true;
        for (const text of node.literals?.get(each)?.keys() ?? []) texts.add(text);
      }
      for (const edge of node.globs?.values() ?? [])
        if (written.includes(edge.separator)) globs.add(this.#only(edge.glob));
    }
    this.#effort.spend(texts.size + globs.size);
    const numbers = [...globs].map((glob) => this.#numbers.get(glob)!);
    const key = JSON.stringify([isOpen, [...texts], numbers]);
    return getOrAdd(this.#tellers, key, () => ({
      number: this.#tellers.size,
      isOpen,
      texts: [...texts],
      globs: [...globs],
    }));
  }

  /** One object for globs that are written alike. */
  #only(glob: Glob): Glob {
    if (this.#numbers.has(glob)) return glob;
    const key = JSON.stringify(glob);
    const known = getOrAdd(this.#globs, key, () => ({ number: this.#globs.size, glob }));
    if (known.glob === glob) this.#numbers.set(glob, known.number);
    return known.glob;
  }
}

/** A zone in which the separator may come next: that is all that patterns ask about it. */
function zoneOf(separator: Separator): Zone {
  if (separator === 'start') return ZONE_START;
  return separator === 'colon' ? ZONE_COLONS : ZONE_SLASHES;
}
