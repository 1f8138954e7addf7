/**
 * What does it cost to take an id apart? The scan that every decision begins with, four bytes at a time, beside a plain loop over
 * the characters that cuts and hashes but validates nothing, and beside `split`, which does not even hash.
 *
 *     node bench/scan.ts [--ids 50000] [--rounds 15]
 *
 * The plain loop is there twice: with arrays of the module's own, as the scan has them, and with those of an argument, one of
 * several in turn.
 */
import { IdElements, MAX_ELEMENTS, scanned } from '../src/id/elements.ts';
import { scan } from '../src/id/scan.ts';
import { createWorkload, fresh } from './peers/workload.ts';
import { readNumbers } from './support/options.ts';
import { describeSpread, measureInTurns } from './support/rounds.ts';

const SLASH = 0x2f;
const COLON = 0x3a;
const HASH_SEED = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

/** Where the plain loop leaves what it finds. */
class Scratch {
  readonly codes = new Uint8Array(MAX_ELEMENTS);
  readonly ends = new Int32Array(MAX_ELEMENTS);
  readonly hashes = new Int32Array(MAX_ELEMENTS);
}

const { codes, ends, hashes } = new Scratch();
const others = Array.from({ length: 8 }, () => new Scratch());
let turn = 0;
const out = new IdElements();

/** The number of elements of an id. */
const ways: Readonly<Record<string, (id: string) => number>> = {
  scan: (id) => {
    scan(id);
    return scanned.count;
  },
  'scan, and a copy of what it finds': (id) => {
    scan(id);
    out.copy(scanned);
    return out.count;
  },
  'plain loop': cutPlainly,
  'plain loop, arrays of an argument': (id) => {
    turn = (turn + 1) % others.length;
    return cutInto(others[turn]!, id);
  },
  'split at slashes': (id) => id.split('/').length,
  'split at slashes and colons': (id) => id.split(/[:/]/).length,
};

const options = readNumbers({ ids: '50000', rounds: '15' });
const ids = createWorkload(1000, options.ids[0]!).requests.resources;
ids.forEach(check);
const entrants = Object.entries(ways).map(([name, count]) => ({
  name,
  decisions: ids.length,
  result: ids.reduce((sum, id) => sum + count(id), 0),
  prepare: () => {
    const freshIds = ids.map(fresh);
    return () => {
      let sum = 0;
      for (const id of freshIds) sum += count(id);
      return sum;
    };
  },
}));
const characters = ids.reduce((sum, { length }) => sum + length, 0) / ids.length;
console.log(`ids of ${characters.toFixed(1)} characters on average`);
const timings = measureInTurns(entrants, options.rounds[0]!);
for (const timing of timings) {
  const ratio = (timing.median / timings[0]!.median).toFixed(2);
  console.log(`${timing.name.padEnd(40)} ${describeSpread(timing)} ns an id, ${ratio} times the scan`);
}

/** Both have to cut at the same places. */
function check(id: string): void {
  const count = cutPlainly(id);
  scan(id);
  if (scanned.count === count && ends.subarray(0, count).every((end, i) => end === scanned.byteEnds[i]))
    return;
  throw new Error(`the scan and the plain loop cut \`${id}\` at different places`);
}

function cutPlainly(id: string): number {
  let count = 0;
  let hash = HASH_SEED;
  let code = 0;
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i);
    if (unit === SLASH || unit === COLON) {
      codes[count] = code;
      ends[count] = i;
      hashes[count++] = hash;
      code = unit;
    }
    hash = Math.imul(hash ^ unit, PRIME);
  }
  codes[count] = code;
  ends[count] = id.length;
  hashes[count++] = hash;
  return count;
}

function cutInto(into: Scratch, id: string): number {
  let count = 0;
  let hash = HASH_SEED;
  let code = 0;
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i);
    if (unit === SLASH || unit === COLON) {
      into.codes[count] = code;
      into.ends[count] = i;
      into.hashes[count++] = hash;
      code = unit;
    }
    hash = Math.imul(hash ^ unit, PRIME);
  }
  into.codes[count] = code;
  into.ends[count] = id.length;
  into.hashes[count++] = hash;
  return count;
}
