import { confusables, scripts } from '../knowledge/confusables.ts';

/** What a text looks like: two that have one skeleton can be taken for each other. */
export function skeletonOf(text: string): string {
  return [...text.normalize('NFKD')].map((letter) => confusables.get(letter) ?? letter).join('');
}

/**
 * Two scripts in one word, of which one has a letter that looks like one of the other: undefined for a word of one script, and
 * for a letter that nobody takes for another, as in `Δt`.
 */
export function mixedScriptsOf(text: string): readonly [string, string] | undefined {
  for (const [word] of text.matchAll(/[\p{L}\p{M}]+/gu)) {
    const found = scripts.filter(({ pattern }) => pattern.test(word));
    const foreign = found.find(({ name, pattern }) =>
      [...word].some((letter) => name !== 'Latin' && pattern.test(letter) && confusables.has(letter)),
    );
    const other = found.find(({ name }) => name !== foreign?.name);
    if (foreign !== undefined && other !== undefined) return [foreign.name, other.name];
  }
  return undefined;
}
