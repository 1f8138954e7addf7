import { masksOf } from '../compile/actions.ts';
import { TemplateRanking } from '../compile/templates.ts';
import { isWildcardStar } from '../iam/wildcard-star.ts';
import { encode, IdElements, prefixHash, scanned } from '../id/elements.ts';
import { scan } from '../id/scan.ts';
import { type Image, namedText, textAt } from '../image/image.ts';
import { checkSection, ImageError } from '../image/image-error.ts';
import {
  CLASS_COUNT_SHIFT,
  CODE_SHIFT,
  ENTRY_CLASS,
  ENTRY_FLAGS,
  ENTRY_SIZE,
  ENTRY_STORED,
  ENTRY_TARGET,
  FIRST_NAMED_CLASS,
  fixedHash,
  INDEX_THRESHOLD,
  MANY_CLASSES,
  NAME_PAYLOAD,
  NAME_SIZE,
  NAME_TEXT,
  NAMESPACE_SIZE,
  NAMESPACE_SUPERUSER,
  NAMESPACE_SUPERUSER_LENGTH,
  NODE_HEAD,
  NONE,
  RESOURCE_ROOT,
  RULE_LINE,
  RULE_SIZE,
  SCALAR_CLASS_COUNT,
  SCALAR_HAS_SUBJECT_PATTERNS,
  SCALAR_ROOTS,
  SCALAR_SUBJECT_BITS,
  STORE_FIRST_RULE,
  STORE_JSON,
  STORE_MEMBERS,
  STORE_REVISION,
  SUBJECT_ROOT,
  SUBJECT_SALT,
  slotHash,
} from '../image/layout.ts';
import { classesOffsetOf, entriesAt, exactCountAt, extrasOf, tailCountAt } from '../image/nodes.ts';
import { findName, TrieWalker } from '../image/walk.ts';

/** What a live image says of its store, for writes: decisions ask nothing of it. One serves every overlay on the image. */
export class LiveImage {
  readonly image: Image;
  /** Of the store: the image holds what was written up to it. */
  readonly revision: number;
  readonly ruleCount: number;
  readonly classCount: number;
  readonly templates: TemplateRanking;
  /** By namespace; undefined where there is none. */
  readonly superusers: readonly (string | undefined)[];
  readonly #firstRule: number;
  /** The first class that is no group. */
  readonly #firstOther: number;
  readonly #walker: TrieWalker;
  readonly #scratch = new IdElements();
  /** By the names of actions: few, and the same for very many ids. */
  readonly #actions = new Map<string, readonly number[]>();

  /** @throws {ImageError} if the image is not live */
  constructor(image: Image) {
    const { store, scalars, groups, rules, namespaces } = image;
    if (store.length === 0) throw new ImageError('inconsistent', 'the image was made without a store');
    this.image = image;
    this.revision = store[STORE_REVISION]!;
    this.ruleCount = rules.length / RULE_SIZE;
    this.classCount = scalars[SCALAR_CLASS_COUNT]!;
    this.#firstRule = store[STORE_FIRST_RULE]!;
    this.#firstOther = FIRST_NAMED_CLASS + groups.length / NAME_SIZE;
    this.#walker = new TrieWalker(image);
    const at = store[STORE_JSON]!;
    const length = image.text[at]! | (image.text[at + 1]! << 16);
    this.templates = new TemplateRanking(JSON.parse(textAt(image, at + 2, length)));
    this.superusers = Array.from({ length: namespaces.length / NAMESPACE_SIZE }, (_, row) => {
      const base = row * NAMESPACE_SIZE;
      const isNamed = namespaces[base + NAMESPACE_SUPERUSER_LENGTH]! > 0;
      return isNamed ? namedText(image, namespaces, base + NAMESPACE_SUPERUSER) : undefined;
    });
  }

