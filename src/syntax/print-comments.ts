import type { CommentNode, SyntaxTree } from './ast.ts';

/**
 * The comments of a tree in source order, handed out as the printer passes them. Every comment is handed out once, so
 * none can be lost or printed twice.
 */
export class CommentCursor {
  readonly #text: string;
  readonly #comments: readonly CommentNode[];
  #next = 0;

  constructor({ text, comments }: SyntaxTree) {
    this.#text = text;
    this.#comments = comments;
  }

  /** The comments that begin before `offset` and were not handed out yet. */
  takeBefore(offset: number): readonly CommentNode[] {
    const from = this.#next;
    while (this.hasBefore(offset)) this.#next++;
    return this.#comments.slice(from, this.#next);
  }

  /** Whether the line that ends at `offset` has a suppression behind it. */
  isBeforeSuppression(offset: number): boolean {
    const comment = this.#comments[this.#next];
    return comment !== undefined && this.#isTrailing(comment, offset) && isSuppression(comment.text);
  }

  /** Whether nothing but blanks stands before the comment on its line. */
  isFirstOnLine({ span }: CommentNode): boolean {
    let i = span.start - 1;
    while (i >= 0 && (this.#text.charCodeAt(i) === 32 || this.#text.charCodeAt(i) === 9)) i--;
    return i < 0 || isLineEnd(this.#text.charCodeAt(i));
  }

  /** Whether the line is broken between two offsets. */
  isBrokenBetween(start: number, end: number): boolean {
    for (let i = start; i < end; i++) if (isLineEnd(this.#text.charCodeAt(i))) return true;
    return false;
  }

  hasBefore(offset: number): boolean {
    const comment = this.#comments[this.#next];
    return comment !== undefined && comment.span.start < offset;
  }

  /** The comment on the line that ends at `offset`, if only blanks and commas stand between. */
  takeTrailing(offset: number): CommentNode | undefined {
    const comment = this.#comments[this.#next];
    if (comment === undefined || !this.#isTrailing(comment, offset)) return undefined;
    this.#next++;
    return comment;
  }

  #isTrailing({ span }: CommentNode, offset: number): boolean {
    if (span.start < offset) return false;
    let i = offset;
    while (i < span.start && /[ \t,]/.test(this.#text.charAt(i))) i++;
    return i === span.start;
  }

  takeRest(): readonly CommentNode[] {
    return this.takeBefore(Number.POSITIVE_INFINITY);
  }

  /** Whether a blank line stands right above what begins at `offset`. False in a tree without text. */
  isBlankAbove(offset: number): boolean {
    let breaks = 0;
    for (let i = offset - 1; i >= 0; i--) {
      const unit = this.#text.charCodeAt(i);
      if (unit === 10 || (unit === 13 && this.#text.charCodeAt(i + 1) !== 10)) breaks++;
      else if (unit !== 32 && unit !== 9 && unit !== 13) break;
    }
    return breaks > 1;
  }

  /** Offset after the first `{` from `offset` on that is in no comment; `offset` itself if there is none. */
  afterBrace(offset: number): number {
    for (let i = offset; i < this.#text.length; i++) {
      const unit = this.#text.charAt(i);
      if (unit === '{') return i + 1;
      if (unit === '#') i = this.#endOfLine(i);
    }
    return offset;
  }

  #endOfLine(offset: number): number {
    let i = offset;
    while (i < this.#text.length && !isLineEnd(this.#text.charCodeAt(i))) i++;
    return i;
  }
}

function isLineEnd(unit: number): boolean {
  return unit === 10 || unit === 13;
}

/** A comment that the linter reads, such as `# lint: allow unused-grant`. */
export function isSuppression(comment: string | undefined): boolean {
  return comment !== undefined && /^#[ \t]*lint:/.test(comment);
}

/** A comment as it stands on a line: nothing behind it. */
export function printComment({ text }: CommentNode): string {
  return text.trimEnd();
}

/**
 * A comment from the middle of a statement, printed before it. There `##` would document the statement, which it did
 * not do where it stood, so one `#` is left.
 */
export function printMovedComment(comment: CommentNode): string {
  return printComment(comment).replace(/^##+/, '#');
}
