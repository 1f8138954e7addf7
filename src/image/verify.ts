import type { ImageSections } from './image.ts';
import { checkSection } from './image-error.ts';
import {
  CLASS_COUNT_SHIFT,
  MANY_CLASSES,
  NODE_HEAD,
  NONE,
  RELATION_SIZE,
  ROWS,
  SCALAR_ACTION_COUNT,
  SCALAR_CLASS_COUNT,
  SCALAR_NODE_BITS,
  SCALAR_SUBJECT_BITS,
  SECTIONS,
  type SectionName,
} from './layout.ts';
import { classesOffsetOf, isBelow, isMany, isMarked, mark, verifyNodes } from './nodes.ts';
import { ELEMENT_SIZE } from './variable-ops.ts';

type WordSection = Exclude<SectionName, 'text' | 'numbers'>;

/** The word behind it is its length, where it has one. */
type IsRight = (value: number, next: number) => boolean;

/** What a word has to be: below `end`, and right in what else is asked of it. */
type Bounds = readonly [end: number, isRight?: IsRight];

/**
 * Checks that every index of the image is in bounds, so that the evaluator may trust the bytes. One pass over each
 * section.
 *
 * @throws {ImageError} `inconsistent`, naming the section
 */
export function verifySections(image: ImageSections): void {
  const { scalars, nodes, subjects, classLists, text, programs } = image;
  const rowSizeOf = (section: SectionName): number =>
    ROWS[section].split(' ').length + (section === 'templates' ? countOf('modes') : 0);
  /** Of a section with rows cut short this is no whole number, and the section is refused below. */
  const countOf = (section: SectionName): number => image[section].length / rowSizeOf(section);
  const classes = scalars[SCALAR_CLASS_COUNT]!;
  const actions = countOf('actions');

  const isNodeAt = verifyNodes(image, countOf);
  const isSubjectAt = new Int32Array((subjects.length >> 5) + 1);
  /** A start and a count of what follows. */
  const rangeIn = (end: number): Bounds => [end + 1, (start, count) => count >= 0 && start + count <= end];
  /** The offset of a list, which begins with its count of items. */
  const listIn = (words: Int32Array, itemSize: number): Bounds => [
    words.length,
    (at) => words[at]! >= 0 && at + words[at]! * itemSize < words.length,
  ];
  /** What is along a `**` has an ordinal, and nothing else has. */
  const nodeOf = (hasOrdinal: boolean): Bounds => [
    nodes.length,
    (at) => isMarked(isNodeAt, at) && isMany(nodes[at + NODE_HEAD]!) === hasOrdinal,
  ];
  /** Nothing, or a fingerprint over the offset of a record. */
  const slotOf = (marks: Int32Array, offsetBits: number): Bounds => [
    2 ** 32,
    (slot) => slot === 0 || isMarked(marks, slot & ((1 << offsetBits) - 1)),
  ];
  const list = listIn(classLists, 1);
  const name = rangeIn(text.length);

  // The first word is unused, so that no slot of a subject is 0.
  for (let subject = 1; subject < subjects.length; ) {
    const head = subjects[subject]!;
    const count = head >>> CLASS_COUNT_SHIFT;
    const first = classesOffsetOf(subject, head);
    const next = first + (count === MANY_CLASSES ? 1 : count);
    checkSection('subjects', next <= subjects.length);
    for (let at = first; at < next; at++)
      checkSection(
        'subjects',
        count === MANY_CLASSES ? list[1]!(subjects[at]!, 0) : isBelow(subjects[at]!, classes),
      );
    mark(isSubjectAt, subject);
    subject = next;
  }

  const known: Readonly<Record<string, Bounds>> = {
    bits: [32],
    word: [nodes.length],
    nodes: [nodes.length, (at) => isMarked(isNodeAt, at)],
    one: nodeOf(false),
    many: nodeOf(true),
    globs: rangeIn(countOf('globs')),
    classLists: list,
    relations: listIn(image.relations, RELATION_SIZE),
    text: name,
    json: [text.length - 1, (at) => name[1]!(at + 2, text[at]! | (text[at + 1]! << 16))],
    slots: slotOf(isNodeAt, scalars[SCALAR_NODE_BITS]!),
    subjects: slotOf(isSubjectAt, scalars[SCALAR_SUBJECT_BITS]!),
    // Counts of elements; each element is a row.
    pattern: [
      programs.length,
      (at) =>
        programs[at]! >= 0 &&
        at + 1 + programs[at]! * ELEMENT_SIZE < programs.length &&
        programs[at + 1]! <= programs[at]!,
    ],
  };
  checkSection(
    'scalars',
    countOf('scalars') === 1 &&
      scalars[SCALAR_ACTION_COUNT] === actions &&
      // Each class is named somewhere.
      isBelow(classes - 2, 1 + image.groups.length + subjects.length + classLists.length),
  );
  checkSection('relationIndex', image.relationIndex.length === (countOf('namespaces') + 2) * actions);
  for (const section of SECTIONS as readonly WordSection[]) {
    const words = image[section];
    const { length } = words;
    const rowSize = rowSizeOf(section);
    checkSection(section, length % rowSize === 0);
    // Tables of open addressing: a power of two with an empty slot, otherwise a probe would never end.
    if (section.endsWith('lots')) checkSection(section, (length & (length - 1)) === 0 && words.includes(0));
    ROWS[section].split(' ').forEach((word, field) => {
      const [, key, sign] = /(\w*)(.?)/.exec(word) as unknown as [string, SectionName, string];
      if (!key) return;
      const [end, isRight] = known[key] ?? [countOf(key)];
      const last = end + Number(sign === '+');
      for (let at = field; at < length; at += rowSize) {
        const value = words[at]!;
        if (value === NONE && sign === '?') continue;
        // Unsigned, what is below zero is above everything.
        checkSection(
          section,
          value >>> 0 < last && (isRight === undefined || isRight(value, words[at + 1]!)),
        );
      }
    });
  }
}
