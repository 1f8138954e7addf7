import { Ability } from '@casl/ability';
import type { Grant, Policy } from '../workload.ts';

/** In CASL's words: what may be done (`action`) to what (`subject`), or may not (`inverted`). */
export interface CaslRule {
  readonly action: string;
  readonly subject: string;
  readonly inverted: boolean;
}

/**
 * An ability for each subject, from the grants to it and to its group; members of a group share the rules they are made from.
 * Of several rules for the same action and type CASL takes the last, so denies come last.
 */
export function createAbilities(
  policy: Policy,
  rulesOf: (grant: Grant) => readonly CaslRule[],
): Map<string, Ability> {
  const rulesFor = new Map<string, CaslRule[]>();
  for (const grant of policy.grants) {
    const rules = rulesFor.get(grant.grantee);
    if (rules === undefined) rulesFor.set(grant.grantee, [...rulesOf(grant)]);
    else rules.push(...rulesOf(grant));
  }
  const abilities = new Map<string, Ability>();
  for (const [group, members] of policy.groups)
    for (const member of members) {
      const rules = [...(rulesFor.get(group) ?? []), ...(rulesFor.get(member) ?? [])];
      abilities.set(member, new Ability(rules.sort((a, b) => Number(a.inverted) - Number(b.inverted))));
    }
  return abilities;
}