  /** Where a rule stands that was stored with a revision: that of a rule that bears its name, or its place behind all. */
  placeOf(revision: number): number {
    if (revision > this.revision) return this.ruleCount + revision - this.revision - 1;
    const { rules } = this.image;
    let low = this.#firstRule;
    let high = this.ruleCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (rules[middle * RULE_SIZE + RULE_LINE]! < revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The line of a rule of the store by its place: the revision that stored it. */
  lineAt(place: number): number {
    if (place >= this.ruleCount) return this.revision + 1 + place - this.ruleCount;
    return this.image.rules[place * RULE_SIZE + RULE_LINE]!;
  }

  /** The groups that the image knows, by their classes. */
  groups(): readonly (readonly [groupClass: number, name: string])[] {
    const { groups } = this.image;
    return Array.from({ length: groups.length / NAME_SIZE }, (_, row) => [
      FIRST_NAMED_CLASS + row,
      namedText(this.image, groups, row * NAME_SIZE + NAME_TEXT),
    ]);
  }

  /** Page and mask, in pairs, of the entries that a rule on an id has for an action. */
  actionsOn(action: string, rid: string): readonly number[] {
    const names = isWildcardStar(rid) ? [action] : this.templates.limitedActions([action], rid);
    const key = names.join();
    const known = this.#actions.get(key);
    if (known !== undefined) return known;
    const { text, actions, actionSlots } = this.image;
    const rows = names
      .map((name) => findName(text, actions, actionSlots, name))
      .filter((row) => row !== NONE);
    const masks = [...masksOf(rows)].flat();
    this.#actions.set(key, masks);
    return masks;
  }

  /** The class of a group; undefined if the image does not know it. */
  classOfGroup(name: string): number | undefined {
    const row = this.#groupRow(name);
    return row === NONE ? undefined : FIRST_NAMED_CLASS + row;
  }

  /** The classes that membership in a group gives: its own and those of the groups that hold it. */
  classesOfGroup(name: string): Iterable<number> {
    const row = this.#groupRow(name);
    return row === NONE ? [] : this.#listAt(this.image.groups[row * NAME_SIZE + NAME_PAYLOAD]!);
  }

  /** The hash of a subject, as decisions find it. */
  hashOf(subject: string): number {
    const size = encode(subject, this.#scratch);
    return fixedHash(prefixHash(this.#scratch.words, size), SUBJECT_SALT);
  }

  /** The classes that a subject has apart from what the store says of its groups. */
  ownClassesOf(subject: string): Set<number> {
    const classes = new Set(this.#patternClassesOf(subject));
    const record = this.#recordOf(subject);
    if (record === NONE) return classes;
    for (const each of this.#classesOf(record)) if (each >= this.#firstOther) classes.add(each);
    for (const each of this.#fileClassesOf(record)) classes.add(each);
    return classes;
  }

  /** Calls `visit` with every rule of the store that a subject, or a group, has on an id. */
  forEachStored(principal: string, isGroup: boolean, rid: string, visit: (rule: number) => void): void {
    const classes = isGroup ? this.#classOfGroupAsList(principal) : this.#othersOf(principal);
    if (classes.length === 0 || !scan(rid)) return;
    if (isWildcardStar(rid)) {
      this.#visitStar(rid, classes, visit);
      return;
    }
    const node = this.#nodeOfElement(scanned.count - 1);
    if (node === NONE) return;
    const [first, tail, end] = this.#listsOf(node);
    this.#visitList(first, tail, classes, visit);
    this.#visitList(tail, end, classes, visit);
  }

  /**
   * The same on what ends in a star for one segment, and was scanned last. Of all that covers the star itself the rules of no other
   * pattern are stored ones, and those on what is above it are told by where they stand.
   */
  #visitStar(rid: string, classes: readonly number[], visit: (rule: number) => void): void {
    const { nodes } = this.image;
    const above = Array.from({ length: scanned.count }, (_, i) => this.#nodeOfElement(i))
      .filter((node) => node !== NONE)
      .map((node) => this.#listsOf(node));
    this.#walker.forEachEntry(RESOURCE_ROOT, rid, scanned, (base) => {
      if ((nodes[base + ENTRY_FLAGS]! & ENTRY_STORED) === 0 || !classes.includes(nodes[base + ENTRY_CLASS]!))
        return;
      if (!above.some(([first, , end]) => base >= first && base < end)) visit(nodes[base + ENTRY_TARGET]!);
    });
  }

  /** The node of what was scanned last, up to its element i, or NONE. */
  #nodeOfElement(i: number): number {
    const { hashes, byteEnds, codes, words } = scanned;
    return this.#walker.nodeOf(
      fixedHash(hashes[i]!, RESOURCE_ROOT),
      byteEnds[i]! | (codes[i]! << CODE_SHIFT),
      this.image.scalars[SCALAR_ROOTS + RESOURCE_ROOT]!,
      words,
    );
  }

  /** Where the entries of a node for itself begin, those with all that is beneath, and what is behind them. */
  #listsOf(node: number): readonly [first: number, tail: number, end: number] {
    const { nodes } = this.image;
    const head = nodes[node + NODE_HEAD]!;
    const extras = extrasOf(nodes, node, head);
    const first = entriesAt(extras, head);
    const tail = first + exactCountAt(nodes, extras, head) * ENTRY_SIZE;
    return [first, tail, tail + tailCountAt(nodes, extras, head) * ENTRY_SIZE];
  }

  #visitList(first: number, end: number, classes: readonly number[], visit: (rule: number) => void): void {
    const { nodes } = this.image;
    const isIndexed = (end - first) / ENTRY_SIZE > INDEX_THRESHOLD;
    for (const each of classes) {
      let base = isIndexed ? this.#firstEntryOf(first, end, each) : first;
      for (; base < end; base += ENTRY_SIZE) {
        const isOfClass = nodes[base + ENTRY_CLASS] === each;
        if (isOfClass && (nodes[base + ENTRY_FLAGS]! & ENTRY_STORED) !== 0)
          visit(nodes[base + ENTRY_TARGET]!);
        if (!isOfClass && isIndexed) break;
      }
    }
  }

  /** The first entry of a class in a long list; `end` if there is none. */
  #firstEntryOf(first: number, end: number, subjectClass: number): number {
    const { nodes, entrySlots } = this.image;
    const mask = entrySlots.length - 1;
    for (let slot = slotHash(first, subjectClass, 0) & mask; ; slot = (slot + 1) & mask) {
      const base = entrySlots[slot]! - 1;
      if (base < 0) return end;
      if (base >= first && base < end && nodes[base + ENTRY_CLASS] === subjectClass) return base;
    }
  }

  #groupRow(name: string): number {
    return findName(this.image.text, this.image.groups, this.image.groupSlots, name);
  }

  #classOfGroupAsList(name: string): readonly number[] {
    const subjectClass = this.classOfGroup(name);
    return subjectClass === undefined ? [] : [subjectClass];
  }

