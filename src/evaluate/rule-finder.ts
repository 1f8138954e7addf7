import type { IdElements } from '../id/elements.ts';
import { grown } from '../image/grown.ts';
import type { Image } from '../image/image.ts';
import {
  ENTRY_CLASS,
  ENTRY_DENY,
  ENTRY_DETAIL,
  ENTRY_FLAGS,
  ENTRY_MASK,
  ENTRY_PAGE_SHIFT,
  ENTRY_SCOPE,
  ENTRY_SIZE,
  ENTRY_TARGET,
  INDEX_THRESHOLD,
  NAMESPACE_SIZE,
  NONE,
  RELATION_SIZE,
  RESOURCE_ROOT,
  SCALAR_ACTION_COUNT,
  SCALAR_UNIVERSAL_NODE,
  slotHash,
} from '../image/layout.ts';
import { entryCountOf, firstEntryOf, type ListReference } from '../image/lists.ts';
import type { TrieWalker } from '../image/walk.ts';
import type { SubjectClasses } from './subject-classes.ts';

/** Finds the rules that speak of a request: its subject's classes, its action, its resource (S12, S13). Used again for every request. */
export class RuleFinder {
  /** The first plain rule of each effect in source order, or NONE. */
  firstAllow: number = NONE;
  firstDeny: number = NONE;
  /** Rules of which more has to be looked at: detail * 2, plus 1 for a deny. */
  details = new Int32Array(32);
  detailCount = 0;
  /** Rulesets of which a scope covers the request, with repetition. */
  scopes = new Int32Array(8);
  scopeCount = 0;

  readonly #image: Image;
  readonly #walker: TrieWalker;
  readonly #classes: SubjectClasses;
  #action: number = NONE;
  /** Offset in `relations` of how the request's action relates to those of rules. */
  #relation: number = NONE;

  constructor(image: Image, walker: TrieWalker, classes: SubjectClasses) {
    this.#image = image;
    this.#walker = walker;
    this.#classes = classes;
  }

  /**
   * @param action  row of the action, or NONE if no rule names it
   * @param namespace  that of the resource, or NONE
   * @param resource  undefined to ask about every resource (S8)
   */
  find(action: number, namespace: number, resource: string | undefined, elements: IdElements): void {
    this.firstAllow = this.firstDeny = NONE;
    this.detailCount = this.scopeCount = 0;
    if (action === NONE) return;
    this.relate(action, resource === undefined ? this.#noResource() : namespace);
    if (resource === undefined) {
      const universal = this.#image.scalars[SCALAR_UNIVERSAL_NODE]!;
      if (universal !== NONE) this.#visit(universal * 2);
      return;
    }
    this.#walker.walk(RESOURCE_ROOT, resource, elements);
    for (let i = 0; i < this.#walker.listCount; i++) this.#visit(this.#walker.lists[i]!);
  }

  /** Chooses the row by which `isRelated` judges: 0 is for no namespace, the last for no resource. */
  relate(action: number, namespace: number): void {
    this.#action = action;
    this.#relation =
      this.#image.relationIndex[(namespace + 1) * this.#image.scalars[SCALAR_ACTION_COUNT]! + action]!;
  }

  /** Whether a rule with these actions and this effect speaks of the request's action (S13). */
  isRelated(flags: number, mask: number): boolean {
    const { relations } = this.#image;
    const page = flags >>> ENTRY_PAGE_SHIFT;
    const effect = (flags & ENTRY_DENY) === 0 ? 1 : 2;
    const end = this.#relation + 1 + relations[this.#relation]! * RELATION_SIZE;
    for (let at = this.#relation + 1; at < end; at += RELATION_SIZE) {
      if (relations[at] === page) return (mask & relations[at + effect]!) !== 0;
    }
    return false;
  }

  #noResource(): number {
    return this.#image.namespaces.length / NAMESPACE_SIZE;
  }

  /** Considers the entries of one covering list that speak of the subject. */
  #visit(list: ListReference): void {
    const { nodes, entries } = this.#image;
    const first = firstEntryOf(nodes, list);
    const end = first + entryCountOf(nodes, list);
    if (end - first > INDEX_THRESHOLD) {
      for (let i = 0; i < this.#classes.count; i++)
        this.#visitClass(list, first, end, this.#classes.values[i]!);
      return;
    }
    for (let entry = first; entry < end; entry++) {
      if (this.#classes.has(entries[entry * ENTRY_SIZE + ENTRY_CLASS]!)) this.#consider(entry * ENTRY_SIZE);
    }
  }

  #visitClass(list: ListReference, first: number, end: number, subjectClass: number): void {
    const { entries, entrySlots } = this.#image;
    const mask = entrySlots.length - 1;
    for (let slot = slotHash(list, subjectClass, 0) & mask; ; slot = (slot + 1) & mask) {
      let entry = entrySlots[slot]! - 1;
      if (entry < 0) return;
      if (entry < first || entry >= end || entries[entry * ENTRY_SIZE + ENTRY_CLASS] !== subjectClass)
        continue;
      for (; entry < end && entries[entry * ENTRY_SIZE + ENTRY_CLASS] === subjectClass; entry++)
        this.#consider(entry * ENTRY_SIZE);
      return;
    }
  }

  #consider(base: number): void {
    const { entries } = this.#image;
    const flags = entries[base + ENTRY_FLAGS]!;
    const mask = entries[base + ENTRY_MASK]!;
    const target = entries[base + ENTRY_TARGET]!;
    if ((flags & ENTRY_SCOPE) !== 0) {
      const isOfPage = flags >>> ENTRY_PAGE_SHIFT === this.#action >>> 5;
      if (isOfPage && (mask & (1 << (this.#action & 31))) !== 0) this.#addScope(target);
    } else if (!this.isRelated(flags, mask)) return;
    else if ((flags & ENTRY_DETAIL) !== 0) this.#addDetail(target * 2 + (flags & ENTRY_DENY));
    else if ((flags & ENTRY_DENY) !== 0) this.firstDeny = firstOfTwo(this.firstDeny, target);
    else this.firstAllow = firstOfTwo(this.firstAllow, target);
  }

  #addDetail(detail: number): void {
    if (this.detailCount === this.details.length) this.details = grown(this.details);
    this.details[this.detailCount++] = detail;
  }

  #addScope(ruleset: number): void {
    if (this.scopeCount === this.scopes.length) this.scopes = grown(this.scopes);
    this.scopes[this.scopeCount++] = ruleset;
  }
}

/** The lower of two numbers of rules, either of which may be NONE. */
export function firstOfTwo(a: number, b: number): number {
  if (a === NONE) return b;
  return b === NONE || a < b ? a : b;
}
