import {
  COLON_ROOT,
  COLON_SEGMENT,
  encode,
  hashBytes,
  IdElements,
  SLASH_SEGMENT,
  START_ROOT,
  START_SEGMENT,
  scanned,
} from '../id/elements.ts';
import { scan } from '../id/scan.ts';
import {
  CODE_MANY,
  CODE_PIECES,
  CODE_WILD,
  ENTRY_PAGE_SHIFT,
  GLOB_CHILD,
  GLOB_SIZE,
  looseHash,
  NONE,
  ROOT_COUNT,
  WILD_FIRST_GLOB,
  WILD_GLOB_COUNT,
  WILD_MANY,
  WILD_MAX_REST,
  WILD_MIN_REST,
  WILD_ONE,
  WILD_SIZE,
} from '../image/layout.ts';
import type { PatternElement, Separator } from '../model/model.ts';
import { InvariantError } from '../source/invariant.ts';
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
import { writeGlob } from './glob-program.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { SlotTable } from './slot-table.ts';
import type { TextPool } from './text-pool.ts';
import { Words } from './words.ts';
import { type NodeSections, writeNodes } from './write-nodes.ts';

const SEPARATOR_CODE: Readonly<Record<Separator, number>> = {
  start: START_SEGMENT,
  colon: COLON_SEGMENT,
  slash: SLASH_SEGMENT,
};

/** The sections that the tries fill, and what `scalars` says of them. */
export interface TrieSections extends NodeSections {
  readonly wilds: Int32Array;
  readonly globs: Int32Array;
  readonly pieces: Int32Array;
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
 * Builds the tries of an image. Patterns go in as rows of elements and come out as entry lists (draft * 2, plus 1 for the
 * tail list); entries are added to lists and sorted at the end. While it is built a trie has a node for every element, a
 * draft; `writeNodes` leaves out those that say nothing.
 */
export class TrieBuilder {
  readonly #pool: TextPool;
  readonly #programs: Words;
  readonly #drafts = new Words(1 << 12);
  /** The texts of the literal drafts. */
  readonly #bytes = new GrowingBytes();
  readonly #wilds = new Words();
  readonly #globs = new Map<number, Map<string, GlobChild>>();
  readonly #pieces = new Set<number>();
  /** list │ class │ mask │ flags │ target for each entry, in the order of adding. */
  readonly #entries = new Words(1 << 12);
  readonly #slots = new SlotTable((draft) => this.#hashOf(draft));
  readonly #segment = new IdElements();
  #manyCount = 0;

  /** @param programs  where glob programs are written */
  constructor(pool: TextPool, programs: Words) {
    this.#pool = pool;
    this.#programs = programs;
    for (let root = 0; root < ROOT_COUNT; root++) this.#addDraft(NONE, START_SEGMENT, 0, 0, 0);
  }

