/**
 * Values by a stretch of ASCII text, found without making a string of it: for what a million rules name over and over.
 * Keys are kept in one block of bytes, and the slots of the table in another, four words each:
 *
 *     hash │ index of the value + 1, 0 for a free slot │ start of the key in the block │ its length
 *
 * With a `Map` by string, resolving a million rules took a fifth longer: it visits more cache lines a look-up, scattered
 * over a heap that the garbage collector walks besides (`bench/build.ts`, "resolve").
 */
export class TextTable<T> {
  #slots = new Int32Array(SLOT_SIZE << 8);
  #keys = new Uint8Array(1 << 12);
  #keysEnd = 0;
  readonly #values: T[] = [];

  /** The value of `[start, end)`, if it has one. */
  get(text: string, start: number, end: number): T | undefined {
    const index = this.#slots[this.#find(text, start, end, hashOf(text, start, end)) + 1]!;
    return index === 0 ? undefined : this.#values[index - 1];
  }

  /** Gives `[start, end)`, which must be ASCII and have no value yet, one. */
  add(text: string, start: number, end: number, value: T): void {
    if ((this.#values.length + 1) * SLOT_SIZE * 2 > this.#slots.length) this.#growSlots();
    const hash = hashOf(text, start, end);
    const slot = this.#find(text, start, end, hash);
    this.#values.push(value);
    this.#slots[slot] = hash;
    this.#slots[slot + 1] = this.#values.length;
    this.#slots[slot + 2] = this.#keysEnd;
    this.#slots[slot + 3] = end - start;
    if (this.#keysEnd + end - start > this.#keys.length) this.#growKeys(end - start);
    for (let i = start; i < end; i++) this.#keys[this.#keysEnd++] = text.charCodeAt(i);
  }

  /** The slot of the key, or the free one where it would be. Half of the slots are free, so there is one. */
  #find(text: string, start: number, end: number, hash: number): number {
    const slots = this.#slots;
    const keys = this.#keys;
    const mask = slots.length - SLOT_SIZE;
    for (let slot = (hash * SLOT_SIZE) & mask; ; slot = (slot + SLOT_SIZE) & mask) {
      if (slots[slot + 1] === 0) return slot;
      if (slots[slot] !== hash || slots[slot + 3] !== end - start) continue;
      const shift = slots[slot + 2]! - start;
      let i = start;
      while (i < end && keys[i + shift] === text.charCodeAt(i)) i++;
      if (i === end) return slot;
    }
  }

  #growSlots(): void {
    const old = this.#slots;
    const slots = new Int32Array(old.length * 2);
    const mask = slots.length - SLOT_SIZE;
    for (let from = 0; from < old.length; from += SLOT_SIZE) {
      if (old[from + 1] === 0) continue;
      let slot = (old[from]! * SLOT_SIZE) & mask;
      while (slots[slot + 1] !== 0) slot = (slot + SLOT_SIZE) & mask;
      for (let word = 0; word < SLOT_SIZE; word++) slots[slot + word] = old[from + word]!;
    }
    this.#slots = slots;
  }

  #growKeys(more: number): void {
    const keys = new Uint8Array(Math.max(this.#keys.length * 2, this.#keysEnd + more));
    keys.set(this.#keys);
    this.#keys = keys;
  }
}

const SLOT_SIZE = 4;

/** FNV-1a, its upper bits folded down: the table takes the lower ones. */
function hashOf(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15);
}
