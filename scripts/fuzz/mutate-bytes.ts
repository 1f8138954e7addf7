import type { Random } from '../../test/support/generators.ts';
import { brackets, interestingTexts, interestingWords } from './interesting.ts';
import type { FuzzTarget } from './target.ts';
import { inputOf } from './texts.ts';

/** What inputs are changed with. */
export interface Material {
  readonly random: Random;
  readonly target: Pick<FuzzTarget, 'tokens' | 'isBinary'>;
  /** Another input, for parts of it. */
  readonly other: () => Uint8Array;
  readonly maxLength: number;
}

type Mutation = (input: Buffer, material: Material) => Buffer;

/** An input with a few changes; never longer than allowed. */
export function mutateBytes(input: Uint8Array, material: Material): Buffer {
  const { random, target, maxLength } = material;
  const mutations = target.isBinary === true ? binaryMutations : textMutations;
  const times = random.pick([1, 1, 1, 2, 2, 3, 5, 8]);
  let changed: Buffer = Buffer.from(input);
  for (let i = 0; i < times; i++) changed = random.pick(mutations)(changed, material).subarray(0, maxLength);
  return changed;
}

const flipBit: Mutation = (input, { random }) => {
  const at = random.below(input.length);
  input[at]! ^= 1 << random.below(8);
  return input;
};

const setByte: Mutation = (input, { random }) => {
  input[random.below(input.length)] = random.below(256);
  return input;
};

const insertToken: Mutation = (input, { random, target }) => {
  const tokens = random.chance(0.5) ? target.tokens : undefined;
  const at = placeIn(input, random);
  return replace(input, at, at, inputOf(random.pick(tokens ?? interestingTexts)));
};

const replaceToken: Mutation = (input, { random, target }) => {
  const tokens = random.chance(0.6) ? target.tokens : undefined;
  const [start, end] = wordIn(input, random);
  return replace(input, start, end, inputOf(random.pick(tokens ?? interestingTexts)));
};

/** A word in place of another, both of this input: names that meet where they have not met before. */
const copyWord: Mutation = (input, { random }) => {
  const [from, to] = wordIn(input, random);
  const [start, end] = wordIn(input, random);
  return replace(input, start, end, Buffer.from(input.subarray(from, to)));
};

const deleteWord: Mutation = (input, { random }) => replace(input, ...wordIn(input, random));

const deleteChunk: Mutation = (input, { random }) => replace(input, ...chunkIn(input, random));

const truncate: Mutation = (input, { random }) =>
  Buffer.from(input.subarray(0, random.below(input.length + 1)));

const duplicateChunk: Mutation = (input, { random, maxLength }) => {
  const [start, end] = chunkIn(input, random);
  const chunk = input.subarray(start, end);
  const fits = Math.max(1, Math.floor((maxLength - input.length) / Math.max(1, chunk.length)));
  const times = Math.min(fits, random.pick([1, 1, 1, 2, 3, 20, 300, 5000]));
  return replace(input, end, end, Buffer.concat(Array<Buffer>(times).fill(chunk)));
};

const moveChunk: Mutation = (input, { random }) => {
  const [start, end] = chunkIn(input, random);
  const chunk = Buffer.from(input.subarray(start, end));
  const rest = replace(input, start, end);
  const at = placeIn(rest, random);
  return replace(rest, at, at, chunk);
};

const splice: Mutation = (input, { random, other }) => {
  const second = Buffer.from(other());
  const [from, to] = chunkIn(second, random);
  const [start, end] = random.chance(0.5) ? chunkIn(input, random) : [placeIn(input, random)];
  return replace(input, start, end ?? start, second.subarray(from, to));
};

/** Line by line, as parts of policies, logs and tables come. */
const spliceLines: Mutation = (input, { random, other }) => {
  const lines = input.toString('latin1').split('\n');
  const others = Buffer.from(other()).toString('latin1').split('\n');
  const from = random.below(others.length);
  const some = others.slice(from, from + random.pick([1, 1, 2, 4, 10]));
  lines.splice(random.below(lines.length + 1), random.pick([0, 0, 1, 3]), ...some);
  return Buffer.from(lines.join('\n'), 'latin1');
};

const nest: Mutation = (input, { random, maxLength }) => {
  const [start, end] = wordIn(input, random);
  const [open, close] = random.pick(brackets);
  const fits = Math.floor((maxLength - input.length) / (open.length + close.length));
  const depth = Math.max(0, Math.min(fits, random.pick([1, 2, 10, 63, 255, 256, 257, 3000, 20_000])));
  const middle = input.subarray(start, end);
  return replace(
    input,
    start,
    end,
    Buffer.concat([Buffer.from(open.repeat(depth)), middle, Buffer.from(close.repeat(depth))]),
  );
};

const setWord: Mutation = (input, { random }) =>
  onWord(input, random, () => (random.chance(0.3) ? random.seed() | 0 : random.pick(interestingWords)));

const addToWord: Mutation = (input, { random }) =>
  onWord(input, random, (word) => word + random.pick([-4, -2, -1, 1, 2, 3, 4, 8, 16]));

const flipWord: Mutation = (input, { random }) =>
  onWord(input, random, (word) => word ^ (1 << random.below(32)));

/** Another word of the same bytes: a number that means something, elsewhere. */
const copyBinaryWord: Mutation = (input, { random }) => {
  const from = random.below(Math.max(1, input.length >> 2)) * 4;
  return onWord(input, random, () => (from + 4 <= input.length ? input.readInt32LE(from) : 0));
};

function onWord(input: Buffer, random: Random, change: (word: number) => number): Buffer {
  if (input.length < 4) return input;
  const at = random.below(input.length >> 2) * 4;
  input.writeInt32LE(change(input.readInt32LE(at)) | 0, at);
  return input;
}

const textMutations: readonly Mutation[] = [
  flipBit,
  setByte,
  insertToken,
  insertToken,
  replaceToken,
  replaceToken,
  replaceToken,
  copyWord,
  copyWord,
  deleteWord,
  deleteChunk,
  truncate,
  duplicateChunk,
  moveChunk,
  splice,
  spliceLines,
  spliceLines,
  nest,
];

const binaryMutations: readonly Mutation[] = [
  flipBit,
  setByte,
  setWord,
  setWord,
  addToWord,
  addToWord,
  addToWord,
  flipWord,
  copyBinaryWord,
  copyBinaryWord,
];

// ---------------------------------------------------------------- places

function replace(input: Buffer, start: number, end: number, by: Uint8Array = new Uint8Array()): Buffer {
  return Buffer.concat([input.subarray(0, start), by, input.subarray(end)]);
}

function placeIn(input: Buffer, random: Random): number {
  if (random.chance(0.5)) return random.below(input.length + 1);
  return random.pick(wordIn(input, random));
}

function chunkIn(input: Buffer, random: Random): [start: number, end: number] {
  const start = random.below(input.length + 1);
  const longest = random.pick([4, 16, 64, 1024]);
  return [start, Math.min(input.length, start + 1 + random.below(longest))];
}

/** A run of letters and digits, or a single other byte. */
function wordIn(input: Buffer, random: Random): [start: number, end: number] {
  if (input.length === 0) return [0, 0];
  let start = random.below(input.length);
  let end = start + 1;
  if (isWordByte(input[start])) {
    while (start > 0 && isWordByte(input[start - 1])) start--;
    while (end < input.length && isWordByte(input[end])) end++;
  }
  return [start, end];
}

function isWordByte(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
