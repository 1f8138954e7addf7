import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxJsonDepth, parseJson } from '../src/json/parse-json.ts';
import { readJsonStrictly } from '../src/json/strict-json-reader.ts';

/** Text and what it must yield; both readers are held to it. */
const readers = [
  { name: 'parseJson', read: (text: string) => parseJson(text) },
  { name: 'readJsonStrictly', read: (text: string) => readJsonStrictly(text, { maxDepth: maxJsonDepth }) },
];

describe.each(readers)('$name', ({ read }) => {
  test.each([
    ['null'],
    ['true'],
    ['-0'],
    ['1.5e-7'],
    ['9007199254740993'],
    ['""'],
    ['"é\u{1f600}"'],
    ['"\\u00e9\\ud83d\\ude00\\n\\/"'],
    [' [ 1 , [ ] , { } , "a" ] \r\n\t'],
    ['{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}'],
    ['{"constructor":1,"toString":2,"hasOwnProperty":3}'],
    ['{"2":1,"1":2,"":3}'],
    ['{"colon:and{brackets]":"},:["}'],
  ])('reads %s as JSON.parse does', (text) => {
    expect(read(text)).toEqual({ ok: true, value: JSON.parse(text) });
  });

  test.each([
    ['duplicate keys', '{"a":1,"a":1}', 7, 'duplicate key `a`'],
    ['duplicate keys in a nested object', '[{"x":{"a":1,"b":2,"a":3}}]', 19, 'duplicate key `a`'],
    [
      'duplicate keys inside a value that a duplicate drops',
      '{"a":{"b":1,"b":1},"a":1}',
      12,
      'duplicate key `b`',
    ],
    ['duplicate keys, one spelled with an escape', '{"a":1,"\\u0061":2}', 7, 'duplicate key `a`'],
    ['duplicate `__proto__`', '{"__proto__":1,"__proto__":2}', 15, 'duplicate key `__proto__`'],
    ['a raw lone surrogate', '{"a":"x\ud800y"}', 7, 'lone surrogate'],
    ['an escaped lone high surrogate', '"x\\ud800y"', 2, 'escaped lone surrogate'],
    ['an escaped lone low surrogate', '"\\udc00"', 1, 'escaped lone surrogate'],
    ['two escaped high surrogates', '"\\ud83d\\ud83d"', 1, 'escaped lone surrogate'],
    ['an escaped lone surrogate in a key', '{"\\uDBFF":1}', 2, 'escaped lone surrogate'],
    ['a byte order mark', '\ufeff{}', 0, 'byte order mark before the value: save the text without it'],
    ['a number beyond the doubles', '{"n":1e999}', 5, 'number is too large to be finite'],
    ['a negative number beyond the doubles', '[-1e309]', 1, 'number is too large to be finite'],
    ['nothing', '', 0, 'unexpected end'],
    ['an open object', '{"a":1', 6, 'expected `,` or `}`'],
    ['an open array', '[1', 2, 'expected `,` or `]`'],
    ['a trailing comma in an array', '[1,]', 3, 'expected a value'],
    ['a trailing comma in an object', '{"a":1,}', 7, 'expected a key in double quotes'],
    ['a bare key', '{a:1}', 1, 'expected a key in double quotes'],
    ['a missing colon', '{"a" 1}', 5, 'expected `:` after key `a`'],
    ['mismatched brackets', '[1}', 2, 'expected `,` or `]`'],
    ['two values', '1 2', 2, 'expected the end after the value'],
    ['a leading zero', '01', 1, 'expected the end after the value'],
    ['a lone minus', '-', 0, 'invalid number'],
    ['a leading plus', '+1', 0, 'expected a value'],
    ['a comment', '{} // x', 3, 'expected the end after the value'],
    ['NaN', 'NaN', 0, 'expected a value'],
    ['single quotes', "'a'", 0, 'expected a value'],
    ['an open string', '["ab', 1, 'unterminated string'],
    ['a newline in a string', '"a\nb"', 2, 'control character in a string: write it as an escape'],
    ['an unknown escape', '"\\x41"', 1, 'invalid escape in a string'],
    ['a short escape', '"\\u12"', 1, 'invalid escape in a string: `\\u` takes four hexadecimal digits'],
    ['a no-break space between tokens', '[\u00a01]', 1, 'expected a value'],
  ])('refuses %s', (_, text, offset, message) => {
    expect(read(text)).toEqual({ ok: false, offset, message });
  });

  test('`__proto__` is an ordinary key', () => {
    const result = read('{"__proto__":{"admin":true},"a":{"\\u005f_proto__":1}}');
    const value = (result as { value: Record<string, unknown> }).value;
    expect(Object.keys(value)).toEqual(['__proto__', 'a']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect((value as { admin?: unknown }).admin).toBeUndefined();
    expect(Object.keys(value.a as object)).toEqual(['__proto__']);
  });

  test('nesting of 256 is read, of 257 is refused', () => {
    const nested = (depth: number) => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;
    expect(read(nested(maxJsonDepth)).ok).toBe(true);
    expect(read(`[${nested(maxJsonDepth)}]`)).toMatchObject({
      ok: false,
      message: 'nested more than 256 deep',
    });
  });

  test('a million brackets are refused without a stack overflow', () => {
    const refused = { ok: false, offset: maxJsonDepth, message: 'nested more than 256 deep' };
    expect(read('['.repeat(1_000_000))).toEqual(refused);
    expect(read('['.repeat(1_000_000) + ']'.repeat(1_000_000))).toEqual(refused);
    expect(read('{"a":'.repeat(1_000_000))).toMatchObject({
      ok: false,
      message: 'nested more than 256 deep',
    });
  });

  test('a wide value is no deep one', () => {
    const value = Array.from({ length: 100_000 }, (_, i) => ({ [`k${i}`]: [i] }));
    expect(read(JSON.stringify(value))).toEqual({ ok: true, value });
  });

  test('what is quoted in a message is short and prints', () => {
    const key = `\u202e\u0007${'x'.repeat(500)}`;
    const result = read(`{${JSON.stringify(key)}:1,${JSON.stringify(key)}:2}`);
    expect(result).toMatchObject({ ok: false });
    expect((result as { message: string }).message).toMatch(/^duplicate key `\\u\{202e\}\\u\{7\}x{78}…`$/);
  });
});

test('a depth limit of the caller holds', () => {
  expect(parseJson('[[1]]', 2).ok).toBe(true);
  expect(parseJson('[[1]]', 1)).toEqual({ ok: false, offset: 1, message: 'nested more than 1 deep' });
});

test('a member that every object inherits does not make up for a repeated key', () => {
  const options = { value: 1, enumerable: true, configurable: true, writable: true };
  Object.defineProperty(Object.prototype, 'inherited', options);
  const results = ['{"a":1,"a":2}', '[{"a":1},{"b":2}]'].map((text) => parseJson(text));
  Reflect.deleteProperty(Object.prototype, 'inherited');
  expect(results).toEqual([
    { ok: false, offset: 7, message: 'duplicate key `a`' },
    { ok: true, value: [{ a: 1 }, { b: 2 }] },
  ]);
});

const anyText = fc.oneof(
  fc.json().map((text) => text),
  fc.jsonValue().map((value) => JSON.stringify(value, null, 1)),
  fc.string({ unit: fc.constantFrom(...'{}[]:,"\\ua01e-.tnull \n', '\ud800', '\ufeff') }),
  // JSON with one character changed or taken out.
  fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', '"', '\\', '{', ',', '0', '\udc00'))
    .map(([text, at, put]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + put + text.slice(place + 1);
    }),
  // Objects whose keys collide now and then.
  fc
    .array(
      fc.tuple(
        fc.constantFrom('"a"', '"b"', '"\\u0061"', '"__proto__"'),
        fc.constantFrom('1', '{"a":1}', '[]'),
      ),
    )
    .map((pairs) => `{${pairs.map((pair) => pair.join(':')).join()}}`),
);

test('the fast path and the strict reader agree on every text', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(parseJson(text)).toEqual(readJsonStrictly(text, { maxDepth: maxJsonDepth }));
    }),
    { numRuns: 20_000 },
  );
});

test('what is read is what JSON.parse reads, and what JSON.parse refuses is refused', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const result = parseJson(text);
      if (result.ok) expect(result.value).toEqual(JSON.parse(text));
      else expect(result.offset).toBeLessThanOrEqual(text.length);
    }),
    { numRuns: 20_000 },
  );
});
