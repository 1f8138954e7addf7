import {
  IS_JOB,
  IS_SECRET,
  IS_SERVICE,
  NODE_CHILD_COUNT,
  NODE_MARKS,
  NODE_PARENT,
  NODE_SIZE,
  NODE_SYMBOL,
  type PathTree,
} from './path-tree.ts';

export const NONE = -1;

/**
 * Directories and services as a tree, in arrays. Nodes are numbered level by level, siblings by name; the root is node 0. A
 * secret is no node.
 *
 *     children of node    [firstChild[node], firstChild[node + 1])
 */
export interface SpaceIndex {
  readonly nodeCount: number;
  /** The last segment of each node's path; the root's is empty. */
  readonly names: readonly string[];
  /** The root is its own parent. */
  readonly parents: Int32Array;
  readonly firstChild: Int32Array;
  /** Services and jobs; a node's own are those at its path. */
  readonly readers: Listed;
  /** A node's own are those in that directory, by name. */
  readonly secrets: Listed;
}

/**
 * Ids as they were given, laid out so that every answer is a run of neighbours: a node's own, then those of its children,
 * one child after the other.
 *
 *     own of node        [first[node], ownEnd[node])
 *     beneath it         [ownEnd[node], end[node])
 */
export interface Listed extends Runs {
  readonly ids: readonly string[];
}

interface Runs {
  readonly first: Int32Array;
  readonly ownEnd: Int32Array;
  readonly end: Int32Array;
}

/** Ids with their nodes in the tree that they were read into, each mark of a node given once. */
export interface PlacedIds {
  readonly ids: readonly string[];
  readonly nodes: readonly number[];
}

export interface Placed {
  readonly services: PlacedIds;
  readonly jobs: PlacedIds;
  readonly secrets: PlacedIds;
}

/** The child of that name, or NONE. */
export function childOf({ names, firstChild }: SpaceIndex, node: number, name: string): number {
  let low = firstChild[node]!;
  let high = firstChild[node + 1]!;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = names[middle]!;
    if (found === name) return middle;
    if (found < name) low = middle + 1;
    else high = middle;
  }
  return NONE;
}

/** `/a/b` for a node; empty for the root. */
export function pathOf({ names, parents }: SpaceIndex, node: number): string {
  let path = '';
  for (let at = node; at !== 0; at = parents[at]!) path = `/${names[at]}${path}`;
  return path;
}

/** Cost: one pass over the nodes for each of a handful of numberings; only the different segments are sorted. */
export function buildSpaceIndex(tree: PathTree, { services, jobs, secrets }: Placed): SpaceIndex {
  const sorted = sortChildren(tree);
  const { order, parents, firstChild } = numberByLevel(tree, sorted);
  const names = Array.from(order, (old, node) => (node === 0 ? '' : symbolAt(tree, old)));
  const readerRuns = layOut(
    order.map((old) => ownReaderCount(tree, old)),
    parents,
    firstChild,
  );
  const secretRuns = layOut(
    order.map((old) => ownSecretCount(tree, sorted, old)),
    parents,
    firstChild,
  );
  const readerAt = placesOfReaders(tree, order, readerRuns);
  const secretAt = placesOfSecrets(tree, sorted, order, secretRuns);
  const readers = new Array<string>(services.ids.length + jobs.ids.length);
  const listedSecrets = new Array<string>(secrets.ids.length);
  for (const [i, id] of services.ids.entries()) readers[readerAt[services.nodes[i]!]!] = id;
  for (const [i, id] of jobs.ids.entries()) {
    const node = jobs.nodes[i]!;
    const isBehindService = (marksAt(tree, node) & IS_SERVICE) !== 0;
    readers[readerAt[node]! + (isBehindService ? 1 : 0)] = id;
  }
  for (const [i, id] of secrets.ids.entries()) listedSecrets[secretAt[secrets.nodes[i]!]!] = id;
  return {
    nodeCount: order.length,
    names,
    parents,
    firstChild,
    readers: { ids: readers, ...readerRuns },
    secrets: { ids: listedSecrets, ...secretRuns },
  };
}

// ---------------------------------------------------------------- order

/** Children of the nodes of a tree, sorted by name: those of `node` stand in [starts[node], starts[node + 1]). */
interface SortedChildren {
  readonly starts: Int32Array;
  readonly children: Int32Array;
}

/** Distributes the nodes by the rank of their segment, then, keeping that order, by parent: no comparison of nodes. */
function sortChildren(tree: PathTree): SortedChildren {
  const { nodeCount } = tree;
  const ranks = rankSymbols(tree.symbols);
  const byName = distribute(
    nodeCount - 1,
    tree.symbols.length,
    (i) => i + 1,
    (node) => ranks[wordAt(tree, node, NODE_SYMBOL)]!,
  );
  const starts = new Int32Array(nodeCount + 1);
  for (let node = 0; node < nodeCount; node++)
    starts[node + 1] = starts[node]! + wordAt(tree, node, NODE_CHILD_COUNT);
  const children = distribute(
    nodeCount - 1,
    nodeCount,
    (i) => byName[i]!,
    (node) => wordAt(tree, node, NODE_PARENT),
  );
  return { starts, children };
}

