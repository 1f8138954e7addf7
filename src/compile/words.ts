/** A row of 32-bit words that grows: what the compiler collects before it knows the size. */
export class Words {
  #words: Int32Array<ArrayBuffer>;
  length = 0;

  constructor(capacity = 1024) {
    this.#words = new Int32Array(capacity);
  }

  /** Appends the words and returns the index of the first. */
  push(...words: number[]): number {
    const at = this.length;
    this.#reserve(words.length);
    for (const word of words) this.#words[this.length++] = word;
    return at;
  }

  /** `push` of four words without an array on the way: for entries and nodes, of which there are millions. */
  push4(a: number, b: number, c: number, d: number): number {
    const at = this.length;
    this.#reserve(4);
    const words = this.#words;
    words[at] = a;
    words[at + 1] = b;
    words[at + 2] = c;
    words[at + 3] = d;
    this.length = at + 4;
    return at;
  }

  get(index: number): number {
    return this.#words[index]!;
  }

  set(index: number, word: number): void {
    this.#words[index] = word;
  }

  /** The words so far, as a view: valid until the next push. */
  view(): Int32Array<ArrayBuffer> {
    return this.#words.subarray(0, this.length);
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#words.length) return;
    const larger = new Int32Array(Math.max(this.#words.length * 2, this.length + count));
    larger.set(this.#words);
    this.#words = larger;
  }
}
