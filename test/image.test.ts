import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { encode, hashText, IdElements, prefixHash } from '../src/id/elements.ts';
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

  test('of which somebody has changed a program is refused, or answers at once and without an exception', () => {
    const result = build([{ file: 'a.acl', text: programs }]);
    if (!result.ok) throw new Error(`the policy does not build: ${result.diagnostics[0]?.message}`);
    const words = new Int32Array(result.image.buffer);
    const [first, sizeBytes] = words.slice(HEADER_WORDS + SECTIONS.indexOf('programs') * 2);
    expect(sizeBytes).toBeGreaterThan(600);
    let taken = 0;
    for (let at = first! >> 2; at < (first! + sizeBytes!) >> 2; at++) {
      for (const word of [0, 1, 3, 8, 11, 12, 15, -1, -2, -14, 2 ** 20, 2 ** 31 - 1, -(2 ** 31)]) {
        const forged = result.image.slice();
        const forgedWords = new Int32Array(forged.buffer);
        forgedWords[at] = word;
        forgedWords.set(contentHash(forgedWords, FIRST_HASHED_WORD), FIRST_HASH_WORD);
        const start = performance.now();
        try {
          const authorizer = Authorizer.fromImage(forged);
          taken++;
          for (const request of programRequests)
            expect(['allow', 'deny']).toContain(authorizer.decide(request).decision);
        } catch (error) {
          if (!(error instanceof ImageError)) throw new Error(`${word} at ${at}`, { cause: error });
        }
        expect(performance.now() - start, `${word} at ${at}`).toBeLessThan(1000);
      }
    }
    expect(taken).toBeGreaterThan(1000);
  });

  test('tells ids, subjects, groups and actions of one hash apart', () => {
    const [id, otherId] = findAlike('doc:', hashOfId);
    const [subject, otherSubject] = findAlike('user:', hashOfId);
    const [name, otherName] = findAlike('', hashText);
    const authorizer = Authorizer.fromSources([
      {
        file: 'a.acl',
        text: `group ${name} { user:b }
allow anyone to read on ${id}
allow ${subject} to read on doc:s
allow group:${name} to read on doc:g
allow user:a to ${name} on doc:a
`,
      },
    ]);
    expect(authorizer.isAllowed('user:x', 'read', id)).toBe(true);
    expect(authorizer.isAllowed('user:x', 'read', otherId)).toBe(false);
    expect(authorizer.isAllowed(subject, 'read', 'doc:s')).toBe(true);
    expect(authorizer.isAllowed(otherSubject, 'read', 'doc:s')).toBe(false);
    const inGroup = (group: string): string =>
      authorizer.decide({ subject: 'user:x', action: 'read', resource: 'doc:g', groups: [group] }).decision;
    expect([inGroup(name), inGroup(otherName)]).toEqual(['allow', 'deny']);
    expect(authorizer.isAllowed('user:a', name, 'doc:a')).toBe(true);
    expect(authorizer.isAllowed('user:a', otherName, 'doc:a')).toBe(false);
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

const scratch = new IdElements();

function hashOfId(text: string): number {
  return prefixHash(scratch.words, encode(text, scratch));
}

/** Two texts of one length and one hash that begin so: among some hundred thousand there are two. */
function findAlike(start: string, hashOf: (text: string) => number): [string, string] {
  const seen = new Map<number, string>();
  for (let i = 0; ; i++) {
    const text = `${start}x${(Math.imul(i, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')}`;
    const hash = hashOf(text);
    const other = seen.get(hash);
    if (other !== undefined) return [other, text];
    seen.set(hash, text);
  }
}

/** Every op of conditions, globs and patterns with variables. */
const programs = `
group g { user:ada }
deny user:ada to read on doc:/x when context.a == "b" && !(context.n > 3) && context.n != subject.m
deny user:ada to read on doc:/x when context.t in ["a", "b", "c"] && context has t && "q" in context.list
deny user:ada to read on doc:/x when context.n in [1, 2, context.m] && context.n in context.list
deny user:ada to read on doc:/x when subject in group:g && context.ip in cidr("10.0.0.0/8")
deny user:ada to read on doc:/x when context.ip == ip("10.1.2.3") || context.ip != ip("2001:db8::1")
deny user:ada to read on doc:/x when context.at < time("2030-01-01T00:00:00Z") && context.for >= duration("1h")
deny user:ada to read on doc:/x when context.t like "x*y?z*" && context.deep.er.path == true && context.t < "z"
allow user:{name} to read on doc:/home/{name}/**
allow user:{name} to read on doc:/*/{name}/log-*/{name}
allow user:ada to read on doc:/g/part*-?x/y
`;

const programRequests = ['doc:/x', 'doc:/home/ada/z', 'doc:/home/ada/log-1/ada', 'doc:/g/part1-2x/y'].flatMap(
  (resource) =>
    [
      { a: 'b', n: 1, m: 2, t: 'c', list: ['q', 1], ip: '10.1.2.3', for: '2h', deep: { er: { path: true } } },
      { a: 'b', n: 1, t: 'xaybz', list: [], ip: '2001:db8::1', at: '2026-01-01T00:00:00Z', for: '2h' },
      { list: ['x'], n: 1, m: 1, t: 'xyyyaz', at: '2026-01-01T00:00:00Z', for: '1h', ip: '10.9.9.9' },
    ].map((context) => ({ subject: 'user:ada', action: 'read', resource, context })),
);

/** The image with one word of a section changed, and hashed again: as whoever can write images could make it. */
function forge(image: Uint8Array, random: Random): Uint8Array {
  const forged = image.slice();
  const words = new Int32Array(forged.buffer);
  const sections = SECTIONS.map((_, index) => ({ at: HEADER_WORDS + index * 2 })).filter(
    ({ at }) => words[at + 1]! > 0,
  );
  const { at } = sections[random.below(sections.length)]!;
  const word = (words[at]! >> 2) + random.below(words[at + 1]! >> 2 || 1);
  words[word] = random.chance(0.5) ? words[word]! + random.below(9) - 4 : random.below(2 ** 31) | 0;
  words.set(contentHash(words, FIRST_HASHED_WORD), FIRST_HASH_WORD);
  return forged;
}
