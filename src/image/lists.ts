import { NODE_EXACT_COUNT, NODE_FIRST_ENTRY, NODE_SIZE, NODE_TAIL_COUNT } from './layout.ts';

/** An entry list of a node: node * 2, plus 1 for the tail list, which holds for what is beneath too. */
export type ListReference = number;

/** The first entry of a list. */
export function firstEntryOf(nodes: Int32Array, list: ListReference): number {
  const base = (list >>> 1) * NODE_SIZE;
  const first = nodes[base + NODE_FIRST_ENTRY]!;
  return (list & 1) === 0 ? first : first + nodes[base + NODE_EXACT_COUNT]!;
}

export function entryCountOf(nodes: Int32Array, list: ListReference): number {
  return nodes[(list >>> 1) * NODE_SIZE + ((list & 1) === 0 ? NODE_EXACT_COUNT : NODE_TAIL_COUNT)]!;
}
