import * as idElements from '../id/elements.ts';
import { IdElements, scanned } from '../id/elements.ts';
import { isGroupName, isSubject, MAX_SUBJECT_LENGTH, scan } from '../id/scan.ts';
import type { Image } from '../image/image.ts';
import * as layout from '../image/layout.ts';
import * as nodeParts from '../image/nodes.ts';
import { findName, type TrieWalker } from '../image/walk.ts';
import type { Overlay } from './overlay.ts';

// The platform folds constants and functions of a module's own into the code, imported ones it does not (bench/constants.ts).
const fixedHash = layout.fixedHash;
const encode = idElements.encode;
const endMask = idElements.endMask;
const prefixHash = idElements.prefixHash;
const classesOffsetOf = nodeParts.classesOffsetOf;
const CLASS_ANYONE = layout.CLASS_ANYONE;
const CLASS_AUTHENTICATED = layout.CLASS_AUTHENTICATED;
const CLASS_COUNT_SHIFT = layout.CLASS_COUNT_SHIFT;
const ENTRY_TARGET = layout.ENTRY_TARGET;
const MANY_CLASSES = layout.MANY_CLASSES;
const NAME_PAYLOAD = layout.NAME_PAYLOAD;
const NAME_SIZE = layout.NAME_SIZE;
const NONE = layout.NONE;
const SCALAR_CLASS_COUNT = layout.SCALAR_CLASS_COUNT;
const SCALAR_HAS_SUBJECT_PATTERNS = layout.SCALAR_HAS_SUBJECT_PATTERNS;
const SCALAR_SUBJECT_BITS = layout.SCALAR_SUBJECT_BITS;
const SUBJECT_ROOT = layout.SUBJECT_ROOT;
const SUBJECT_SALT = layout.SUBJECT_SALT;

/** For the bytes of a subject: not those of `scanned`, where the resource may be already. */
const scratch = new IdElements();
const { words } = scratch;

/** With so few classes a loop over them is quicker than a look into a table as large as all classes. */
export const FEW_CLASSES = 8;

/** Who asks: the classes of subjects to which the request's subject belongs (S16, S26, S29). Used again for every request. */
export class SubjectClasses {
  /** The classes, in no order, without repetition. */
  readonly values: number[] = [];
  count = 0;
  /** Whether `bind` has scanned the subject, so that `scanned` is no longer what it was. */
  hasScanned = false;
  /** The subject as bound last; undefined for an anonymous request. */
  subject: string | undefined;
  /** Of the subject's text. */
  hash = 0;
  /** What has changed since the image was made, for the requests to come. */
  overlay: Overlay | undefined;

  readonly #image: Image;
  readonly #walker: TrieWalker;
  /** The bits of a slot that name the subject. */
  readonly #offsetMask: number;
  /**
   * For each class the number of the request that had it last, kept up from the ninth class on: a float, so that counting
   * never starts anew.
   */
  readonly #stamps: Float64Array;
  #stamp = 0;

  constructor(image: Image, walker: TrieWalker) {
    this.#image = image;
    this.#walker = walker;
    this.#offsetMask = (1 << image.scalars[SCALAR_SUBJECT_BITS]!) - 1;
    this.#stamps = new Float64Array(image.scalars[SCALAR_CLASS_COUNT]!);
  }

