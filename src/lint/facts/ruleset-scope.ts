import { lettersOfId } from '../../analysis/letters.ts';
import { ownersOf, PatternTrie } from '../../analysis/pattern-trie.ts';
import type { Model, ResourcePattern, Rule } from '../../model/model.ts';
import { elementsOf } from '../../model/template-variants.ts';
import type { WitnessRequest } from '../rule.ts';

/** Whether the ruleset of a rule is asked about the request (S17); false where a scope only covers it by a template. */
export function isInScope(
  { rulesets }: Model,
  { ruleset }: Rule,
  { action, resource }: WitnessRequest,
): boolean {
  if (ruleset === undefined) return true;
  const { scopes } = rulesets[ruleset]!;
  if (scopes.length === 0) return true;
  return scopes.some(
    ({ actions, resources }) =>
      actions.includes(action) && resource !== undefined && matches(resources, resource),
  );
}

function matches(patterns: readonly ResourcePattern[], id: string): boolean {
  const trie = new PatternTrie();
  for (const pattern of patterns) trie.add(elementsOf(pattern), 0);
  return ownersOf(trie, lettersOfId(id)).length > 0;
}
