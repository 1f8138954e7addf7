import type { Glob, PatternElement, Separator } from '../model/model.ts';
import { getOrAdd } from './get-or-add.ts';
import { matchesGlob } from './glob-classes.ts';
import { GlobIndex } from './glob-index.ts';
import { type Letter, ZONE_START, type Zone, zoneAfter } from './letters.ts';

const noOwners: readonly number[] = [];

/** So few globs are tried one after the other. */
const MAX_UNINDEXED_GLOBS = 8;

/** A place in one or more patterns: what may come next, and whose patterns end here. Most have one edge: maps come late. */
export class TrieNode {
  readonly id: number;
  /** Of a loop: what follows the `**`, which may end any time. A loop takes every element and has no other edge. */
  readonly after: TrieNode | undefined;
  literals: Map<Separator, Map<string, TrieNode>> | undefined;
  globs: Map<string, GlobEdge> | undefined;
  #globIndex: { readonly index: GlobIndex<GlobEdge>; readonly size: number } | undefined;
  ones: Map<Separator, TrieNode> | undefined;
  roots: Map<Separator, TrieNode> | undefined;
  /** `**`: the loop that takes its elements, by the separator before the first of them. */
  manies: Map<Separator, TrieNode> | undefined;
  owners: readonly number[] = noOwners;

  constructor(id: number, after?: TrieNode) {
    this.id = id;
    this.after = after;
  }

  /** The globs that match a segment, whatever separator they are written with. */
  globsMatching(text: string): Iterable<GlobEdge> {
    const { globs } = this;
    if (globs === undefined) return [];
    if (globs.size <= MAX_UNINDEXED_GLOBS)
      return [...globs.values()].filter(({ glob }) => matchesGlob(glob, text));
    if (this.#globIndex?.size !== globs.size)
      this.#globIndex = { index: new GlobIndex(globs.values()), size: globs.size };
    return this.#globIndex.index.matching(text);
  }
}

export interface GlobEdge {
  readonly separator: Separator;
  readonly glob: Glob;
  readonly target: TrieNode;
}

/** Nodes at which patterns can be after some elements, closed over `**` that take nothing; ascending by id. */
export type NodeSet = readonly TrieNode[];

/** Patterns without shared variables (S20 to S24) as one automaton: equal beginnings are one. A variable is taken as free. */
export class PatternTrie {
  readonly root: TrieNode;
  #count = 0;

  constructor() {
    this.root = this.#newNode();
  }

  /** @param owner  told of ids that the pattern matches; one owner may have several patterns */
  add(elements: readonly PatternElement[], owner: number): void {
    let node = this.root;
    for (const element of elements) node = this.#childOf(node, element);
    if (node.owners === noOwners) node.owners = [owner];
    else (node.owners as number[]).push(owner);
  }

  start(): NodeSet {
    return closeOverNothing([this.root]);
  }

  #childOf(node: TrieNode, element: PatternElement): TrieNode {
    const { separator } = element;
    switch (element.kind) {
      case 'literal':
        node.literals ??= new Map();
        return this.#targetOf(
          getOrAdd(node.literals, separator, () => new Map()),
          element.text,
        );
      case 'glob': {
        const { glob } = element;
        const edge = (): GlobEdge => ({ separator, glob, target: this.#newNode() });
        node.globs ??= new Map();
        return getOrAdd(node.globs, JSON.stringify([separator, glob]), edge).target;
      }
      case 'root':
        node.roots ??= new Map();
        return this.#targetOf(node.roots, separator);
      case 'one':
        return this.#afterOne(node, separator);
      case 'many':
        return this.#afterMany(node, separator);
      case 'variable':
        return element.isMany ? this.#afterMany(node, separator) : this.#afterOne(node, separator);
    }
  }

  #afterOne(node: TrieNode, separator: Separator): TrieNode {
    node.ones ??= new Map();
    return this.#targetOf(node.ones, separator);
  }