  /** The list of exactly `id`, which is well formed. */
  listOfId(root: number, id: string): number {
    if (!scan(id)) throw new InvariantError(`malformed id reached the compiler: ${id}`);
    const { bytes, codes, byteStarts, byteEnds, count } = scanned;
    let draft = root;
    for (let i = 0; i < count; i++)
      draft = this.#literalChild(draft, codes[i]!, bytes, byteStarts[i]!, byteEnds[i]!);
    return draft * 2;
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
    const last = elements[elements.length - 1]!;
    if (last.kind !== 'literal') throw new InvariantError('pieces of what is no literal');
    const parent = this.#draftOf(root, elements.slice(0, -1));
    const size = encode(last.text + separator, this.#segment);
    this.#pieces.add(this.#segment.bytes[size - 1]!);
    const separatorCode = SEPARATOR_CODE[last.separator];
    const draft = this.#literalChild(parent, CODE_PIECES, this.#segment.bytes, 0, size, separatorCode);
    this.#drafts.set(draft * DRAFT_SIZE + DRAFT_EXTRA, separatorCode);
    return draft * 2;
  }

  /** Marks the ids that begin with this first element, or with the root of a path, as those of a namespace (S31). */
  markNamespace(root: number, first: string, namespace: number): void {
    const at = (this.listOfId(root, first) >>> 1) * DRAFT_SIZE + DRAFT_EXTRA;
    if (this.#drafts.get(at) !== NONE) throw new InvariantError('two namespaces share a root');
    this.#drafts.set(at, namespace);
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
    const lists = this.#sortEntries((order) => retirement !== undefined && this.#retire(order, retirement));
    const globs = this.#writeGlobs();
    const drafted = this.#wilds.view();
    const { nodeOf, rests, wildDrafts, ...sections } = writeNodes(
      this.#drafts.view(),
      this.#bytes.view(),
      lists,
      drafted,
      this.#manyCount,
    );
    const wilds = new Int32Array(wildDrafts.length * WILD_SIZE);
    for (const [wild, draft] of wildDrafts.entries()) {
      const base = wild * WILD_SIZE;
      const from = this.#drafts.get(draft * DRAFT_SIZE + DRAFT_WILD) * WILD_SIZE;
      wilds.set(drafted.subarray(from, from + WILD_SIZE), base);
      for (let field = 0; field < WILD_FIRST_GLOB; field++) {
        const child = wilds[base + field]!;
        if (child !== NONE) wilds[base + field] = nodeOf[child]!;
      }
      wilds[base + WILD_MIN_REST] = rests[draft * 2]!;
      wilds[base + WILD_MAX_REST] = rests[draft * 2 + 1]!;
    }
    for (let at = GLOB_CHILD; at < globs.length; at += GLOB_SIZE) globs[at] = nodeOf[globs[at]!]!;
    return { ...sections, wilds, globs, pieces: Int32Array.from(this.#pieces) };
  }

  #listOf(root: number, elements: readonly PatternElement[]): number {
    const normal = withoutRepeatedMany(elements);
    const last = normal[normal.length - 1]!;
    if (normal.length > 1 && isMany(last) && last.separator === 'slash') {
      return this.#draftOf(root, normal.slice(0, -1)) * 2 + 1;
    }
    return this.#draftOf(root, normal) * 2;
  }

  #draftOf(root: number, elements: readonly PatternElement[]): number {
    let draft = root;
    for (const element of elements) draft = this.#childAlong(draft, element);
    return draft;
  }

  #childAlong(draft: number, element: PatternElement): number {
    const separator = SEPARATOR_CODE[element.separator];
    const { bytes } = this.#segment;
    switch (element.kind) {
      case 'root':
        return this.#literalChild(
          draft,
          element.separator === 'start' ? START_ROOT : COLON_ROOT,
          bytes,
          0,
          0,
        );
      case 'literal':
        return this.#literalChild(draft, separator, bytes, 0, encode(element.text, this.#segment));
      case 'glob':
        return this.#globChild(draft, separator, element.glob);
      default:
        return isMany(element)
          ? this.#wildChild(draft, WILD_MANY + separator, CODE_MANY)
          : this.#wildChild(draft, WILD_ONE + separator, CODE_WILD);
    }
  }

