import type { AccessGraph, Link, Permission, ResourceRow } from './access-graph.ts';
import { foldHolders } from './fold-holders.ts';
import { foldRows } from './fold-rows.ts';
import { mergePermissions, type OpenPermission } from './merge-permissions.ts';

/** How many are not drawn by themselves, but as part of one that stands for several. */
export interface Folding {
  readonly subject: number;
  readonly group: number;
  readonly role: number;
  readonly resource: number;
  /** Sets of actions on one resource, where there were too many beside one another. */
  readonly permission: number;
}

/** More lines than this for each node are no picture of anything. */
const linesPerNode = 2;
/** One of each kind: less cannot be left. */
const fewest = 4;

/**
 * The graph with at most `maxNodes` holders and rows, and with few enough lines to follow: leaves that are alike are folded
 * into one node that says how many it stands for. Nothing is left out; what is folded is counted.
 */
export function foldGraph(
  graph: AccessGraph,
  maxNodes: number,
): { readonly graph: AccessGraph; readonly folding: Folding } {
  let folded: Folded = { graph, joined: 0 };
  for (
    let limit = maxNodes;
    limit >= fewest && isTooMuch(folded.graph, maxNodes);
    limit = Math.floor(limit * 0.8)
  ) {
    folded = foldTo(graph, limit);
  }
  const counts = { subject: 0, group: 0, role: 0 };
  for (const { kind, count } of folded.graph.holders) if (count > 1) counts[kind] += count;
  const resource = folded.graph.rows.reduce((sum, { count, isFolded }) => sum + (isFolded ? count : 0), 0);
  return { graph: folded.graph, folding: { ...counts, resource, permission: folded.joined } };
}

interface Folded {
  readonly graph: AccessGraph;
  /** How many permissions have become part of others. */
  readonly joined: number;
}

function isTooMuch({ holders, rows, links, permissions }: AccessGraph, maxNodes: number): boolean {
  const lines = permissions.reduce((sum, each) => sum + each.holders.length, links.length);
  const nodes = Math.max(holders.length + rows.length, permissions.length);
  return nodes > maxNodes || lines > maxNodes * linesPerNode;
}

function foldTo(graph: AccessGraph, limit: number): Folded {
  const kinds = ['subject', 'group', 'role'] as const;
  const counts = kinds.map((kind) => graph.holders.filter((each) => each.kind === kind).length);
  const shares = shareOut([...counts, graph.rows.length], limit);
  const [subject = 0, group = 0, role = 0, resource = 0] = shares;
  const { rows, places } = foldRows(graph.rows, resource);
  const { permissions, joined } = joinPermissions(graph.permissions, { rows, places, limit });
  const folded = foldHolders({ ...graph, rows, permissions }, { subject, group, role });
  return {
    graph: {
      holders: folded.holders,
      links: foldLinks(graph.links, folded.places),
      rows,
      permissions: mergePermissions(permissions.map(reopen), folded.places),
    },
    joined,
  };
}

/** As much for each as it needs, as far as that goes; who needs more than the others gets no more than they. */
function shareOut(needs: readonly number[], total: number): readonly number[] {
  let level = 0;
  while (needs.reduce((sum, need) => sum + Math.min(need, level + 1), 0) <= total && level < total) level++;
  return needs.map((need) => Math.min(need, level));
}

/**
 * Puts permissions on the rows that are left. On a row that stands for many, conditions are only hinted at: which of them
 * holds where is not to be seen any more. On one with more permissions than others may have, actions come together as well.
 */
function joinPermissions(
  permissions: readonly Permission[],
  { rows, places, limit }: { rows: readonly ResourceRow[]; places: readonly number[]; limit: number },
): { readonly permissions: readonly Permission[]; readonly joined: number } {
  const open = permissions.map((each) => reopen({ ...each, row: places[each.row]! }));
  const onRows = joinSame(open.map((each) => (rows[each.row]!.isFolded ? hintAtCondition(each) : each)));
  const counts = rows.map(() => 0);
  for (const { row } of onRows) counts[row]!++;
  const level = shareOut(counts, limit).reduce((most, share) => Math.max(most, share), 0);
  const crowded = onRows.filter(({ row }) => counts[row]! > level);
  const others = onRows.filter(({ row }) => counts[row]! <= level);
  const together = Map.groupBy(crowded.map(hintAtCondition), (each) => termsOf({ ...each, actions: [] }));
  const all = [...others, ...[...together.values()].map(joinParts)];
  return { permissions: mergePermissions(all), joined: crowded.length };
}

function reopen(each: Permission): OpenPermission {
  const { condition, ruleset, holders, rules } = each;
  return { ...each, condition, ruleset, holders: new Set(holders), rules: new Set(rules) };
}

function hintAtCondition(each: OpenPermission): OpenPermission {
  return each.condition === undefined ? each : { ...each, condition: 'when …' };
}

/** Permissions that have come to say the same of the same row. */
function joinSame(open: readonly OpenPermission[]): readonly OpenPermission[] {
  return [...Map.groupBy(open, termsOf).values()].map(joinParts);
}

function termsOf({ row, effect, actions, isDefault, condition, ruleset }: OpenPermission): string {
  return JSON.stringify([row, effect, actions, isDefault, condition, ruleset]);
}

function joinParts(parts: readonly OpenPermission[]): OpenPermission {
  if (parts.length === 1) return parts[0]!;
  return {
    ...parts[0]!,
    actions: [...new Set(parts.flatMap(({ actions }) => actions))],
    holders: new Set(parts.flatMap(({ holders }) => [...holders])),
    rules: new Set(parts.flatMap(({ rules }) => [...rules])),
  };
}

function foldLinks(links: readonly Link[], places: readonly number[]): readonly Link[] {
  const folded = new Map<string, Link>();
  for (const link of links) {
    const [from, to] = [places[link.from]!, places[link.to]!];
    if (from !== to) folded.set(`${from} ${to}`, { from, to });
  }
  return [...folded.values()].sort((a, b) => a.from - b.from || a.to - b.to);
}
