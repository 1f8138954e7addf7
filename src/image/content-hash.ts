import { fixedHash } from './layout.ts';

/**
 * 128 bits over whole words: four lanes, each multiplied and rotated, then mixed. It finds damage and names a revision;
 * it is no signature, whoever can write an image can also write its hash.
 */
export function contentHash(words: Int32Array, from: number): readonly [number, number, number, number] {
  let a = 1;
  let b = 2;
  let c = 3;
  let d = 4;
  // Behind the end there are undefined words, which count as zero.
  for (let i = from; i < words.length; i += 4) {
    a = mixed(a ^ words[i]!, 13, 0x9e3779b1);
    b = mixed(b ^ words[i + 1]!, 15, 0x85ebca77);
    c = mixed(c ^ words[i + 2]!, 17, 0xc2b2ae3d);
    d = mixed(d ^ words[i + 3]!, 19, 0x27d4eb2f);
    a = (a + b) | 0;
    c = (c + d) | 0;
    b ^= c;
    d ^= a;
  }
  a ^= words.length;
  for (let round = 0; round < 4; round++) {
    a = fixedHash(a + b, round);
    b = fixedHash(b + c, round);
    c = fixedHash(c + d, round);
    d = fixedHash(d + a, round);
  }
  return [a, b, c, d];
}

/** Rotated, so that the high bits reach the low ones, and multiplied. */
function mixed(x: number, bits: number, factor: number): number {
  return Math.imul((x << bits) | (x >>> (32 - bits)), factor);
}
