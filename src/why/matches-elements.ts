import type { Letter } from '../analysis/letters.ts';
import { ownersOf, PatternTrie } from '../analysis/pattern-trie.ts';
import type { PatternElement } from '../model/model.ts';

/** Whether one of the patterns matches the id, variables free. */
export function matchesElements(
  patterns: readonly (readonly PatternElement[])[],
  letters: readonly Letter[],
): boolean {
  const trie = new PatternTrie();
  for (const elements of patterns) trie.add(elements, 0);
  return ownersOf(trie, letters).length > 0;
}
