import type { Group } from '../model/model.ts';

/** The groups that name a group as a member, by its name. */
export function parentsOf(groups: readonly Group[]): ReadonlyMap<string, readonly string[]> {
  const parents = new Map<string, string[]>();
  for (const { name, members } of groups) {
    for (const member of members) {
      if (member.kind !== 'group') continue;
      const known = parents.get(member.name);
      if (known === undefined) parents.set(member.name, [name]);
      else known.push(name);
    }
  }
  return parents;
}
