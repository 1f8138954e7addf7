import { IdElements } from '../id/elements.ts';
import { FAULT_NONE } from '../id/faults.ts';
import { checkGroupName, checkSubject, isGroupSubject, scanId } from '../id/scan-id.ts';
import { grown } from '../image/grown.ts';
import type { Image } from '../image/image.ts';
import {
  CLASS_ANYONE,
  CLASS_AUTHENTICATED,
  ENTRY_TARGET,
  NAME_PAYLOAD,
  NAME_SIZE,
  NONE,
  SCALAR_CLASS_COUNT,
  SCALAR_HAS_SUBJECT_PATTERNS,
  SUBJECT_ROOT,
} from '../image/layout.ts';
import { findName, type TrieWalker } from '../image/walk.ts';

/** With so few classes a loop over them is quicker than a look into a table as large as all classes. */
const FEW_CLASSES = 8;

/** Who asks: the classes of subjects to which the request's subject belongs (S16, S26, S29). Used again for every request. */
export class SubjectClasses {
  /** The classes, in no order, without repetition. */
  values = new Int32Array(16);
  count = 0;
  /** The subject as bound last; undefined for an anonymous request. */
  subject: string | undefined;

  readonly #image: Image;
  readonly #walker: TrieWalker;
  readonly #elements = new IdElements();
  /** For each class the number of the request that had it last: a float, so that counting never starts anew. */
  readonly #stamps: Float64Array;
  #stamp = 0;

  constructor(image: Image, walker: TrieWalker) {
    this.#image = image;
    this.#walker = walker;
    this.#stamps = new Float64Array(image.scalars[SCALAR_CLASS_COUNT]!);
  }

  readonly has = (subjectClass: number): boolean => {
    if (this.count > FEW_CLASSES) return this.#stamps[subjectClass] === this.#stamp;
    for (let i = 0; i < this.count; i++) if (this.values[i] === subjectClass) return true;
    return false;
  };

  /** Finds the classes of subject and groups; false if one of them is malformed (S4, S6). */
  bind(subject: unknown, groups: unknown): boolean {
    this.count = 0;
    this.subject = undefined;
    this.#stamp++;
    this.#add(CLASS_ANYONE);
    if (subject !== undefined) {
      if (typeof subject !== 'string' || checkSubject(subject) !== FAULT_NONE || isGroupSubject(subject))
        return false;
      this.subject = subject;
      this.#add(CLASS_AUTHENTICATED);
      this.#addOwn(subject);
    }
    return groups === undefined || this.#addGroups(groups);
  }

  #addOwn(subject: string): void {
    const { text, subjects, subjectSlots, scalars } = this.#image;
    const row = findName(text, subjects, subjectSlots, subject);
    if (row !== NONE) {
      this.#addList(subjects[row * NAME_SIZE + NAME_PAYLOAD]!);
      return;
    }
    if (scalars[SCALAR_HAS_SUBJECT_PATTERNS] === 0 || scanId(subject, this.#elements) !== FAULT_NONE) return;
    this.#walker.forEachEntry(SUBJECT_ROOT, subject, this.#elements, this.#addEntry);
  }

  /** An entry of the trie of subject patterns gives the classes of its list. */
  readonly #addEntry = (base: number): void => this.#addList(this.#image.entries[base + ENTRY_TARGET]!);

  /** Groups of the request count as memberships (S16), for a subject that was given (S9). */
  #addGroups(groups: unknown): boolean {
    if (!Array.isArray(groups)) return false;
    const { text, groups: rows, groupSlots } = this.#image;
    // By index: an array with holes is no array of names, and `for of` would trust the caller's iterator.
    for (let i = 0; i < groups.length; i++) {
      const name: unknown = groups[i];
      if (typeof name !== 'string' || checkGroupName(name) !== FAULT_NONE) return false;
      const row = this.subject === undefined ? NONE : findName(text, rows, groupSlots, name);
      if (row !== NONE) this.#addList(rows[row * NAME_SIZE + NAME_PAYLOAD]!);
    }
    return true;
  }

  #addList(at: number): void {
    const { classLists } = this.#image;
    const count = classLists[at]!;
    for (let i = at + 1; i <= at + count; i++) this.#add(classLists[i]!);
  }

  #add(subjectClass: number): void {
    if (this.#stamps[subjectClass] === this.#stamp) return;
    this.#stamps[subjectClass] = this.#stamp;
    if (this.count === this.values.length) this.values = grown(this.values);
    this.values[this.count++] = subjectClass;
  }
}
