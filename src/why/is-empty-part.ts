import type { SetPart } from '../analysis/described-set.ts';
import { explore } from '../analysis/explore.ts';
import { PatternTrie } from '../analysis/pattern-trie.ts';
import { TooComplexError } from '../analysis/too-complex.ts';
import type { ResourceTerm } from '../diff/policy-difference.ts';

const MAX_STATES = 20_000;

/** Whether no id is in the part. A part that is too much to look at is not said to be empty. */
export function isEmptyPart(part: SetPart<ResourceTerm>): boolean {
  const [first] = part.all;
  const terms: ResourceTerm[] = [];
  collect(part, terms);
  const [region, others] = [new PatternTrie(), new PatternTrie()];
  region.add(first!.elements, 0);
  for (const [owner, { elements }] of terms.entries()) others.add(elements, owner);
  let isEmpty = true;
  const visit = ({ inOthers }: { readonly inOthers: readonly (readonly number[])[] }): boolean => {
    const held = new Set(inOthers[0]!.map((owner) => terms[owner]!));
    isEmpty = !isWithin(part, held);
    return !isEmpty;
  };
  try {
    explore(region, [others], visit, { maxStates: MAX_STATES });
  } catch (error) {
    if (error instanceof TooComplexError) return false;
    throw error;
  }
  return isEmpty;
}

function collect({ all, except }: SetPart<ResourceTerm>, terms: ResourceTerm[]): void {
  terms.push(...all);
  for (const part of except) collect(part, terms);
}

function isWithin({ all, except }: SetPart<ResourceTerm>, held: ReadonlySet<ResourceTerm>): boolean {
  return all.every((term) => held.has(term)) && !except.some((part) => isWithin(part, held));
}
