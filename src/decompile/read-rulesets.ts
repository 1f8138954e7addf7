import { type Image, namedText } from '../image/image.ts';
import {
  DEFAULT_ALLOW,
  DEFAULT_DENY,
  FIRST_APPLICABLE,
  RULESET_COMBINING,
  RULESET_DEFAULT,
  RULESET_SIZE,
  RULESET_TEXT,
} from '../image/layout.ts';
import type { Ruleset, Scope } from '../model/model.ts';
import type { ActionRelations } from './action-relations.ts';
import type { ResourceReader } from './read-resources.ts';
import { getOrMake, locationIn } from './tables.ts';
import type { Place } from './trie-lists.ts';

/** What one entry of a scope says. */
export interface ScopeEntry {
  readonly entry: number;
  readonly ruleset: number;
  readonly place: Place;
}

/** The rulesets of an image; places of one ruleset with the same actions become one scope. */
export function readRulesets(
  image: Image,
  entries: readonly ScopeEntry[],
  { relations, resources }: { readonly relations: ActionRelations; readonly resources: ResourceReader },
): readonly Ruleset[] {
  const { rulesets } = image;
  /** By ruleset and place the actions. */
  const said = Array.from({ length: rulesets.length / RULESET_SIZE }, () => new Map<Place, Set<number>>());
  for (const { entry, ruleset, place } of entries) {
    const actions = getOrMake(said[ruleset]!, place, () => new Set<number>());
    for (const action of relations.actionsOf(image, entry).plain) actions.add(action);
  }
  return said.map((places, index): Ruleset => {
    const base = index * RULESET_SIZE;
    const fallback = rulesets[base + RULESET_DEFAULT];
    return {
      name: namedText(image, rulesets, base + RULESET_TEXT),
      location: locationIn(''),
      combining:
        rulesets[base + RULESET_COMBINING] === FIRST_APPLICABLE ? 'first-applicable' : 'deny-overrides',
      scopes: scopesOf(places, relations, resources),
      default: fallback === DEFAULT_ALLOW ? 'allow' : fallback === DEFAULT_DENY ? 'deny' : 'none',
    };
  });
}

function scopesOf(
  places: ReadonlyMap<Place, ReadonlySet<number>>,
  relations: ActionRelations,
  resources: ResourceReader,
): readonly Scope[] {
  const scopes = new Map<string, { readonly actions: readonly number[]; readonly places: Place[] }>();
  for (const [place, all] of places) {
    const actions = [...all].sort((a, b) => a - b);
    getOrMake(scopes, actions.join(), () => ({ actions, places: [] as Place[] })).places.push(place);
  }
  return [...scopes.values()].map(({ actions, places: own }) => ({
    actions: relations.namesOf(actions),
    resources: resources.resourcesOf(own, []),
  }));
}
