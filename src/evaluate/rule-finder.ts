import type { Image } from '../image/image.ts';
import * as layout from '../image/layout.ts';
import { slotHash } from '../image/layout.ts';
import type { TrieWalker } from '../image/walk.ts';
import { FEW_CLASSES, type SubjectClasses } from './subject-classes.ts';

// The platform folds constants of a module's own into the code, imported ones it does not (bench/constants.ts).
const ENTRY_CLASS = layout.ENTRY_CLASS;
const ENTRY_DENY = layout.ENTRY_DENY;
const ENTRY_DETAIL = layout.ENTRY_DETAIL;
const ENTRY_FLAGS = layout.ENTRY_FLAGS;
const ENTRY_MASK = layout.ENTRY_MASK;
const ENTRY_PAGE_SHIFT = layout.ENTRY_PAGE_SHIFT;
const ENTRY_SCOPE = layout.ENTRY_SCOPE;
const ENTRY_SIZE = layout.ENTRY_SIZE;
const ENTRY_TARGET = layout.ENTRY_TARGET;
const INDEX_THRESHOLD = layout.INDEX_THRESHOLD;
const NONE = layout.NONE;
const RELATION_SIZE = layout.RELATION_SIZE;
const SCALAR_ACTION_COUNT = layout.SCALAR_ACTION_COUNT;

/** Finds the rules that speak of a request: its subject's classes, its action, its resource (S12, S13). Used again for every request. */
export class RuleFinder {
  /** The first plain rule of each effect in source order, or NONE. */
  firstAllow: number = NONE;
  firstDeny: number = NONE;
  /** Rules of which more has to be looked at: detail * 2, plus 1 for a deny. */
  readonly details: number[] = [];
  detailCount = 0;
  /** Rulesets of which a scope covers the request, with repetition. */
  readonly scopes: number[] = [];
  scopeCount = 0;

  readonly #image: Image;
  readonly #walker: TrieWalker;
  readonly #classes: SubjectClasses;
  #action: number = NONE;
  /** Offset in `relations` of how the request's action relates to those of rules. */
  #relation: number = NONE;
  #isOnePage = false;
  #page = 0;
  #allowMask = 0;
  #denyMask = 0;

  constructor(image: Image, walker: TrieWalker, classes: SubjectClasses) {
    this.#image = image;
    this.#walker = walker;
    this.#classes = classes;
  }

  /**
   * Goes through the lists that the walker has found. Kept whole for speed: few entries are of the subject's classes, fewer
   * of its action.
   *
   * @param action  row of the action, or NONE if no rule names it
   * @param namespace  that of the resource; NONE for none, the number of namespaces for no resource (S8)
   */
  find(action: number, namespace: number): void {
    this.firstAllow = this.firstDeny = NONE;
    this.detailCount = this.scopeCount = 0;
    if (action === NONE) return;
    this.relate(action, namespace);
    const { lists, listsEnd } = this.#walker;
    const { nodes } = this.#image;
    const { values, count } = this.#classes;
    // A bit for each class, by its last five bits: most entries are of others, and one look is enough to see it.
    let signature = 0;
    for (let i = 0; i < count; i++) signature |= 1 << values[i]!;
    for (let list = 0; list < listsEnd; list += 2) {
      const first = lists[list]!;
      const entryCount = lists[list + 1]!;
      const end = first + entryCount * ENTRY_SIZE;
      if (entryCount > INDEX_THRESHOLD) {
        for (let i = 0; i < count; i++) this.#visitClass(first, end, values[i]!);
        continue;
      }
      for (let base = first; base < end; base += ENTRY_SIZE) {
        const entryClass = nodes[base + ENTRY_CLASS]!;
        if (((signature >>> entryClass) & 1) === 0) continue;
        if (count > FEW_CLASSES) {
          if (this.#classes.has(entryClass)) this.#consider(base);
          continue;
        }
        for (let i = 0; i < count; i++) {
          if (values[i] !== entryClass) continue;
          this.#consider(base);
          break;
        }
      }
    }
  }

  /** Chooses the row by which `isRelated` judges: 0 is for no namespace, the last for no resource. */
  relate(action: number, namespace: number): void {
    const { relationIndex, relations, scalars } = this.#image;
    this.#action = action;
    const at = relationIndex[(namespace + 1) * scalars[SCALAR_ACTION_COUNT]! + action]!;
    this.#relation = at;
    this.#isOnePage = relations[at] === 1;
    this.#page = relations[at + 1]!;
    this.#allowMask = relations[at + 2]!;
    this.#denyMask = relations[at + 3]!;
  }

  /** Whether a rule with these actions and this effect speaks of the request's action (S13). */
  isRelated(flags: number, mask: number): boolean {
    const page = flags >>> ENTRY_PAGE_SHIFT;
    const deny = flags & ENTRY_DENY;
    // Policies of more than 32 actions apart, one pair of masks says it all.
    if (this.#isOnePage)
      return page === this.#page && (mask & (deny ? this.#denyMask : this.#allowMask)) !== 0;
    const { relations } = this.#image;
    const end = this.#relation + 1 + relations[this.#relation]! * RELATION_SIZE;
    for (let at = this.#relation + 1; at < end; at += RELATION_SIZE) {
      if (relations[at] === page) return (mask & relations[at + 1 + deny]!) !== 0;
    }
    return false;
  }

  #visitClass(first: number, end: number, subjectClass: number): void {
    const { nodes, entrySlots } = this.#image;
    const mask = entrySlots.length - 1;
    for (let slot = slotHash(first, subjectClass, 0) & mask; ; slot = (slot + 1) & mask) {
      let base = entrySlots[slot]! - 1;
      if (base < 0) return;
      if (base < first || base >= end || nodes[base + ENTRY_CLASS] !== subjectClass) continue;
      for (; base < end && nodes[base + ENTRY_CLASS] === subjectClass; base += ENTRY_SIZE)
        this.#consider(base);
      return;
    }
  }

  #consider(base: number): void {
    const { nodes } = this.#image;
    const flags = nodes[base + ENTRY_FLAGS]!;
    const mask = nodes[base + ENTRY_MASK]!;
    const target = nodes[base + ENTRY_TARGET]!;
    if ((flags & ENTRY_SCOPE) !== 0) {
      const isOfPage = flags >>> ENTRY_PAGE_SHIFT === this.#action >>> 5;
      // Only the last five bits shift.
      if (isOfPage && (mask & (1 << this.#action)) !== 0) this.scopes[this.scopeCount++] = target;
      return;
    }
    if (!this.isRelated(flags, mask)) return;
    if ((flags & ENTRY_DETAIL) !== 0) this.details[this.detailCount++] = target * 2 + (flags & ENTRY_DENY);
    else if ((flags & ENTRY_DENY) !== 0) this.firstDeny = firstOfTwo(this.firstDeny, target);
    else if (!this.#classes.overlay?.hides(target)) this.firstAllow = firstOfTwo(this.firstAllow, target);
  }
}

/** The lower of two numbers of rules, either of which may be NONE. */
export function firstOfTwo(a: number, b: number): number {
  // NONE, unsigned, is greater than every rule.
  return a >>> 0 < b >>> 0 ? a : b;
}
