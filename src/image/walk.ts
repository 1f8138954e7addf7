import * as idElements from '../id/elements.ts';
import { hashBytes, hashText, hashWord, type IdElements, separatorOf } from '../id/elements.ts';
import { matchesGlob } from './glob.ts';
import { grown } from './grown.ts';
import type { ImageSections } from './image.ts';
import * as layout from './layout.ts';
import { looseHash, slotHash } from './layout.ts';
import * as nodeParts from './nodes.ts';
import { isMany, leafCountsAt, ordinalAt, wildAt } from './nodes.ts';

// The platform folds constants and functions of a module's own into the code, imported ones it does not (bench/constants.ts).
const fixedHash = layout.fixedHash;
const entriesAt = nodeParts.entriesAt;
const exactCountAt = nodeParts.exactCountAt;
const extrasOf = nodeParts.extrasOf;
const tailCountAt = nodeParts.tailCountAt;
const endMask = idElements.endMask;
const HASH_SEED = idElements.HASH_SEED;
const MAX_ELEMENTS = idElements.MAX_ELEMENTS;
const SLASH_SEGMENT = idElements.SLASH_SEGMENT;
const START_ROOT = idElements.START_ROOT;
const START_SEGMENT = idElements.START_SEGMENT;
const CODE_MASK = layout.CODE_MASK;
const CODE_PIECES = layout.CODE_PIECES;
const CODE_SHIFT = layout.CODE_SHIFT;
const END_MASK = layout.END_MASK;
const ENTRY_SIZE = layout.ENTRY_SIZE;
const EXACT_SHIFT = layout.EXACT_SHIFT;
const GLOB_CHILD = layout.GLOB_CHILD;
const GLOB_PROGRAM = layout.GLOB_PROGRAM;
const GLOB_SEPARATOR = layout.GLOB_SEPARATOR;
const GLOB_SIZE = layout.GLOB_SIZE;
const HAS_CHILDREN = layout.HAS_CHILDREN;
const HAS_LEAVES = layout.HAS_LEAVES;
const HAS_NAMESPACE = layout.HAS_NAMESPACE;
const HAS_WILD = layout.HAS_WILD;
const IS_EXTENDED = layout.IS_EXTENDED;
const IS_LOOSE = layout.IS_LOOSE;
const LEAF_BITS = layout.LEAF_BITS;
const LEAF_COUNT = layout.LEAF_COUNT;
const LEAF_MASK = layout.LEAF_MASK;
const NAMESPACE_SIZE = layout.NAMESPACE_SIZE;
const NODE_FIXED_SIZE = layout.NODE_FIXED_SIZE;
const NODE_COVER = layout.NODE_COVER;
const NODE_HEAD = layout.NODE_HEAD;
const NODE_PARENT = layout.NODE_PARENT;
const NONE = layout.NONE;
const PIECES_SALT = layout.PIECES_SALT;
const RESOURCE_ROOT = layout.RESOURCE_ROOT;
const SCALAR_DEPTHS = layout.SCALAR_DEPTHS;
const SCALAR_MANY_COUNT = layout.SCALAR_MANY_COUNT;
const SCALAR_NODE_BITS = layout.SCALAR_NODE_BITS;
const SCALAR_ROOTS = layout.SCALAR_ROOTS;
const SCALAR_UNIVERSAL_NODE = layout.SCALAR_UNIVERSAL_NODE;
const TAIL_SHIFT = layout.TAIL_SHIFT;
const WILD_FIRST_GLOB = layout.WILD_FIRST_GLOB;
const WILD_GLOB_COUNT = layout.WILD_GLOB_COUNT;
const WILD_MANY = layout.WILD_MANY;
const WILD_MAX_REST = layout.WILD_MAX_REST;
const WILD_MIN_REST = layout.WILD_MIN_REST;
const WILD_ONE = layout.WILD_ONE;
const WILD_SIZE = layout.WILD_SIZE;

