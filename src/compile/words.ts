/** A row of 32-bit words that grows: what the compiler collects before it knows the size. */
export class Words {
  #words: Int32Array<ArrayBuffer>;
  length = 0;
  /** By the hash of its words, where the last program of that hash begins. */
  readonly #programs = new Map<number, number>();

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

  /** `push` of very many, which are more than a call takes arguments. */
  pushAll(words: Iterable<number> & { readonly length: number }): number {
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

  /**
   * Ends a program that began at `at`, and gives where it is to be found: if its very words stand here already, there, and the
   * new ones are taken back. A hash that two programs share costs no more than a second copy of one of them.
   */
  endProgram(at: number): number {
    const words = this.#words;
    let hash = 0;
    for (let i = at; i < this.length; i++) hash = Math.imul(hash ^ words[i]!, 0x01000193) ^ (hash >>> 15);
    const known = this.#programs.get(hash) ?? at;
    if (known !== at && this.#isRepeated(known, at)) {
      this.length = at;
      return known;
    }
    this.#programs.set(hash, at);
    return at;
  }

  #isRepeated(known: number, at: number): boolean {
    for (let i = at; i < this.length; i++) if (this.#words[known + i - at] !== this.#words[i]) return false;
    return true;
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
