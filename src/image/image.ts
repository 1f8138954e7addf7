import { contentHash } from './content-hash.ts';
import { checkSection, ImageError } from './image-error.ts';
import {
  FIRST_HASH_WORD,
  FIRST_HASHED_WORD,
  HEADER_WORDS,
  LAYOUT_VERSION,
  MAGIC,
  SECTIONS,
  type SectionName,
} from './layout.ts';
import { verifySections } from './verify.ts';

/** Views on the sections of one image; nothing is copied, so workers may share the bytes. */
export interface ImageSections
  extends Readonly<Record<Exclude<SectionName, 'text' | 'numbers'>, Int32Array>> {
  readonly text: Uint16Array;
  readonly numbers: Float64Array;
}

/** A verified image. Immutable; one serves any number of requests at once. */
export interface Image extends ImageSections {
  /** The content hash, as 32 hexadecimal digits. */
  readonly revision: string;
  readonly sizeBytes: number;
}

/** The bytes of an image, or what `readImage` or `openVerifiedImage` made of them. */
export type ImageSource = Uint8Array | ArrayBufferLike | Image;

/**
 * Verifies the bytes once (magic, version, length, hash, every index in bounds) and returns views on them; builds no
 * object per node or rule. An image that has been read already stays what it is.
 *
 * @throws {ImageError} with a code that says which check failed
 */
export function readImage(bytes: ImageSource): Image {
  if ('revision' in bytes) return bytes;
  const view = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  const aligned = view.byteOffset % 8 === 0 ? view : new Uint8Array(view);
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, view.byteLength >>> 2);
  const [magic, version, sizeBytes] = words;
  if (magic !== MAGIC) throw new ImageError('not-an-image', 'this is not a Postern image');
  if (version !== LAYOUT_VERSION)
    throw new ImageError('other-version', `the image has layout ${version}; compile it again`);
  if (sizeBytes !== view.byteLength)
    throw new ImageError(
      'truncated',
      `the image has ${view.byteLength} of ${sizeBytes} bytes; compile it again`,
    );
  const revision = hexOf(contentHash(words, FIRST_HASHED_WORD));
  if (hexOf([...words.subarray(FIRST_HASH_WORD, FIRST_HASHED_WORD)]) !== revision)
    throw new ImageError('altered', 'the image is damaged; compile it again');
  const sections = readSections(aligned, words);
  verifySections(sections);
  return { ...sections, revision, sizeBytes };
}

/** Whether the bytes begin as an image does, whatever comes after. */
export function looksLikeImage(bytes: Uint8Array): boolean {
  return bytes.byteLength >= 4 && firstWord(bytes) === MAGIC;
}

/** The header of a finished image is written last, over the sections behind it. */
export function writeImage(sections: ImageSections): Uint8Array {
  const tableWords = SECTIONS.length * 2;
  let offset = alignTo8((HEADER_WORDS + tableWords) * 4);
  const table = new Int32Array(tableWords);
  SECTIONS.forEach((name, index) => {
    table[index * 2] = offset;
    table[index * 2 + 1] = sections[name].byteLength;
    offset = alignTo8(offset + sections[name].byteLength);
  });
  const bytes = new Uint8Array(offset);
  const words = new Int32Array(bytes.buffer);
  words.set(table, HEADER_WORDS);
  SECTIONS.forEach((name, index) => {
    const { buffer, byteOffset, byteLength } = sections[name];
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), table[index * 2]);
  });
  words[FIRST_HASHED_WORD] = SECTIONS.length;
  words.set([MAGIC, LAYOUT_VERSION, bytes.byteLength, ...contentHash(words, FIRST_HASHED_WORD)]);
  return bytes;
}

/** The text of `length` units at `start` of the text pool. */
export function textAt({ text }: Pick<ImageSections, 'text'>, start: number, length: number): string {
  let result = '';
  // What a program says is not verified: what lies outside of the pool is left out.
  const end = Math.min(start + length, text.length);
  for (let i = start >>> 0; i < end; i++) result += String.fromCharCode(text[i]!);
  return result;
}

/** The text whose start and length stand at `rows[at]`. */
export function namedText(image: Pick<ImageSections, 'text'>, rows: Int32Array, at: number): string {
  return textAt(image, rows[at]!, rows[at + 1]!);
}

export function readSections(bytes: Uint8Array, words: Int32Array): ImageSections {
  const sections: Partial<Record<SectionName, ArrayBufferView>> = {};
  let at = HEADER_WORDS;
  for (const name of SECTIONS) {
    const offset = words[at++]! >>> 0;
    const length = words[at++]! >>> 0;
    const { buffer, byteOffset, byteLength } = bytes.subarray(offset, offset + length);
    // What lies outside the bytes is missing from the part that was cut out.
    checkSection(name, byteLength === length && offset % 8 === 0);
    const View = name === 'numbers' ? Float64Array : name === 'text' ? Uint16Array : Int32Array;
    sections[name] = new View(buffer as ArrayBuffer, byteOffset, length / View.BYTES_PER_ELEMENT);
  }
  return sections as unknown as ImageSections;
}

function firstWord(bytes: Uint8Array): number {
  return bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24);
}

function alignTo8(offset: number): number {
  return (offset + 7) & ~7;
}

export function hexOf(hash: readonly number[]): string {
  return hash.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
