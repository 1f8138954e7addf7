import { Effort } from './effort.ts';
import { idOfLetters, type Letter, ZONE_START, type Zone, zoneAfter } from './letters.ts';
import type { PatternTrie } from './pattern-trie.ts';
import { TooComplexError } from './too-complex.ts';
import { type Place, TrieWalk, WalkLetters } from './trie-walk.ts';

/** Ids that some patterns cannot tell apart, as far as they match the region. */
export interface IdClass {
  /** Owners of the region's patterns that match, and of those of each other trie. */
  readonly inRegion: readonly number[];
  readonly inOthers: readonly (readonly number[])[];
  /** Where the other tries have come to. */
  readonly others: readonly Place[];
  /** The first element of the ids, which tells their namespace (S31). */
  readonly first: Letter;
  /** One of them, among the shortest. */
  readonly id: () => string;
}

export interface ExploreOptions {
  /** Beyond so many states the walk gives up. */
  readonly maxStates?: number;
  /** What the walk may cost, with all else that shares it. */
  readonly effort?: Effort;
}

/**
 * Walks every class of well-formed ids that the region matches and the other patterns tell apart: all automata at once, one
 * element at a time. Texts of segments that none of them names are one class for each combination of globs. Shorter ids
 * come first.
 *
 * @param visit  called at least once for each class; may be called more often. Returns true to end the walk
 * @throws {TooComplexError}
 */
export function explore(
  region: PatternTrie,
  others: readonly PatternTrie[],
  visit: (found: IdClass) => boolean | undefined,
  { maxStates = 4_000_000, effort = new Effort() }: ExploreOptions = {},
): void {
  const walks = [region, ...others].map((trie) => new TrieWalk(trie, effort));
  const letters = new WalkLetters(effort);
  const seen = new Set<string>();
  let states: State[] = [{ zone: ZONE_START, places: walks.map((walk) => walk.start()) }];
  while (states.length > 0) {
    const next: State[] = [];
    for (const state of states) {
      for (const letter of letters.after(state)) {
        effort.spend(walks.length);
        const [before, ...beside] = state.places;
        const inRegion = walks[0]!.step(before!, letter);
        if (inRegion.nodes.length === 0) continue;
        const places = [inRegion, ...beside.map((place, i) => walks[i + 1]!.step(place, letter))];
        const after: State = {
          zone: zoneAfter(letter),
          places,
          first: state.first ?? letter,
          letter,
          before: state,
        };
        const key = keyOf(after);
        if (seen.has(key)) continue;
        if (seen.size >= maxStates) throw new TooComplexError('too many patterns beside one another');
        seen.add(key);
        if (inRegion.owners.length > 0 && visit(classAt(after))) return;
        next.push(after);
      }
    }
    states = next;
  }
}

interface State {
  readonly zone: Zone;
  /** Of the region, then of the other tries. */
  readonly places: readonly Place[];
  readonly first?: Letter;
  readonly letter?: Letter;
  readonly before?: State;
}

function classAt(state: State): IdClass {
  const [region, ...others] = state.places;
  return {
    inRegion: region!.owners,
    inOthers: others.map(({ owners }) => owners),
    others,
    first: state.first!,
    id: () => idAt(state),
  };
}

function keyOf({ zone, places, first }: State): string {
  let key = `${zone}`;
  for (const { number } of places) key += `,${number}`;
  // The namespace is part of what ids have in common.
  return `${key},${first!.separator === 'start' && first!.text === '' ? '/' : first!.text}`;
}

function idAt(state: State): string {
  const letters: Letter[] = [];
  for (let at: State | undefined = state; at?.letter !== undefined; at = at.before) letters.push(at.letter);
  return idOfLetters(letters.reverse());
}
