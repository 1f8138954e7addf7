/** Every text of the image once: interned strings as UTF-16 units in one row. */
export class TextPool {
  #units = new Uint16Array(1 << 16);
  #length = 0;
  readonly #offsets = new Map<string, number>();

  /** The offset of `text`, which is added if it is new. Equal texts have equal offsets. */
  intern(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const offset = this.append(text);
    this.#offsets.set(text, offset);
    return offset;
  }

  /** Adds a text that will not be looked up again. */
  append(text: string): number {
    const offset = this.#length;
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) this.#units[offset + i] = text.charCodeAt(i);
    this.#length += text.length;
    return offset;
  }

  /** The units so far, as a view: valid until the next addition. */
  view(): Uint16Array<ArrayBuffer> {
    return this.#units.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#units.length) return;
    const larger = new Uint16Array(Math.max(this.#units.length * 2, this.#length + count));
    larger.set(this.#units);
    this.#units = larger;
  }
}
