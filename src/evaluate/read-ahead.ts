import { encode, MAX_ID_LENGTH, prefixHash, scanned } from '../id/elements.ts';
import type { Image } from '../image/image.ts';
import {
  fixedHash,
  NODE_COVER,
  RESOURCE_ROOT,
  SCALAR_NODE_BITS,
  SCALAR_SUBJECT_BITS,
  SUBJECT_SALT,
} from '../image/layout.ts';

/** So many requests are read ahead: enough for their cache misses to overlap, few enough to stay in the cache. */
export const STAGE_SIZE = 32;

/** Nodes that take no more are in the cache without anybody reading ahead. */
const CACHED_BYTES = 2 ** 24;

/**
 * Reads ahead what decisions will ask of an image. A decision by itself waits for the slot and the record of its subject,
 * then for those of its resource, then for the node that covers it: each is known only when the one before has come from
 * memory. Here one loop after the other reads them for many requests, and no read waits for another of its loop
 * (bench/batch.ts). Nothing is decided here: a request that is not what it should be is only read ahead in vain.
 */
export class ReadAhead {
  readonly #image: Image;
  readonly #isWorthwhile: boolean;
  readonly #subjects = new Int32Array(STAGE_SIZE);
  readonly #nodes = new Int32Array(STAGE_SIZE);
  #count = 0;
  /** What was read, so that the platform may not find the reading useless. */
  sum = 0;

  constructor(image: Image) {
    this.#image = image;
    this.#isWorthwhile = image.nodes.byteLength > CACHED_BYTES;
  }

  /** Takes a request, of STAGE_SIZE at most; `run` forgets them. */
  add(subject: unknown, resource: unknown): void {
    if (!this.#isWorthwhile) return;
    this.#subjects[this.#count] = fixedHash(hashOf(subject), SUBJECT_SALT);
    this.#nodes[this.#count++] = fixedHash(hashOf(resource), RESOURCE_ROOT);
  }

  run(): void {
    const { nodes, slots, subjects, subjectSlots, scalars } = this.#image;
    const nodeMask = (1 << scalars[SCALAR_NODE_BITS]!) - 1;
    const subjectMask = (1 << scalars[SCALAR_SUBJECT_BITS]!) - 1;
    const count = this.#count;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      this.#subjects[i] = subjectSlots[this.#subjects[i]! & (subjectSlots.length - 1)]! & subjectMask;
      this.#nodes[i] = slots[this.#nodes[i]! & (slots.length - 1)]! & nodeMask;
    }
    for (let i = 0; i < count; i++) {
      sum += subjects[this.#subjects[i]!]!;
      this.#nodes[i] = nodes[this.#nodes[i]! + NODE_COVER]!;
    }
    for (let i = 0; i < count; i++) sum += nodes[Math.max(0, this.#nodes[i]!)]!;
    this.#count = 0;
    this.sum = sum;
  }
}

function hashOf(id: unknown): number {
  if (typeof id !== 'string' || id.length > MAX_ID_LENGTH) return 0;
  return prefixHash(scanned.words, encode(id, scanned));
}
