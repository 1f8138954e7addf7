export type JsonResult =
  | { readonly ok: true; readonly value: unknown }
  /** `offset` counts UTF-16 units from the start of the text; the message is lower case and fits behind a position. */
  | { readonly ok: false; readonly message: string; readonly offset: number };

export interface JsonReading {
  readonly maxDepth: number;
  /** As lenient as readers that others rely on: of a repeated key the last value counts, and a number may be infinite. */
  readonly isLenient?: boolean;
}

/** What `parseJson` means, character by character: exact about faults, without recursion, slower than the fast path. */
export function readJsonStrictly(text: string, { maxDepth, isLenient = false }: JsonReading): JsonResult {
  try {
    return { ok: true, value: new StrictJsonReader(text, isLenient).readDocument(maxDepth) };
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault;
    return { ok: false, message: fault.message, offset: fault.offset };
  }
}

/** Leaves the reader from wherever it is; never leaves this module. */
class JsonFault extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** An array or object whose end has not been read. `key` is that of the value to come. */
type OpenContainer =
  | { readonly kind: 'array'; readonly value: unknown[] }
  | { readonly kind: 'object'; readonly value: Record<string, unknown>; key: string };

const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

const words: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

class StrictJsonReader {
  private readonly text: string;
  private readonly isLenient: boolean;
  private offset = 0;

  constructor(text: string, isLenient: boolean) {
    this.text = text;
    this.isLenient = isLenient;
  }

  readDocument(maxDepth: number): unknown {
    this.refuseUnreadableText();
    const open: OpenContainer[] = [];
    for (;;) {
      const container = this.openContainer();
      if (container !== undefined) {
        if (open.length === maxDepth) this.fail(`nested more than ${maxDepth} deep`, this.offset - 1);
        open.push(container);
        if (!this.takeClose(container)) {
          this.readKeyIn(container);
          continue;
        }
      }
      const value = container === undefined ? this.readScalar() : open.pop()!.value;
      const whole = this.settle(value, open);
      if (whole !== undefined) return whole.value;
    }
  }

  /** Hands a complete value to its container, and every container that ends here to its own; returns the outermost. */
  private settle(complete: unknown, open: OpenContainer[]): { readonly value: unknown } | undefined {
    let value = complete;
    for (let parent = open.at(-1); parent !== undefined; parent = open.at(-1)) {
      addTo(parent, value);
      if (this.take(',')) {
        this.readKeyIn(parent);
        return undefined;
      }
      if (!this.takeClose(parent)) this.fail(`expected \`,\` or \`${closeOf(parent)}\``);
      value = open.pop()!.value;
    }
    this.skipSpace();
    if (this.offset < this.text.length) this.fail('expected the end after the value');
    return { value };
  }

  private refuseUnreadableText(): void {
    if (this.text.charCodeAt(0) === 0xfeff)
      this.fail('byte order mark before the value: save the text without it');
    if (this.text.isWellFormed()) return;
    this.fail('lone surrogate', this.text.search(/\p{Cs}/u));
  }

  private openContainer(): OpenContainer | undefined {
    if (this.take('[')) return { kind: 'array', value: [] };
    if (this.take('{')) return { kind: 'object', value: {}, key: '' };
    return undefined;
  }

  private takeClose(container: OpenContainer): boolean {
    return this.take(closeOf(container));
  }

  /** Reads `"key":`; in an array there is none to read. */
  private readKeyIn(container: OpenContainer): void {
    if (container.kind === 'array') return;
    this.skipSpace();
    const start = this.offset;
    if (this.text[start] !== '"') this.fail('expected a key in double quotes');
    const key = this.readString();
    if (!this.isLenient && Object.hasOwn(container.value, key))
      this.fail(`duplicate key ${quoteKey(key)}`, start);
    if (!this.take(':')) this.fail(`expected \`:\` after key ${quoteKey(key)}`);
    container.key = key;
  }

  private readScalar(): unknown {
    const first = this.text[this.offset];
    if (first === '"') return this.readString();
    if (first !== undefined && '-0123456789'.includes(first)) return this.readNumber();
    const word = words.find(([spelling]) => this.text.startsWith(spelling, this.offset));
    if (word === undefined) this.fail(first === undefined ? 'unexpected end' : 'expected a value');
    this.offset += word[0].length;
    return word[1];
  }

  private readNumber(): number {
    numberPattern.lastIndex = this.offset;
    const spelling = numberPattern.exec(this.text)?.[0];
    if (spelling === undefined) this.fail('invalid number');
    const value = Number(spelling);
    if (!this.isLenient && !Number.isFinite(value)) this.fail('number is too large to be finite');
    this.offset += spelling.length;
    return value;
  }

  private readString(): string {
    const start = this.offset++;
    let result = '';
    let copied = this.offset;
    for (;;) {
      const unit = this.text.charCodeAt(this.offset);
      if (unit === 0x22) return result + this.text.slice(copied, this.offset++);
      if (Number.isNaN(unit)) this.fail('unterminated string', start);
      if (unit < 0x20) this.fail('control character in a string: write it as an escape');
      if (unit === 0x5c) {
        result += this.text.slice(copied, this.offset) + this.readEscape();
        copied = this.offset;
      } else this.offset++;
    }
  }

  private readEscape(): string {
    const letter = this.text[this.offset + 1] ?? '';
    if (letter === 'u') return this.readUnicodeEscape();
    const character = simpleEscapes.get(letter);
    if (character === undefined) this.fail('invalid escape in a string');
    this.offset += 2;
    return character;
  }

  /** One `\uXXXX`, or two that make a surrogate pair. */
  private readUnicodeEscape(): string {
    const start = this.offset;
    const unit = this.readHexUnit();
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
    const isPairPossible = unit < 0xdc00 && this.text.startsWith('\\u', this.offset);
    const low = isPairPossible ? this.readHexUnit() : 0;
    if (low < 0xdc00 || low > 0xdfff) this.fail('escaped lone surrogate', start);
    return String.fromCharCode(unit, low);
  }

  private readHexUnit(): number {
    const digits = this.text.slice(this.offset + 2, this.offset + 6);
    if (!/^[0-9a-fA-F]{4}$/.test(digits))
      this.fail('invalid escape in a string: `\\u` takes four hexadecimal digits');
    this.offset += 6;
    return Number.parseInt(digits, 16);
  }

  private take(character: string): boolean {
    this.skipSpace();
    if (this.text[this.offset] !== character) return false;
    this.offset++;
    return true;
  }

  private skipSpace(): void {
    for (;;) {
      const unit = this.text.charCodeAt(this.offset);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.offset++;
    }
  }

  private fail(message: string, offset = this.offset): never {
    throw new JsonFault(message, offset);
  }
}

function closeOf(container: OpenContainer): string {
  return container.kind === 'array' ? ']' : '}';
}

function addTo(container: OpenContainer, value: unknown): void {
  if (container.kind === 'array') container.value.push(value);
  else if (container.key !== '__proto__') container.value[container.key] = value;
  // An assignment would set the prototype; JSON means a property.
  else
    Object.defineProperty(container.value, '__proto__', {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
}

/** Cut short, and with what does not print escaped: the key comes from outside. */
function quoteKey(key: string): string {
  const text = key.length > 80 ? `${key.slice(0, 80)}…` : key;
  const shown = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}`]/gu, (character) => {
    return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  });
  return `\`${shown}\``;
}
