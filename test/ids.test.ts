import { describe, expect, test } from 'vitest';
import * as check from '../src/id/check-id.ts';
import {
  COLON_SEGMENT,
  encode,
  endMask,
  hashBytes,
  hashText,
  hashWord,
  IdElements,
  MAX_ELEMENTS,
  prefixHash,
  SLASH_SEGMENT,
  START_ROOT,
  START_SEGMENT,
  scanned,
  separatorOf,
} from '../src/id/elements.ts';
import * as faults from '../src/id/faults.ts';
import { isAction, isGroupName, isSubject, scan, scanInto } from '../src/id/scan.ts';
import { isCleanText, isResourceId, splitId } from '../src/reference/matching.ts';

// The validator of ids, text by text, against the reference evaluator's and against what each fault means. What is asked of it
// by policies and requests is in test/fixtures/decide/malformed-*.

/** Every text of at most `length` of the pieces. */
function* textsOf(pieces: readonly string[], length: number): Generator<string> {
  let texts = [''];
  for (let i = 0; i < length; i++) {
    texts = texts.flatMap((text) => pieces.map((piece) => text + piece));
    yield* texts;
  }
}

/** When a fault may be named. An id has a fault if one of these holds. */
const MEANINGS: readonly (readonly [fault: number, holds: (text: string) => boolean])[] = [
  [faults.FAULT_EMPTY, (text) => text === ''],
  [faults.FAULT_TOO_LONG, (text) => text.length > 4096],
  [faults.FAULT_TOO_MANY_SEGMENTS, (text) => text.split(/[:/]/).filter((each) => each !== '').length > 256],
  [faults.FAULT_EMPTY_SEGMENT, (text) => /^:|::|\/[:/]|:$|[^:]\/$/.test(text)],
  [faults.FAULT_DOT_SEGMENT, (text) => /(^|[:/])\.\.?([;:/]|$)/.test(text)],
  [faults.FAULT_COLON_AFTER_SLASH, (text) => /\/.*:/s.test(text)],
  [faults.FAULT_BACKSLASH, (text) => text.includes('\\')],
  [faults.FAULT_PERCENT_ENCODING, (text) => /%[0-9A-Fa-f]{2}/.test(text)],
  [faults.FAULT_FORBIDDEN_CHARACTER, (text) => text !== '' && !isCleanText(text, text.length)],
];

/** What is wrong with the answers about an id, or undefined. */
function mistakeAt(text: string): string | undefined {
  const holding = MEANINGS.filter(([, holds]) => holds(text)).map(([fault]) => fault);
  const fault = check.findFault(text);
  const isSound = holding.length === 0;
  if (isSound !== isResourceId(text))
    return `${JSON.stringify(text)}: the meanings here are not the reference's`;
  if (scan(text) !== isSound) return `${JSON.stringify(text)}: scan says ${!isSound}`;
  if (isSound ? fault === faults.FAULT_NONE : holding.includes(fault)) return undefined;
  return `${JSON.stringify(text)}: ${fault}, not one of ${holding}`;
}

function mistakesAt(texts: Iterable<string>): string[] {
  return Array.from(texts).flatMap((text) => mistakeAt(text) ?? []);
}

const CODES = { start: START_SEGMENT, colon: COLON_SEGMENT, slash: SLASH_SEGMENT };

/** The elements of a well-formed id, by the reference and as `scan` leaves them. */
function elementsOf(text: string): readonly [expected: unknown, actual: unknown] {
  const expected = splitId(text).elements.map(({ isRoot, separator, start, end }) => ({
    code: isRoot ? CODES[separator] + START_ROOT : CODES[separator],
    start,
    end,
    byteStart: Buffer.byteLength(text.slice(0, start)),
    byteEnd: Buffer.byteLength(text.slice(0, end)),
    hash: hashOf(text.slice(0, end)),
  }));
  scan(text);
  const { codes, starts, ends, byteStarts, byteEnds, hashes } = scanned;
  const actual = Array.from({ length: scanned.count }, (_, i) => ({
    code: codes[i],
    start: starts[i],
    end: ends[i],
    byteStart: byteStarts[i],
    byteEnd: byteEnds[i],
    hash: hashes[i],
  }));
  return [expected, actual];
}

