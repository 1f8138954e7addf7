/** One value of a JSON text with its place, for messages. */
export interface JsonNode {
  /** Half-open, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** Values of an object by key, of an array by index in decimal. Of a repeated key the last one. */
  readonly children: ReadonlyMap<string, JsonNode>;
  /** Where the key stands, quotes included; for members of objects. */
  readonly key?: { readonly start: number; readonly end: number };
  /** Keys that stood before in the same object, each at its later place. */
  readonly repeatedKeys: readonly { readonly name: string; readonly start: number; readonly end: number }[];
}

/**
 * The values of a text with their places.
 *
 * @param text  JSON that has been read without a fault, nested no deeper than the stack allows
 */
export function buildJsonTree(text: string): JsonNode {
  return new TreeBuilder(text).buildValue(undefined);
}

/** The node that a JSON pointer (RFC 6901) names, or the nearest one around it that exists. */
export function nodeAt(root: JsonNode, pointer: string): JsonNode {
  let node = root;
  for (const token of pointer.split('/').slice(1)) {
    const child = node.children.get(token.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (child === undefined) return node;
    node = child;
  }
  return node;
}

/** One more step of a JSON pointer. */
export function pointerTo(parent: string, key: string | number): string {
  return `${parent}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

const noChildren: ReadonlyMap<string, JsonNode> = new Map();
/** A number or a word. */
const wordPattern = /[^\s,:[\]{}"]+/y;
const spacePattern = /[ \t\n\r]*/y;

class TreeBuilder {
  readonly #text: string;
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  buildValue(key: JsonNode['key']): JsonNode {
    this.#skip(spacePattern);
    const start = this.#offset;
    const children = new Map<string, JsonNode>();
    const repeatedKeys: { name: string; start: number; end: number }[] = [];
    const place = key === undefined ? {} : { key };
    const open = this.#text[start];
    if (open === '{') this.#buildMembers(children, repeatedKeys);
    else if (open === '[') this.#buildItems(children);
    else {
      this.#skipScalar();
      return { start, end: this.#offset, children: noChildren, repeatedKeys, ...place };
    }
    return { start, end: this.#offset, children, repeatedKeys, ...place };
  }

  #buildMembers(
    children: Map<string, JsonNode>,
    repeatedKeys: { name: string; start: number; end: number }[],
  ): void {
    this.#offset++;
    while (!this.#take('}')) {
      const start = this.#offset;
      this.#skipScalar();
      const end = this.#offset;
      const name = JSON.parse(this.#text.slice(start, end)) as string;
      this.#take(':');
      if (children.has(name)) repeatedKeys.push({ name, start, end });
      children.set(name, this.buildValue({ start, end }));
      this.#take(',');
    }
  }

  #buildItems(children: Map<string, JsonNode>): void {
    this.#offset++;
    while (!this.#take(']')) {
      children.set(String(children.size), this.buildValue(undefined));
      this.#take(',');
    }
  }

  /** Skips space, and the character if it comes next. */
  #take(character: string): boolean {
    this.#skip(spacePattern);
    if (this.#text[this.#offset] !== character) return false;
    this.#offset++;
    return true;
  }

  #skipScalar(): void {
    if (this.#text[this.#offset] !== '"') {
      this.#skip(wordPattern);
      return;
    }
    let i = this.#offset + 1;
    while (this.#text[i] !== '"') i += this.#text[i] === '\\' ? 2 : 1;
    this.#offset = i + 1;
  }

  #skip(pattern: RegExp): void {
    pattern.lastIndex = this.#offset;
    this.#offset += pattern.exec(this.#text)?.[0].length ?? 0;
  }
}
