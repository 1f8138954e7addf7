import {
  CODE_MANY,
  CODE_MASK,
  CODE_SHIFT,
  END_MASK,
  EXACT_SHIFT,
  HAS_NAMESPACE,
  HAS_WILD,
  IS_BIG,
  IS_LOOSE,
  NODE_FIXED_SIZE,
  NODE_HEAD,
  NODE_PARENT,
  NONE,
  TAIL_SHIFT,
} from './layout.ts';

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
    (isMany(head) ? 1 : 0) +
    ((head & IS_BIG) === 0 ? 0 : 2)
  );
}

/** Offset of a subject's first class, behind its text; `head` is the subject's own. */
export function classesOffsetOf(subject: number, head: number): number {
  return subject + 1 + (((head & 0xffff) + 3) >> 2);
}
