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
  TAIL_SHIFT,
} from './layout.ts';

/** Where the parts of a node's record are; `head` is always the node's own. */

/** Offset of the text: behind what the head says is there. */
export function textOffsetOf(node: number, head: number): number {
  let at = node + NODE_FIXED_SIZE;
  // Most nodes have none of these.
  if ((head & (HAS_NAMESPACE | HAS_WILD | IS_BIG)) !== 0 || isMany(head)) {
    if ((head & HAS_NAMESPACE) !== 0) at++;
    if ((head & HAS_WILD) !== 0) at++;
    if (isMany(head)) at++;
    if ((head & IS_BIG) !== 0) at += 2;
  }
  return at;
}

export function isMany(head: number): boolean {
  return (head & CODE_MASK) === CODE_MANY << CODE_SHIFT;
}

/** Index into `namespaces`, for a node that HAS_NAMESPACE. */
export function namespaceOf(nodes: Int32Array, node: number): number {
  return nodes[node + NODE_FIXED_SIZE]!;
}

/** Index into `wilds`, for a node that HAS_WILD. */
export function wildOf(nodes: Int32Array, node: number, head: number): number {
  return nodes[node + NODE_FIXED_SIZE + ((head & HAS_NAMESPACE) === 0 ? 0 : 1)]!;
}

/** The number of a `**`; it has no namespace. */
export function ordinalOf(nodes: Int32Array, node: number, head: number): number {
  return nodes[node + NODE_FIXED_SIZE + ((head & HAS_WILD) === 0 ? 0 : 1)]!;
}

export function exactCountOf(nodes: Int32Array, node: number, head: number): number {
  return (head & IS_BIG) === 0 ? (head >>> EXACT_SHIFT) & 31 : nodes[textOffsetOf(node, head) - 2]!;
}

export function tailCountOf(nodes: Int32Array, node: number, head: number): number {
  return (head & IS_BIG) === 0 ? head >>> TAIL_SHIFT : nodes[textOffsetOf(node, head) - 1]!;
}

/** Offset of the first entry: behind the words of the text. */
export function entriesOffsetOf(nodes: Int32Array, node: number, head: number): number {
  const end = head & END_MASK;
  const first = (head & IS_LOOSE) === 0 && end > 0 ? startOf(nodes, node) >> 2 : 0;
  return textOffsetOf(node, head) + ((end + 3) >> 2) - first;
}

/** Where the text of a fixed node begins that its parent does not have, in bytes from the start of the id. */
export function startOf(nodes: Int32Array, node: number): number {
  return nodes[nodes[node + NODE_PARENT]! + NODE_HEAD]! & END_MASK;
}

/** Offset of a subject's first class, behind its text; `head` is the subject's own. */
export function classesOffsetOf(subject: number, head: number): number {
  return subject + 1 + (((head & 0xffff) + 3) >> 2);
}