  #afterMany(node: TrieNode, separator: Separator): TrieNode {
    node.manies ??= new Map();
    return getOrAdd(node.manies, separator, () => this.#newNode(this.#newNode())).after!;
  }

  #targetOf<Key>(edges: Map<Key, TrieNode>, key: Key): TrieNode {
    return getOrAdd(edges, key, () => this.#newNode());
  }

  #newNode(after?: TrieNode): TrieNode {
    return new TrieNode(this.#count++, after);
  }
}

const allSeparators: readonly Separator[] = ['start', 'colon', 'slash'];

/**
 * The separators that elements of patterns may be written with to match an element of an id: its own, or any at the start of
 * the id, where only a `**` that took nothing can stand before it (S24).
 */
export function separatorsMatching(separator: Separator, zone: Zone): readonly Separator[] {
  if (zone === ZONE_START) return allSeparators;
  return separator === 'colon' ? colon : slash;
}
const colon: readonly Separator[] = ['colon'];
const slash: readonly Separator[] = ['slash'];

/** Where patterns can be after one more element. */
export function stepOver(nodes: NodeSet, letter: Letter, zone: Zone): NodeSet {
  const reached: TrieNode[] = [];
  const separators = separatorsMatching(letter.separator, zone);
  const add = (node: TrieNode | undefined): void => {
    if (node !== undefined) reached.push(node);
  };
  for (const node of nodes) {
    if (node.after !== undefined) reached.push(node);
    for (const separator of separators) {
      add(node.manies?.get(separator));
      if (letter.text === '') add(node.roots?.get(separator));
      else {
        add(node.literals?.get(separator)?.get(letter.text));
        add(node.ones?.get(separator));
      }
    }
    if (letter.text === '' || node.globs === undefined) continue;
    for (const { separator, target } of node.globsMatching(letter.text)) {
      if (separators.includes(separator)) reached.push(target);
    }
  }
  return closeOverNothing(reached);
}

/** Adds where a `**` that takes nothing more leads. */
export function closeOverNothing(nodes: readonly TrieNode[]): NodeSet {
  if (nodes.every(({ after, manies }) => after === undefined && manies === undefined)) {
    return nodes.length < 2 ? nodes : sortNodes(nodes);
  }
  const closed = new Set(nodes);
  for (const node of closed) {
    if (node.after !== undefined) closed.add(node.after);
    for (const many of node.manies?.values() ?? []) closed.add(many.after!);
  }
  return sortNodes(closed);
}

/** Ascending, each once. */
function sortNodes(nodes: Iterable<TrieNode>): NodeSet {
  return [...new Set(nodes)].sort((a, b) => a.id - b.id);
}

/** Whose patterns match an id that ends here. */
export function ownersAt(nodes: NodeSet): readonly number[] {
  return nodes.length === 1 ? nodes[0]!.owners : nodes.flatMap(({ owners }) => owners);
}

/** Whose patterns match a whole id. An owner may come more than once. */
export function ownersOf(trie: PatternTrie, letters: readonly Letter[]): readonly number[] {
  return ownersAt(nodesOf(trie, letters));
}

/** Where a whole id leads. */
export function nodesOf(trie: PatternTrie, letters: readonly Letter[]): NodeSet {
  let nodes = trie.start();
  let zone: Zone = ZONE_START;
  for (const letter of letters) {
    nodes = stepOver(nodes, letter, zone);
    zone = zoneAfter(letter);
  }
  return nodes;
}

/** False only where no id matches both a pattern and one of the trie: told by the text before the first wildcard of either. */
export function mayMeet(trie: PatternTrie, elements: readonly PatternElement[]): boolean {
  let nodes = trie.start();
  let zone: Zone = ZONE_START;
  for (const element of elements) {
    if (element.kind !== 'literal' && element.kind !== 'root') return true;
    const letter = { separator: element.separator, text: element.kind === 'literal' ? element.text : '' };
    nodes = stepOver(nodes, letter, zone);
    if (nodes.length === 0) return false;
    zone = zoneAfter(letter);
  }
  return ownersAt(nodes).length > 0;
}