const SLASH = 0x2f;
const COLON = 0x3a;
/** Words that the lists of fixed nodes take at most: `walk` does not ask for each whether there is room. */
const MAX_FIXED_LISTS = (MAX_ELEMENTS + 1) * 2 * (2 + LEAF_COUNT);

type WalkedSections = Pick<
  ImageSections,
  'text' | 'nodes' | 'slots' | 'wilds' | 'globs' | 'pieces' | 'programs' | 'namespaces' | 'scalars'
>;

/**
 * Finds every entry list of a trie that covers an id. One walker belongs to one call at a time: it holds the live
 * states of the walk.
 *
 * The fixed nodes are found first: the longest by the hash of the id up to one of its elements, the others above it. Where
 * one of them has a wildcard that the rest of the id may fit, states go on from there, element by element.
 *
 * A state is a node, twice, plus 1 if it is a `**` that has taken an element and may take more. States of one position
 * are unique: a node has one parent and one way from it, and a `**` is kept unique by `seenMany`. So there are never
 * more states than nodes, whatever the id.
 */
export class TrieWalker {
  /** Covering lists of the last walk, in no order: offset of the first entry │ number of entries. */
  lists = new Int32Array(MAX_FIXED_LISTS * 2);
  /** Twice their number. */
  listsEnd = 0;
  /** The namespace that the id belongs to (S31), or NONE; for no resource the number of namespaces. */
  namespace = NONE;

  readonly #image: WalkedSections;
  /** The bits of a slot that name the node. */
  readonly #offsetMask: number;
  readonly #hasPieces: boolean;
  /** Wildcards of fixed nodes that the id may fit: index into `wilds` │ number of elements before them. */
  readonly #seeds: number[] = [];
  #seedsEnd = 0;
  #active: number[] = [];
  #activeCount = 0;
  #next: number[] = [];
  #nextCount = 0;
  /** For each `**` node the last position (of any walk) at which it became a state; and at which it was reported. */
  readonly #seenMany: Float64Array;
  readonly #reportedMany: Float64Array;
  #position = 0;
  /** What `readAhead` has read, so that the platform may not find it useless. */
  ahead = 0;
  #firstPosition = 0;

  constructor(image: WalkedSections) {
    this.#image = image;
    this.#offsetMask = (1 << image.scalars[SCALAR_NODE_BITS]!) - 1;
    this.#hasPieces = image.pieces.length > 0;
    const manyCount = image.scalars[SCALAR_MANY_COUNT]!;
    this.#seenMany = new Float64Array(manyCount);
    this.#reportedMany = new Float64Array(manyCount);
  }

