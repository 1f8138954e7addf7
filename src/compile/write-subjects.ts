import { encode, IdElements, prefixHash } from '../id/elements.ts';
import { CLASS_COUNT_SHIFT, fixedHash, MANY_CLASSES, SUBJECT_SALT } from '../image/layout.ts';
import { PackedSlots } from './packed-slots.ts';
import { Words } from './words.ts';

/** The subjects of an image, and what `scalars` says of them. */
export interface SubjectSections {
  readonly subjects: Int32Array;
  readonly subjectSlots: Int32Array;
  readonly subjectBits: number;
  readonly subjectCount: number;
  /** Of the records, in the order of the subjects. */
  readonly offsets: Int32Array;
}

/**
 * So many classes stand in the record itself, in the cache line that the text has brought: with `anyone` and
 * `authenticated` they are few enough for the evaluator to loop over.
 */
const MAX_INLINE_CLASSES = 6;

/**
 * Lays out the subjects (image/layout.ts).
 *
 * @param classesOf  the classes of each subject, ascending
 * @param writeList  puts a list of classes elsewhere and returns its offset
 */
export function writeSubjects(
  ids: readonly string[],
  classesOf: readonly (readonly number[])[],
  writeList: (classes: readonly number[]) => number,
): SubjectSections {
  const records = new Words();
  const scratch = new IdElements();
  const hashes = new Int32Array(ids.length);
  const offsets = new Int32Array(ids.length);
  // No record begins at 0, so that no slot of one is empty.
  records.push(0);
  for (const [index, id] of ids.entries()) {
    const classes = classesOf[index]!;
    const isInline = classes.length <= MAX_INLINE_CLASSES;
    const size = encode(id, scratch);
    scratch.bytes.fill(0, size, size + 3);
    hashes[index] = fixedHash(prefixHash(scratch.words, size), SUBJECT_SALT);
    offsets[index] = records.push(
      size | ((isInline ? classes.length : MANY_CLASSES) << CLASS_COUNT_SHIFT),
      ...scratch.words.subarray(0, (size + 3) >> 2),
      ...(isInline ? classes : [writeList(classes)]),
    );
  }
  const slots = new PackedSlots(records.length, ids.length);
  for (let index = 0; index < ids.length; index++) slots.add(hashes[index]!, offsets[index]!);
  return {
    subjects: records.view(),
    subjectSlots: slots.view(),
    subjectBits: slots.offsetBits,
    subjectCount: ids.length,
    offsets,
  };
}
