import type { SpokenActions } from './action-relations.ts';
import { getOrMake } from './tables.ts';

/** What one entry says: somebody, somewhere, some actions. */
export interface Said {
  /** A class of subjects. */
  readonly who: number;
  readonly place: number;
  readonly actions: SpokenActions;
}

/** All of `who` on all of `places`. */
export interface JoinedSaid {
  readonly who: readonly number[];
  readonly places: readonly number[];
  readonly actions: SpokenActions;
}

/**
 * What one rule says, in as few pieces as whole products of subjects and places allow: places of which the same is said are
 * put together, then the subjects who may do the same there. A rule as it was written becomes one piece, unless a template
 * limits its actions in some places (S14).
 */
export function joinEntries(said: readonly Said[]): readonly JoinedSaid[] {
  const [first, ...others] = said;
  if (first === undefined) return [];
  if (others.length === 0) return [{ who: [first.who], places: [first.place], actions: first.actions }];
  const places = new Map<number, Map<number, SpokenActions>>();
  for (const { who, place, actions } of said) {
    const here = getOrMake(places, place, () => new Map<number, SpokenActions>());
    here.set(who, united(here.get(who), actions));
  }
  const alike = new Map<string, { readonly of: Map<number, SpokenActions>; readonly places: number[] }>();
  for (const [place, here] of places) {
    const sorted = new Map([...here].sort(([a], [b]) => a - b));
    const key = JSON.stringify([...sorted]);
    getOrMake(alike, key, () => ({ of: sorted, places: [] as number[] })).places.push(place);
  }
  return [...alike.values()].flatMap((each) => {
    const byActions = new Map<string, { readonly who: number[]; readonly actions: SpokenActions }>();
    for (const [who, actions] of each.of)
      getOrMake(byActions, JSON.stringify(actions), () => ({ who: [] as number[], actions })).who.push(who);
    return [...byActions.values()].map(({ who, actions }) => ({ who, places: each.places, actions }));
  });
}

function united(a: SpokenActions | undefined, b: SpokenActions): SpokenActions {
  if (a === undefined) return b;
  return { plain: union(a.plain, b.plain), exact: union(a.exact, b.exact) };
}

function union(a: readonly number[], b: readonly number[]): readonly number[] {
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}
