import {
  COLON_ROOT,
  COLON_SEGMENT,
  HASH_SEED,
  hashText,
  IdElements,
  SLASH_SEGMENT,
  START_ROOT,
  START_SEGMENT,
} from '../id/elements.ts';
import { FAULT_NONE } from '../id/faults.ts';
import { scanId } from '../id/scan-id.ts';
import {
  CODE_MANY,
  CODE_PIECES,
  CODE_WILD,
  childHash,
  ENTRY_CLASS,
  ENTRY_PAGE_SHIFT,
  ENTRY_SIZE,
  FIRST_NAMESPACE_NODE,
  GLOB_SIZE,
  HAS_CHILDREN,
  INDEX_THRESHOLD,
  NODE_EXACT_COUNT,
  NODE_FIRST_ENTRY,
  NODE_HASH,
  NODE_PARENT,
  NODE_SHAPE,
  NODE_SIZE,
  NODE_TAIL_COUNT,
  NODE_TEXT,
  NODE_WILD,
  NONE,
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
} from '../image/layout.ts';
import type { PatternElement, Separator } from '../model/model.ts';
import { InvariantError } from '../source/invariant.ts';
import { writeGlob } from './glob-program.ts';
import { SlotTable } from './slot-table.ts';
import type { TextPool } from './text-pool.ts';
import { Words } from './words.ts';

const SEPARATOR_CODE: Readonly<Record<Separator, number>> = {
  start: START_SEGMENT,
  colon: COLON_SEGMENT,
  slash: SLASH_SEGMENT,
};

/** The sections that the tries fill. */
export interface TrieSections {
  readonly nodes: Int32Array;
  readonly slots: Int32Array;
  readonly wilds: Int32Array;
  readonly globs: Int32Array;
  readonly entries: Int32Array;
  readonly entrySlots: Int32Array;
}

/** Above every page of an action mask: flags have 24 bits for it. */
const MAX_PAGES = 2 ** 24;

/** How to find the entries that never decide, since an earlier one always does. */
export interface Retirement {
  /** What is added to the class of such an entry. */
  readonly classCount: number;
  /**
   * Two entries of one list and one class are in one contest if the earlier decides wherever both speak of the action, and
   * nothing else is left to be looked at; NONE for an entry in no contest.
   */
  readonly contestOf: (flags: number, target: number) => number;
}

interface GlobChild {
  readonly separator: number;
  readonly program: number;
  readonly child: number;
}

/**
 * Builds the tries of an image. Patterns go in as rows of elements and come out as entry lists (node * 2, plus 1 for the
 * tail list); entries are added to lists and sorted at the end.
 */
export class TrieBuilder {
  readonly #pool: TextPool;
  readonly #programs: Words;
  readonly #nodes = new Words(1 << 12);
  readonly #wilds = new Words();
  readonly #globs = new Map<number, Map<string, GlobChild>>();
  /** list │ class │ mask │ flags │ target for each entry, in the order of adding. */
  readonly #entries = new Words(1 << 12);
  readonly #slots = new SlotTable((node) => this.#nodes.get(node * NODE_SIZE + NODE_HASH));
  readonly #scratch = new IdElements();
  #manyCount = 0;

  /** @param programs  where glob programs are written */
  constructor(pool: TextPool, programs: Words) {
    this.#pool = pool;
    this.#programs = programs;
    for (let root = 0; root < FIRST_NAMESPACE_NODE; root++)
      this.#addNode(NONE, START_SEGMENT, HASH_SEED, 0, 0);
  }

  get manyCount(): number {
    return this.#manyCount;
  }

  get nodeCount(): number {
    return this.#nodes.length / NODE_SIZE;
  }

