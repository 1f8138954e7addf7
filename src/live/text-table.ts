/** What is found by its text and the hash of it, which the caller knows already. */
export interface Hashed {
  readonly text: string;
  readonly hash: number;
}

/** Slots of an empty table, a power of two. */
const FIRST_SLOTS = 16;

/**
 * Values by text: open addressing, at most half full, that takes a text as a part of another. Before it a filter with a bit for
 * each hash, small enough to stay in the cache: nearly every text that is asked for is not there. Copies share nothing that
 * `set` changes, and cost copies of memory.
 */
export class TextTable<Value extends Hashed> {
  /** The hash, and one more than the index of the value, or 0. */
  #slots: Int32Array;
  /** Eight bits a slot, of which one is set for each value. */
  #filter: Int32Array;
  /** How far a mixed hash has to go to be the number of a bit. */
  #shift: number;
  readonly #values: Value[];

  private constructor(slots: Int32Array, filter: Int32Array, values: Value[]) {
    this.#slots = slots;
    this.#filter = filter;
    this.#shift = shiftOf(filter);
    this.#values = values;
  }

  static empty<Value extends Hashed>(): TextTable<Value> {
    return new TextTable(new Int32Array(FIRST_SLOTS * 2), new Int32Array(FIRST_SLOTS / 4), []);
  }

  copy(): TextTable<Value> {
    return new TextTable(this.#slots.slice(), this.#filter.slice(), this.#values.slice());
  }

  get size(): number {
    return this.#values.length;
  }

  values(): readonly Value[] {
    return this.#values;
  }

  /** The value of the first `length` units of the text. */
  get(hash: number, text: string, length: number): Value | undefined {
    const mixed = mix(hash);
    const bit = mixed >>> this.#shift;
    if (((this.#filter[bit >> 5]! >>> bit) & 1) === 0) return undefined;
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let at = firstSlot(mixed, mask); slots[at + 1] !== 0; at = (at + 2) & mask) {
      if (slots[at] !== hash) continue;
      const value = this.#values[slots[at + 1]! - 1]!;
      if (value.text.length === length && text.startsWith(value.text)) return value;
    }
    return undefined;
  }

  /** Puts a value in the place of one with its text. Not to be called once the table is shared. */
  set(value: Value): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let at = firstSlot(mix(value.hash), mask); slots[at + 1] !== 0; at = (at + 2) & mask) {
      const index = slots[at + 1]! - 1;
      if (slots[at] !== value.hash || this.#values[index]!.text !== value.text) continue;
      this.#values[index] = value;
      return;
    }
    this.#values.push(value);
    if (this.#values.length * 4 <= slots.length) this.#place(value.hash, this.#values.length);
    else this.#grow();
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    this.#filter = new Int32Array(this.#filter.length * 2);
    this.#shift = shiftOf(this.#filter);
    for (const [index, { hash }] of this.#values.entries()) this.#place(hash, index + 1);
  }

  #place(hash: number, value: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const mixed = mix(hash);
    const bit = mixed >>> this.#shift;
    this.#filter[bit >> 5]! |= 1 << bit;
    let at = firstSlot(mixed, mask);
    while (slots[at + 1] !== 0) at = (at + 2) & mask;
    slots[at] = hash;
    slots[at + 1] = value;
  }
}

function shiftOf(filter: Int32Array): number {
  return Math.clz32(filter.length * 32 - 1);
}

/** The hash of an id has the last bytes of its text in its low bits: this carries them up. */
function mix(hash: number): number {
  return Math.imul(hash ^ (hash >>> 16), 0x9e3779b1);
}

function firstSlot(mixed: number, mask: number): number {
  return ((mixed ^ (mixed >>> 15)) << 1) & mask;
}