function hashOf(text: string): number {
  const elements = new IdElements();
  return prefixHash(elements.words, encode(text, elements));
}

describe('an id is well formed or has a fault that is true of it (S2)', () => {
  test('every short one of separators, dots and letters', () => {
    expect(mistakesAt(textsOf(['a', ':', '/', '.', ';'], 6))).toEqual([]);
  });

  test('every short one with a backslash or percent-encoding', () => {
    expect(mistakesAt(textsOf(['%2F', '\\', '%', ':', '/', '..'], 4))).toEqual([]);
  });

  test('every character of one unit, at every place of a word', () => {
    const characters = Array.from({ length: 0x80 }, (_, unit) => String.fromCharCode(unit));
    const texts = ['abcdefgh', '01234567'].flatMap((word) =>
      characters.flatMap((character) =>
        Array.from(word, (_, at) => `${word.slice(0, at)}${character}${word.slice(at + 1)}`),
      ),
    );
    expect(mistakesAt(texts)).toEqual([]);
    for (let unit = 0x80; unit < 0x10000; unit++) {
      const text = `a:${String.fromCharCode(unit)}`;
      if (scan(text) !== isCleanText(text, 4096)) expect(mistakeAt(text)).toBeUndefined();
    }
  });

  test('every pair of characters behind a percent sign', () => {
    const characters = Array.from({ length: 0x60 }, (_, i) => String.fromCharCode(0x20 + i));
    expect(mistakesAt(characters.flatMap((one) => characters.map((other) => `a%${one}${other}`)))).toEqual(
      [],
    );
  });

  test('of the greatest length and number of segments, and one more', () => {
    const long = ['a', 'é', '€', '\u{1f600}'].map((letter) => letter.repeat(4096 / letter.length));
    const many = ['a', '', 'a:', ':'].flatMap((start) =>
      [255, 256, 257].map((count) => start + Array(count).fill('b').join('/')),
    );
    const texts = [...long, ...long.map((text) => `${text}a`), ...long.map((text) => `a:/${text.slice(3)}`)];
    texts.push(...many, ...many.map((text) => text.replaceAll('/', ':')), ...many.map((text) => `/${text}`));
    texts.push(...many.map((text) => `n:/${text}`), ...many.map((text) => `${text}/`));
    expect(mistakesAt(texts)).toEqual([]);
    expect(texts.filter((text) => scan(text)).length).toBeGreaterThan(10);
  });

  test.each([
    ['', faults.FAULT_EMPTY],
    ['a//\\', faults.FAULT_EMPTY_SEGMENT],
    ['a\\//', faults.FAULT_BACKSLASH],
    ['a/..//', faults.FAULT_DOT_SEGMENT],
    ['a%41\\', faults.FAULT_PERCENT_ENCODING],
    ['a/b:c:', faults.FAULT_COLON_AFTER_SLASH],
    ['a\u0000//', faults.FAULT_FORBIDDEN_CHARACTER],
    ['a\u007f//', faults.FAULT_FORBIDDEN_CHARACTER],
    ['a\u00ad//', faults.FAULT_EMPTY_SEGMENT],
  ])('%j is named by what comes first in it', (text, fault) => {
    expect(check.findFault(text)).toBe(fault);
    expect(check.scanId(text, new IdElements())).toBe(fault);
  });
});