  /** The classes of a subject that are no groups: its own, and those of patterns, which no rule of the store names. */
  #othersOf(subject: string): readonly number[] {
    const record = this.#recordOf(subject);
    return record === NONE ? [] : [...this.#classesOf(record)].filter((each) => each >= this.#firstOther);
  }

  #listAt(list: number): Int32Array {
    const { classLists } = this.image;
    return classLists.subarray(list + 1, list + 1 + classLists[list]!);
  }

  /** Offset of a subject's record, or NONE. */
  #recordOf(subject: string): number {
    const { subjects, subjectSlots, scalars } = this.image;
    const { bytes } = this.#scratch;
    const size = encode(subject, this.#scratch);
    const hash = this.hashOf(subject);
    const offsetMask = (1 << scalars[SCALAR_SUBJECT_BITS]!) - 1;
    const mask = subjectSlots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = subjectSlots[slot]!;
      if (found === 0) return NONE;
      const record = found & offsetMask;
      if (((found ^ hash) & ~offsetMask) !== 0 || (subjects[record]! & 0xffff) !== size) continue;
      let i = 0;
      while (i < size && ((subjects[record + 1 + (i >> 2)]! >>> ((i & 3) * 8)) & 0xff) === bytes[i]) i++;
      if (i === size) return record;
    }
  }

  #classesOf(record: number): Int32Array {
    const { subjects } = this.image;
    const head = subjects[record]!;
    const count = head >>> CLASS_COUNT_SHIFT;
    const first = classesOffsetOf(record, head);
    return count === MANY_CLASSES ? this.#listAt(subjects[first]!) : subjects.subarray(first, first + count);
  }

  /** What memberships in groups of the files give to a subject that they name. */
  #fileClassesOf(record: number): Iterable<number> {
    const { store, classLists } = this.image;
    const members = this.#listAt(store[STORE_MEMBERS]!);
    let low = 0;
    let high = members.length >> 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (members[middle * 2]! < record) low = middle + 1;
      else high = middle;
    }
    if (members[low * 2] !== record) return [];
    const list = members[low * 2 + 1]!;
    // What is in lists has not been verified.
    checkSection('classLists', list >= 0 && list + classLists[list]! < classLists.length);
    return this.#listAt(list);
  }

  /** What subject patterns give. */
  #patternClassesOf(subject: string): number[] {
    const { nodes, scalars, classLists } = this.image;
    const found: number[] = [];
    if (scalars[SCALAR_HAS_SUBJECT_PATTERNS] === 0 || !scan(subject)) return found;
    this.#walker.forEachEntry(SUBJECT_ROOT, subject, scanned, (base) => {
      const list = nodes[base + ENTRY_TARGET]!;
      checkSection('nodes', list < classLists.length);
      found.push(...this.#listAt(list));
    });
    return found;
  }
}
