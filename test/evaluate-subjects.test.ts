import { expect, test } from 'vitest';
import { SubjectClasses } from '../src/evaluate/subject-classes.ts';
import { encode, IdElements, prefixHash } from '../src/id/elements.ts';
import { type Image, readImage } from '../src/image/image.ts';
import { fixedHash, SCALAR_SUBJECT_BITS, SUBJECT_SALT } from '../src/image/layout.ts';
import { TrieWalker } from '../src/image/walk.ts';
import { build } from '../src/index.ts';

// A subject is found by its hash and then compared, whatever a slot says. Here slots of strangers point to the records of
// subjects that a policy names, as those of a chosen hash would.

const NAMED = ['user:ann', 'user:annabel', 'u:abc', 'u:abcd', 'u:abcde', 'user:\u00e9tienne'];
const STRANGERS = [
  ...[
    'user:anx',
    'user:bnn',
    'vser:ann',
    'user:an',
    'user:anna',
    'user:annabex',
    'user:annxbel',
    'xser:annabel',
  ],
  ...[
    'u:abx',
    'u:xbc',
    'x:abc',
    'u:abcx',
    'x:abcd',
    'u:abcdx',
    'x:abcde',
    'u:xbcde',
    'user:\u00e8tienne',
    'u:\u00e9',
  ],
];

function imageOf(): Image {
  const text = NAMED.map(
    (subject, i) => `group g${i} { ${JSON.stringify(subject)} }\nallow group:g${i} to read on r:${i}\n`,
  );
  const built = build([{ file: 'a.acl', text: text.join('') }]);
  if (!built.ok) throw new Error(built.diagnostics[0]?.message);
  return readImage(built.image);
}

function hashOf(subject: string): number {
  const elements = new IdElements();
  return fixedHash(prefixHash(elements.words, encode(subject, elements)), SUBJECT_SALT);
}

function classesOf(image: Image, subject: string): readonly number[] {
  const classes = new SubjectClasses(image, new TrieWalker(image));
  // What was asked before leaves its bytes, which are no part of the next subject.
  classes.bind('user:a-subject-that-is-longer-than-all-others', undefined);
  expect(classes.bind(subject, undefined)).toBe(true);
  return classes.values.slice(0, classes.count).sort((a, b) => a - b);
}

test('a slot that points to the record of another subject makes nobody that subject (S26)', () => {
  const image = imageOf();
  const offsetMask = (1 << image.scalars[SCALAR_SUBJECT_BITS]!) - 1;
  const records = image.subjectSlots.filter((slot) => slot !== 0).map((slot) => slot & offsetMask);
  expect(records).toHaveLength(NAMED.length);
  const unknown = classesOf(image, 'user:unknown');
  const known = NAMED.map((subject) => classesOf(image, subject));
  expect(new Set(known.map(String)).size).toBe(NAMED.length);
  for (const record of records)
    for (const subject of [...STRANGERS, ...NAMED]) {
      const hash = hashOf(subject);
      // A table of this slot alone, and of the named ones behind it.
      const slots = new Int32Array(64).fill(0);
      const place = (at: number, value: number): void => {
        let slot = at & 63;
        while (slots[slot] !== 0) slot = (slot + 1) & 63;
        slots[slot] = value;
      };
      place(hash, (hash & ~offsetMask) | record);
      for (const each of image.subjectSlots) {
        const owner = NAMED.find((name) => ((hashOf(name) ^ each) & ~offsetMask) === 0);
        if (each !== 0) place(hashOf(owner!), each);
      }
      const crowded = { ...image, subjectSlots: slots } as Image;
      const expected = known[NAMED.indexOf(subject)] ?? unknown;
      expect(classesOf(crowded, subject), `${subject} at ${record}`).toEqual(expected);
    }
});

test('a subject of the greatest length is known, and one that is longer is none', () => {
  const longest = `user:${'x'.repeat(1019)}`;
  const built = build([{ file: 'a.acl', text: `allow user:${'x'.repeat(1019)} to read on r\n` }]);
  if (!built.ok) throw new Error('no policy');
  const image = readImage(built.image);
  expect(classesOf(image, longest).length).toBeGreaterThan(2);
  const classes = new SubjectClasses(image, new TrieWalker(image));
  expect(classes.bind(`${longest}x`, undefined)).toBe(false);
});
