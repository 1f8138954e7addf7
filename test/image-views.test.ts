import { describe, expect, test } from 'vitest';
import { contentHash } from '../src/image/content-hash.ts';
import { GLOB_RUN } from '../src/image/glob.ts';
import { looksLikeImage, readImage, textAt, writeImage } from '../src/image/image.ts';
import { knownIds } from '../src/image/known-ids.ts';
import { GLOB_PROGRAM, LAYOUT_VERSION, NAME_SIZE } from '../src/image/layout.ts';
import { openVerifiedImage } from '../src/image/open-verified-image.ts';
import { build, inspectImage, printTrie } from '../src/index.ts';
import { damage, damageWords, wholeImage } from './support/damaged-images.ts';

function imageOf(...lines: string[]): Uint8Array {
  const built = build([{ file: 'a.acl', text: `${lines.join('\n')}\n` }]);
  if (!built.ok) throw new Error(`the policy does not build: ${built.diagnostics[0]?.message}`);
  return built.image;
}

describe('the bytes of an image', () => {
  test('are known by how they begin', () => {
    expect(looksLikeImage(wholeImage)).toBe(true);
    expect(looksLikeImage(wholeImage.subarray(0, 4))).toBe(true);
    expect(looksLikeImage(wholeImage.subarray(0, 3))).toBe(false);
    expect(looksLikeImage(new Uint8Array())).toBe(false);
    expect(looksLikeImage(new TextEncoder().encode('allow user:a to read on a:b'))).toBe(false);
    for (let at = 0; at < 4; at++)
      expect(looksLikeImage(wholeImage.map((byte, i) => (i === at ? byte ^ 1 : byte)))).toBe(false);
  });

  test('that another thread has verified are opened as they were read', () => {
    const read = readImage(wholeImage);
    const padded = new Uint8Array(wholeImage.length + 16);
    padded.set(wholeImage, 16);
    for (const bytes of [wholeImage, padded.subarray(16)]) expect(openVerifiedImage(bytes)).toEqual(read);
    expect(read.revision).toMatch(/^[0-9a-f]{32}$/);
    expect(read.sizeBytes).toBe(wholeImage.length);
    expect(readImage(read)).toBe(read);
  });

  test('are read from a buffer, a view that is not aligned, and a view of a part', () => {
    const shifted = new Uint8Array(wholeImage.length + 13);
    shifted.set(wholeImage, 5);
    const { revision } = readImage(wholeImage);
    expect(readImage(shifted.subarray(5, 5 + wholeImage.length)).revision).toBe(revision);
    expect(readImage(wholeImage.slice().buffer).revision).toBe(revision);
  });

  test('are looked at where they are, so that threads may share them', () => {
    expect(readImage(wholeImage).nodes.buffer).toBe(wholeImage.buffer);
    const padded = new Uint8Array(wholeImage.length + 16);
    padded.set(wholeImage, 16);
    expect(readImage(padded.subarray(16)).nodes.buffer).toBe(padded.buffer);
  });

  test('that are refused say why', () => {
    const messageOf = (bytes: Uint8Array): string => {
      try {
        readImage(bytes);
      } catch (error) {
        return String(error);
      }
      return '';
    };
    const words = (at: number, word: number) => damageWords(wholeImage, (all) => all.fill(word, at, at + 1));
    const altered = wholeImage.slice();
    altered[wholeImage.length - 1]! ^= 1;
    const size = wholeImage.length;
    expect(
      [words(0, 1), words(1, 9_999), wholeImage.slice(0, size - 8), altered, words(8, 4)].map(messageOf),
    ).toEqual([
      'ImageError: this is not a Postern image',
      'ImageError: the image has layout 9999; compile it again',
      `ImageError: the image has ${size - 8} of ${size} bytes; compile it again`,
      'ImageError: the image is damaged; compile it again',
      'ImageError: section `text` of the image is out of bounds',
    ]);
  });

  test('are written again as they were read', () => {
    expect(Buffer.compare(writeImage(readImage(wholeImage)), wholeImage)).toBe(0);
  });

  test('have a hash in which every word and their number count', () => {
    const words = Int32Array.from({ length: 41 }, (_, i) => i * 0x1234567);
    const seen = new Set([contentHash(words, 1).join()]);
    for (let at = 1; at < words.length; at++)
      for (const bit of [0, 13, 31]) {
        const other = words.map((word, i) => (i === at ? word ^ (1 << bit) : word));
        seen.add(contentHash(other, 1).join());
      }
    for (const length of [40, 42, 43, 44]) {
      const other = new Int32Array(length);
      other.set(words.subarray(0, length));
      seen.add(contentHash(other, 1).join());
    }
    expect(seen.size).toBe(1 + 40 * 3 + 4);
    expect(contentHash(words.with(0, 9), 1)).toEqual(contentHash(words, 1));
  });

  test('give no text that lies outside of the pool', () => {
    const text = Uint16Array.from('hello', (unit) => unit.charCodeAt(0));
    const all = [
      [0, 5],
      [1, 3],
      [4, 1],
      [5, 0],
      [3, 9],
      [9, 2],
      [-1, 3],
      [0, 0],
    ] as const;
    expect(all.map(([start, length]) => textAt({ text }, start, length))).toEqual([
      'hello',
      'ell',
      'o',
      '',
      'lo',
      '',
      '',
      '',
    ]);
  });
});

