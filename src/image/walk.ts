import {
  HASH_SEED,
  hashText,
  hashUnit,
  type IdElements,
  SLASH_SEGMENT,
  START_ROOT,
  START_SEGMENT,
  separatorOf,
} from '../id/elements.ts';
import { matchesGlob } from './glob.ts';
import { grown } from './grown.ts';
import type { ImageSections } from './image.ts';
import {
  CODE_MANY,
  CODE_PIECES,
  childHash,
  ENTRY_SIZE,
  GLOB_CHILD,
  GLOB_PROGRAM,
  GLOB_SEPARATOR,
  GLOB_SIZE,
  HAS_CHILDREN,
  NODE_EXACT_COUNT,
  NODE_HASH,
  NODE_PARENT,
  NODE_SHAPE,
  NODE_SIZE,
  NODE_TAIL_COUNT,
  NODE_TEXT,
  NODE_WILD,
  NONE,
  SCALAR_MANY_COUNT,
  SHAPE_CODE_MASK,
  SHAPE_LENGTH_SHIFT,
  slotHash,
  WILD_FIRST_GLOB,
  WILD_GLOB_COUNT,
  WILD_MANY,
  WILD_ONE,
  WILD_PIECE_SEPARATOR,
  WILD_SIZE,
  wildHash,
} from './layout.ts';
import { entryCountOf, firstEntryOf, type ListReference } from './lists.ts';

type WalkedSections = Pick<
  ImageSections,
  'text' | 'nodes' | 'slots' | 'wilds' | 'globs' | 'entries' | 'programs' | 'scalars'
>;

/**
 * Finds every entry list of a trie that covers an id. One walker belongs to one call at a time: it holds the live
 * states of the walk.
 *
 * A state is a node, twice, plus 1 if it is a `**` that has taken an element and may take more. States of one position
 * are unique: a node has one parent and one way from it, and a `**` is kept unique by `seenMany`. So there are never
 * more states than nodes, whatever the id.
 */
export class TrieWalker {
  /** Covering lists of the last walk, in no order. */
  lists = new Int32Array(64);
  listCount = 0;

  readonly #image: WalkedSections;
  #active = new Int32Array(64);
  /** For each state the hash from which those of its literal children are made. */
  #activeHashes = new Int32Array(64);
  #activeCount = 0;
  #next = new Int32Array(64);
  #nextHashes = new Int32Array(64);
  #nextCount = 0;
  /** For each `**` node the last position (of any walk) at which it became a state; and at which it was reported. */
  readonly #seenMany: Float64Array;
  readonly #reportedMany: Float64Array;
  #position = 0;
  #firstPosition = 0;

  constructor(image: WalkedSections) {
    this.#image = image;
    const manyCount = image.scalars[SCALAR_MANY_COUNT]!;
    this.#seenMany = new Float64Array(manyCount);
    this.#reportedMany = new Float64Array(manyCount);
  }