  /**
   * Walks trie `root` along the id `text`, cut into `elements`. Cost: one probe for each element behind the last fixed node,
   * one step for each fixed node, and one probe for each element and live state beneath a wildcard. Kept whole for speed.
   */
  walk(root: number, text: string, elements: IdElements): void {
    const { nodes, scalars } = this.#image;
    const { count, byteEnds, bytes, codes } = elements;
    const rootNode = scalars[SCALAR_ROOTS + root]!;
    const size = byteEnds[count - 1]!;
    const { lists } = this;
    let listsEnd = 0;
    this.#seedsEnd = 0;
    this.namespace = NONE;
    // What else says something of the id covers what stands for the longest part of it.
    let node = this.#deepestNode(root, rootNode, elements);
    let position = count;
    do {
      const head = nodes[node + NODE_HEAD]!;
      const end = head & END_MASK;
      const extras = extrasOf(nodes, node, head);
      let first = extras;
      let exact = (head >>> EXACT_SHIFT) & 31;
      let tail = head >>> TAIL_SHIFT;
      if ((head & IS_EXTENDED) !== 0) {
        first = entriesAt(extras, head);
        exact = exactCountAt(nodes, extras, head);
        tail = tailCountAt(nodes, extras, head);
        if ((head & HAS_NAMESPACE) !== 0) this.namespace = nodes[extras]!;
        if ((head & HAS_WILD) !== 0) {
          // The number of elements that the node stands for.
          while (position > 0 && byteEnds[position - 1]! > end) position--;
          if (node === rootNode) position = 0;
          this.#addSeed(wildAt(nodes, extras, head), position, count);
        }
      }
      const isEnd = end === size;
      if (isEnd && exact > 0) {
        lists[listsEnd++] = first;
        lists[listsEnd++] = exact;
      }
      if (tail > 0 && (isEnd || bytes[end] === SLASH)) {
        lists[listsEnd++] = first + exact * ENTRY_SIZE;
        lists[listsEnd++] = tail;
      }
      if ((head & HAS_LEAVES) !== 0) {
        const leaves = leafCountsAt(nodes, extras, head);
        const next = isEnd ? NONE : bytes[end]!;
        // Behind the node there is one element, and that is a segment.
        const isParent = count > 1 && byteEnds[count - 2] === end && codes[count - 1]! < START_ROOT;
        let at = first + (exact + tail) * ENTRY_SIZE;
        for (let leaf = 0; leaf < LEAF_COUNT; leaf++) {
          const leafCount = (leaves >>> (leaf * LEAF_BITS)) & LEAF_MASK;
          // `:**`, then `/*` and `:*`
          const isCovering =
            leaf === 0 ? isEnd || next === COLON : isParent && next === (leaf === 1 ? SLASH : COLON);
          if (leafCount > 0 && isCovering) {
            lists[listsEnd++] = at;
            lists[listsEnd++] = leafCount;
          }
          at += leafCount * ENTRY_SIZE;
        }
      }
      node = nodes[node + NODE_COVER]!;
    } while (node !== NONE);
    this.listsEnd = listsEnd;
    if (this.#hasPieces && root === RESOURCE_ROOT) this.#findPieces(rootNode, elements);
    if (this.#seedsEnd > 0) this.#follow(text, elements);
  }

  /** The fixed node that stands for the longest part of the id, up to the end of an element; the root if none does. */
  #deepestNode(
    root: number,
    rootNode: number,
    { count, codes, byteEnds, hashes, words }: IdElements,
  ): number {
    const depths = this.#image.scalars[SCALAR_DEPTHS + root]!;
    for (let i = count - 1; i >= 0; i--) {
      if (((depths >>> (i < 31 ? i : 31)) & 1) === 0) continue;
      const shape = byteEnds[i]! | (codes[i]! << CODE_SHIFT);
      const node = this.nodeOf(fixedHash(hashes[i]!, root), shape, rootNode, words);
      if (node !== NONE) return node;
    }
    return rootNode;
  }

  /**
   * The fixed node of a text, or NONE.
   *
   * @param hash  `fixedHash` of the text
   * @param shape  its size in bytes, and the code in its place of a head
   * @param rootNode  the root of the trie
   */
  nodeOf(hash: number, shape: number, rootNode: number, words: Int32Array): number {
    const { nodes, slots } = this.#image;
    const mask = slots.length - 1;
    const offsetMask = this.#offsetMask;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = slots[slot]!;
      if (found === 0) return NONE;
      if (((found ^ hash) & ~offsetMask) !== 0) continue;
      const node = found & offsetMask;
      if (
        (nodes[node + NODE_HEAD]! & (END_MASK | CODE_MASK | IS_LOOSE)) === shape &&
        hasText(nodes, node, rootNode, words)
      )
        return node;
    }
  }

  /** Walks trie RESOURCE_ROOT for a request without a resource, which only the pattern `**` covers (S8). */
  walkAll(): void {
    const { namespaces, scalars } = this.#image;
    const node = scalars[SCALAR_UNIVERSAL_NODE]!;
    this.listsEnd = 0;
    this.namespace = namespaces.length / NAMESPACE_SIZE;
    if (node !== NONE) this.#reportExact(node);
  }