describe('a summary', () => {
  test('tells what is in an image', () => {
    const { sectionBytes, ...rest } = inspectImage(wholeImage);
    expect(rest).toEqual({
      layoutVersion: LAYOUT_VERSION,
      revision: readImage(wholeImage).revision,
      sizeBytes: wholeImage.length,
      mode: 'soft',
      modes: ['hard', 'soft'],
      namespaces: ['box'],
      files: ['whole.acl'],
      counts: {
        rules: 60,
        rulesets: 1,
        subjects: 44,
        groups: 10,
        actions: 47,
        entities: 2,
        routes: 1,
        nodes: 41,
        entries: 73,
      },
    });
    expect(sectionBytes).toMatchObject({ scalars: 68, numbers: 8, rules: 60 * 20 });
  });

  test('tells the first mode as well as another, and none where there is none', () => {
    const modes = 'namespace n { resource n:<x> { actions read  enforced in hard, soft } }';
    expect(inspectImage(imageOf('mode hard', modes)).mode).toBe('hard');
    expect(inspectImage(imageOf('mode soft', modes)).mode).toBe('soft');
    expect('mode' in inspectImage(imageOf(modes))).toBe(false);
  });
});

describe('the ids that an image knows', () => {
  test('are those that rules, groups and entities name, sorted, each once', () => {
    const image = imageOf(
      'group g { user:member, group:h, user:ann }',
      'group h { svc:/bots/* }',
      'entity user:known { level: 1 }',
      'entity doc:known/thing { open: true }',
      'allow user:ann to read on doc:a:b',
      'allow user:"zoë", user:ann, group:g, svc:/x/y to read on doc:"zoë"/"€uro"/"💶"',
      'allow user:{who} to read on home:{who}',
      'allow anyone to write on tree:/top/**',
      'deny anyone to write on doc:a/*',
      'deny anyone to write on colon:x:**',
      'deny anyone to write on glob:x*/inner',
      'deny anyone to write on any:**/inner',
      'namespace ns { resource ns:<x... by "."> { actions read } }',
      'allow user:ann to read on ns:a.b',
    );
    expect(knownIds(image)).toEqual({
      subjects: ['doc:known/thing', 'svc:/x/y', 'user:ann', 'user:known', 'user:member', 'user:zoë'],
      resources: ['doc:a:b', 'doc:known/thing', 'doc:zoë/€uro/💶', 'ns:a.b', 'tree:/top', 'user:known'],
      actions: ['read', 'write'],
    });
  });

  test('include long lists, long ids, and ids that share long beginnings', () => {
    const start = `tree:/${'long/'.repeat(60)}`;
    const ids = Array.from({ length: 60 }, (_, i) => `${start}leaf${i}/x`).sort();
    const image = imageOf(
      ...ids.map((id) => `allow user:a to read on ${id}`),
      ...Array.from({ length: 50 }, (_, i) => `allow user:u${i} to read on crowd:room`),
    );
    expect(knownIds(image).resources).toEqual(['crowd:room', ...ids]);
    expect(knownIds(image).subjects).toHaveLength(51);
    const shared = new SharedArrayBuffer(image.length);
    new Uint8Array(shared).set(image);
    expect(knownIds(shared)).toEqual(knownIds(image));
    expect(knownIds(readImage(image))).toEqual(knownIds(image));
  });

  test('leave out groups, what is too long for a subject, and what only patterns and templates speak of', () => {
    const long = `doc:${'x'.repeat(1100)}`;
    const image = imageOf(
      'group g { svc:/bots/**, job:/a/** }',
      `entity ${long} { open: true }`,
      'entity group:g { open: true }',
      'namespace ns { resource ns:root:<x> { actions read } resource ns { actions read } }',
      'allow svc:/x/**, group:g to read on doc:one',
    );
    expect(knownIds(image)).toEqual({
      subjects: [],
      resources: ['doc:one', long, 'group:g'].sort(),
      actions: ['read'],
    });
  });

  test('leave out what is no id in an image that somebody has changed', () => {
    const known = knownIds(wholeImage);
    expect([known.subjects, known.resources].map((ids) => ids.includes('box:items:one'))).toEqual([
      true,
      true,
    ]);
    const changed = damage(wholeImage, ({ text, entities }) => {
      for (let row = 0; row < entities.length; row += NAME_SIZE) text[entities[row]! + 4] = 0x2f;
      for (let row = 0; row < entities.length; row += NAME_SIZE) text[entities[row]! + 5] = 0x2f;
    });
    const { subjects, resources } = knownIds(changed);
    // The name of a subject need not be segments (S4).
    expect([subjects, resources].map((ids) => ids.filter((id) => id.includes('//')))).toEqual([
      ['box://ems:one'],
      [],
    ]);
  });

  test('are none in an image of nothing', () => {
    expect(knownIds(imageOf('group g { }'))).toEqual({ subjects: [], resources: [], actions: [] });
  });
});

