import type { Ability } from '@casl/ability';
import { type Engine, oneByOne } from '../engine.ts';
import type { Grant } from '../workload.ts';
import { type CaslRule, createAbilities } from './casl-abilities.ts';
import { packageVersion } from './package-version.ts';
import { isSeparator } from './separators.ts';

export const engine: Engine = {
  name: 'CASL, turned round',
  version: packageVersion('@casl/ability'),
  note:
    'One ability for each subject, prepared beforehand, in the fastest form found: CASL indexes by type and then by action, so ' +
    'action and kind of wildcard are given as the type, of which there are few, and the id, cut where the wildcard stands, as the ' +
    'action. `relevantRuleFor` is asked for the id and for each place where a wildcard may stand. CASL itself has no paths, no groups and no default over several types: that a deny wins over them all is said by the caller.',
  build: (policy) => {
    const abilities = createAbilities(policy, rulesOf);
    return oneByOne((subject, action, resource) => {
      const ability = abilities.get(subject);
      return ability !== undefined && isAllowed(ability, action, resource);
    });
  },
};

/** The type for all that goes on after a cut, by action; kept, so that no request has to join strings. */
const beneathTypes = new Map<string, string>();
const directlyInTypes = new Map<string, string>();

function rulesOf({ effect, action, resource, tail }: Grant): CaslRule[] {
  const inverted = effect === 'deny';
  beneathTypes.set(action, `${action} **`);
  directlyInTypes.set(action, `${action} *`);
  const exact = { subject: action, action: resource, inverted };
  if (tail === '') return [exact];
  const cut = resource + tail[0];
  if (!tail.endsWith('**')) return [{ subject: directlyInTypes.get(action)!, action: cut, inverted }];
  return [exact, { subject: beneathTypes.get(action)!, action: cut, inverted }];
}

function isAllowed(ability: Ability, action: string, resource: string): boolean {
  const beneath = beneathTypes.get(action);
  if (beneath === undefined) return false;
  let allowed = false;
  const exact = ability.relevantRuleFor(resource, action);
  if (exact !== null) {
    if (exact.inverted) return false;
    allowed = true;
  }
  let directlyIn = directlyInTypes.get(action);
  for (let i = resource.length - 1; i > 0; i--) {
    if (!isSeparator(resource.charCodeAt(i))) continue;
    const cut = resource.slice(0, i + 1);
    const rule = ability.relevantRuleFor(cut, beneath);
    if (rule !== null) {
      if (rule.inverted) return false;
      allowed = true;
    }
    if (directlyIn === undefined) continue;
    const starRule = ability.relevantRuleFor(cut, directlyIn);
    if (starRule !== null) {
      if (starRule.inverted) return false;
      allowed = true;
    }
    directlyIn = undefined;
  }
  return allowed;
}
