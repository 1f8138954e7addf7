/** A row of bytes that grows. */
export class GrowingBytes {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;

  /** Appends `bytes[start, end)` and returns where they begin. */
  append(bytes: Uint8Array, start: number, end: number): number {
    const at = this.#length;
    const size = end - start;
    if (at + size > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, at + size));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    for (let i = 0; i < size; i++) this.#bytes[at + i] = bytes[start + i]!;
    this.#length += size;
    return at;
  }

  /** Whether what begins at `at` is `bytes[start, end)`. */
  isAt(at: number, bytes: Uint8Array, start: number, end: number): boolean {
    for (let i = start; i < end; i++) if (this.#bytes[at + i - start] !== bytes[i]) return false;
    return true;
  }

  /** The bytes so far, as a view: valid until the next addition. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }
}
