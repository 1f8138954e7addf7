import type { Span } from '../../../source/span.ts';

/** One word of a command line. */
export interface ShellWord {
  /** Without quotes and escapes; variables and substitutions as written. */
  readonly text: string;
  readonly span: Span;
}

/** A simple command: the words between two separators, redirections left out. Never empty. */
export interface ShellCommand {
  readonly words: readonly ShellWord[];
  readonly span: Span;
}

export interface ShellScript {
  readonly commands: readonly ShellCommand[];
  /** Stretches that are no commands: comments, here-documents. */
  readonly skipped: readonly Span[];
  /** Quotes that nothing closes; the text behind them is read as if they were not there. */
  readonly unclosed: readonly Span[];
}

/**
 * Cuts a script into commands as a POSIX shell would, as far as it can be told without running it: quotes, escapes, line
 * continuations, comments, here-documents and redirections. Nothing is expanded. What people paste is forgiven: prompts, and
 * `<name>` for a value, which a shell would take for a redirection.
 */
export function readShellWords(text: string): ShellScript {
  return new ShellReader(text).read();
}

interface HereDocument {
  readonly end: string;
  /** `<<-`: its lines may begin with tabs. */
  readonly isIndented: boolean;
}

/** Blanks of a shell are these three; any other white space is a character of a word. */
const wordEnd = /[ \t\r\n;&|()<>]/;
const placeholder = /<[A-Za-z_](?:[^<>\n|&;]*[^<>\n|&;\s])?>/y;
const hereDocument = /<<(-?)[ \t]*(?:'([^'\n]+)'|"([^"\n]+)"|\\?([\w.-]+))/y;
const redirection = /(?:&>>?|[0-9]*(?:>>|>&|>\||<&|<>|<<<|>|<))[ \t]*/y;
/** `> ` at the start of a line that goes on: what a shell prints there. */
const secondPrompt = /[ \t]*>[ \t]+/y;