/** Where each symbol stands among all, by code units. */
function rankSymbols(symbols: readonly string[]): Int32Array {
  const order = Array.from(symbols.keys()).sort((a, b) => (symbols[a]! < symbols[b]! ? -1 : 1));
  const ranks = new Int32Array(symbols.length);
  for (const [rank, symbol] of order.entries()) ranks[symbol] = rank;
  return ranks;
}

/** Counting sort, stable: `count` values by keys below `keyCount`. */
function distribute(
  count: number,
  keyCount: number,
  valueAt: (i: number) => number,
  keyOf: (value: number) => number,
): Int32Array {
  const next = new Int32Array(keyCount + 1);
  for (let i = 0; i < count; i++) next[keyOf(valueAt(i)) + 1]! += 1;
  for (let key = 0; key < keyCount; key++) next[key + 1]! += next[key]!;
  const values = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const value = valueAt(i);
    values[next[keyOf(value)]!++] = value;
  }
  return values;
}

interface Levels {
  /** Node of the tree by new number. */
  readonly order: Int32Array;
  readonly parents: Int32Array;
  readonly firstChild: Int32Array;
}

/** Level by level, without the nodes that are a secret and nothing else. */
function numberByLevel(tree: PathTree, { starts, children }: SortedChildren): Levels {
  const order = new Int32Array(tree.nodeCount);
  const parents = new Int32Array(tree.nodeCount);
  const firstChild = new Int32Array(tree.nodeCount + 1);
  let count = 1;
  for (let node = 0; node < count; node++) {
    firstChild[node] = count;
    const old = order[node]!;
    for (let i = starts[old]!; i < starts[old + 1]!; i++) {
      const child = children[i]!;
      if (!isDirectoryOrService(tree, child)) continue;
      parents[count] = node;
      order[count++] = child;
    }
  }
  firstChild[count] = count;
  return {
    order: order.slice(0, count),
    parents: parents.slice(0, count),
    firstChild: firstChild.slice(0, count + 1),
  };
}

// ---------------------------------------------------------------- layout

/** Each node's own, then the runs of its children in their order. */
function layOut(ownCounts: Int32Array, parents: Int32Array, firstChild: Int32Array): Runs {
  const totals = ownCounts.slice();
  for (let node = totals.length - 1; node > 0; node--) totals[parents[node]!]! += totals[node]!;
  const first = new Int32Array(totals.length);
  const ownEnd = new Int32Array(totals.length);
  const end = new Int32Array(totals.length);
  for (let node = 0; node < totals.length; node++) {
    ownEnd[node] = first[node]! + ownCounts[node]!;
    end[node] = first[node]! + totals[node]!;
    let at = ownEnd[node]!;
    for (let child = firstChild[node]!; child < firstChild[node + 1]!; child++) {
      first[child] = at;
      at += totals[child]!;
    }
  }
  return { first, ownEnd, end };
}

/** By node of the tree, for those that are numbered: where its service, else its job, stands in the list. */
function placesOfReaders(tree: PathTree, order: Int32Array, { first }: Runs): Int32Array {
  const places = new Int32Array(tree.nodeCount);
  for (const [node, old] of order.entries()) places[old] = first[node]!;
  return places;
}

/** By node of the tree, for those that are a secret. */
function placesOfSecrets(
  tree: PathTree,
  { starts, children }: SortedChildren,
  order: Int32Array,
  { first }: Runs,
): Int32Array {
  const places = new Int32Array(tree.nodeCount);
  for (const [node, old] of order.entries()) {
    let at = first[node]!;
    for (let i = starts[old]!; i < starts[old + 1]!; i++)
      if ((marksAt(tree, children[i]!) & IS_SECRET) !== 0) places[children[i]!] = at++;
  }
  return places;
}

// ---------------------------------------------------------------- nodes of the tree

function isDirectoryOrService(tree: PathTree, node: number): boolean {
  return wordAt(tree, node, NODE_CHILD_COUNT) > 0 || (marksAt(tree, node) & (IS_SERVICE | IS_JOB)) !== 0;
}

function ownReaderCount(tree: PathTree, node: number): number {
  const marks = marksAt(tree, node);
  return ((marks & IS_SERVICE) === 0 ? 0 : 1) + ((marks & IS_JOB) === 0 ? 0 : 1);
}

function ownSecretCount(tree: PathTree, { starts, children }: SortedChildren, node: number): number {
  let count = 0;
  for (let i = starts[node]!; i < starts[node + 1]!; i++)
    if ((marksAt(tree, children[i]!) & IS_SECRET) !== 0) count++;
  return count;
}

function marksAt(tree: PathTree, node: number): number {
  return wordAt(tree, node, NODE_MARKS);
}

function symbolAt(tree: PathTree, node: number): string {
  return tree.symbols[wordAt(tree, node, NODE_SYMBOL)]!;
}

function wordAt(tree: PathTree, node: number, field: number): number {
  return tree.nodes.get(node * NODE_SIZE + field);
}
