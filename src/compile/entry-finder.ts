import { IdElements } from '../id/elements.ts';
import { FAULT_NONE } from '../id/faults.ts';
import { scanId } from '../id/scan-id.ts';
import type { ImageSections } from '../image/image.ts';
import { SCALAR_COUNT, SCALAR_MANY_COUNT } from '../image/layout.ts';
import { TrieWalker } from '../image/walk.ts';
import { TextPool } from './text-pool.ts';
import { TrieBuilder, type TrieSections } from './trie-builder.ts';
import { Words } from './words.ts';

/** Calls `visit` with the offset of every entry that covers an id; an id that is not well formed has none. */
export type EntryFinder = (id: string, visit: (entries: Int32Array, base: number) => void) => void;

/** Finds entries in a finished trie, as the evaluator does: the compiler asks what it has written itself. */
export function entryFinderOf(
  trie: TrieSections,
  root: number,
  manyCount: number,
  rest: Pick<ImageSections, 'programs' | 'text'>,
): EntryFinder {
  const scalars = new Int32Array(SCALAR_COUNT);
  scalars[SCALAR_MANY_COUNT] = manyCount;
  const walker = new TrieWalker({ ...trie, ...rest, scalars });
  const elements = new IdElements();
  return (id, visit) => {
    if (scanId(id, elements) !== FAULT_NONE) return;
    walker.forEachEntry(root, id, elements, (base) => visit(trie.entries, base));
  };
}

/** The same for a trie that serves the compiler alone. */
export function buildEntryFinder(root: number, fill: (builder: TrieBuilder) => void): EntryFinder {
  const pool = new TextPool();
  const programs = new Words();
  const builder = new TrieBuilder(pool, programs);
  fill(builder);
  const trie = builder.finish();
  return entryFinderOf(trie, root, builder.manyCount, { programs: programs.view(), text: pool.view() });
}
