import { scanned } from '../id/elements.ts';
import { scan } from '../id/scan.ts';
import type { ImageSections } from '../image/image.ts';
import {
  SCALAR_COUNT,
  SCALAR_DEPTHS,
  SCALAR_MANY_COUNT,
  SCALAR_NODE_BITS,
  SCALAR_ROOTS,
} from '../image/layout.ts';
import { TrieWalker } from '../image/walk.ts';
import { TextPool } from './text-pool.ts';
import { TrieBuilder, type TrieSections } from './trie-builder.ts';
import { Words } from './words.ts';

/** What a walk of the tries needs to know. */
export function setTrieScalars(scalars: Int32Array, trie: TrieSections): void {
  scalars[SCALAR_MANY_COUNT] = trie.manyCount;
  scalars[SCALAR_NODE_BITS] = trie.nodeBits;
  scalars.set(trie.roots, SCALAR_ROOTS);
  scalars.set(trie.depths, SCALAR_DEPTHS);
}

/** Calls `visit` with the offset of every entry that covers an id; an id that is not well formed has none. */
export type EntryFinder = (id: string, visit: (entries: Int32Array, base: number) => void) => void;

/** Finds entries in a finished trie, as the evaluator does: the compiler asks what it has written itself. */
export function entryFinderOf(
  trie: TrieSections,
  root: number,
  rest: Pick<ImageSections, 'programs' | 'text'>,
): EntryFinder {
  const scalars = new Int32Array(SCALAR_COUNT);
  setTrieScalars(scalars, trie);
  const walker = new TrieWalker({ ...trie, ...rest, scalars, namespaces: new Int32Array(0) });
  return (id, visit) => {
    if (!scan(id)) return;
    walker.forEachEntry(root, id, scanned, (base) => visit(trie.nodes, base));
  };
}

/** The same for a trie that serves the compiler alone. */
export function buildEntryFinder(root: number, fill: (builder: TrieBuilder) => void): EntryFinder {
  const pool = new TextPool();
  const programs = new Words();
  const builder = new TrieBuilder(pool, programs);
  fill(builder);
  const trie = builder.finish();
  return entryFinderOf(trie, root, { programs: programs.view(), text: pool.view() });
}
