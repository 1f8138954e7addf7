import type { Glob, Separator } from '../model/model.ts';
import { segmentClasses } from './glob-classes.ts';
import { idOfLetters, type Letter, separatorsIn, ZONE_START, type Zone, zoneAfter } from './letters.ts';
import { type NodeSet, ownersAt, type PatternTrie, separatorsMatching, stepOver } from './pattern-trie.ts';
import { TooComplexError } from './too-complex.ts';

/** Ids that some patterns cannot tell apart, as far as they match the region. */
export interface IdClass {
  /** Owners of the region's patterns that match, and of those of each other trie. */
  readonly inRegion: readonly number[];
  readonly inOthers: readonly (readonly number[])[];
  /** The first element of the ids, which tells their namespace (S31). */
  readonly first: Letter;
  /** One of them, among the shortest. */
  readonly id: () => string;
}

export interface ExploreOptions {
  /** Beyond so many states the walk gives up. */
  readonly maxStates?: number;
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
  { maxStates = 4_000_000 }: ExploreOptions = {},
): void {
  const start: State = { zone: ZONE_START, sets: [region, ...others].map((trie) => trie.start()) };
  const seen = new Set<string>();
  let states: State[] = [start];
  while (states.length > 0) {
    const next: State[] = [];
    for (const state of states) {
      for (const letter of lettersAfter(state)) {
        const sets = state.sets.map((nodes) => stepOver(nodes, letter, state.zone));
        if (sets[0]!.length === 0) continue;
        const zone = zoneAfter(letter);
        const first = state.first ?? letter;
        const after: State = { zone, sets, first, letter, before: state };
        const key = keyOf(after);
        if (seen.has(key)) continue;
        if (seen.size >= maxStates) throw new TooComplexError('too many patterns beside one another');
        seen.add(key);
        const inRegion = ownersAt(sets[0]!);
        if (inRegion.length > 0) {
          const found = { inRegion, inOthers: sets.slice(1).map(ownersAt), first, id: () => idAt(after) };
          if (visit(found)) return;
        }
        next.push(after);
      }
    }
    states = next;
  }
}

interface State {
  readonly zone: Zone;
  /** Of the region, then of the other tries. */
  readonly sets: readonly NodeSet[];
  readonly first?: Letter;
  readonly letter?: Letter;
  readonly before?: State;
}

function keyOf({ zone, sets, first }: State): string {
  let key = `${zone}`;
  for (const nodes of sets) {
    key += '|';
    for (const { id } of nodes) key += `${id},`;
  }
  // The namespace is part of what ids have in common.
  return `${key}${first!.separator === 'start' && first!.text === '' ? '/' : first!.text}`;
}

function idAt(state: State): string {
  const letters: Letter[] = [];
  for (let at: State | undefined = state; at?.letter !== undefined; at = at.before) letters.push(at.letter);
  return idOfLetters(letters.reverse());
}

/** One element of every kind that the patterns can tell apart and the region has room for. */
function* lettersAfter({ zone, sets }: State): Iterable<Letter> {
  for (const { separator, mayBeRoot } of separatorsIn[zone]) {
    const written = separatorsMatching(separator, zone);
    const region = sets[0]!;
    const isOpen = takesAnySegment(region, written);
    const globs = globsOf(isOpen ? sets : [region], written);
    const texts = textsOf(isOpen || globs.length > 0 ? sets : [region], written);
    for (const text of texts) yield { separator, text };
    if (isOpen || globs.length > 0) {
      const all = isOpen ? globs : globsOf(sets, written);
      for (const { text } of segmentClasses(all, texts)) yield { separator, text };
    }
    if (mayBeRoot) yield { separator, text: '' };
  }
}

function takesAnySegment(nodes: NodeSet, separators: readonly Separator[]): boolean {
  return nodes.some(
    (node) =>
      node.after !== undefined ||
      separators.some((separator) => node.ones?.has(separator) || node.manies?.has(separator)),
  );
}

function textsOf(sets: readonly NodeSet[], separators: readonly Separator[]): Set<string> {
  const texts = new Set<string>();
  for (const nodes of sets) {
    for (const { literals } of nodes) {
      for (const separator of separators)
        for (const text of literals?.get(separator)?.keys() ?? []) texts.add(text);
    }
  }
  return texts;
}

function globsOf(sets: readonly NodeSet[], separators: readonly Separator[]): Glob[] {
  const globs = new Map<string, Glob>();
  for (const nodes of sets) {
    for (const node of nodes) {
      for (const { separator, glob } of node.globs?.values() ?? []) {
        if (separators.includes(separator)) globs.set(JSON.stringify(glob), glob);
      }
    }
  }
  return [...globs.values()];
}
