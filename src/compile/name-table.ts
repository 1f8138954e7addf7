import { hashText } from '../id/elements.ts';
import { NAME_HASH, NAME_LENGTH, NAME_PAYLOAD, NAME_SIZE, slotHash } from '../image/layout.ts';
import { SlotTable } from './slot-table.ts';
import type { TextPool } from './text-pool.ts';
import { Words } from './words.ts';

/** Rows of text │ length │ hash │ payload, found by `findName`. */
export class NameTable {
  readonly #pool: TextPool;
  readonly #rows = new Words();
  readonly #indexes = new Map<string, number>();
  readonly #slots = new SlotTable((row) =>
    slotHash(this.#rows.get(row * NAME_SIZE + NAME_LENGTH), 0, this.#rows.get(row * NAME_SIZE + NAME_HASH)),
  );

  constructor(pool: TextPool) {
    this.#pool = pool;
  }

  get count(): number {
    return this.#rows.length / NAME_SIZE;
  }

  /** The row of `name`, which is added if it is new. */
  add(name: string): number {
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    const row = this.count;
    this.#rows.push4(this.#pool.intern(name), name.length, hashText(name), 0);
    this.#slots.add(row);
    this.#indexes.set(name, row);
    return row;
  }

  indexOf(name: string): number | undefined {
    return this.#indexes.get(name);
  }

  setPayload(row: number, payload: number): void {
    this.#rows.set(row * NAME_SIZE + NAME_PAYLOAD, payload);
  }

  names(): IterableIterator<[string, number]> {
    return this.#indexes.entries();
  }

  rows(): Int32Array<ArrayBuffer> {
    return this.#rows.view();
  }

  slots(): Int32Array<ArrayBuffer> {
    return this.#slots.slots;
  }
}