  /** The list of exactly `id`, which is well formed. */
  listOfId(root: number, id: string): number {
    const elements = this.#scratch;
    if (scanId(id, elements) !== FAULT_NONE)
      throw new InvariantError(`malformed id reached the compiler: ${id}`);
    let node = root;
    for (let i = 0; i < elements.count; i++) {
      node = this.#literalChild(
        node,
        elements.codes[i]!,
        elements.hashes[i]!,
        id.slice(elements.starts[i], elements.ends[i]),
      );
    }
    return node * 2;
  }

  /** The lists of the ids that the pattern matches: two where it begins with a `**` that may match nothing (S24). */
  listsOfPattern(root: number, elements: readonly PatternElement[]): number[] {
    const lists = [this.#listOf(root, elements)];
    let rest = elements;
    while (rest.length > 1 && rest[0]!.separator === 'start' && isMany(rest[0]!)) {
      rest = [withoutSeparator(rest[1]!), ...rest.slice(2)];
      const list = this.#listOf(root, rest);
      if (!lists.includes(list)) lists.push(list);
    }
    return lists;
  }

  /** The list of what is beneath the id `elements` by a separator within its last segment (S32). */
  listOfPieces(root: number, elements: readonly PatternElement[], separator: string): number {
    const parent = this.#nodeOf(root, elements.slice(0, -1));
    const wild = this.#wildOf(parent) + WILD_PIECE_SEPARATOR;
    const unit = separator.charCodeAt(0);
    const known = this.#wilds.get(wild);
    if (known !== 0 && known !== unit)
      throw new InvariantError('two separators split the pieces of one segment');
    this.#wilds.set(wild, unit);
    const node = this.#nodeOf(root, elements);
    return this.#literalChild(node, CODE_PIECES, HASH_SEED, '') * 2;
  }

  /** The node of the pattern `**` below `root`, or NONE. */
  universalNode(root: number): number {
    const wild = this.#nodes.get(root * NODE_SIZE + NODE_WILD);
    return wild === NONE ? NONE : this.#wilds.get(wild * WILD_SIZE + WILD_MANY + START_SEGMENT);
  }

  addEntry(list: number, entryClass: number, mask: number, flags: number, target: number): void {
    this.#entries.push4(list, entryClass, mask, flags);
    this.#entries.push(target);
  }

  /**
   * Sorts the entries by list, class and order of adding, and writes every section.
   *
   * @param retirement  absent where entries are no rules
   */
  finish(retirement?: Retirement): TrieSections {
    const entries = this.#sortEntries((order) => retirement !== undefined && this.#retire(order, retirement));
    return {
      nodes: this.#nodes.view(),
      slots: this.#slots.view(),
      globs: this.#writeGlobs(),
      wilds: this.#wilds.view(),
      entries,
      entrySlots: this.#indexEntries(entries),
    };
  }

  #listOf(root: number, elements: readonly PatternElement[]): number {
    const normal = withoutRepeatedMany(elements);
    const last = normal[normal.length - 1]!;
    if (normal.length > 1 && isMany(last) && last.separator === 'slash') {
      return this.#nodeOf(root, normal.slice(0, -1)) * 2 + 1;
    }
    return this.#nodeOf(root, normal) * 2;
  }

  #nodeOf(root: number, elements: readonly PatternElement[]): number {
    let node = root;
    for (const element of elements) node = this.#childAlong(node, element);
    return node;
  }

  #childAlong(node: number, element: PatternElement): number {
    const separator = SEPARATOR_CODE[element.separator];
    switch (element.kind) {
      case 'root':
        return this.#literalChild(
          node,
          element.separator === 'start' ? START_ROOT : COLON_ROOT,
          HASH_SEED,
          '',
        );
      case 'literal':
        return this.#literalChild(
          node,
          separator,
          hashText(element.text, 0, element.text.length),
          element.text,
        );
      case 'glob':
        return this.#globChild(node, separator, element.glob);
      default:
        return isMany(element)
          ? this.#wildChild(node, WILD_MANY + separator, CODE_MANY)
          : this.#wildChild(node, WILD_ONE + separator, CODE_WILD);
    }
  }

  #literalChild(parent: number, code: number, textHash: number, text: string): number {
    const hash = childHash(this.#wayHash(parent), code, textHash);
    const offset = this.#pool.intern(text);
    const nodes = this.#nodes;
    const found = this.#slots.find(hash, (node) => {
      const base = node * NODE_SIZE;
      return (
        nodes.get(base + NODE_PARENT) === parent &&
        (nodes.get(base + NODE_SHAPE) & SHAPE_CODE_MASK) === code &&
        nodes.get(base + NODE_TEXT) === offset &&
        nodes.get(base + NODE_SHAPE) >>> SHAPE_LENGTH_SHIFT === text.length
      );
    });
    if (found >= 0) return found;
    const node = this.#addNode(parent, code, hash, offset, text.length);
    this.#slots.add(node);
    const shape = parent * NODE_SIZE + NODE_SHAPE;
    nodes.set(shape, nodes.get(shape) | HAS_CHILDREN);
    return node;
  }

  #wildChild(parent: number, field: number, code: number): number {
    const at = this.#wildOf(parent) + field;
    const known = this.#wilds.get(at);
    if (known !== NONE) return known;
    const ordinal = code === CODE_MANY ? this.#manyCount++ : 0;
    const node = this.#addNode(parent, code, ordinal, 0, 0);
    this.#wilds.set(at, node);
    return node;
  }

  #globChild(
    parent: number,
    separator: number,
    glob: Extract<PatternElement, { kind: 'glob' }>['glob'],
  ): number {
    const wild = this.#wildOf(parent);
    const children = this.#globs.get(wild) ?? new Map<string, GlobChild>();
    this.#globs.set(wild, children);
    const key = JSON.stringify([separator, glob]);
    const known = children.get(key);
    if (known !== undefined) return known.child;
    const child = this.#addNode(parent, CODE_WILD, 0, 0, 0);
    children.set(key, { separator, program: writeGlob(glob, this.#programs, this.#pool), child });
    return child;
  }

  /** Offset of the wild record of `node`, which is added if there is none. */
  #wildOf(node: number): number {
    const at = node * NODE_SIZE + NODE_WILD;
    const known = this.#nodes.get(at);
    if (known !== NONE) return known * WILD_SIZE;
    const offset = this.#wilds.push(NONE, NONE, NONE, NONE, NONE, NONE, 0, 0, 0);
    this.#nodes.set(at, offset / WILD_SIZE);
    return offset;
  }

  #addNode(parent: number, code: number, hash: number, text: number, length: number): number {
    const base = this.#nodes.push4(parent, code | (length << SHAPE_LENGTH_SHIFT), hash, text);
    this.#nodes.push4(0, 0, 0, NONE);
    return base / NODE_SIZE;
  }

  /** From what the hashes of the literal children of a node are made. */
  #wayHash(node: number): number {
    const base = node * NODE_SIZE;
    const code = this.#nodes.get(base + NODE_SHAPE) & SHAPE_CODE_MASK;
    const isWild = this.#nodes.get(base + NODE_PARENT) === NONE || code === CODE_MANY || code === CODE_WILD;
    return isWild ? wildHash(node) : this.#nodes.get(base + NODE_HASH);
  }

  #writeGlobs(): Int32Array {
    const globs = new Words();
    for (const [wild, children] of this.#globs) {
      this.#wilds.set(wild + WILD_FIRST_GLOB, globs.length / GLOB_SIZE);
      this.#wilds.set(wild + WILD_GLOB_COUNT, children.size);
      for (const { separator, program, child } of children.values())
        globs.push4(separator, program, child, 0);
    }
    return globs.view();
  }

  /**
   * A counting sort by list, then each list by class; both keep the order of adding.
   *
   * @param retire  sees every sorted list of more than one entry; true if it has changed a class
   */
  #sortEntries(retire: (order: Int32Array) => boolean): Int32Array {
    const added = this.#entries;
    const count = added.length / 5;
    const starts = new Int32Array(this.nodeCount * 2 + 1);
    for (let i = 0; i < count; i++) starts[added.get(i * 5) + 1]!++;
    for (let list = 0; list < this.nodeCount * 2; list++) starts[list + 1]! += starts[list]!;
    this.#writeListBounds(starts);
    const order = new Int32Array(count);
    const next = starts.slice();
    for (let i = 0; i < count; i++) order[next[added.get(i * 5)]!++] = i;
    for (let list = 0; list < this.nodeCount * 2; list++) {
      const from = starts[list]!;
      const to = starts[list + 1]!;
      if (to - from < 2) continue;
      const part = order.subarray(from, to);
      const byClass = (a: number, b: number): number => added.get(a * 5 + 1) - added.get(b * 5 + 1) || a - b;
      part.sort(byClass);
      if (retire(part)) part.sort(byClass);
    }
    const sorted = new Int32Array(count * ENTRY_SIZE);
    for (let i = 0; i < count; i++) {
      for (let field = 0; field < ENTRY_SIZE; field++)
        sorted[i * ENTRY_SIZE + field] = added.get(order[i]! * 5 + 1 + field);
    }
    return sorted;
  }

  /**
   * Moves to a class that nobody has the entries that an earlier one makes idle, so that a list that repeats itself costs
   * a decision no more than one that does not. They stay for explanations.
   *
   * @param order  numbers of the entries of one list, sorted by class
   */
  #retire(order: Int32Array, { classCount, contestOf }: Retirement): boolean {
    const added = this.#entries;
    const masks = new Map<number, number>();
    let hasChanged = false;
    let runClass: number = NONE;
    for (const entry of order) {
      const base = entry * 5;
      const entryClass = added.get(base + 1);
      if (entryClass !== runClass) masks.clear();
      runClass = entryClass;
      const flags = added.get(base + 3);
      const contest = contestOf(flags, added.get(base + 4));
      if (contest === NONE) continue;
      const mask = added.get(base + 2);
      const key = contest * MAX_PAGES + (flags >>> ENTRY_PAGE_SHIFT);
      const known = masks.get(key) ?? 0;
      if ((known & mask) === mask && mask !== 0) {
        added.set(base + 1, entryClass + classCount);
        hasChanged = true;
      } else masks.set(key, known | mask);
    }
    return hasChanged;
  }

  #writeListBounds(starts: Int32Array): void {
    for (let node = 0; node < this.nodeCount; node++) {
      const base = node * NODE_SIZE;
      this.#nodes.set(base + NODE_FIRST_ENTRY, starts[node * 2]!);
      this.#nodes.set(base + NODE_EXACT_COUNT, starts[node * 2 + 1]! - starts[node * 2]!);
      this.#nodes.set(base + NODE_TAIL_COUNT, starts[node * 2 + 2]! - starts[node * 2 + 1]!);
    }
  }

  /** The first entry of each class in lists that are too long to be read through. */
  #indexEntries(entries: Int32Array): Int32Array {
    const lists = new Map<number, number>();
    const slots = new SlotTable((entry) =>
      slotHash(lists.get(entry)!, entries[entry * ENTRY_SIZE + ENTRY_CLASS]!, 0),
    );
    for (let node = 0; node < this.nodeCount; node++) {
      const base = node * NODE_SIZE;
      const first = this.#nodes.get(base + NODE_FIRST_ENTRY);
      const exact = this.#nodes.get(base + NODE_EXACT_COUNT);
      const tail = this.#nodes.get(base + NODE_TAIL_COUNT);
      for (const [list, from, size] of [
        [node * 2, first, exact],
        [node * 2 + 1, first + exact, tail],
      ] as const) {
        if (size <= INDEX_THRESHOLD) continue;
        for (let i = from; i < from + size; i++) {
          if (i > from && entries[i * ENTRY_SIZE] === entries[(i - 1) * ENTRY_SIZE]) continue;
          lists.set(i, list);
          slots.add(i);
        }
      }
    }
    return slots.view();
  }
}

/** A variable is a wildcard in the trie; that its texts agree is checked for what the trie finds. */
function isMany(element: PatternElement): boolean {
  return element.kind === 'many' || (element.kind === 'variable' && element.isMany);
}

/** `X/**` + `/**` matches what `X/**` does, and so does `**` + anything `**` at the start. */
function withoutRepeatedMany(elements: readonly PatternElement[]): readonly PatternElement[] {
  return elements.filter((element, i) => {
    const previous = elements[i - 1];
    if (previous === undefined || !isMany(element) || !isMany(previous)) return true;
    return previous.separator !== 'start' && previous.separator !== element.separator;
  });
}

function withoutSeparator(element: PatternElement): PatternElement {
  return { ...element, separator: 'start' };
}
