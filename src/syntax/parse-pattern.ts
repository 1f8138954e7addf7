import type { Span } from '../source/span.ts';
import type { PatternPart } from './ast.ts';
import { maxNesting } from './lexer.ts';
import { checkUnquoted, parseString } from './parse-string.ts';
import type { ReportProblem } from './problem.ts';
import { stringEnd } from './scan-lexeme.ts';

const special = /["*?{}<>[\]\x80-\uffff]/;

/**
 * Takes an id's lexeme apart. The plain case, no quote and no wildcard, is one text part and costs one search.
 *
 * @param offset  of the lexeme in the source
 */
export function parsePattern(image: string, offset: number, report: ReportProblem): readonly PatternPart[] {
  if (!special.test(image)) {
    return [
      { kind: 'text', text: image, isQuoted: false, span: { start: offset, end: offset + image.length } },
    ];
  }
  return new PatternScanner(image, offset, report).scanAll();
}

/** So many units of a part with a mistake are looked at again, or shown. */
const MAX_COPIED = 200;

const variable = /^([A-Za-z_][A-Za-z0-9_-]*)(\*\*)?$/;
const range = /^(?:-?\d+\.\.-?\d+|[A-Za-z]\.\.[A-Za-z])(?:\.\.-?\d+)?$/;
const text = /[^"*?{},<>[\]]+/y;

/** Hand-written: an id is scanned once, left to right, and the only recursion is that of braces, which is bounded. */
class PatternScanner {
  #at = 0;
  /** Then the rest has not been read, and the groups around it have no end that could be judged. */
  #isTooDeep = false;
  readonly #image: string;
  readonly #offset: number;
  readonly #report: ReportProblem;

  constructor(image: string, offset: number, report: ReportProblem) {
    this.#image = image;
    this.#offset = offset;
    this.#report = report;
  }

  scanAll(): readonly PatternPart[] {
    return this.#scanParts(0);
  }

  /** Parts up to the end of the image or, in braces, up to a `,` or `}` of this depth. */
  #scanParts(depth: number): readonly PatternPart[] {
    const parts: PatternPart[] = [];
    while (this.#at < this.#image.length) {
      const unit = this.#image.charAt(this.#at);
      if (depth > 0 && (unit === ',' || unit === '}')) break;
      parts.push(this.#scanPart(unit, depth));
    }
    return parts;
  }

  #scanPart(unit: string, depth: number): PatternPart {
    switch (unit) {
      case '"':
        return this.#scanString();
      case '*':
        return this.#scanStars();
      case '?':
        return { kind: 'question', span: this.#advance(1) };
      case '{':
        return this.#scanBraces(depth);
      case '<':
      case '[':
        return this.#scanPlaceholder(unit === '<' ? '>' : ']');
      default:
        return this.#scanText();
    }
  }

  #advance(length: number): Span {
    const start = this.#offset + this.#at;
    this.#at += length;
    return { start, end: start + length };
  }

  #scanText(): PatternPart {
    text.lastIndex = this.#at;
    const image = text.exec(this.#image)?.[0] ?? this.#image.charAt(this.#at);
    const span = this.#advance(image.length);
    checkUnquoted(image, span.start, this.#report);
    return { kind: 'text', text: image, isQuoted: false, span };
  }

  #scanString(): PatternPart {
    const end = stringEnd(this.#image, this.#at);
    const image = this.#image.slice(this.#at, Math.abs(end));
    const span = this.#advance(image.length);
    return { kind: 'text', text: parseString(image, span.start, this.#report), isQuoted: true, span };
  }

  #scanStars(): PatternPart {
    let count = 1;
    while (this.#image.charAt(this.#at + count) === '*') count++;
    return { kind: 'stars', count, span: this.#advance(count) };
  }

  /** A placeholder in an id belongs in a template. */
  #scanPlaceholder(close: string): PatternPart {
    const end = this.#image.indexOf(close, this.#at);
    const span = this.#advance((end < 0 ? this.#image.length : end + 1) - this.#at);
    this.#report({
      code: 'P0007',
      span,
      message: `\`${this.#image.slice(span.start - this.#offset, span.end - this.#offset)}\` outside a template`,
      label: 'only a `resource` declaration has placeholders',
      help: 'write `*` for one segment, or `{name}` for one that must be the same elsewhere in the rule',
    });
    return this.#standIn(span);
  }

  #scanBraces(depth: number): PatternPart {
    const start = this.#at;
    const close = this.#simpleClose();
    if (close >= 0) {
      const simple = this.#buildSimpleGroup(this.#image.slice(start + 1, close));
      if (simple !== undefined) return simple;
    }
    if (depth >= maxNesting) return this.#reportTooDeep();
    this.#at++;
    const options = [this.#scanParts(depth + 1)];
    while (this.#image.charAt(this.#at) === ',') {
      this.#at++;
      options.push(this.#scanParts(depth + 1));
    }
    if (!this.#isTooDeep) this.#at++;
    const span = { start: this.#offset + start, end: this.#offset + this.#at };
    if (options.length > 1) return { kind: 'alternatives', options, span };
    if (!this.#isTooDeep) this.#reportGroup(span);
    return this.#standIn(span);
  }

  /** Text in place of a part with a mistake, so that the id around it is not malformed too. */
  #standIn(span: Span): PatternPart {
    const image = this.#startOf(span);
    return { kind: 'text', text: image.replace(/[^A-Za-z0-9]/g, '-'), isQuoted: true, span };
  }

  /** Its text, or the start of a long one: groups stand in each other, and each copies what it says of itself. */
  #startOf(span: Span): string {
    const start = span.start - this.#offset;
    return this.#image.slice(start, Math.min(span.end - this.#offset, start + MAX_COPIED));
  }

  /** Offset of the `}` of a group that holds nothing but plain text, or -1. */
  #simpleClose(): number {
    const body = /\{[^"{},?<>[\]]*\}/y;
    body.lastIndex = this.#at;
    return body.test(this.#image) ? body.lastIndex - 1 : -1;
  }

  #buildSimpleGroup(body: string): PatternPart | undefined {
    const named = variable.exec(body);
    if (named !== null) {
      const span = this.#advance(body.length + 2);
      return { kind: 'variable', name: named[1]!, isMany: named[2] !== undefined, span };
    }
    if (!range.test(body)) return undefined;
    return { kind: 'range', text: body, span: this.#advance(body.length + 2) };
  }

  #reportGroup(span: Span): void {
    const image = this.#startOf(span);
    const rest = image.length < span.end - span.start ? '…' : '';
    this.#report({
      code: 'P0006',
      span,
      message: `invalid brace group \`${image}${rest}\``,
      label: 'neither alternatives, a range nor a variable',
      help: 'write `{a,b}`, `{1..5}`, `{name}` or `{name**}`, or put braces that are meant as such in quotes',
    });
  }

  #reportTooDeep(): PatternPart {
    const span = this.#advance(1);
    this.#report({
      code: 'P3003',
      span,
      message: `braces nested more than ${maxNesting} deep`,
      help: 'write several rules',
    });
    this.#at = this.#image.length;
    this.#isTooDeep = true;
    return this.#standIn(span);
  }
}
