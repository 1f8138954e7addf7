import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { contentHash } from '../src/image/content-hash.ts';
import { FIRST_HASH_WORD, FIRST_HASHED_WORD, HEADER_WORDS, SECTIONS } from '../src/image/layout.ts';
import { Authorizer, build, ImageError, inspectImage, printTrie } from '../src/index.ts';
import { Random } from './support/generators-random.ts';

const decideFolder = fileURLToPath(new URL('./fixtures/decide/', import.meta.url));

/** Images of every kind of policy that the fixtures have. */
const images = readdirSync(decideFolder)
  .filter((name) => name.endsWith('.acl'))
  .flatMap((name) => {
    const result = build([{ file: name, text: readFileSync(decideFolder + name, 'utf8') }]);
    return result.ok ? [{ name, image: result.image }] : [];
  });

describe('an image', () => {
  test('has the same bytes for the same sources', () => {
    for (const { name, image } of images) {
      const again = build([{ file: name, text: readFileSync(decideFolder + name, 'utf8') }]);
      expect(again.ok && Buffer.compare(again.image, image), name).toBe(0);
    }
    expect(images.length).toBeGreaterThan(80);
  });

  test('that lies in shared memory, or at any offset, is the same image', () => {
    for (const { image } of images.slice(0, 10)) {
      const shared = new Uint8Array(new SharedArrayBuffer(image.byteLength));
      shared.set(image);
      const shifted = new Uint8Array(image.byteLength + 3).subarray(3);
      shifted.set(image);
      const { revision } = Authorizer.fromImage(image);
      expect(Authorizer.fromImage(shared.buffer).revision).toBe(revision);
      expect(Authorizer.fromImage(shifted).revision).toBe(revision);
      expect(printTrie(shared)).toBe(printTrie(image));
    }
  });

  test('is refused if a bit of it is another', () => {
    const random = new Random(1);
    for (const { name, image } of images) {
      for (let round = 0; round < 50; round++) {
        const damaged = image.slice();
        const at = random.below(damaged.length);
        damaged[at]! ^= 1 << random.below(8);
        expect(() => Authorizer.fromImage(damaged), `${name}, byte ${at}`).toThrow(ImageError);
      }
    }
  });

  test('is refused if it is cut off, or goes on', () => {
    const { image } = images[0]!;
    for (const size of [0, 3, 31, 32, image.length >> 1, image.length - 1])
      expect(() => Authorizer.fromImage(image.slice(0, size)), `${size} bytes`).toThrow(ImageError);
    const longer = new Uint8Array(image.length + 8);
    longer.set(image);
    expect(() => Authorizer.fromImage(longer)).toThrow(ImageError);
  });

  test('that somebody has changed and hashed again is refused, or answers without an exception', () => {
    const random = new Random(2);
    let refused = 0;
    let taken = 0;
    for (const { name, image } of images) {
      for (let round = 0; round < 60; round++) {
        const forged = forge(image, random);
        try {
          const authorizer = Authorizer.fromImage(forged);
          taken++;
          for (const subject of ['user:ada', 'service:/a/b', undefined]) {
            for (const resource of ['doc:a', 'wiki:/team/x', 'a:b:c', '/x/y', undefined])
              expect(typeof authorizer.isAllowed(subject, 'read', resource)).toBe('boolean');
          }
        } catch (error) {
          if (!(error instanceof ImageError)) throw new Error(`${name}, round ${round}`, { cause: error });
          refused++;
        }
      }
    }
    expect(refused).toBeGreaterThan(500);
    expect(taken).toBeGreaterThan(500);
  });

  test('tells what is in it', () => {
    const result = build([
      {
        file: 'a.acl',
        text: 'group g { user:a }\nallow group:g, user:b to read, edit on doc:/x/**\ndeny user:b to edit on doc:/x/*/y\n',
      },
    ]);
    if (!result.ok) throw new Error('the policy does not build');
    expect(inspectImage(result.image).counts).toMatchObject({ rules: 2, subjects: 2, groups: 1, actions: 2 });
    expect(printTrie(result.image)).toBe('"doc:/x  (2 here and beneath)\n  /*\n    /y  (1 here)\n'.slice(1));
  });
});

/** The image with one word of a section changed, and hashed again: as whoever can write images could make it. */
function forge(image: Uint8Array, random: Random): Uint8Array {
  const forged = image.slice();
  const words = new Int32Array(forged.buffer);
  // Programs of conditions and variables are not verified word by word.
  const sections = SECTIONS.map((name, index) => ({ name, at: HEADER_WORDS + index * 2 })).filter(
    ({ name, at }) => name !== 'programs' && words[at + 1]! > 0,
  );
  const { at } = sections[random.below(sections.length)]!;
  const word = (words[at]! >> 2) + random.below(words[at + 1]! >> 2 || 1);
  words[word] = random.chance(0.5) ? words[word]! + random.below(9) - 4 : random.below(2 ** 31) | 0;
  words.set(contentHash(words, FIRST_HASHED_WORD), FIRST_HASH_WORD);
  return forged;
}
