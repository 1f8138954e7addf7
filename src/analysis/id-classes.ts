import type { PatternElement } from '../model/model.ts';
import { freeVariables } from '../model/pattern-elements.ts';
import type { SayableTerm } from './described-set.ts';
import { explore, type IdClass } from './explore.ts';
import { PatternTrie } from './pattern-trie.ts';
import type { PolicySide } from './policy-side.ts';
import { patternsOfRoot } from './schema.ts';
import { TooComplexError } from './too-complex.ts';

type Elements = readonly PatternElement[];

/** All well-formed ids, cut into classes that some patterns do not tell apart. */
export interface IdClasses<Class> {
  /** What was made of each. */
  readonly classes: readonly Class[];
  /** The patterns, and the classes that each holds by their places; without those that hold none. */
  readonly terms: readonly SayableTerm<Elements>[];
}

interface Options {
  /** What `make` wants to be told the owners of: their order is that of `inOthers`. */
  readonly beside?: readonly PatternTrie[];
  readonly maxStates: number;
  readonly maxClasses?: number;
}

const everything: Elements = [{ kind: 'many', separator: 'start' }];

/**
 * @param make  called once for each class
 * @throws {TooComplexError} if there are too many of them
 */
export function idClasses<Class>(
  patterns: readonly Elements[],
  make: (found: IdClass) => Class,
  { beside = [], maxStates, maxClasses = Number.POSITIVE_INFINITY }: Options,
): IdClasses<Class> {
  const trie = new PatternTrie();
  for (const [owner, elements] of patterns.entries()) trie.add(elements, owner);
  const region = new PatternTrie();
  region.add(everything, 0);
  const classes: Class[] = [];
  const atoms = patterns.map(() => new Set<number>());
  const seen = new Set<string>();
  explore(
    region,
    [...beside, trie],
    (found) => {
      const owners = [...new Set(found.inOthers.at(-1))].sort((a, b) => a - b);
      const key = owners.join();
      if (seen.has(key)) return undefined;
      if (seen.size >= maxClasses) throw new TooComplexError('too many patterns beside one another');
      seen.add(key);
      for (const owner of owners) atoms[owner]!.add(classes.length);
      classes.push(make(found));
      return undefined;
    },
    { maxStates },
  );
  const terms = patterns.map((term, i) => ({ term, atoms: atoms[i]! }));
  return { classes, terms: terms.filter((term) => term.atoms.size > 0) };
}

/**
 * Every pattern by which a policy set tells ids apart, variables free, each once: those of allows first, as they are what
 * people look for. One that matches everything is among them.
 *
 * @param withTemplates  those of templates too: they tell apart what a mode does not enforce
 */
export function patternsOf(
  { items, scopePatterns, schema, model }: PolicySide,
  { withTemplates }: { readonly withTemplates: boolean },
): readonly Elements[] {
  const ofEffect = (effect: 'allow' | 'deny'): readonly Elements[] =>
    items.flatMap(({ rule, patterns }) => (rule.effect === effect ? patterns : []));
  const all = [
    ...ofEffect('allow'),
    ...ofEffect('deny'),
    ...scopePatterns,
    ...model.namespaces.flatMap(({ roots }) => roots.flatMap(patternsOfRoot)),
    ...(withTemplates ? schema.templatePatterns : []),
    everything,
  ].map((elements) => freeVariables(elements));
  return [...new Map(all.map((elements) => [JSON.stringify(elements), elements])).values()];
}
