/**
 * Open addressing from a hash to a number: the caller compares. Grows so that it is never more than half full, and ends
 * as the slots of an image (number + 1, or 0).
 */
export class SlotTable {
  #slots = new Int32Array(16);
  #count = 0;
  readonly #hashOf: (value: number) => number;

  /** @param hashOf  the hash under which a number was added, asked again when the table grows */
  constructor(hashOf: (value: number) => number) {
    this.#hashOf = hashOf;
  }

  /** The slots so far: valid until the next addition. A probe begins at `hash & mask` and goes up. */
  get slots(): Int32Array<ArrayBuffer> {
    return this.#slots;
  }

  /** The first number under `hash` for which `isMatch` holds, or -1. */
  find(hash: number, isMatch: (value: number) => boolean): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const value = this.#slots[slot]! - 1;
      if (value < 0 || isMatch(value)) return value;
    }
  }

  get mask(): number {
    return this.#slots.length - 1;
  }

  add(value: number): void {
    if ((this.#count + 1) * 2 > this.#slots.length) this.#grow();
    this.#place(value);
    this.#count++;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Int32Array(before.length * 2);
    for (const slot of before) if (slot > 0) this.#place(slot - 1);
  }

  #place(value: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashOf(value) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = value + 1;
  }
}