  /**
   * Walks the trie at `root` along the id `text`, cut into `elements`. Cost: one probe per element and live state.
   * Kept whole for speed.
   */
  walk(root: number, text: string, elements: IdElements): void {
    const { nodes } = this.#image;
    const count = elements.count;
    this.#begin(root);
    for (let i = 0; ; i++) {
      const isEnd = i === count;
      const code = isEnd ? NONE : elements.codes[i]!;
      const separator = isEnd ? NONE : separatorOf(code);
      // `#activeCount` grows while the loop runs: a `**` that takes nothing joins the states of its own position.
      for (let s = 0; s < this.#activeCount; s++) {
        const state = this.#active[s]!;
        const node = state >>> 1;
        const base = node * NODE_SIZE;
        const shape = nodes[base + NODE_SHAPE]!;
        if (isEnd && nodes[base + NODE_EXACT_COUNT]! > 0 && (shape & SHAPE_CODE_MASK) !== CODE_MANY)
          this.#report(node * 2);
        if (nodes[base + NODE_TAIL_COUNT]! > 0 && (isEnd || separator === SLASH_SEGMENT))
          this.#report(node * 2 + 1);
        const wild = nodes[base + NODE_WILD]!;
        if (wild !== NONE) this.#enterMany(wild * WILD_SIZE, isEnd, separator);
        if (isEnd) continue;
        if (wild !== NONE && code < START_ROOT)
          this.#enterOne(wild * WILD_SIZE, node, this.#activeHashes[s]!, text, elements, i);
        if ((state & 1) === 1) this.#pushLoop(node);
        if ((shape & HAS_CHILDREN) === 0) continue;
        const hash = childHash(this.#activeHashes[s]!, code, elements.hashes[i]!);
        const child = this.#childAt(hash, node, code, text, elements.starts[i]!, elements.ends[i]!);
        if (child !== NONE) this.#push(child * 2, hash);
      }
      if (isEnd || this.#nextCount === 0) return;
      this.#advance();
    }
  }

  /** Walks, and calls `visit` with the offset of every entry of the covering lists. */
  forEachEntry(root: number, text: string, elements: IdElements, visit: (base: number) => void): void {
    const { nodes } = this.#image;
    this.walk(root, text, elements);
    for (let i = 0; i < this.listCount; i++) {
      const first = firstEntryOf(nodes, this.lists[i]!);
      const end = first + entryCountOf(nodes, this.lists[i]!);
      for (let entry = first; entry < end; entry++) visit(entry * ENTRY_SIZE);
    }
  }

  /** The node of a root's child along the first element of an id, or NONE. */
  firstChild(root: number, text: string, elements: IdElements): number {
    const code = elements.codes[0]!;
    const hash = childHash(wildHash(root), code, elements.hashes[0]!);
    return this.#childAt(hash, root, code, text, elements.starts[0]!, elements.ends[0]!);
  }

  /** The child of `node` along the text `[start, end)`, under its `childHash`; or NONE. */
  #childAt(hash: number, node: number, code: number, text: string, start: number, end: number): number {
    // The compiler numbers a node right before its first child, so that along a path of only children no slot has to be
    // fetched: at a million rules that is most of the way (bench/size.ts).
    if (this.#isChild(node + 1, hash, node, code, text, start, end)) return node + 1;
    const { slots } = this.#image;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const child = slots[slot]! - 1;
      if (child < 0) return NONE;
      if (this.#isChild(child, hash, node, code, text, start, end)) return child;
    }
  }

  #isChild(
    child: number,
    hash: number,
    node: number,
    code: number,
    text: string,
    start: number,
    end: number,
  ): boolean {
    const { nodes, text: pool } = this.#image;
    const base = child * NODE_SIZE;
    if (nodes[base + NODE_HASH] !== hash || nodes[base + NODE_PARENT] !== node) return false;
    const length = end - start;
    if (
      nodes[base + NODE_SHAPE]! >>> SHAPE_LENGTH_SHIFT !== length ||
      (nodes[base + NODE_SHAPE]! & SHAPE_CODE_MASK) !== code
    )
      return false;
    const from = nodes[base + NODE_TEXT]!;
    for (let i = 0; i < length; i++) if (pool[from + i] !== text.charCodeAt(start + i)) return false;
    return true;
  }

  /** `**` children: what they hold covers the rest of the id; they live on only if something may follow them. */
  #enterMany(wildBase: number, isEnd: boolean, separator: number): void {
    const { nodes, wilds } = this.#image;
    for (let s = 0; s < 3; s++) {
      const child = wilds[wildBase + WILD_MANY + s]!;
      if (child === NONE) continue;
      const takes = separator === s;
      const base = child * NODE_SIZE;
      if (takes || isEnd) this.#reportMany(child, nodes[base + NODE_HASH]!);
      if (isEnd && s === START_SEGMENT) continue;
      const goesOn =
        (nodes[base + NODE_SHAPE]! & HAS_CHILDREN) !== 0 ||
        nodes[base + NODE_WILD] !== NONE ||
        nodes[base + NODE_TAIL_COUNT]! > 0;
      if (!goesOn) continue;
      // Zero segments (S24), first: `#pushLoop` would hide it. At the start of a pattern the compiler has written that
      // case as a pattern of its own.
      if (s !== START_SEGMENT) this.#joinPosition(child);
      if (takes) this.#pushLoop(child);
    }
  }

