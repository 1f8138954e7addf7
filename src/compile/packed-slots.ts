/**
 * Slots that hold an offset in their low bits and in the others the high bits of the hash, so that most of what is not there
 * is not looked for elsewhere. At most two thirds full.
 */
export class PackedSlots {
  /** Bits of the offset; the fingerprint is above them. */
  readonly offsetBits: number;
  readonly #slots: Int32Array;

  /**
   * @param sizeWords  offsets are below, and none is 0
   * @param count  how many will be added
   */
  constructor(sizeWords: number, count: number) {
    // A shift by all 32 bits would be one by none.
    this.offsetBits = Math.min(31, 32 - Math.clz32(Math.max(1, sizeWords - 1)));
    this.#slots = new Int32Array(2 ** Math.max(1, Math.ceil(Math.log2(count * 1.5 + 1))));
  }

  add(hash: number, offset: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = (hash & -(2 ** this.offsetBits)) | offset;
  }

  view(): Int32Array {
    return this.#slots;
  }
}
