import type { ResourceRow } from './access-graph.ts';

export interface FoldedRows {
  readonly rows: readonly ResourceRow[];
  /** From each row as it was to the one that stands for it. */
  readonly places: readonly number[];
}

/**
 * Rows until at most `limit` are left, if that can be: of every parent the same number of children stay, in order, and what
 * else there is, with all beneath it, becomes one row that says how many it stands for. Where even one child of each is too
 * much, trees are cut off at a depth as well.
 */
export function foldRows(rows: readonly ResourceRow[], limit: number): FoldedRows {
  const depths = rows.reduce((most, { depth }) => Math.max(most, depth), 0);
  for (let depth = depths; depth > 0; depth--) {
    const most = largestThat((children) => keep(rows, { children, depth }).rows.length <= limit, rows.length);
    if (most > 0) return keep(rows, { children: most, depth });
  }
  return keep(rows, { children: Math.max(1, limit - 1), depth: 0 });
}

/** The largest number up to `highest` that is small enough; 0 if none is. */
function largestThat(isSmallEnough: (value: number) => boolean, highest: number): number {
  let low = 0;
  let high = highest;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isSmallEnough(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** @param limits  how many children of a parent stay, and how deep the deepest of them is */
function keep(
  rows: readonly ResourceRow[],
  limits: { readonly children: number; readonly depth: number },
): FoldedRows {
  const childCounts = countChildren(rows);
  const kept: ResourceRow[] = [];
  const places: number[] = [];
  /** By parent: how many of its children have come by, and the row of those that did not stay. */
  const seen = new Map<number | undefined, number>();
  const rests = new Map<number | undefined, number>();
  const isFolded: boolean[] = [];
  for (const [i, row] of rows.entries()) {
    const { parent } = row;
    const above = parent === undefined ? undefined : places[parent]!;
    if (parent !== undefined && isFolded[parent]) {
      isFolded.push(true);
      places.push(above!);
      kept[above!] = joinRows(kept[above!]!, row, textAbove(kept, kept[above!]!));
      continue;
    }
    const number = (seen.get(parent) ?? 0) + 1;
    seen.set(parent, number);
    // One that would be folded alone takes no less room than its row.
    const isOne = number === childCounts.get(parent) && number === limits.children + 1;
    const isKept = row.depth <= limits.depth && (number <= limits.children || (isOne && isLeaf(rows, i)));
    isFolded.push(!isKept);
    const rest = isKept ? undefined : rests.get(parent);
    places.push(rest ?? kept.length);
    if (rest === undefined) {
      if (!isKept) rests.set(parent, kept.length);
      kept.push({ ...row, parent: above });
    } else kept[rest] = joinRows(kept[rest]!, row, textAbove(kept, kept[rest]!));
  }
  return { rows: kept, places };
}

/** A row that stands for another too: no longer for its own pattern, but for what is beneath its parent. */
function joinRows(row: ResourceRow, joined: ResourceRow, textOfParent: string): ResourceRow {
  return {
    ...row,
    text: `${textOfParent}…`,
    label: '…',
    count: row.count + joined.count,
    isFolded: true,
  };
}

function textAbove(rows: readonly ResourceRow[], { parent }: ResourceRow): string {
  return parent === undefined ? '' : rows[parent]!.text;
}

function countChildren(rows: readonly ResourceRow[]): ReadonlyMap<number | undefined, number> {
  const counts = new Map<number | undefined, number>();
  for (const { parent } of rows) counts.set(parent, (counts.get(parent) ?? 0) + 1);
  return counts;
}

function isLeaf(rows: readonly ResourceRow[], place: number): boolean {
  return rows[place + 1]?.parent !== place;
}
