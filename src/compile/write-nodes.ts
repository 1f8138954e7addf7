import {
  COLON_ROOT,
  COLON_SEGMENT,
  endMask,
  hashBytes,
  IdElements,
  prefixHash,
  SLASH_SEGMENT,
} from '../id/elements.ts';
import {
  CODE_MANY,
  CODE_PIECES,
  CODE_SHIFT,
  CODE_WILD,
  ENTRY_CLASS,
  ENTRY_SIZE,
  EXACT_SHIFT,
  fixedHash,
  HAS_CHILDREN,
  HAS_LEAVES,
  HAS_NAMESPACE,
  HAS_WILD,
  INDEX_THRESHOLD,
  IS_BIG,
  IS_LOOSE,
  LEAF_BITS,
  LEAF_COUNT,
  LEAF_MASK,
  looseHash,
  MAX_SMALL_COUNT,
  NODE_COVER,
  NODE_FIXED_SIZE,
  NODE_HEAD,
  NONE,
  PIECES_SALT,
  ROOT_COUNT,
  slotHash,
  TAIL_SHIFT,
  WILD_FIRST_GLOB,
  WILD_GLOB_COUNT,
  WILD_MANY,
  WILD_ONE,
  WILD_SIZE,
} from '../image/layout.ts';
import { entriesAt, hasLeaves } from '../image/nodes.ts';
import {
  DRAFT_CODE,
  DRAFT_DEPTH,
  DRAFT_END,
  DRAFT_EXTRA,
  DRAFT_PARENT,
  DRAFT_SIZE,
  DRAFT_TEXT,
  DRAFT_TEXT_SIZE,
  DRAFT_WILD,
  type EntryLists,
  IS_DRAFT_LOOSE,
} from './drafts.ts';
import { PackedSlots } from './packed-slots.ts';
import { SlotTable } from './slot-table.ts';

/** The nodes of an image, and what `scalars` says of them. */
export interface NodeSections {
  readonly nodes: Int32Array;
  readonly slots: Int32Array;
  readonly entrySlots: Int32Array;
  readonly nodeBits: number;
  readonly nodeCount: number;
  readonly entryCount: number;
  readonly manyCount: number;
  readonly roots: readonly number[];
  readonly depths: readonly number[];
}

/** What has become of the drafts. */
export interface DraftFindings {
  /** The node of each draft that has one. */
  readonly nodeOf: Int32Array;
  /** For each draft the least and the greatest number of elements that what is beneath its wildcards matches. */
  readonly rests: Int32Array;
  /** The drafts whose nodes have a wild record, in the order of the records. */
  readonly wildDrafts: readonly number[];
}

/**
 * A text that others begin with becomes their parent if that saves so many bytes: fewer parents are fewer to compare, more
 * are less text (bench/size.ts).
 */
const MIN_SAVED_BYTES = 256;

/** The fields of a wild record whose children may be leaves, in the order of leafCounts. */
const LEAF_FIELDS = [WILD_MANY + COLON_SEGMENT, WILD_ONE + SLASH_SEGMENT, WILD_ONE + COLON_SEGMENT];

const ENDLESS = 0x7fffffff;
const SLASH = 0x2f;
const COLON = 0x3a;

/**
 * Lays out the nodes (image/layout.ts): every draft beneath a wildcard, and of the others those that hold something or are
 * worth having for the text that they share.
 *
 * @param wilds  the wild records of the drafts, with drafts for nodes; loses those that become leaves of their parents
 */
export function writeNodes(
  drafts: Int32Array,
  bytes: Uint8Array,
  lists: EntryLists,
  wilds: Int32Array,
  manyCount: number,
): NodeSections & DraftFindings {
  return new NodeWriter(drafts, bytes, lists, wilds).write(manyCount);
}

class NodeWriter {
  readonly #drafts: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #lists: EntryLists;
  readonly #count: number;
  readonly #isKept: Uint8Array;
  readonly #hasChildren: Uint8Array;
  readonly #rests: Int32Array;
  readonly #wilds: Int32Array;
  /** For each draft those that are its leaves, plus 1, or 0. */
  readonly #leaves: Int32Array;
  readonly #wildDrafts: number[] = [];
  readonly #isParent: Uint8Array;
  /** For each draft the nearest above it that is a parent; and that covers what is beneath, or NONE. */
  readonly #above: Int32Array;
  readonly #cover: Int32Array;
  readonly #nodeOf: Int32Array;
  readonly #text = new IdElements();

