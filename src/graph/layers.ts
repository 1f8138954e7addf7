import type { AccessGraph } from './access-graph.ts';

/** Something in a column: a holder, a permission, or the place where a line passes between others. */
export interface LayerNode {
  readonly kind: 'holder' | 'permission' | 'bend';
  /** Of the holder or permission; of the line for a bend. */
  readonly index: number;
}

/** One connection, with the nodes that it goes by from left to right: one in each column from its start to its end. */
export interface Line {
  readonly kind: 'link' | 'permission';
  readonly nodes: readonly number[];
  /** Of the permission at its end. */
  readonly permission?: number;
}

export interface Layers {
  readonly nodes: readonly LayerNode[];
  /** Nodes by column, in order from the top. The last column is that of permissions, whose order is given. */
  readonly columns: readonly (readonly number[])[];
  readonly lines: readonly Line[];
  /** Neighbours to the left and to the right of each node. */
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
}

/** The columns of a graph, ordered so that few lines cross: sweeps to and fro by the mean of the neighbours' places. */
export function buildLayers(graph: AccessGraph): Layers {
  const layers = newLayers(graph);
  let best = layers.columns;
  let fewest = countCrossings(layers, best);
  let columns = best;
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep++) {
    columns = sweep % 2 === 0 ? sweepLeft(layers, columns) : sweepRight(layers, columns);
    const crossings = countCrossings(layers, columns);
    if (crossings >= fewest) continue;
    fewest = crossings;
    best = columns;
  }
  return { ...layers, columns: best };
}

const sweeps = 12;

function newLayers({ holders, links, permissions }: AccessGraph): Layers {
  const nodes: LayerNode[] = holders.map((_, index) => ({ kind: 'holder', index }));
  const last = holders.reduce((most, { rank }) => Math.max(most, rank), -1) + 1;
  const columns: number[][] = Array.from({ length: last + 1 }, () => []);
  for (const [i, { rank }] of holders.entries()) columns[rank]!.push(i);
  for (const index of permissions.keys()) {
    columns[last]!.push(nodes.length);
    nodes.push({ kind: 'permission', index });
  }
  const lines: Line[] = [];
  const connect = (from: number, to: number, toRank: number, line: Omit<Line, 'nodes'>): void => {
    const through = [from];
    for (let rank = holders[from]!.rank + 1; rank < toRank; rank++) {
      columns[rank]!.push(nodes.length);
      through.push(nodes.length);
      nodes.push({ kind: 'bend', index: lines.length });
    }
    lines.push({ ...line, nodes: [...through, to] });
  };
  for (const { from, to } of links) connect(from, to, holders[to]!.rank, { kind: 'link' });
  for (const [i, permission] of permissions.entries()) {
    for (const holder of permission.holders)
      connect(holder, holders.length + i, last, { kind: 'permission', permission: i });
  }
  const before: number[][] = nodes.map(() => []);
  const after: number[][] = nodes.map(() => []);
  for (const { nodes: through } of lines) {
    for (let i = 1; i < through.length; i++) {
      after[through[i - 1]!]!.push(through[i]!);
      before[through[i]!]!.push(through[i - 1]!);
    }
  }
  return { nodes, columns, lines, before, after };
}

type Columns = Layers['columns'];

function sweepLeft({ after }: Layers, columns: Columns): Columns {
  const sorted = [...columns];
  for (let rank = columns.length - 2; rank >= 0; rank--)
    sorted[rank] = sortByNeighbours(sorted[rank]!, after, sorted[rank + 1]!);
  return sorted;
}

/** The last column keeps its order. */
function sweepRight({ before }: Layers, columns: Columns): Columns {
  const sorted = [...columns];
  for (let rank = 1; rank < columns.length - 1; rank++)
    sorted[rank] = sortByNeighbours(sorted[rank]!, before, sorted[rank - 1]!);
  return sorted;
}

/** Those without neighbours on that side keep their places among the others, as well as that goes. */
function sortByNeighbours(
  column: readonly number[],
  neighbours: readonly (readonly number[])[],
  beside: readonly number[],
): readonly number[] {
  const places = new Map(beside.map((node, place) => [node, place]));
  const scale = beside.length / Math.max(1, column.length);
  const keys = new Map(
    column.map((node, i) => {
      const near = neighbours[node]!;
      const sum = near.reduce((total, each) => total + places.get(each)!, 0);
      return [node, near.length === 0 ? i * scale : sum / near.length];
    }),
  );
  return [...column].sort((a, b) => keys.get(a)! - keys.get(b)!);
}

/** Pairs of lines between neighbouring columns that cross: inversions, counted in a binary indexed tree. */
function countCrossings({ after }: Layers, columns: Columns): number {
  let crossings = 0;
  for (let rank = 0; rank + 1 < columns.length; rank++) {
    const right = columns[rank + 1]!;
    const places = new Map(right.map((node, place) => [node, place]));
    const tree = new Int32Array(right.length + 1);
    let seen = 0;
    for (const node of columns[rank]!) {
      const ends = after[node]!.map((each) => places.get(each)!);
      for (const end of ends) crossings += seen - sumUpTo(tree, end + 1);
      for (const end of ends) addAt(tree, end + 1);
      seen += ends.length;
    }
  }
  return crossings;
}

function sumUpTo(tree: Int32Array, place: number): number {
  let sum = 0;
  for (let i = place; i > 0; i -= i & -i) sum += tree[i]!;
  return sum;
}

function addAt(tree: Int32Array, place: number): void {
  for (let i = place; i < tree.length; i += i & -i) tree[i]!++;
}