class ShellReader {
  readonly #text: string;
  #offset = 0;
  readonly #commands: ShellCommand[] = [];
  readonly #skipped: Span[] = [];
  readonly #unclosed: Span[] = [];
  #words: ShellWord[] = [];
  #hereDocuments: HereDocument[] = [];
  /** Nothing closes a double quote from here on: each is a character like any other. Keeps the cost linear. */
  #isQuoteLess = false;
  #unclosedExpansions = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): ShellScript {
    while (this.#offset < this.#text.length) this.#readNext();
    this.#endCommand();
    return { commands: this.#commands, skipped: this.#skipped, unclosed: this.#unclosed };
  }

  #readNext(): void {
    const unit = this.#text[this.#offset]!;
    if (unit === ' ' || unit === '\t' || unit === '\r') this.#offset++;
    else if (unit === '\n') this.#readLineEnd();
    else if (unit === '#') this.#skipComment();
    else if (this.#take(hereDocument, (found) => this.#openHereDocument(found))) return;
    else if (unit === '<' && this.#startsWith(placeholder)) this.#readWord();
    else if (this.#takeContinuation()) return;
    else if (this.#take(redirection, () => this.#dropTarget())) return;
    else if (';&|()'.includes(unit)) {
      this.#endCommand();
      this.#offset++;
    } else this.#readWord();
  }

  #startsWith(pattern: RegExp): boolean {
    pattern.lastIndex = this.#offset;
    return pattern.test(this.#text);
  }

  #take(pattern: RegExp, then: (found: RegExpExecArray) => void): boolean {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text);
    if (found === null) return false;
    this.#offset += found[0].length;
    then(found);
    return true;
  }

  #endCommand(): void {
    const [first] = this.#words;
    if (first === undefined) return;
    const span = { start: first.span.start, end: this.#words.at(-1)!.span.end };
    this.#commands.push({ words: this.#words, span });
    this.#words = [];
  }

  #readLineEnd(): void {
    this.#endCommand();
    this.#offset++;
    for (const document of this.#hereDocuments.splice(0)) this.#skipHereDocument(document);
  }

  #skipComment(): void {
    const end = lineEnd(this.#text, this.#offset);
    this.#skipped.push({ start: this.#offset, end });
    this.#offset = end;
  }

  #openHereDocument(found: RegExpExecArray): void {
    this.#hereDocuments.push({ end: found[2] ?? found[3] ?? found[4]!, isIndented: found[1] === '-' });
  }

  /** Up to the line that ends it; without one it is the rest of the text, as for a shell. */
  #skipHereDocument({ end, isIndented }: HereDocument): void {
    const start = this.#offset;
    while (this.#offset < this.#text.length) {
      const stop = lineEnd(this.#text, this.#offset);
      const line = this.#text.slice(this.#offset, stop).replace(/\r$/, '');
      this.#offset = Math.min(stop + 1, this.#text.length);
      if ((isIndented ? line.replace(/^\t+/, '') : line) === end) break;
    }
    this.#skipped.push({ start, end: this.#offset });
  }

  /** A backslash at the end of a line joins it with the next. */
  #takeContinuation(): boolean {
    const length = this.#continuationLength(this.#offset);
    if (length === 0) return false;
    this.#offset += length;
    this.#take(secondPrompt, () => {});
    return true;
  }

  #continuationLength(offset: number): number {
    if (this.#text[offset] !== '\\') return 0;
    if (this.#text[offset + 1] === '\n') return 2;
    return this.#text.startsWith('\r\n', offset + 1) ? 3 : 0;
  }

  /** The file behind a redirection is no argument. */
  #dropTarget(): void {
    const unit = this.#text[this.#offset];
    if (unit === undefined || wordEnd.test(unit)) return;
    this.#readWord();
    this.#words.pop();
  }

  #readWord(): void {
    const start = this.#offset;
    let word = '';
    while (this.#offset < this.#text.length) {
      const unit = this.#text[this.#offset]!;
      if (unit === '<' && this.#startsWith(placeholder)) word += this.#takeRaw(placeholder);
      else if (wordEnd.test(unit)) break;
      else if (this.#continuationLength(this.#offset) > 0)
        this.#offset += this.#continuationLength(this.#offset);
      else word += this.#readPart(unit);
    }
    this.#words.push({ text: word, span: { start, end: this.#offset } });
  }

  #takeRaw(pattern: RegExp): string {
    const start = this.#offset;
    this.#take(pattern, () => {});
    return this.#text.slice(start, this.#offset);
  }

  #readPart(unit: string): string {
    if (unit === "'") return this.#readSingleQuoted();
    if (unit === '"') return this.#readDoubleQuoted();
    if (unit === '`' || (unit === '$' && /[({]/.test(this.#text[this.#offset + 1] ?? '')))
      return this.#readExpansion();
    this.#offset++;
    if (unit !== '\\' || this.#offset === this.#text.length) return unit;
    return this.#text[this.#offset++]!;
  }

  #readSingleQuoted(): string {
    const end = this.#text.indexOf("'", this.#offset + 1);
    if (end < 0) return this.#leaveQuote();
    const inner = this.#text.slice(this.#offset + 1, end);
    this.#offset = end + 1;
    return inner;
  }

  #readDoubleQuoted(): string {
    const start = this.#offset;
    if (this.#isQuoteLess) return this.#text[this.#offset++]!;
    this.#offset++;
    let inner = '';
    while (this.#offset < this.#text.length) {
      const unit = this.#text[this.#offset]!;
      const next = this.#text[this.#offset + 1] ?? '';
      if (unit === '"') {
        this.#offset++;
        return inner;
      }
      if (unit === '`' || (unit === '$' && /[({]/.test(next))) inner += this.#readExpansion();
      else if (this.#continuationLength(this.#offset) > 0)
        this.#offset += this.#continuationLength(this.#offset);
      else {
        const isEscape = unit === '\\' && /["\\$`]/.test(next);
        inner += isEscape ? next : unit;
        this.#offset += isEscape ? 2 : 1;
      }
    }
    this.#offset = start;
    this.#isQuoteLess = true;
    return this.#leaveQuote();
  }

  /** A quote without its other half is an apostrophe, or a mistake: what follows is read as if it were not there. */
  #leaveQuote(): string {
    this.#unclosed.push({ start: this.#offset, end: this.#offset + 1 });
    return this.#text[this.#offset++]!;
  }

  /** `$(…)`, `${…}` or a pair of backticks, as written. A bracket that nothing closes is a character like any other. */
  #readExpansion(): string {
    const start = this.#offset;
    const end = this.#unclosedExpansions < maxUnclosedExpansions ? expansionEnd(this.#text, start) : -1;
    if (end < 0) this.#unclosedExpansions++;
    this.#offset = end < 0 ? start + 1 : end;
    return this.#text.slice(start, this.#offset);
  }
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}

/** A text with more of them is no script; looking for their ends would take the square of its length. */
const maxUnclosedExpansions = 100;

/** Offset behind the expansion, or -1 if nothing closes it. Quotes in it hide brackets. */
function expansionEnd(text: string, start: number): number {
  if (text[start] === '`') {
    const end = text.indexOf('`', start + 1);
    return end < 0 ? -1 : end + 1;
  }
  const [open, close] = text[start + 1] === '(' ? ['(', ')'] : ['{', '}'];
  let depth = 0;
  for (let i = start + 1; i < text.length; i++) {
    const unit = text[i];
    if (unit === '\\') i++;
    else if (unit === "'" || unit === '"') {
      const end = text.indexOf(unit, i + 1);
      if (end < 0) return -1;
      i = end;
    } else if (unit === open) depth++;
    else if (unit === close && --depth === 0) return i + 1;
  }
  return -1;
}