  /** @param separatorCode  of the segment that is the text of pieces; for others their own code */
  #literalChild(
    parent: number,
    code: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    separatorCode = code,
  ): number {
    const drafts = this.#drafts;
    const hash = looseHash(parent, code, hashBytes(bytes, start, end));
    const { slots, mask } = this.#slots;
    for (let slot = hash & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const draft = slots[slot]! - 1;
      const base = draft * DRAFT_SIZE;
      if (
        drafts.get(base + DRAFT_PARENT) === parent &&
        (drafts.get(base + DRAFT_CODE) & 7) === code &&
        drafts.get(base + DRAFT_TEXT_SIZE) === end - start &&
        this.#bytes.isAt(drafts.get(base + DRAFT_TEXT), bytes, start, end)
      )
        return draft;
    }
    const isLoose = isWildCode(drafts.get(parent * DRAFT_SIZE + DRAFT_CODE)) ? IS_DRAFT_LOOSE : 0;
    const text = this.#bytes.append(bytes, start, end);
    const draft = this.#addDraft(
      parent,
      code | isLoose,
      text,
      end - start,
      drafts.get(parent * DRAFT_SIZE + DRAFT_END) + separatorSize(separatorCode) + end - start,
    );
    this.#slots.add(draft);
    return draft;
  }

  #wildChild(parent: number, field: number, code: number): number {
    const at = this.#wildOf(parent) + field;
    const known = this.#wilds.get(at);
    if (known !== NONE) return known;
    const draft = this.#addDraft(parent, code | IS_DRAFT_LOOSE, 0, 0, 0);
    if (code === CODE_MANY) this.#drafts.set(draft * DRAFT_SIZE + DRAFT_EXTRA, this.#manyCount++);
    this.#wilds.set(at, draft);
    return draft;
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
    const child = this.#addDraft(parent, CODE_WILD | IS_DRAFT_LOOSE, 0, 0, 0);
    children.set(key, { separator, program: writeGlob(glob, this.#programs, this.#pool), child });
    return child;
  }

  /** Offset of the wild record of a draft, which is added if there is none. */
  #wildOf(draft: number): number {
    const at = draft * DRAFT_SIZE + DRAFT_WILD;
    const known = this.#drafts.get(at);
    if (known !== NONE) return known * WILD_SIZE;
    const offset = this.#wilds.push(NONE, NONE, NONE, NONE, NONE, NONE, 0, 0, 0, 0);
    this.#drafts.set(at, offset / WILD_SIZE);
    return offset;
  }

  #addDraft(parent: number, code: number, text: number, textSize: number, end: number): number {
    const depth = parent === NONE ? 0 : this.#drafts.get(parent * DRAFT_SIZE + DRAFT_DEPTH) + 1;
    const base = this.#drafts.push4(parent, code, text, textSize);
    this.#drafts.push4(end, NONE, NONE, depth);
    return base / DRAFT_SIZE;
  }

  #hashOf(draft: number): number {
    const base = draft * DRAFT_SIZE;
    const text = this.#drafts.get(base + DRAFT_TEXT);
    const end = text + this.#drafts.get(base + DRAFT_TEXT_SIZE);
    const code = this.#drafts.get(base + DRAFT_CODE) & 7;
    return looseHash(this.#drafts.get(base + DRAFT_PARENT), code, hashBytes(this.#bytes.view(), text, end));
  }

  #writeGlobs(): Int32Array {
    const globs = new Words();
    for (const [wild, children] of this.#globs) {
      this.#wilds.set(wild + WILD_FIRST_GLOB, globs.length / GLOB_SIZE);
      this.#wilds.set(wild + WILD_GLOB_COUNT, children.size);
      for (const { separator, program, child } of children.values()) globs.push(separator, program, child);
    }
    return globs.view();
  }

  /**
   * A counting sort by list, then each list by class; both keep the order of adding.
   *
   * @param retire  sees every sorted list of more than one entry; true if it has changed a class
   */
  #sortEntries(retire: (order: Int32Array) => boolean): EntryLists {
    const added = this.#entries;
    const count = added.length / 5;
    const listCount = (this.#drafts.length / DRAFT_SIZE) * 2;
    const starts = new Int32Array(listCount + 1);
    for (let i = 0; i < count; i++) starts[added.get(i * 5) + 1]!++;
    for (let list = 0; list < listCount; list++) starts[list + 1]! += starts[list]!;
    const order = new Int32Array(count);
    const next = starts.slice();
    for (let i = 0; i < count; i++) order[next[added.get(i * 5)]!++] = i;
    const byClass = (a: number, b: number): number => added.get(a * 5 + 1) - added.get(b * 5 + 1) || a - b;
    for (let list = 0; list < listCount; list++) {
      const from = starts[list]!;
      const to = starts[list + 1]!;
      if (to - from < 2) continue;
      const part = order.subarray(from, to);
      part.sort(byClass);
      if (retire(part)) part.sort(byClass);
    }
    return { starts, order, added: added.view() };
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
}

/** Beneath a wildcard there are only loose drafts. */
function isWildCode(code: number): boolean {
  return (code & IS_DRAFT_LOOSE) !== 0;
}

/** Bytes that stand in an id before an element of `code`; the slash of a root is that of the segment behind it. */
function separatorSize(code: number): number {
  return code === START_SEGMENT || code === START_ROOT ? 0 : 1;
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