  /** Reads the first slot in which a walk along what is scanned will look. */
  readAhead(): void {
    const { slots } = this.#image;
    const { hashes, count } = idElements.scanned;
    this.ahead = slots[fixedHash(hashes[count - 1]!, RESOURCE_ROOT) & (slots.length - 1)]!;
  }

  /** Walks, and calls `visit` with the offset of every entry of the covering lists. */
  forEachEntry(root: number, text: string, elements: IdElements, visit: (base: number) => void): void {
    this.walk(root, text, elements);
    for (let i = 0; i < this.listsEnd; i += 2) {
      const first = this.lists[i]!;
      const end = first + this.lists[i + 1]! * ENTRY_SIZE;
      for (let base = first; base < end; base += ENTRY_SIZE) visit(base);
    }
  }

  /** Every fixed node that ends with a separator within the last segment, behind which something is left (S32). */
  #findPieces(rootNode: number, { words, bytes, byteStarts, byteEnds, count }: IdElements): void {
    const { pieces } = this.#image;
    const end = byteEnds[count - 1]! - 1;
    let hash = HASH_SEED;
    let hashedWords = 0;
    for (let i = byteStarts[count - 1]! + 1; i < end; i++) {
      if (!pieces.includes(bytes[i]!)) continue;
      const size = i + 1;
      while (hashedWords < size >> 2) hash = hashWord(hash, words[hashedWords++]!);
      const hashHere = fixedHash(hash ^ (words[hashedWords]! & endMask(size)), PIECES_SALT);
      const node = this.nodeOf(hashHere, size | (CODE_PIECES << CODE_SHIFT), rootNode, words);
      if (node !== NONE) this.#reportExact(node);
    }
  }

  /** Goes on from the seeds, element by element. */
  #follow(text: string, elements: IdElements): void {
    const { nodes } = this.#image;
    const { count, codes } = elements;
    this.#firstPosition = ++this.#position;
    this.#activeCount = this.#nextCount = 0;
    // They were found from the end of the id to its start.
    for (let i = this.#seeds[this.#seedsEnd - 1]!; ; i++) {
      const isEnd = i === count;
      const code = isEnd ? NONE : codes[i]!;
      const separator = isEnd ? NONE : separatorOf(code);
      for (; this.#seedsEnd > 0 && this.#seeds[this.#seedsEnd - 1] === i; this.#seedsEnd -= 2)
        this.#enterWild(this.#seeds[this.#seedsEnd - 2]!, text, elements, i, separator);
      let segmentHash = 0;
      let isHashed = false;
      // `#activeCount` grows while the loop runs: a `**` that takes nothing joins the states of its own position.
      for (let s = 0; s < this.#activeCount; s++) {
        const state = this.#active[s]!;
        const node = state >>> 1;
        const head = nodes[node + NODE_HEAD]!;
        const extras = extrasOf(nodes, node, head);
        this.#reportState(extras, head, isEnd, separator);
        if ((head & HAS_WILD) !== 0)
          this.#enterWild(wildAt(nodes, extras, head), text, elements, i, separator);
        if (isEnd) continue;
        if ((state & 1) === 1) this.#pushLoop(node, ordinalAt(nodes, extras, head));
        if ((head & HAS_CHILDREN) === 0) continue;
        if (!isHashed)
          segmentHash = hashBytes(elements.bytes, elements.byteStarts[i]!, elements.byteEnds[i]!);
        isHashed = true;
        const child = this.#looseChild(node, code, segmentHash, elements, i);
        if (child !== NONE) this.#push(child * 2);
      }
      if (isEnd || this.#nextCount + this.#seedsEnd === 0) return;
      [this.#active, this.#next] = [this.#next, this.#active];
      this.#activeCount = this.#nextCount;
      this.#nextCount = 0;
      this.#position++;
    }
  }

  #reportState(extras: number, head: number, isEnd: boolean, separator: number): void {
    const { nodes } = this.#image;
    const exact = exactCountAt(nodes, extras, head);
    const tail = tailCountAt(nodes, extras, head);
    const first = entriesAt(extras, head);
    if (isEnd && exact > 0 && !isMany(head)) this.#report(first, exact);
    if (tail > 0 && (isEnd || separator === SLASH_SEGMENT)) this.#report(first + exact * ENTRY_SIZE, tail);
  }

  /** The child of a node beneath a wildcard along element `i`; or NONE. */
  #looseChild(parent: number, code: number, segmentHash: number, elements: IdElements, i: number): number {
    const { nodes, slots } = this.#image;
    const { bytes, byteStarts, byteEnds } = elements;
    const offsetMask = this.#offsetMask;
    const mask = slots.length - 1;
    const start = byteStarts[i]!;
    const length = byteEnds[i]! - start;
    const shape = length | (code << CODE_SHIFT) | IS_LOOSE;
    const hash = looseHash(parent, code, segmentHash);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = slots[slot]!;
      if (found === 0) return NONE;
      if (((found ^ hash) & ~offsetMask) !== 0) continue;
      const node = found & offsetMask;
      const head = nodes[node + NODE_HEAD]!;
      if ((head & (END_MASK | CODE_MASK | IS_LOOSE)) !== shape || nodes[node + NODE_PARENT] !== parent)
        continue;
      const at = node + NODE_FIXED_SIZE;
      let k = 0;
      while (k < length && ((nodes[at + (k >> 2)]! >>> ((k & 3) * 8)) & 0xff) === bytes[start + k]) k++;
      if (k === length) return node;
    }
  }

  /** Goes on along the wildcards of a node, at element `i` or, where the separator is NONE, at the end. */
  #enterWild(wild: number, text: string, elements: IdElements, i: number, separator: number): void {
    const base = wild * WILD_SIZE;
    this.#enterMany(base, separator);
    if (separator !== NONE && elements.codes[i]! < START_ROOT) this.#enterOne(base, text, elements, i);
  }

  /** `**` children: what they hold covers the rest of the id; they live on only if something may follow them. */
  #enterMany(wildBase: number, separator: number): void {
    const { nodes, wilds } = this.#image;
    const isEnd = separator === NONE;
    for (let s = 0; s < 3; s++) {
      const child = wilds[wildBase + WILD_MANY + s]!;
      if (child === NONE) continue;
      const takes = separator === s;
      const head = nodes[child + NODE_HEAD]!;
      const extras = child + NODE_FIXED_SIZE;
      const ordinal = ordinalAt(nodes, extras, head);
      if ((takes || isEnd) && this.#reportedMany[ordinal]! < this.#firstPosition) {
        this.#reportedMany[ordinal] = this.#position;
        this.#reportExact(child);
      }
      if ((head & (HAS_CHILDREN | HAS_WILD)) === 0 && tailCountAt(nodes, extras, head) === 0) continue;
      // Zero segments (S24), first: `#pushLoop` would hide it. At the start of a pattern the compiler has written that
      // case as a pattern of its own.
      if (s !== START_SEGMENT) this.#joinPosition(child, ordinal);
      if (takes) this.#pushLoop(child, ordinal);
    }
  }

  /** `*` and globs. */
  #enterOne(wildBase: number, text: string, elements: IdElements, i: number): void {
    const { wilds } = this.#image;
    const code = elements.codes[i]!;
    const one = wilds[wildBase + WILD_ONE + code]!;
    if (one !== NONE) this.#push(one * 2);
    const globCount = wilds[wildBase + WILD_GLOB_COUNT]!;
    if (globCount === 0) return;
    const { globs, programs, text: pool } = this.#image;
    const start = elements.starts[i]!;
    const end = elements.ends[i]!;
    const firstGlob = wilds[wildBase + WILD_FIRST_GLOB]!;
    for (let g = firstGlob; g < firstGlob + globCount; g++) {
      const base = g * GLOB_SIZE;
      if (globs[base + GLOB_SEPARATOR] !== code) continue;
      if (!matchesGlob(programs, pool, globs[base + GLOB_PROGRAM]!, text, start, end)) continue;
      this.#push(globs[base + GLOB_CHILD]! * 2);
    }
  }

  /** Remembers the wildcards behind `position` elements, unless the id has too few or too many behind those. */
  #addSeed(wild: number, position: number, count: number): void {
    const { wilds } = this.#image;
    const base = wild * WILD_SIZE;
    const rest = count - position;
    if (rest < wilds[base + WILD_MIN_REST]! || rest > wilds[base + WILD_MAX_REST]!) return;
    this.#seeds[this.#seedsEnd++] = wild;
    this.#seeds[this.#seedsEnd++] = position;
  }

  #push(state: number): void {
    this.#next[this.#nextCount++] = state;
  }

  /** A `**` that takes the element at this position lives at the next one. */
  #pushLoop(node: number, ordinal: number): void {
    if (this.#seenMany[ordinal] === this.#position + 1) return;
    this.#seenMany[ordinal] = this.#position + 1;
    this.#push(node * 2 + 1);
  }

  /** A `**` that takes nothing is a state of this very position, unless it already is one. */
  #joinPosition(node: number, ordinal: number): void {
    if (this.#seenMany[ordinal]! >= this.#position) return;
    this.#seenMany[ordinal] = this.#position;
    this.#active[this.#activeCount++] = node * 2;
  }

  #reportExact(node: number): void {
    const { nodes } = this.#image;
    const head = nodes[node + NODE_HEAD]!;
    const extras = extrasOf(nodes, node, head);
    const exact = exactCountAt(nodes, extras, head);
    if (exact > 0) this.#report(entriesAt(extras, head), exact);
  }

  #report(first: number, count: number): void {
    if (this.listsEnd + MAX_FIXED_LISTS > this.lists.length) this.lists = grown(this.lists);
    this.lists[this.listsEnd++] = first;
    this.lists[this.listsEnd++] = count;
  }
}

