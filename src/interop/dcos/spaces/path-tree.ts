import { SlotTable } from '../../../compile/slot-table.ts';
import { Words } from '../../../compile/words.ts';
import type { PathReader } from './path-reader.ts';

/** What stands at a path: marks of a node, to be joined. */
export const IS_SERVICE = 1;
export const IS_JOB = 2;
export const IS_SECRET = 4;

/** node (4 words)   parent │ symbol of its segment │ marks │ number of children      the root is 0, its own parent */
export const NODE_SIZE = 4;
export const NODE_PARENT = 0;
export const NODE_SYMBOL = 1;
export const NODE_MARKS = 2;
export const NODE_CHILD_COUNT = 3;

/**
 * The paths of services, jobs and secrets while they are read: one node for each, in the order of their coming, so that
 * every node has a higher number than its parent.
 */
export class PathTree {
  readonly nodes = new Words();
  /** The different segments, by their symbols. */
  readonly symbols: string[] = [];
  readonly #symbolOf = new Map<string, number>();
  readonly #slots = new SlotTable((node) =>
    edgeHash(this.#word(node, NODE_PARENT), this.#word(node, NODE_SYMBOL)),
  );

  constructor() {
    this.nodes.push4(0, -1, 0, 0);
  }

  get nodeCount(): number {
    return this.nodes.length / NODE_SIZE;
  }

  /** The node of the path that the reader holds, made if it is new. */
  add(path: PathReader): number {
    let node = 0;
    for (let i = 0; i < path.count; i++) node = this.#childOf(node, this.#intern(path.segment(i)));
    return node;
  }

  /** Sets a mark; false if it was set already. */
  mark(node: number, mark: number): boolean {
    const marks = this.#word(node, NODE_MARKS);
    if ((marks & mark) !== 0) return false;
    this.nodes.set(node * NODE_SIZE + NODE_MARKS, marks | mark);
    return true;
  }

  #childOf(parent: number, symbol: number): number {
    const found = this.#slots.find(
      edgeHash(parent, symbol),
      (node) => this.#word(node, NODE_PARENT) === parent && this.#word(node, NODE_SYMBOL) === symbol,
    );
    if (found >= 0) return found;
    const node = this.nodes.push4(parent, symbol, 0, 0) / NODE_SIZE;
    const at = parent * NODE_SIZE + NODE_CHILD_COUNT;
    this.nodes.set(at, this.nodes.get(at) + 1);
    this.#slots.add(node);
    return node;
  }

  #intern(text: string): number {
    const known = this.#symbolOf.get(text);
    if (known !== undefined) return known;
    this.#symbolOf.set(text, this.symbols.length);
    return this.symbols.push(text) - 1;
  }

  #word(node: number, field: number): number {
    return this.nodes.get(node * NODE_SIZE + field);
  }
}

function edgeHash(parent: number, symbol: number): number {
  const hash = Math.imul(parent + 1, 0x9e3779b1) ^ Math.imul(symbol + 1, 0x85ebca6b);
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
