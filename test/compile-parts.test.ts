import { describe, expect, test } from 'vitest';
import { GrowingBytes } from '../src/compile/growing-bytes.ts';
import { PackedSlots } from '../src/compile/packed-slots.ts';
import { SlotTable } from '../src/compile/slot-table.ts';
import { TextPool } from '../src/compile/text-pool.ts';
import { Words } from '../src/compile/words.ts';
import { Authorizer, build } from '../src/index.ts';

// What the compiler collects in grows; here each part is filled past where it begins to grow.

describe('words', () => {
  test('keep what was pushed when they grow', () => {
    const words = new Words(4);
    expect([words.push(1, 2, 3), words.push4(4, 5, 6, 7), words.push(8), words.push()]).toEqual([0, 3, 7, 8]);
    expect([...words.view()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(words.push(...Array.from({ length: 40 }, (_, i) => i))).toBe(8);
    expect([...words.view()].slice(6)).toEqual([7, 8, ...Array.from({ length: 40 }, (_, i) => i)]);
  });

  test('hold an equal program once', () => {
    const words = new Words();
    const program = (...content: number[]): number => words.endProgram(words.push(...content));
    const first = program(1, 2, 3);
    const other = program(1, 2, 4);
    expect(program(1, 2, 3)).toBe(first);
    expect(program(1, 2, 4)).toBe(other);
    expect([...words.view()]).toEqual([1, 2, 3, 1, 2, 4]);
  });

  test('hold two programs of one hash, and take neither for the other', () => {
    // The last word is chosen so that both come to one hash; see endProgram.
    const prime = 0x01000193;
    let inverse = 1;
    for (let round = 0; round < 5; round++) inverse = Math.imul(inverse, 2 - Math.imul(prime, inverse));
    const step = (hash: number, word: number): number => Math.imul(hash ^ word, prime) ^ (hash >>> 15);
    const [one, two] = [step(0, 5), step(0, 70_000)];
    const last = Math.imul(step(one, 6) ^ (two >>> 15), inverse) ^ two;
    expect(step(two, last)).toBe(step(one, 6));

    const words = new Words();
    const first = words.endProgram(words.push(5, 6));
    const second = words.endProgram(words.push(70_000, last));
    expect([first, second]).toEqual([0, 2]);
    expect([...words.view()]).toEqual([5, 6, 70_000, last]);
    expect(words.endProgram(words.push(70_000, last))).toBe(2);
    expect(words.length).toBe(4);
  });
});

describe('a pool of texts', () => {
  test('keeps what it holds when it grows, and holds an equal text once', () => {
    const pool = new TextPool();
    const long = 'x'.repeat(65_530);
    expect([pool.intern('ä€'), pool.intern(long), pool.intern('end'), pool.append('ab')]).toEqual([
      0, 2, 65_532, 65_535,
    ]);
    expect([pool.intern('ä€'), pool.intern('end'), pool.intern('ab')]).toEqual([0, 65_532, 65_537]);
    const huge = 'y'.repeat(200_000);
    expect(pool.intern(huge)).toBe(65_539);
    const text = new TextDecoder('utf-16le').decode(pool.view());
    expect(text === `ä€${long}endabab${huge}`).toBe(true);
  });
});

describe('a row of bytes', () => {
  test('keeps what it holds when it grows, by twice or by as much as is needed', () => {
    const bytes = new GrowingBytes();
    const source = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) & 0xff);
    const cuts = [
      [3, 10],
      [10, 65_539],
      [65_539, 65_540],
      [65_540, 300_000],
    ] as const;
    let expected = 0;
    for (const [start, end] of cuts) {
      expect(bytes.append(source, start, end)).toBe(expected);
      expected += end - start;
    }
    expect(Buffer.compare(bytes.view(), source.subarray(3))).toBe(0);
    expect(bytes.isAt(7, source, 10, 100)).toBe(true);
    expect(bytes.isAt(8, source, 10, 100)).toBe(false);
    expect(bytes.isAt(7, Uint8Array.of(...source.subarray(10, 99), 0xfe), 0, 90)).toBe(false);
  });
});

describe('slots', () => {
  test('find what was added, also under one hash and after growing', () => {
    const hashOf = (value: number): number => value % 7;
    const slots = new SlotTable(hashOf);
    for (let value = 0; value < 100; value++) {
      expect(slots.find(hashOf(value), (each) => each === value)).toBe(-1);
      slots.add(value);
      expect(slots.slots.length).toBeGreaterThanOrEqual((value + 1) * 2);
    }
    for (let value = 0; value < 100; value++)
      expect(slots.find(hashOf(value), (each) => each === value)).toBe(value);
    expect(slots.find(3, () => true) % 7).toBe(3);
    expect(slots.mask).toBe(slots.slots.length - 1);
    expect(slots.slots.length).toBe(256);
  });

  test('that are packed keep offset and fingerprint, and one of them stays empty', () => {
    for (const [sizeWords, bits] of [
      [1, 1],
      [2, 1],
      [3, 2],
      [4, 2],
      [5, 3],
      [1025, 11],
      [2 ** 31, 31],
    ] as const)
      expect(new PackedSlots(sizeWords, 1).offsetBits, `${sizeWords}`).toBe(bits);
    for (const count of [0, 1, 2, 3, 20, 21, 42, 43]) {
      const slots = new PackedSlots(64, count);
      for (let i = 1; i <= count; i++) slots.add(0x7654_0000 | (i * 5), i);
      const used = [...slots.view()].filter((slot) => slot !== 0);
      expect(used.map((slot) => slot & 63).sort((a, b) => a - b)).toEqual(
        Array.from({ length: count }, (_, i) => i + 1),
      );
      for (const slot of used) expect(slot & ~63).toBe((0x7654_0000 | ((slot & 63) * 5)) & ~63);
      expect(slots.view().length & (slots.view().length - 1)).toBe(0);
      expect(slots.view().length).toBeGreaterThanOrEqual(Math.max(2, count * 1.5));
    }
  });
});

test('no rule is lost where texts, names and nodes outgrow what the compiler begins with', () => {
  // More than 65,536 bytes of segments, units of texts, words of programs and names of actions.
  const long = 'n'.repeat(400);
  const ids = Array.from({ length: 180 }, (_, i) => `doc:${long}${i}:x${i}`);
  const text = ids
    .map(
      (id, i) =>
        `allow user:${long}${i} to act${i} on ${id}\ndeny user:${long}${i} to act${i} on ${id}:* when context.n == "${long}${i}"\n`,
    )
    .join('');
  const result = build([
    { file: 'a.acl', text: `${text}allow anyone to ${ids.map((_, i) => `act${i}`).join(', ')} on doc:**\n` },
  ]);
  if (!result.ok) throw new Error(result.diagnostics[0]?.message);
  const authorizer = Authorizer.fromImage(result.image);
  for (const [i, id] of ids.entries()) {
    const ask = (subject: string, resource: string, n: string) => {
      const { decision, rule } = authorizer.decide({ subject, action: `act${i}`, resource, context: { n } });
      return `${decision} ${rule?.line}`;
    };
    const subject = `user:${long}${i}`;
    expect(ask(subject, id, ''), id).toBe(`allow ${i * 2 + 1}`);
    expect(ask(subject, `${id}:z`, `${long}${i}`), id).toBe(`deny ${i * 2 + 2}`);
    expect(ask(subject, `${id}:z`, `${long}${i + 1}`), id).toBe(`allow ${ids.length * 2 + 1}`);
    expect(ask(`${subject}0`, id, ''), id).toBe(`allow ${ids.length * 2 + 1}`);
  }
});
