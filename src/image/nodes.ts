import type { ImageSections } from './image.ts';
import { checkSection } from './image-error.ts';
import * as layout from './layout.ts';

// The platform folds constants of a module's own into the code, imported ones it does not (bench/constants.ts).
const CODE_MANY = layout.CODE_MANY;
const CODE_MASK = layout.CODE_MASK;
const CODE_SHIFT = layout.CODE_SHIFT;
const END_MASK = layout.END_MASK;
const ENTRY_CLASS = layout.ENTRY_CLASS;
const ENTRY_DETAIL = layout.ENTRY_DETAIL;
const ENTRY_FLAGS = layout.ENTRY_FLAGS;
const ENTRY_PAGE_SHIFT = layout.ENTRY_PAGE_SHIFT;
const ENTRY_SCOPE = layout.ENTRY_SCOPE;
const ENTRY_SIZE = layout.ENTRY_SIZE;
const ENTRY_TARGET = layout.ENTRY_TARGET;
const EXACT_SHIFT = layout.EXACT_SHIFT;
const HAS_LEAVES = layout.HAS_LEAVES;
const HAS_NAMESPACE = layout.HAS_NAMESPACE;
const HAS_WILD = layout.HAS_WILD;
const IS_BIG = layout.IS_BIG;
const IS_LOOSE = layout.IS_LOOSE;
const LEAF_BITS = layout.LEAF_BITS;
const LEAF_MASK = layout.LEAF_MASK;
const NODE_COVER = layout.NODE_COVER;
const NODE_FIXED_SIZE = layout.NODE_FIXED_SIZE;
const NODE_HEAD = layout.NODE_HEAD;
const NODE_PARENT = layout.NODE_PARENT;
const NONE = layout.NONE;
const SCALAR_CLASS_COUNT = layout.SCALAR_CLASS_COUNT;
const SCALAR_MANY_COUNT = layout.SCALAR_MANY_COUNT;
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

/**
 * Checks the records of the nodes, one after the other, and marks where each begins. Kept whole for speed: there are as many
 * as rules.
 */
export function verifyNodes(
  { nodes, scalars, classLists }: ImageSections,
  countOf: (section: layout.SectionName) => number,
): Int32Array {
  const namespaces = countOf('namespaces');
  const wilds = countOf('wilds');
  const details = countOf('details');
  const rulesets = countOf('rulesets');
  // An entry without flags is of one of three tries.
  const plainTargets = Math.max(countOf('rules'), classLists.length, countOf('templates'));
  const classes = scalars[SCALAR_CLASS_COUNT]! * 2;
  const manyCount = scalars[SCALAR_MANY_COUNT]!;
  const pages = countOf('actions') >>> 5;
  const marks = new Int32Array((nodes.length >> 5) + 1);
  for (let node = 0; node < nodes.length; ) {
    const parent = nodes[node + NODE_PARENT]!;
    const cover = nodes[node + NODE_COVER]!;
    const head = nodes[node + NODE_HEAD]!;
    // The parent comes before, and the text of a fixed node goes on where that of its parent ends: IS_LOOSE is above any end.
    const isPlaced =
      parent === NONE
        ? (head & END_MASK) === 0
        : isMarked(marks, parent) &&
          ((head & IS_LOOSE) !== 0 ||
            (nodes[parent + NODE_HEAD]! & (IS_LOOSE | END_MASK)) <= (head & END_MASK));
    checkSection('nodes', isPlaced && (cover === NONE || isMarked(marks, cover)));
    const extras = extrasOf(nodes, node, head);
    const next = endAt(nodes, extras, head);
    // What lies behind the last word is undefined, and neither below nor above anything.
    const isSound =
      ((head & HAS_NAMESPACE) === 0 || isBelow(nodes[extras]!, namespaces)) &&
      ((head & HAS_WILD) === 0 || isBelow(wildAt(nodes, extras, head), wilds)) &&
      (!isMany(head) || isBelow(ordinalAt(nodes, extras, head), manyCount)) &&
      exactCountAt(nodes, extras, head) >= 0 &&
      tailCountAt(nodes, extras, head) >= 0 &&
      next <= nodes.length;
    checkSection('nodes', isSound);
    for (let entry = entriesAt(extras, head); entry < next; entry += ENTRY_SIZE) {
      const flags = nodes[entry + ENTRY_FLAGS]!;
      const targets =
        (flags & ENTRY_SCOPE) !== 0 ? rulesets : (flags & ENTRY_DETAIL) !== 0 ? details : plainTargets;
      const isRight =
        isBelow(nodes[entry + ENTRY_TARGET]!, targets) &&
        isBelow(nodes[entry + ENTRY_CLASS]!, classes) &&
        flags >>> ENTRY_PAGE_SHIFT <= pages;
      checkSection('nodes', isRight);
    }
    mark(marks, node);
    node = next;
  }
  return marks;
}

/** Marks are a bit for each word of a section: a byte for each would not stay in the cache (`bench/load.ts`). */
export function mark(marks: Int32Array, at: number): void {
  marks[at >> 5]! |= 1 << at;
}

/** False for what lies outside. */
export function isMarked(marks: Int32Array, at: number): boolean {
  return ((marks[at >> 5]! >>> at) & 1) === 1;
}

export function isBelow(value: number, end: number): boolean {
  return value >= 0 && value < end;
}
