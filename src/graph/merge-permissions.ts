import type { Rule } from '../model/model.ts';
import type { Permission } from './access-graph.ts';

/** A permission while it is put together. */
export interface OpenPermission extends Omit<Permission, 'condition' | 'ruleset' | 'holders' | 'rules'> {
  readonly condition: string | undefined;
  readonly ruleset: string | undefined;
  readonly holders: Set<number>;
  readonly rules: Set<Rule>;
}

/**
 * Permissions by row, allows before denies. Those that the same holders have on the same terms become one with all actions.
 *
 * @param renumber  from the holders that permissions name to their places; absent where they are their places
 */
export function mergePermissions(
  open: Iterable<OpenPermission>,
  renumber?: readonly number[],
): readonly Permission[] {
  const same = Map.groupBy(open, ({ row, effect, condition, ruleset, isDefault, holders }) =>
    JSON.stringify([row, effect, condition, ruleset, isDefault, [...holders].sort((a, b) => a - b)]),
  );
  return [...same.values()].map((parts) => mergeParts(parts, renumber)).sort(comparePermissions);
}

function mergeParts(parts: readonly OpenPermission[], renumber?: readonly number[]): Permission {
  const { row, effect, condition, ruleset, isDefault, holders } = parts[0]!;
  return {
    ...{ row, effect, isDefault },
    actions: [...new Set(parts.flatMap(({ actions }) => actions))],
    ...(condition === undefined ? {} : { condition }),
    ...(ruleset === undefined ? {} : { ruleset }),
    holders: [...new Set([...holders].map((old) => renumber?.[old] ?? old))].sort((a, b) => a - b),
    rules: [...new Set(parts.flatMap(({ rules }) => [...rules]))],
  };
}

/** Allows first, then by what they say; two that say the same are told apart by who has them. */
export function comparePermissions(a: Permission, b: Permission): number {
  return a.row - b.row || compareText(textOf(a), textOf(b)) || a.holders[0]! - b.holders[0]!;
}

function textOf({ effect, actions, condition, ruleset, isDefault }: Permission): string {
  return JSON.stringify([effect, isDefault, actions, condition ?? '', ruleset ?? '']);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