describe('a printed trie', () => {
  test('ends, also where a program that somebody has changed does not', () => {
    const image = imageOf('allow user:a to read on doc:p*q/x');
    const program = readImage(image).globs[GLOB_PROGRAM]!;
    const endless = damage(image, ({ programs }) => programs.fill(GLOB_RUN, program));
    const count = readImage(image).programs.length - program;
    expect(printTrie(endless)).toContain(`:${'*'.repeat(count)}\n`);
  });

  test('shows every kind of node, and what holds there', () => {
    const image = imageOf(
      'allow user:a to read on doc:x',
      'allow user:b to read on doc:x/**',
      'allow user:a to read on doc:x/y/"a b"',
      'deny user:a to read on doc:*',
      'deny user:a, user:b to read on doc:x:**',
      'deny user:a to read on doc:x/*',
      'deny user:a to read on wild:*:/b/c',
      'deny user:a to read on wild:p*q?r/end',
      'deny user:a to read on wild:**/last/part/**',
      'deny user:a to read on **/end',
      'allow user:a to read on /root/leaf',
      'namespace ns { resource ns:<x... by "."> { actions read } }',
      'allow user:a to read on ns:a.b',
    );
    expect(printTrie(image)).toBe(
      [
        'ns',
        '  :a.b  (1 here)',
        '  :a.b. (pieces beneath)  (1 here)',
        'doc',
        '  :*  (1 here)',
        '  :x  (1 here, 1 here and beneath)',
        '    :**  (2 here)',
        '    /*  (1 here)',
        '    /y/a b  (1 here)',
        'wild',
        '  :*',
        '    :/',
        '      /b',
        '        /c  (1 here)',
        '  :p*q?r',
        '    /end  (1 here)',
        '  :**',
        '    /last',
        '      /part  (1 here and beneath)',
        '**',
        '  /end  (1 here)',
        'end  (1 here)',
        '/root/leaf  (1 here)',
        '',
      ].join('\n'),
    );
  });
});
