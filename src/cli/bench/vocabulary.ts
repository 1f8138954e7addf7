import type { Model, PatternElement } from './model-types.ts';
import type { Random } from './random.ts';

/** A policy of a million rules needs no more words than this to be filled in plausibly. */
const mostWords = 5_000;
const ownWords = ['web', 'db', 'api', 'cache', 'queue', 'index', 'report', 'archive'];

/**
 * Segments to put where a pattern leaves one open: half are words of the policy's own resources, so that other rules and
 * denies are met, and half are names that the policy has never heard of.
 */
export class Vocabulary {
  private readonly words: readonly string[];

  constructor(model: Model) {
    this.words = collectWords(model);
  }

  segment(random: Random): string {
    const known = random.happens(50) ? random.pick(this.words) : undefined;
    return known ?? `${random.pick(ownWords)}-${random.below(100)}`;
  }
}

function collectWords({ rules }: Model): readonly string[] {
  const words = new Set<string>();
  for (const { resources } of rules) {
    for (const resource of resources) {
      const found = resource.kind === 'literal' ? lastSegments(resource.id) : literalsOf(resource.elements);
      for (const word of found) if (word !== '') words.add(word);
      if (words.size >= mostWords) return [...words];
    }
  }
  return [...words];
}

/** The first segments name kinds of things, and nobody calls his file by the name of a kind. */
function lastSegments(id: string): string[] {
  return id.split(/[:/]/).slice(1);
}

function literalsOf(elements: readonly PatternElement[]): string[] {
  return elements.flatMap((element) =>
    element.kind === 'literal' && element.separator !== 'start' ? [element.text] : [],
  );
}
