import * as layout from './layout.ts';

// The platform folds constants of a module's own into the code, imported ones it does not (bench/constants.ts).
const CODE_MANY = layout.CODE_MANY;
const CODE_MASK = layout.CODE_MASK;
const CODE_SHIFT = layout.CODE_SHIFT;
const END_MASK = layout.END_MASK;
const ENTRY_SIZE = layout.ENTRY_SIZE;
const EXACT_SHIFT = layout.EXACT_SHIFT;
const HAS_LEAVES = layout.HAS_LEAVES;
const HAS_NAMESPACE = layout.HAS_NAMESPACE;
const HAS_WILD = layout.HAS_WILD;
const IS_BIG = layout.IS_BIG;
const IS_LOOSE = layout.IS_LOOSE;
const LEAF_BITS = layout.LEAF_BITS;
const LEAF_MASK = layout.LEAF_MASK;
const NODE_FIXED_SIZE = layout.NODE_FIXED_SIZE;
const NODE_HEAD = layout.NODE_HEAD;
const NODE_PARENT = layout.NODE_PARENT;
const NONE = layout.NONE;
const TAIL_SHIFT = layout.TAIL_SHIFT;

/** Where the parts of a node's record are. `head` is always the node's own, `extras` the offset of what is behind its text. */

export function isMany(head: number): boolean {
  return (head & CODE_MASK) === CODE_MANY << CODE_SHIFT;
}

/** Where the text of a fixed node begins that its parent does not have, in bytes from the start of the id. */
export function startOf(nodes: Int32Array, node: number): number {
  const parent = nodes[node + NODE_PARENT]!;
  return parent === NONE ? 0 : nodes[parent + NODE_HEAD]! & END_MASK;
}

export function extrasOf(nodes: Int32Array, node: number, head: number): number {
  const firstWord = (head & IS_LOOSE) === 0 ? startOf(nodes, node) >> 2 : 0;
  return node + NODE_FIXED_SIZE + (((head & END_MASK) + 3) >> 2) - firstWord;
}

/** Index into `wilds`, for a node that HAS_WILD. */
export function wildAt(nodes: Int32Array, extras: number, head: number): number {
  return nodes[extras + ((head & HAS_NAMESPACE) === 0 ? 0 : 1)]!;
}

/** The number of a `**`; it has no namespace. */
export function ordinalAt(nodes: Int32Array, extras: number, head: number): number {
  return nodes[extras + ((head & HAS_WILD) === 0 ? 0 : 1)]!;
}

export function hasLeaves(head: number): boolean {
  return (head & (HAS_LEAVES | IS_LOOSE)) === HAS_LEAVES;
}

/** The leafCounts of a node that has some; it is no `**`. */
export function leafCountsAt(nodes: Int32Array, extras: number, head: number): number {
  return nodes[entriesAt(extras, head) - ((head & IS_BIG) === 0 ? 1 : 3)]!;
}

export function exactCountAt(nodes: Int32Array, extras: number, head: number): number {
  return (head & IS_BIG) === 0 ? (head >>> EXACT_SHIFT) & 31 : nodes[entriesAt(extras, head) - 2]!;
}

export function tailCountAt(nodes: Int32Array, extras: number, head: number): number {
  return (head & IS_BIG) === 0 ? head >>> TAIL_SHIFT : nodes[entriesAt(extras, head) - 1]!;
}

/** Offset of the first entry. */
export function entriesAt(extras: number, head: number): number {
  return (
    extras +
    ((head & HAS_NAMESPACE) === 0 ? 0 : 1) +
    ((head & HAS_WILD) === 0 ? 0 : 1) +
    (isMany(head) || hasLeaves(head) ? 1 : 0) +
    ((head & IS_BIG) === 0 ? 0 : 2)
  );
}

/** Offset behind the last entry: of the next node. */
export function endAt(nodes: Int32Array, extras: number, head: number): number {
  let count = exactCountAt(nodes, extras, head) + tailCountAt(nodes, extras, head);
  if (hasLeaves(head)) {
    for (let leaves = leafCountsAt(nodes, extras, head); leaves > 0; leaves >>>= LEAF_BITS)
      count += leaves & LEAF_MASK;
  }
  return entriesAt(extras, head) + count * ENTRY_SIZE;
}

/** Offset of a subject's first class, behind its text; `head` is the subject's own. */
export function classesOffsetOf(subject: number, head: number): number {
  return subject + 1 + (((head & 0xffff) + 3) >> 2);
}