  /** `*`, globs, and ids whose segment goes on beneath a shorter one by another separator than the slash. */
  #enterOne(
    wildBase: number,
    node: number,
    parentHash: number,
    text: string,
    elements: IdElements,
    i: number,
  ): void {
    const { wilds } = this.#image;
    const code = elements.codes[i]!;
    const one = wilds[wildBase + WILD_ONE + code]!;
    if (one !== NONE) this.#push(one * 2, wildHash(one));
    const globCount = wilds[wildBase + WILD_GLOB_COUNT]!;
    const pieceSeparator = wilds[wildBase + WILD_PIECE_SEPARATOR]!;
    if (globCount === 0 && pieceSeparator === 0) return;
    const { globs, programs, text: pool } = this.#image;
    const start = elements.starts[i]!;
    const end = elements.ends[i]!;
    const firstGlob = wilds[wildBase + WILD_FIRST_GLOB]!;
    for (let g = firstGlob; g < firstGlob + globCount; g++) {
      const base = g * GLOB_SIZE;
      if (globs[base + GLOB_SEPARATOR] !== code) continue;
      if (!matchesGlob(programs, pool, globs[base + GLOB_PROGRAM]!, text, start, end)) continue;
      const child = globs[base + GLOB_CHILD]!;
      this.#push(child * 2, wildHash(child));
    }
    if (pieceSeparator !== 0 && i === elements.count - 1) {
      this.#reportPieces(node, parentHash, code, pieceSeparator, text, start, end);
    }
  }

  /** Every shorter literal sibling that ends where a piece of this segment ends, and covers what is beneath (S32). */
  #reportPieces(
    node: number,
    parentHash: number,
    code: number,
    separator: number,
    text: string,
    start: number,
    end: number,
  ): void {
    let textHash = HASH_SEED;
    for (let i = start; i < end - 1; i++) {
      const unit = text.charCodeAt(i);
      if (unit === separator && i > start) {
        const hash = childHash(parentHash, code, textHash);
        const sibling = this.#childAt(hash, node, code, text, start, i);
        if (sibling !== NONE) {
          const beneath = childHash(hash, CODE_PIECES, HASH_SEED);
          const list = this.#childAt(beneath, sibling, CODE_PIECES, text, start, start);
          if (list !== NONE) this.#report(list * 2);
        }
      }
      textHash = hashUnit(textHash, unit);
    }
  }

  #begin(root: number): void {
    this.#firstPosition = ++this.#position;
    this.listCount = 0;
    this.#active[0] = root * 2;
    this.#activeHashes[0] = wildHash(root);
    this.#activeCount = 1;
    this.#nextCount = 0;
  }

  #advance(): void {
    [this.#active, this.#next] = [this.#next, this.#active];
    [this.#activeHashes, this.#nextHashes] = [this.#nextHashes, this.#activeHashes];
    this.#activeCount = this.#nextCount;
    this.#nextCount = 0;
    this.#position++;
  }

  #push(state: number, hash: number): void {
    if (this.#nextCount === this.#next.length) {
      this.#next = grown(this.#next);
      this.#nextHashes = grown(this.#nextHashes);
    }
    this.#next[this.#nextCount] = state;
    this.#nextHashes[this.#nextCount++] = hash;
  }

  /** A `**` that takes the element at this position lives at the next one. */
  #pushLoop(node: number): void {
    const ordinal = this.#image.nodes[node * NODE_SIZE + NODE_HASH]!;
    if (this.#seenMany[ordinal] === this.#position + 1) return;
    this.#seenMany[ordinal] = this.#position + 1;
    this.#push(node * 2 + 1, wildHash(node));
  }

  /** A `**` that takes nothing is a state of this very position, unless it already is one. */
  #joinPosition(node: number): void {
    const ordinal = this.#image.nodes[node * NODE_SIZE + NODE_HASH]!;
    if (this.#seenMany[ordinal]! >= this.#position) return;
    this.#seenMany[ordinal] = this.#position;
    if (this.#activeCount === this.#active.length) {
      this.#active = grown(this.#active);
      this.#activeHashes = grown(this.#activeHashes);
    }
    this.#active[this.#activeCount] = node * 2;
    this.#activeHashes[this.#activeCount++] = wildHash(node);
  }

  #reportMany(node: number, ordinal: number): void {
    if (this.#reportedMany[ordinal]! >= this.#firstPosition) return;
    this.#reportedMany[ordinal] = this.#position;
    if (this.#image.nodes[node * NODE_SIZE + NODE_EXACT_COUNT]! > 0) this.#report(node * 2);
  }

  #report(list: ListReference): void {
    if (this.listCount === this.lists.length) this.lists = grown(this.lists);
    this.lists[this.listCount++] = list;
  }
}

/** The row of a table of names that holds `name`, or NONE: open addressing over rows of text │ length │ hash │ payload. */
export function findName(pool: Uint16Array, rows: Int32Array, slots: Int32Array, name: string): number {
  const mask = slots.length - 1;
  const length = name.length;
  const hash = hashText(name, 0, length);
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