describe('a well-formed id has the elements that the reference cuts (S1)', () => {
  test.each([
    ['separators and letters', ['a', ':', '/'], 7],
    ['letters of one to four bytes', ['a', 'é', '€', '\u{1f600}', ':', '/'], 4],
  ] as const)('every short one of %s', (_, pieces, length) => {
    for (const text of textsOf(pieces, length)) {
      if (!isResourceId(text)) continue;
      const [expected, actual] = elementsOf(text);
      expect(actual, text).toEqual(expected);
    }
  });

  test('every separator at every place of a word', () => {
    for (const separator of [':', '/', ':/'])
      for (let at = 1; at < 9; at++)
        for (const tail of ['b', 'é', '\u00af', '\u00ba']) {
          const text = `${'a'.repeat(at)}${separator}${tail}`;
          const [expected, actual] = elementsOf(text);
          expect(actual, text).toEqual(expected);
        }
  });

  test('the longest', () => {
    for (const text of [
      Array(256).fill('b').join('/'),
      `n:/${Array(255).fill('é').join('/')}`,
      '€'.repeat(4096),
      `n:/${'\u{1f600}'.repeat(2046)}a`,
    ]) {
      const [expected, actual] = elementsOf(text);
      expect(actual).toEqual(expected);
    }
  });

  test('a copy keeps them when another id is scanned', () => {
    const copy = new IdElements();
    const kept = () => {
      const lists = [copy.codes, copy.starts, copy.ends].map((each) => [...each].slice(0, copy.count));
      return [copy.count, ...lists];
    };
    const codes = [START_SEGMENT, COLON_SEGMENT + START_ROOT, SLASH_SEGMENT, SLASH_SEGMENT];
    for (const text of ['n:/é/b', 'n:/e/b']) {
      expect(scanInto(text, copy)).toBe(true);
      const expected = [4, codes, [0, 2, 3, 5], [1, 2, 4, 6]];
      expect(kept()).toEqual(expected);
      scan('another:one:that:is:longer');
      expect(kept()).toEqual(expected);
      expect(scanInto('a//b', copy)).toBe(false);
      expect(kept()).toEqual(expected);
    }
    expect(check.scanId('a:b', copy)).toBe(faults.FAULT_NONE);
    expect([copy.count, ...copy.ends]).toEqual([2, 1, 3]);
  });

  test('there is room for every element of the longest', () => {
    expect(new IdElements().codes).toHaveLength(MAX_ELEMENTS);
    expect(scan(`n:/${Array(255).fill('b').join('/')}`)).toBe(true);
    expect(scanned.count).toBe(MAX_ELEMENTS);
  });

  test('what an element stands behind', () => {
    const codes = [START_SEGMENT, COLON_SEGMENT, SLASH_SEGMENT, START_ROOT, START_ROOT + COLON_SEGMENT];
    const separators = [START_SEGMENT, COLON_SEGMENT, SLASH_SEGMENT, START_SEGMENT, COLON_SEGMENT];
    expect(codes.map(separatorOf)).toEqual(separators);
  });
});

