import type { AccessGraph, Holder, Permission, ResourceRow } from './access-graph.ts';
import { holderLabel, permissionLabel, rowLabel } from './labels.ts';
import { buildLayers, type Layers } from './layers.ts';
import { placeApart } from './place-apart.ts';
import { cellsOf, shorten } from './shorten.ts';

/** Where everything is, in pixels from the upper left corner of the drawing, without heads and legend. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly holders: readonly Box<Holder>[];
  readonly permissions: readonly Box<Permission>[];
  readonly rows: readonly Box<ResourceRow>[];
  readonly lines: readonly PlacedLine[];
  /** Left edges of what is in the columns: each rank of holders, permissions, resources. */
  readonly columns: readonly number[];
}

/** `y` is the middle. */
export interface Box<Item> {
  readonly item: Item;
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** A line from the right of its first node to the left of its last, straight where it passes a column between others. */
export interface PlacedLine {
  readonly kind: 'link' | 'permission';
  readonly from: number;
  readonly to: number;
  readonly stretches: readonly { readonly x: number; readonly endX: number; readonly y: number }[];
}

/** Of a monospaced font of 12 pixels. */
export const cellWidth = 7.25;
export const boxHeight = 22;
const pitch = 28;
const bendPitch = 10;
const padding = 10;
const indent = 18;
const rowGap = 26;
const narrowestGap = 44;
const widestGap = 180;
const longest = { holder: 34, permission: 46, row: 64 } as const;

export function layOut(graph: AccessGraph): Layout {
  const layers = buildLayers(graph);
  const slots = placeRows(graph);
  const widths = labelWidths(graph);
  const middles = placeNodes(graph, layers, slots.permissions);
  const top = middles.reduce((least, y) => Math.min(least, y - boxHeight / 2), 0);
  const yOf = (node: number): number => middles[node]! - top;

  const columns = columnsOf(layers, middles, widths);
  const holders = graph.holders.map((item, i): Box<Holder> => {
    const label = shorten(holderLabel(item), longest.holder);
    return { item, label, x: columns[item.rank]!.x, y: yOf(i), width: widths.holders[i]! };
  });
  const beforeRows = columns.at(-2)!;
  const permissions = graph.permissions.map((item, i): Box<Permission> => {
    const label = shorten(permissionLabel(item), longest.permission);
    return {
      ...{ item, label, x: beforeRows.x },
      y: yOf(graph.holders.length + i),
      width: widths.permissions[i]!,
    };
  });
  const rowsX = columns.at(-1)!.x;
  const rows = graph.rows.map((item, i): Box<ResourceRow> => {
    const label = shorten(rowLabel(item), longest.row);
    return {
      ...{ item, label, x: rowsX + item.depth * indent },
      y: slots.rows[i]! - top,
      width: cellsOf(label) * cellWidth,
    };
  });
  return {
    width: rows.reduce((most, { x, width }) => Math.max(most, x + width), rowsX),
    height: middles.reduce((most, y) => Math.max(most, y), slots.height) - top + boxHeight / 2,
    ...{ holders, permissions, rows },
    lines: placeLines(layers, { columns, holders, yOf }),
    columns: columns.map(({ x }) => x),
  };
}

interface Slots {
  readonly height: number;
  readonly rows: readonly number[];
  readonly permissions: readonly number[];
}

/** Rows from the top, each with room for its permissions; its own text stands beside the first of them. */
function placeRows({ rows, permissions }: AccessGraph): Slots {
  const counts = rows.map(() => 0);
  for (const { row } of permissions) counts[row]!++;
  const starts: number[] = [];
  let y = boxHeight / 2;
  for (const [i, { depth }] of rows.entries()) {
    if (depth === 0 && i > 0) y += pitch / 2;
    starts.push(y);
    y += Math.max(1, counts[i]!) * pitch;
  }
  const used = rows.map(() => 0);
  const places = permissions.map(({ row }) => starts[row]! + pitch * used[row]!++);
  return { height: y - boxHeight / 2, rows: starts, permissions: places };
}

interface Widths {
  readonly holders: readonly number[];
  readonly permissions: readonly number[];
}

function labelWidths({ holders, permissions }: AccessGraph): Widths {
  const widthOf = (label: string, cells: number): number =>
    cellsOf(shorten(label, cells)) * cellWidth + 2 * padding;
  return {
    holders: holders.map((each) => widthOf(holderLabel(each), longest.holder)),
    permissions: permissions.map((each) => widthOf(permissionLabel(each), longest.permission)),
  };
}

/** Permissions stand by their rows; who has them, as near to the middle of what they lead to as others leave room. */
function placeNodes(
  { holders }: AccessGraph,
  { nodes, columns, before, after }: Layers,
  permissionPlaces: readonly number[],
): readonly number[] {
  const middles = nodes.map((_, i) => permissionPlaces[i - holders.length] ?? 0);
  const isFixed = (node: number): boolean => nodes[node]!.kind === 'permission';
  const settle = (rank: number, neighboursOf: (node: number) => readonly number[]): void => {
    const column = columns[rank]!;
    const wishes = column.map((node) => {
      const near = neighboursOf(node);
      if (near.length === 0) return middles[node]!;
      return near.reduce((sum, each) => sum + middles[each]!, 0) / near.length;
    });
    const gaps = column.map((node, i) => gapBetween(nodes[column[i - 1] ?? node]!.kind, nodes[node]!.kind));
    for (const [i, place] of placeApart(wishes, gaps).entries()) middles[column[i]!] = place;
  };
  for (let round = 0; round < rounds; round++) {
    for (let rank = columns.length - 2; rank >= 0; rank--) settle(rank, (node) => after[node]!);
    for (let rank = 1; rank < columns.length - 1; rank++)
      settle(rank, (node) => [...before[node]!.filter((each) => !isFixed(each)), ...after[node]!]);
  }
  if (columns.length > 1) settle(0, (node) => after[node]!);
  return middles;
}

const rounds = 4;

function gapBetween(a: 'holder' | 'permission' | 'bend', b: 'holder' | 'permission' | 'bend'): number {
  if (a === 'bend' && b === 'bend') return bendPitch;
  return a === 'bend' || b === 'bend' ? (pitch + bendPitch) / 2 : pitch;
}

interface Column {
  readonly x: number;
  readonly width: number;
}

/** One for each rank of holders, one for permissions, one for rows. Lines that go far up or down need room to turn in. */
function columnsOf(
  { columns, after }: Layers,
  middles: readonly number[],
  widths: Widths,
): readonly Column[] {
  const placed: Column[] = [];
  let x = 0;
  for (const column of columns.slice(0, -1)) {
    const width = column.reduce((most, node) => Math.max(most, widths.holders[node] ?? 0), 0);
    placed.push({ x, width });
    const rises = column.flatMap((node) =>
      after[node]!.map((each) => Math.abs(middles[each]! - middles[node]!)),
    );
    const steepest = rises.reduce((most, rise) => Math.max(most, rise), 0);
    x += width + narrowestGap + Math.min(widestGap - narrowestGap, steepest * 0.15);
  }
  const width = widths.permissions.reduce((most, each) => Math.max(most, each), 0);
  placed.push({ x, width }, { x: x + width + rowGap, width: 0 });
  return placed;
}

function placeLines(
  { nodes, lines }: Layers,
  {
    columns,
    holders,
    yOf,
  }: Pick<Layout, 'holders'> & {
    readonly columns: readonly Column[];
    readonly yOf: (node: number) => number;
  },
): readonly PlacedLine[] {
  return lines.map(({ kind, nodes: through }) => {
    const first = holders[nodes[through[0]!]!.index]!;
    const last = nodes[through.at(-1)!]!;
    const rank = first.item.rank;
    const stretches = through.map((node, i) => {
      const y = yOf(node);
      const { x, width } = columns[rank + i]!;
      // Past the wider ones above and below before it turns.
      if (i === 0) return { x: first.x + first.width, endX: x + width, y };
      return i === through.length - 1 ? { x, endX: x, y } : { x, endX: x + width, y };
    });
    return { kind, from: nodes[through[0]!]!.index, to: last.index, stretches };
  });
}
