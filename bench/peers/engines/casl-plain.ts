import type { Ability } from '@casl/ability';
import { type Engine, oneByOne } from '../engine.ts';
import type { Grant } from '../workload.ts';
import { type CaslRule, createAbilities } from './casl-abilities.ts';
import { packageVersion } from './package-version.ts';
import { isSeparator } from './separators.ts';

export const engine: Engine = {
  name: 'CASL',
  version: packageVersion('@casl/ability'),
  note:
    'One ability for each subject, prepared beforehand, the way its documentation suggests: the action as the action, the pattern ' +
    'as the type. `relevantRuleFor` is asked for the id and for each pattern with a wildcard that could cover it; a deny found on any of them wins.',
  build: (policy) => {
    const abilities = createAbilities(policy, rulesOf);
    return oneByOne((subject, action, resource) => {
      const ability = abilities.get(subject);
      return ability !== undefined && isAllowed(ability, action, resource);
    });
  },
};

function rulesOf({ effect, action, resource, tail }: Grant): CaslRule[] {
  const inverted = effect === 'deny';
  const rule = { action, subject: resource + tail, inverted };
  return tail.endsWith('**') ? [rule, { action, subject: resource, inverted }] : [rule];
}

function isAllowed(ability: Ability, action: string, resource: string): boolean {
  let allowed = false;
  for (const pattern of candidatesFor(resource)) {
    const rule = ability.relevantRuleFor(action, pattern);
    if (rule === null) continue;
    if (rule.inverted) return false;
    allowed = true;
  }
  return allowed;
}

/** Every pattern that covers the id. */
function candidatesFor(resource: string): string[] {
  const candidates = [resource];
  for (let i = resource.length - 1; i > 0; i--) {
    if (!isSeparator(resource.charCodeAt(i))) continue;
    const cut = resource.slice(0, i + 1);
    if (candidates.length === 1) candidates.push(`${cut}*`);
    candidates.push(`${cut}**`);
  }
  return candidates;
}