  constructor(drafts: Int32Array, bytes: Uint8Array, lists: EntryLists, wilds: Int32Array) {
    this.#drafts = drafts;
    this.#bytes = bytes;
    this.#lists = lists;
    this.#count = drafts.length / DRAFT_SIZE;
    this.#isKept = new Uint8Array(this.#count);
    this.#hasChildren = new Uint8Array(this.#count);
    this.#wilds = wilds;
    this.#leaves = new Int32Array(this.#count * LEAF_COUNT);
    this.#rests = new Int32Array(this.#count * 2);
    this.#isParent = new Uint8Array(this.#count);
    this.#above = new Int32Array(this.#count);
    this.#cover = new Int32Array(this.#count).fill(NONE);
    this.#nodeOf = new Int32Array(this.#count).fill(NONE);
  }

  write(manyCount: number): NodeSections & DraftFindings {
    this.#choose();
    const { size, nodeCount, textCount } = this.#place();
    const nodes = new Int32Array(size);
    const slots = new PackedSlots(size, textCount);
    const entrySlots = new EntrySlots();
    const depths = [0, 0, 0];
    const rootOf = new Uint8Array(this.#count);
    for (let draft = 0; draft < this.#count; draft++) {
      const parent = this.#field(draft, DRAFT_PARENT);
      const root = parent === NONE ? draft : rootOf[parent]!;
      rootOf[draft] = root;
      if (this.#isKept[draft] === 0) continue;
      const entries = this.#writeNode(draft, nodes);
      this.#writeEntries(draft, nodes, entries, entrySlots);
      if (parent === NONE) continue;
      const code = this.#field(draft, DRAFT_CODE);
      if ((code & 7) === CODE_MANY || (code & 7) === CODE_WILD) continue;
      slots.add(this.#hashOf(draft, root), this.#nodeOf[draft]!);
      if (code < CODE_PIECES) depths[root]! |= 1 << Math.min(this.#field(draft, DRAFT_DEPTH) - 1, 31);
    }
    return {
      nodes,
      slots: slots.view(),
      entrySlots: entrySlots.view(),
      nodeBits: slots.offsetBits,
      nodeCount,
      entryCount: this.#lists.order.length,
      manyCount,
      roots: Array.from({ length: ROOT_COUNT }, (_, root) => this.#nodeOf[root]!),
      depths,
      nodeOf: this.#nodeOf,
      rests: this.#rests,
      wildDrafts: this.#wildDrafts,
    };
  }

  /** From the leaves up, since a draft comes after its parent: which drafts become nodes, and what is beneath wildcards. */
  #choose(): void {
    /** Nodes that would begin with the draft's text if it were left out. */
    const beneath = new Int32Array(this.#count);
    const rests = this.#rests;
    for (let draft = 0; draft < this.#count; draft++) {
      rests[draft * 2] = ENDLESS;
      rests[draft * 2 + 1] = NONE;
    }
    for (let draft = this.#count - 1; draft >= 0; draft--) {
      const parent = this.#field(draft, DRAFT_PARENT);
      const code = this.#field(draft, DRAFT_CODE);
      if ((code & IS_DRAFT_LOOSE) !== 0) {
        if (this.#becomesLeaf(draft, parent)) continue;
        this.#isKept[draft] = 1;
        if ((code & 7) < CODE_MANY) this.#hasChildren[parent] = 1;
        this.#addRest(draft, parent, code & 7);
        continue;
      }
      const own = parent === NONE ? 0 : this.#field(draft, DRAFT_END) - this.#field(parent, DRAFT_END);
      const isParent = parent === NONE || beneath[draft]! * own >= MIN_SAVED_BYTES;
      const isKept = isParent || this.#covers(draft, code) || this.#countOf(draft * 2) > 0;
      this.#isParent[draft] = isParent ? 1 : 0;
      this.#isKept[draft] = isKept ? 1 : 0;
      if (parent !== NONE) beneath[parent]! += isParent ? 1 : beneath[draft]! + (isKept ? 1 : 0);
    }
  }

  /** Whether the draft says something of ids that are longer than its own. */
  #covers(draft: number, code: number): boolean {
    return (
      this.#countOf(draft * 2 + 1) > 0 ||
      this.#hasWild(draft) ||
      this.#leafCountsOf(draft) > 0 ||
      this.#isNamespace(draft, code)
    );
  }

  #isNamespace(draft: number, code: number): boolean {
    return code < CODE_MANY && this.#field(draft, DRAFT_EXTRA) !== NONE;
  }

  /** A wildcard at the end of a pattern needs no node: its entries become a list of the node before it. */
  #becomesLeaf(draft: number, parent: number): boolean {
    const isBehindFixed =
      (this.#field(parent, DRAFT_CODE) & IS_DRAFT_LOOSE) === 0 && this.#field(parent, DRAFT_PARENT) !== NONE;
    const isEnd =
      this.#hasChildren[draft] === 0 && !this.#hasWild(draft) && this.#countOf(draft * 2 + 1) === 0;
    if (!isBehindFixed || !isEnd || this.#countOf(draft * 2) > LEAF_MASK) return false;
    const base = this.#field(parent, DRAFT_WILD) * WILD_SIZE;
    const leaf = LEAF_FIELDS.findIndex((field) => this.#wilds[base + field] === draft);
    if (leaf < 0) return false;
    this.#wilds[base + LEAF_FIELDS[leaf]!] = NONE;
    this.#leaves[parent * LEAF_COUNT + leaf] = draft + 1;
    return true;
  }

  #hasWild(draft: number): boolean {
    const wild = this.#field(draft, DRAFT_WILD);
    if (wild === NONE) return false;
    const base = wild * WILD_SIZE;
    if (this.#wilds[base + WILD_GLOB_COUNT]! > 0) return true;
    for (let field = 0; field < WILD_FIRST_GLOB; field++) if (this.#wilds[base + field] !== NONE) return true;
    return false;
  }

  #leafCountsOf(draft: number): number {
    let counts = 0;
    for (let leaf = 0; leaf < LEAF_COUNT; leaf++) {
      const child = this.#leaves[draft * LEAF_COUNT + leaf]! - 1;
      if (child >= 0) counts |= this.#countOf(child * 2) << (leaf * LEAF_BITS);
    }
    return counts;
  }

  /** The lists that a node holds, in the order of its entries. */
  #listsOf(draft: number): number[] {
    const leaves = this.#leaves.subarray(draft * LEAF_COUNT, (draft + 1) * LEAF_COUNT);
    return [
      draft * 2,
      draft * 2 + 1,
      ...Array.from(leaves).flatMap((leaf) => (leaf === 0 ? [] : [(leaf - 1) * 2])),
    ];
  }

  /** What a draft beneath a wildcard adds to the number of elements that its parent's wildcards match. */
  #addRest(draft: number, parent: number, code: number): void {
    const rests = this.#rests;
    const exact = this.#countOf(draft * 2);
    const tail = this.#countOf(draft * 2 + 1);
    if (exact + tail > 0) rests[draft * 2] = 0;
    if (tail > 0 || code === CODE_MANY) rests[draft * 2 + 1] = ENDLESS;
    else if (exact > 0) rests[draft * 2 + 1] = Math.max(0, rests[draft * 2 + 1]!);
    const taken = code === CODE_MANY ? 0 : 1;
    const least = Math.min(ENDLESS, rests[draft * 2]! + taken);
    const most = Math.min(ENDLESS, rests[draft * 2 + 1]! + taken);
    rests[parent * 2] = Math.min(rests[parent * 2]!, least);
    rests[parent * 2 + 1] = Math.max(rests[parent * 2 + 1]!, most);
  }

  #place(): { size: number; nodeCount: number; textCount: number } {
    let size = 0;
    let nodeCount = 0;
    let textCount = 0;
    for (let draft = 0; draft < this.#count; draft++) {
      const parent = this.#field(draft, DRAFT_PARENT);
      if (parent !== NONE) {
        this.#above[draft] = this.#isParent[parent] === 1 ? parent : this.#above[parent]!;
        this.#cover[draft] = this.#covers(parent, this.#field(parent, DRAFT_CODE))
          ? parent
          : this.#cover[parent]!;
      }
      if (this.#isKept[draft] === 0) continue;
      this.#nodeOf[draft] = size;
      let entries = 0;
      for (const list of this.#listsOf(draft)) entries += this.#countOf(list);
      const extras = size + NODE_FIXED_SIZE + this.#textWordsOf(draft);
      size = entriesAt(extras, this.#headOf(draft)) + entries * ENTRY_SIZE;
      nodeCount++;
      const code = this.#field(draft, DRAFT_CODE) & 7;
      if (parent !== NONE && code !== CODE_MANY && code !== CODE_WILD) textCount++;
    }
    return { size, nodeCount, textCount };
  }

  /** Writes all but the entries, and returns where those go. */
  #writeNode(draft: number, nodes: Int32Array): number {
    const node = this.#nodeOf[draft]!;
    const head = this.#headOf(draft);
    const code = this.#field(draft, DRAFT_CODE);
    const parent = this.#field(draft, DRAFT_PARENT);
    const isLoose = (code & IS_DRAFT_LOOSE) !== 0;
    const cover = isLoose ? NONE : this.#cover[draft]!;
    nodes[node] = parent === NONE ? NONE : this.#nodeOf[isLoose ? parent : this.#above[draft]!]!;
    nodes[node + NODE_COVER] = cover === NONE ? NONE : this.#nodeOf[cover]!;
    nodes[node + NODE_HEAD] = head;
    let at = node + NODE_FIXED_SIZE;
    const { words } = this.#text;
    const end = this.#readText(draft);
    const last = end >> 2;
    for (let word = this.#firstWordOf(draft); word < last; word++) nodes[at++] = words[word]!;
    if ((end & 3) !== 0) nodes[at++] = words[last]! & endMask(end);
    if ((head & HAS_NAMESPACE) !== 0) nodes[at++] = this.#field(draft, DRAFT_EXTRA);
    if ((head & HAS_WILD) !== 0) nodes[at++] = this.#wildDrafts.push(draft) - 1;
    if ((code & 7) === CODE_MANY) nodes[at++] = this.#field(draft, DRAFT_EXTRA);
    if (hasLeaves(head)) nodes[at++] = this.#leafCountsOf(draft);
    if ((head & IS_BIG) !== 0) {
      nodes[at++] = this.#countOf(draft * 2);
      nodes[at++] = this.#countOf(draft * 2 + 1);
    }
    return at;
  }

  #writeEntries(draft: number, nodes: Int32Array, offset: number, entrySlots: EntrySlots): void {
    const { starts, order, added } = this.#lists;
    let at = offset;
    for (const list of this.#listsOf(draft)) {
      const first = at;
      for (let i = starts[list]!; i < starts[list + 1]!; i++) {
        const from = order[i]! * 5 + 1;
        for (let field = 0; field < ENTRY_SIZE; field++) nodes[at++] = added[from + field]!;
      }
      if (this.#countOf(list) > INDEX_THRESHOLD) entrySlots.addList(nodes, first, at);
    }
  }

  #headOf(draft: number): number {
    const code = this.#field(draft, DRAFT_CODE);
    const isLoose = (code & IS_DRAFT_LOOSE) !== 0;
    const exact = this.#countOf(draft * 2);
    const tail = this.#countOf(draft * 2 + 1);
    const isBig = exact > MAX_SMALL_COUNT || tail > MAX_SMALL_COUNT;
    return (
      this.#field(draft, isLoose ? DRAFT_TEXT_SIZE : DRAFT_END) |
      ((code & 7) << CODE_SHIFT) |
      (isLoose ? IS_LOOSE : 0) |
      (this.#isNamespace(draft, code) ? HAS_NAMESPACE : 0) |
      (this.#hasWild(draft) ? HAS_WILD : 0) |
      (this.#hasChildren[draft] === 1 ? HAS_CHILDREN : 0) |
      (this.#leafCountsOf(draft) > 0 ? HAS_LEAVES : 0) |
      (isBig ? IS_BIG : (exact << EXACT_SHIFT) | (tail << TAIL_SHIFT))
    );
  }

  #textWordsOf(draft: number): number {
    const isLoose = (this.#field(draft, DRAFT_CODE) & IS_DRAFT_LOOSE) !== 0;
    const end = this.#field(draft, isLoose ? DRAFT_TEXT_SIZE : DRAFT_END);
    return ((end + 3) >> 2) - this.#firstWordOf(draft);
  }

  #firstWordOf(draft: number): number {
    const isFixed =
      (this.#field(draft, DRAFT_CODE) & IS_DRAFT_LOOSE) === 0 && this.#field(draft, DRAFT_PARENT) !== NONE;
    return isFixed ? this.#field(this.#above[draft]!, DRAFT_END) >> 2 : 0;
  }

  #hashOf(draft: number, root: number): number {
    const code = this.#field(draft, DRAFT_CODE);
    if ((code & IS_DRAFT_LOOSE) !== 0) {
      const text = this.#field(draft, DRAFT_TEXT);
      const end = text + this.#field(draft, DRAFT_TEXT_SIZE);
      const parent = this.#nodeOf[this.#field(draft, DRAFT_PARENT)]!;
      return looseHash(parent, code & 7, hashBytes(this.#bytes, text, end));
    }
    const salt = code === CODE_PIECES ? PIECES_SALT : root;
    return fixedHash(prefixHash(this.#text.words, this.#readText(draft)), salt);
  }

  /** Puts a node's text into `#text`, a fixed one's from the start of the id, and returns its end. */
  #readText(draft: number): number {
    const { bytes } = this.#text;
    const isLoose = (this.#field(draft, DRAFT_CODE) & IS_DRAFT_LOOSE) !== 0;
    if (isLoose) return this.#readSegment(draft, this.#field(draft, DRAFT_TEXT_SIZE));
    for (let each = draft; this.#field(each, DRAFT_PARENT) !== NONE; each = this.#field(each, DRAFT_PARENT)) {
      this.#readSegment(each, this.#field(each, DRAFT_END));
      const before = this.#field(this.#field(each, DRAFT_PARENT), DRAFT_END);
      const own = this.#field(each, DRAFT_CODE);
      const code = own === CODE_PIECES ? this.#field(each, DRAFT_EXTRA) : own;
      if (code === COLON_SEGMENT || code === COLON_ROOT) bytes[before] = COLON;
      else if (code === SLASH_SEGMENT) bytes[before] = SLASH;
    }
    return this.#field(draft, DRAFT_END);
  }

  #readSegment(draft: number, end: number): number {
    const text = this.#field(draft, DRAFT_TEXT);
    const size = this.#field(draft, DRAFT_TEXT_SIZE);
    const { bytes } = this.#text;
    for (let i = 0; i < size; i++) bytes[end - size + i] = this.#bytes[text + i]!;
    return end;
  }

  #countOf(list: number): number {
    return this.#lists.starts[list + 1]! - this.#lists.starts[list]!;
  }

  #field(draft: number, field: number): number {
    return this.#drafts[draft * DRAFT_SIZE + field]!;
  }
}

/** The first entry of each class in lists that are too long to be read through. */
class EntrySlots {
  /** The list of each entry that was added, by its first entry; and its class. */
  readonly #keys = new Map<number, readonly [list: number, entryClass: number]>();
  readonly #slots = new SlotTable((entry) => {
    const [list, entryClass] = this.#keys.get(entry)!;
    return slotHash(list, entryClass, 0);
  });

  /** @param end  behind the last entry of the list that begins at `first` */
  addList(nodes: Int32Array, first: number, end: number): void {
    for (let entry = first; entry < end; entry += ENTRY_SIZE) {
      const entryClass = nodes[entry + ENTRY_CLASS]!;
      if (entry > first && entryClass === nodes[entry - ENTRY_SIZE + ENTRY_CLASS]) continue;
      this.#keys.set(entry, [first, entryClass]);
      this.#slots.add(entry);
    }
  }

  view(): Int32Array {
    return this.#slots.slots;
  }
}
