import type { SayableTerm } from '../analysis/described-set.ts';
import { explore } from '../analysis/explore.ts';
import { PatternTrie } from '../analysis/pattern-trie.ts';
import type { PolicySide, SideCell } from '../analysis/policy-side.ts';
import { patternsOfRoot } from '../analysis/schema.ts';
import type { PatternElement } from '../model/model.ts';
import { printElements } from '../printing/print-pattern.ts';

/** More kinds of ids than this are not told apart. */
const MAX_STATES = 500_000;

/** All ids, cut into classes that a policy set does not tell apart. */
export interface IdClasses {
  readonly cells: readonly SideCell[];
  /** Patterns as policy text, and the classes that they hold, by their places among the cells. */
  readonly terms: readonly SayableTerm<string>[];
}

/** @throws {TooComplexError} */
export function classesOfIds(side: PolicySide): IdClasses {
  const patterns = patternsOf(side);
  const termTrie = new PatternTrie();
  for (const [owner, elements] of patterns.entries()) termTrie.add(elements, owner);
  const region = new PatternTrie();
  region.add(everything, 0);
  const cells: SideCell[] = [];
  const atoms = patterns.map(() => new Set<number>());
  const seen = new Set<string>();
  explore(
    region,
    [side.trie, side.schema.templateTrie, termTrie],
    ({ inOthers, first }) => {
      const terms = [...new Set(inOthers[2])].sort((a, b) => a - b);
      const key = terms.join();
      if (seen.has(key)) return undefined;
      seen.add(key);
      for (const term of terms) atoms[term]!.add(cells.length);
      cells.push(side.cellOf(first, inOthers[0]!, inOthers[1]!));
      return undefined;
    },
    { maxStates: MAX_STATES },
  );
  const terms = patterns.map((elements, i) => ({ term: printElements(elements), atoms: atoms[i]! }));
  return { cells, terms: terms.filter((term) => term.atoms.size > 0) };
}

const everything: readonly PatternElement[] = [{ kind: 'many', separator: 'start' }];

/** Every pattern that tells ids apart, each once: those of allows first, as they are what people look for. */
function patternsOf({
  items,
  scopePatterns,
  schema,
  model,
}: PolicySide): readonly (readonly PatternElement[])[] {
  const ofEffect = (effect: 'allow' | 'deny'): (readonly PatternElement[])[] =>
    items.flatMap(({ rule, patterns }) => (rule.effect === effect ? patterns : []));
  const all = [
    ...ofEffect('allow'),
    ...ofEffect('deny'),
    ...scopePatterns,
    ...model.namespaces.flatMap(({ roots }) => roots.flatMap(patternsOfRoot)),
    ...schema.templatePatterns,
    everything,
  ].map((elements) => elements.map(withoutVariable));
  return [...new Map(all.map((elements) => [JSON.stringify(elements), elements])).values()];
}

function withoutVariable(element: PatternElement): PatternElement {
  if (element.kind !== 'variable') return element;
  return { kind: element.isMany ? 'many' : 'one', separator: element.separator };
}