  readonly has = (subjectClass: number): boolean => {
    const { count, values } = this;
    // Classes that an overlay has made have no stamps.
    if (count > FEW_CLASSES && subjectClass < this.#stamps.length * 2)
      return this.#stamps[subjectClass] === this.#stamp;
    for (let i = 0; i < count; i++) if (values[i] === subjectClass) return true;
    return false;
  };

  /** Finds the classes of subject and groups; false if one of them is malformed (S4, S6). */
  bind(subject: unknown, groups: unknown): boolean {
    this.count = 1;
    this.values[0] = CLASS_ANYONE;
    this.hasScanned = false;
    this.subject = undefined;
    if (subject !== undefined) {
      if (typeof subject !== 'string') return false;
      this.values[this.count++] = CLASS_AUTHENTICATED;
      if (!this.#addKnown(subject)) {
        if (!isSubject(subject)) return false;
        this.#addPatterns(subject);
      }
      this.subject = subject;
      this.overlay?.bind(this);
    }
    return groups === undefined || this.#addGroups(groups);
  }

  /** Adds the classes of a subject that the policy names; false if it names no such subject. */
  #addKnown(subject: string): boolean {
    const { length } = subject;
    if (length > MAX_SUBJECT_LENGTH) return false;
    const { subjects, subjectSlots } = this.#image;
    const offsetMask = this.#offsetMask;
    const size = encode(subject, scratch);
    // What is not ASCII is judged as text first: a lone surrogate has no bytes of its own.
    if (size !== length && !isSubject(subject)) return false;
    const hash = fixedHash(prefixHash(words, size), SUBJECT_SALT);
    this.hash = hash;
    const mask = subjectSlots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = subjectSlots[slot]!;
      if (found === 0) return false;
      if (((found ^ hash) & ~offsetMask) !== 0) continue;
      const record = found & offsetMask;
      const head = subjects[record]!;
      if ((head & 0xffff) !== size) continue;
      const last = size >> 2;
      let i = 0;
      while (i < last && subjects[record + 1 + i] === words[i]) i++;
      if (i < last || ((size & 3) !== 0 && subjects[record + 1 + i] !== (words[i]! & endMask(size))))
        continue;
      const count = head >>> CLASS_COUNT_SHIFT;
      const first = classesOffsetOf(record, head);
      if (count === MANY_CLASSES) this.#addList(subjects[first]!);
      else {
        // Few, and none of them is there yet.
        for (let at = 0; at < count; at++) this.values[this.count++] = subjects[first + at]!;
      }
      return true;
    }
  }

  #addPatterns(subject: string): void {
    this.hasScanned = true;
    if (this.#image.scalars[SCALAR_HAS_SUBJECT_PATTERNS] === 1 && scan(subject))
      this.#walker.forEachEntry(SUBJECT_ROOT, subject, scanned, this.#addEntry);
  }

  /** An entry of the trie of subject patterns gives the classes of its list. */
  readonly #addEntry = (base: number): void => this.#addList(this.#image.nodes[base + ENTRY_TARGET]!);

  /** Groups of the request count as memberships (S16), for a subject that was given (S9). */
  #addGroups(groups: unknown): boolean {
    if (!Array.isArray(groups)) return false;
    const { text, groups: rows, groupSlots } = this.#image;
    // By index: an array with holes is no array of names, and `for of` would trust the caller's iterator.
    for (let i = 0; i < groups.length; i++) {
      const name: unknown = groups[i];
      if (typeof name !== 'string' || !isGroupName(name)) return false;
      const row = this.subject === undefined ? NONE : findName(text, rows, groupSlots, name);
      if (row !== NONE) this.#addList(rows[row * NAME_SIZE + NAME_PAYLOAD]!);
      this.overlay?.add(this, name);
    }
    return true;
  }

  #addList(at: number): void {
    const { classLists } = this.#image;
    // Of entries of the trie of subjects only the target itself has been verified.
    const end = Math.min(at + classLists[at]!, classLists.length - 1);
    for (let i = at + 1; i <= end; i++) this.add(classLists[i]!);
  }

  /** Adds a class to those of the subject, if it is not one of them. */
  add(subjectClass: number): void {
    if (this.has(subjectClass)) return;
    this.values[this.count++] = subjectClass;
    if (this.count <= FEW_CLASSES) return;
    if (this.count === FEW_CLASSES + 1) {
      this.#stamp++;
      for (let i = 0; i < FEW_CLASSES; i++) this.#stamps[this.values[i]!] = this.#stamp;
    }
    this.#stamps[subjectClass] = this.#stamp;
  }
}
