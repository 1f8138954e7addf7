/**
 * Numbers by name in memory that threads share. One thread writes a table, every thread reads it; numbers are aligned words,
 * which no reader sees half written. Who writes may crash: the next one goes on with the same table, so nothing counts down.
 *
 *     count (8 bytes) │ name × slots │ number × width × slots        a name: length (4 bytes) │ UTF-8
 */
export class SeriesTable {
  readonly width: number;
  readonly numbers: Float64Array;
  readonly #count: Int32Array;
  readonly #names: Uint8Array;
  readonly #slots: number;
  readonly #known = new Map<string, number>();

  /** @param memory  zeros, or what another table of the same shape has left; `tableBytes` says how much it takes */
  constructor(
    memory: SharedArrayBuffer,
    { slots, width, offset = 0 }: TableShape & { readonly offset?: number },
  ) {
    this.width = width;
    this.#slots = slots;
    this.#count = new Int32Array(memory, offset, 1);
    this.#names = new Uint8Array(memory, offset + HEAD_BYTES, slots * NAME_BYTES);
    this.numbers = new Float64Array(memory, offset + HEAD_BYTES + slots * NAME_BYTES, slots * width);
    for (const { name, at } of this.read()) this.#known.set(name, at);
  }

  /** Where the numbers of a name begin, from now on. Names beyond the last slot are counted together in the last. */
  at(name: string): number {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const slot = Math.min(this.#known.size, this.#slots - 1);
    const at = slot * this.width;
    this.#known.set(name, at);
    if (Atomics.load(this.#count, 0) <= slot) this.#writeName(slot, name);
    return at;
  }

  /** What there is at this moment. */
  *read(): Generator<{ readonly name: string; readonly at: number }> {
    const count = Atomics.load(this.#count, 0);
    for (let slot = 0; slot < count; slot++) yield { name: this.#readName(slot), at: slot * this.width };
  }

  /** The name is complete before it is counted: a reader in another thread never sees a part. */
  #writeName(slot: number, name: string): void {
    const bytes = new TextEncoder().encode(name).subarray(0, NAME_BYTES - 4);
    const start = slot * NAME_BYTES;
    new DataView(this.#names.buffer, this.#names.byteOffset).setInt32(start, bytes.length);
    this.#names.set(bytes, start + 4);
    Atomics.store(this.#count, 0, slot + 1);
  }

  #readName(slot: number): string {
    const start = slot * NAME_BYTES;
    const length = new DataView(this.#names.buffer, this.#names.byteOffset).getInt32(start);
    // Shared memory is no argument of a decoder.
    return new TextDecoder().decode(this.#names.slice(start + 4, start + 4 + length));
  }
}

export interface TableShape {
  readonly slots: number;
  /** Numbers of one name. */
  readonly width: number;
}

const HEAD_BYTES = 8;
const NAME_BYTES = 192;

export function tableBytes({ slots, width }: TableShape): number {
  return HEAD_BYTES + slots * (NAME_BYTES + width * Float64Array.BYTES_PER_ELEMENT);
}