describe('names', () => {
  const texts = [
    ...[
      '',
      'a',
      ':',
      'a:',
      ':a',
      'a:b',
      ':a:b',
      'a:b:',
      'a::',
      'a::b',
      'a:/',
      'a:\u0000',
      'a:\u00ad',
      'a:\ud800',
    ],
    ...['group', 'group:', 'group:a', 'Group:a', 'agroup:a', 'a:group:', 'group:a:b', 'grou:a', ' group:a'],
    ...[255, 256, 257, 1023, 1024, 1025, 4096, 4097].flatMap((length) => [
      'x'.repeat(length),
      `u:${'x'.repeat(length - 2)}`,
      `group:${'x'.repeat(length - 6)}`,
    ]),
  ];

  test('of groups, subjects, actions and paths (S4, S5, S6, S65)', () => {
    for (const text of texts) {
      const isGroup = text.startsWith('group:');
      const isTyped = /^[^:]+:.+$/s.test(text) && text.length > 2;
      expect(isSubject(text), text).toBe(isCleanText(text, 1024) && isTyped && !isGroup);
      expect(isGroupName(text), text).toBe(isCleanText(text, 1024) && !isGroup);
      expect(isAction(text), text).toBe(isCleanText(text, 256));
      expect(check.isGroupSubject(text), text).toBe(isGroup);
      expect(check.checkPathText(text), text).toBe(isCleanText(text, 4096));
      expect(check.checkAction(text), text).toBe(faultOfName(text, 256));
      const fault = faultOfName(text, 1024);
      expect(check.checkSubject(text), text).toBe(fault || (isTyped ? fault : faults.FAULT_NO_TYPE));
      expect(check.checkGroupName(text), text).toBe(isGroup ? faults.FAULT_GROUP_PREFIX : fault);
    }
  });

  function faultOfName(text: string, length: number): number {
    if (text === '') return faults.FAULT_EMPTY;
    if (text.length > length) return faults.FAULT_TOO_LONG;
    return isCleanText(text, length) ? faults.FAULT_NONE : faults.FAULT_FORBIDDEN_CHARACTER;
  }

  test('dots make a segment of dots alone, or followed by a semicolon', () => {
    const found = [...textsOf(['.', ';', 'a'], 4)].filter((text) => check.isDotSegment(text, 0, text.length));
    expect(found).toEqual([...textsOf(['.', ';', 'a'], 4)].filter((text) => /^\.\.?(;|$)/.test(text)));
    const within = ['./', '../', '.;/', '..;', '.../', '.', '.a', 'a.', '..a'];
    const answers = within.map((text) =>
      check.isDotSegment(`x/${text}y`, 2, 2 + text.replace('/', '').length),
    );
    expect(answers).toEqual([true, true, true, true, false, true, false, false, false]);
  });

  test('every fault has words of its own', () => {
    const codes = Object.entries(faults)
      .flatMap(([name, code]) => (name.startsWith('FAULT_') ? [code as number] : []))
      .toSorted((a, b) => a - b);
    expect(codes).toEqual([...codes.keys()]);
    expect(codes.map(faults.describeFault)).toEqual([
      'is well formed',
      'is empty',
      'is too long',
      'has more than 256 segments',
      'has an empty segment',
      'has a segment `.` or `..`',
      'has a colon after a slash',
      'has a backslash',
      'is percent-encoded',
      'has an invisible or forbidden character',
      'is not of the form `type:name`',
      'is a group, which cannot ask',
      'begins with `group:`, write the bare name',
    ]);
  });
});

describe('hashes are those with which images of this layout were made', () => {
  const bytes = new TextEncoder().encode('foobar');

  test('of units and of bytes, FNV-1a with its published values', () => {
    expect(['', 'a', 'foobar'].map((text) => hashText(text) >>> 0)).toEqual([
      0x811c9dc5, 0xe40c292c, 0xbf9cf968,
    ]);
    expect(hashText('€') >>> 0).toBe(Math.imul(0x811c9dc5 ^ 0x20ac, 0x01000193) >>> 0);
    expect(hashBytes(bytes, 0, bytes.length) >>> 0).toBe(0xbf9cf968);
    expect(hashBytes(bytes, 4, 5) >>> 0).toBe(0xe40c292c);
    expect(hashBytes(bytes, 4, 4) >>> 0).toBe(0x811c9dc5);
  });

  test('of the bytes of an id, four at a time', () => {
    const step = (hash: number, word: number) => {
      const mixed = BigInt.asUintN(32, BigInt(hash ^ word));
      const rotated = BigInt.asUintN(32, mixed << 13n) | (mixed >> 19n);
      return Number(BigInt.asIntN(32, rotated * 0x9e3779b1n));
    };
    for (const text of ['', 'a', 'ab', 'abc', 'abcd', 'abcde', 'abcdefgh', '€€€', 'zz:/é/\u{1f600}']) {
      const bytes = Buffer.from(text);
      let hash = 0x811c9dc5 | 0;
      let at = 0;
      for (; at + 4 <= bytes.length; at += 4) {
        const word = bytes.readInt32LE(at);
        expect(hashWord(hash, word)).toBe(step(hash, word));
        hash = step(hash, word);
      }
      const rest = Buffer.alloc(4);
      bytes.copy(rest, 0, at);
      expect(hashOf(text), text).toBe(hash ^ rest.readInt32LE(0));
    }
    expect([0, 1, 2, 3, 4, 7].map(endMask)).toEqual([0, 0xff, 0xffff, 0xffffff, 0, 0xffffff]);
  });
});