/**
 * Whether the text of a fixed node of the trie is in `words`. From node to node up to the root each has a part of it, of
 * which the last word need not be whole.
 */
function hasText(nodes: Int32Array, fixedNode: number, rootNode: number, words: Int32Array): boolean {
  let node = fixedNode;
  let end = nodes[node + NODE_HEAD]! & END_MASK;
  while (node !== rootNode) {
    const parent = nodes[node + NODE_PARENT]!;
    /* v8 ignore next -- a node of another root, whose hash and length are the same: once in 2^32 */
    if (parent === NONE) return false;
    const start = nodes[parent + NODE_HEAD]! & END_MASK;
    const lastWord = end >> 2;
    let at = node + NODE_FIXED_SIZE;
    // No branch for each word: they are equal nearly always.
    let difference = 0;
    for (let i = start >> 2; i < lastWord; i++) difference |= nodes[at++]! ^ words[i]!;
    if ((end & 3) !== 0) difference |= nodes[at]! ^ (words[lastWord]! & endMask(end));
    if (difference !== 0) return false;
    node = parent;
    end = start;
  }
  return true;
}

/** The row of a table of names that holds `name`, or NONE: open addressing over rows of text │ length │ hash │ payload. */
export function findName(pool: Uint16Array, rows: Int32Array, slots: Int32Array, name: string): number {
  const mask = slots.length - 1;
  const length = name.length;
  const hash = hashText(name);
  for (let slot = slotHash(length, 0, hash) & mask; ; slot = (slot + 1) & mask) {
    const row = slots[slot]! - 1;
    if (row < 0) return NONE;
    const base = row * 4;
    if (rows[base + 2] !== hash || rows[base + 1] !== length) continue;
    const from = rows[base]!;
    let i = 0;
    while (i < length && pool[from + i] === name.charCodeAt(i)) i++;
    if (i === length) return row;
  }
}
