import {
  EmbeddedActionsParser,
  EOF,
  type IToken,
  isRecognitionException,
  MismatchedTokenException,
  tokenMatcher,
} from 'chevrotain';
import { DiagnosticList } from '../diagnostics/diagnostic-list.ts';
import type { Span } from '../source/span.ts';
import type { CommentNode, NameNode, StringNode } from './ast.ts';
import { errorMessages } from './error-messages.ts';
import { isFirstOnLine } from './match.ts';
import { parsePattern } from './parse-pattern.ts';
import { checkUnquoted, parseString } from './parse-string.ts';
import type { Problem } from './problem.ts';
import { startsStatement } from './statement-start.ts';
import { Name, RCurly, tokenEnd, UnterminatedString, vocabulary } from './tokens.ts';
import { describeUnexpected, misspeltStatement } from './unexpected.ts';

type Pattern = ReturnType<typeof parsePattern>;

/** What the blocks of the language hold; decides where the parser goes on after a mistake in one. */
export interface ItemKind {
  /** For the message where something else stands: "expected a permission". */
  readonly expected: string;
  /** Whether commas stand between the items, so that what is wrong is most likely a comma that is missing. */
  readonly isList?: true;
  /** Whether a new item may begin at the token `LA(1)`, or only a comma or brace can end the damage. */
  readonly begins: (first: IToken, second: IToken) => boolean;
  /** Whether the token, at the start of a line, can only stand after the block: its brace was forgotten. */
  readonly isEndedBy?: (first: IToken) => boolean;
}

/**
 * What all rules share: messages, spans, doc comments, and going on after a mistake.
 *
 * Chevrotain's own recovery inserts and deletes single tokens and resumes wherever a follow set allows. We need one
 * diagnostic a mistake and nothing invented, so it stays off: a mistake unwinds to the loop over statements or items
 * that it lies in, which skips to the next one. Actions build the tree at once; a CST of a million rules would not fit
 * into memory.
 */
export abstract class RecoveringParser extends EmbeddedActionsParser {
  protected file = '';
  protected text = '';
  protected comments: readonly CommentNode[] = [];
  protected diagnostics = new DiagnosticList();
  /** Whether some `{` of the file is never closed: only then indentation says where a block ends. */
  protected hasUnclosedBlock = false;
  #commentIndex = 0;
  #indented: { readonly token: IToken; readonly indent: number } | undefined;

  constructor() {
    super(vocabulary, { recoveryEnabled: false, maxLookahead: 2, errorMessageProvider: errorMessages });
  }

  override reset(): void {
    super.reset();
    this.#commentIndex = 0;
    this.#indented = undefined;
  }

  /** Bound once: it is passed to the scanners for every id. */
  protected readonly report = (problem: Problem): void => {
    this.diagnostics.add({ severity: 'error', file: this.file, ...problem });
  };

  // -------------------------------------------------------------- tokens to nodes

  protected nameOf(token: IToken): NameNode {
    if (this.RECORDING_PHASE) return { text: '', span: { start: 0, end: 0 } };
    const { image, startOffset } = token;
    const span = spanOf(token);
    if (image.charCodeAt(0) === 34) return { text: parseString(image, startOffset, this.report), span };
    checkUnquoted(image, startOffset, this.report);
    return { text: image, span };
  }

  protected stringOf(token: IToken): StringNode {
    if (this.RECORDING_PHASE) return { value: '', span: { start: 0, end: 0 } };
    return { value: parseString(token.image, token.startOffset, this.report), span: spanOf(token) };
  }

  protected partsOf(token: IToken): Pattern {
    return this.RECORDING_PHASE ? [] : parsePattern(token.image, token.startOffset, this.report);
  }

  /** From `start` to the end of the token consumed last. */
  protected spanFrom(start: number): Span {
    return { start, end: this.RECORDING_PHASE ? start : tokenEnd(this.LA(0)) };
  }

  /** The `##` lines between the last token and the next, unless they trail the last token on its line. */
  protected takeDoc(): string | undefined {
    if (this.comments.length === 0) return undefined;
    const from = this.LA(0).tokenType === EOF ? 0 : tokenEnd(this.LA(0));
    const to = this.startOf(this.LA(1));
    const lines: string[] = [];
    // Looked for once: what follows the token may be blank for millions of units, with a million comments behind.
    let end: number | undefined;
    const lineEnd = (): number => {
      end ??= endOfLine(this.text, from);
      return end;
    };
    for (; this.#commentIndex < this.comments.length; this.#commentIndex++) {
      const { span, isDoc, text } = this.comments[this.#commentIndex]!;
      if (span.start >= to) break;
      const isTrailing = span.start < from || (from > 0 && span.start <= lineEnd());
      if (isDoc && !isTrailing) lines.push(text.replace(/^## ?/, ''));
    }
    return lines.length > 0 ? lines.join('\n') : undefined;
  }

  protected startOf(token: IToken): number {
    return token.tokenType === EOF ? this.text.length : token.startOffset;
  }

  // -------------------------------------------------------------- going on after a mistake

  /**
   * Runs a rule, and if the text does not fit reports it once and skips to where `skip` says.
   * Undefined means that the item was lost.
   */
  protected recovering<T>(parse: () => T, skip: () => void): T | undefined {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof Error) || !isRecognitionException(error)) throw error;
      this.reportUnexpected(error.message);
      skip();
      this.giveUpIfFull();
      return undefined;
    }
  }

  /** Reports the token `LA(1)`, which is not what was expected. */
  protected reportUnexpected(expected: string, isSurplus = false): void {
    this.report(this.describe(expected, isSurplus));
  }

  private describe(expected: string, isSurplus: boolean): Problem {
    return describeUnexpected({
      text: this.text,
      previous: this.LA(0),
      actual: this.LA(1),
      expected,
      isSurplus,
    });
  }

  /** At the end of a list of statements: reports whatever else stands there and skips it. False at the end. */
  protected skipToStatement(): boolean {
    if (this.isAtEnd()) return false;
    const isStrayBrace = this.LA(1).tokenType === RCurly;
    this.reportUnexpected('a statement', true);
    this.SKIP_TOKEN();
    // A stray brace is a mistake by itself; what follows it may be fine.
    if (!isStrayBrace) this.skipStatement();
    this.giveUpIfFull();
    return true;
  }

  /** Nothing is reported any more: what is left of the file need not be read. */
  private giveUpIfFull(): void {
    if (this.diagnostics.isFull) while (!this.isAtEnd()) this.SKIP_TOKEN();
  }

  /** Skips to the next statement, over whole blocks. */
  protected readonly skipStatement = (): void => {
    let open = this.LA(1);
    let depth = 0;
    while (!this.isAtEnd()) {
      const token = this.LA(1);
      if (token.image === '{' || swallowsBrace(token)) {
        if (depth++ === 0) open = token;
      } else if (token.image === '}' && --depth <= 0) {
        this.SKIP_TOKEN();
        if (isFirstOnLine(this.text, this.startOf(this.LA(1)))) return;
        depth = 0;
        continue;
      } else if (this.isStatementStart() && (depth === 0 || this.isOutdented(open))) {
        return;
      } else if (depth === 0 && this.isMisspeltStatement(token)) {
        return;
      }
      this.SKIP_TOKEN();
    }
  };

  /** At the very start of a line, where nothing goes on, a slip of a keyword is a mistake of its own. */
  private isMisspeltStatement({ image, startOffset }: IToken): boolean {
    return /[\r\n]/.test(this.text.charAt(startOffset - 1)) && misspeltStatement(image) !== undefined;
  }

  /** In a block: reports what is no item and skips it. False where the block ends. */
  protected skipToItem(kind: ItemKind, open: IToken): boolean {
    if (this.endsBlock(kind, open)) return false;
    this.reportUnexpected(kind.expected, kind.isList !== true);
    this.SKIP_TOKEN();
    this.skipItem(kind, open);
    return true;
  }

  /** Skips to the next item of a block, or to the block's end. */
  protected skipItem(kind: ItemKind, open: IToken): void {
    let depth = 0;
    for (;;) {
      const token = this.LA(1);
      if (this.isAtEnd() || (depth === 0 && this.endsBlock(kind, open))) return;
      if (depth === 0 && (kind.begins(token, this.LA(2)) || this.beginsLine(token))) return;
      if (token.image === '{') depth++;
      if (token.image === '}') depth--;
      this.SKIP_TOKEN();
    }
  }

  /** A name that begins a line most likely begins an item, even if a mistake follows. */
  private beginsLine(token: IToken): boolean {
    return tokenMatcher(token, Name) && isFirstOnLine(this.text, token.startOffset);
  }

  /** Whether the block ends here, by its brace or because a statement begins that cannot be in it. */
  protected endsBlock(kind: ItemKind, open: IToken): boolean {
    const token = this.LA(1);
    if (token.tokenType === RCurly || token.tokenType === EOF) return true;
    if (kind.isEndedBy?.(token) === true && isFirstOnLine(this.text, token.startOffset)) return true;
    if (!this.isStatementStart()) return false;
    if (!kind.begins(token, this.LA(2))) return true;
    return this.hasUnclosedBlock && this.isOutdented(open);
  }

  /** Consumes the `}` of a block, or reports that it is missing and goes on as if it were there. */
  protected closeBlock(open: IToken): void {
    if (this.RECORDING_PHASE || this.LA(1).tokenType === RCurly) {
      this.CONSUME(RCurly);
      return;
    }
    // An unterminated string took the rest of its line with it, and with that perhaps the brace.
    if (this.LA(0).tokenType === UnterminatedString) return;
    const problem = this.describe('`}`', false);
    this.diagnostics.add({
      ...problem,
      severity: 'error',
      file: this.file,
      related: [{ file: this.file, span: spanOf(open), text: 'the block opens here' }],
    });
  }

  /**
   * Fails where a name or id is due but a statement begins on a new line: the name was forgotten, and its keyword is
   * not the name.
   */
  protected refuseStatement(expected: string): void {
    if (this.RECORDING_PHASE || !this.isStatementStart()) return;
    if (!isFirstOnLine(this.text, this.LA(1).startOffset)) return;
    throw new MismatchedTokenException(expected, this.LA(1), this.LA(0));
  }

  protected isAtEnd(): boolean {
    return this.LA(1).tokenType === EOF;
  }

  protected isStatementStart(): boolean {
    return this.isStatementStartAt(1);
  }

  /** Whether a statement seems to begin at `LA(distance)`. */
  protected isStatementStartAt(distance: number): boolean {
    const first = this.LA(distance);
    if (first.tokenType === EOF) return false;
    const tokens = [first, this.LA(distance + 1), this.LA(distance + 2)] as const;
    return startsStatement(tokens, () => isFirstOnLine(this.text, first.startOffset));
  }

  /** Whether `LA(1)` is the first token of its line and stands no deeper than the line of `open`. */
  protected isOutdented(open: IToken): boolean {
    const token = this.LA(1);
    return isFirstOnLine(this.text, token.startOffset) && this.ownIndent(token) <= this.lineIndent(open);
  }

  /** How many blanks stand before the first token of a line. */
  private ownIndent({ startOffset }: IToken): number {
    let start = startOffset;
    while (start > 0 && !isLineBreak(this.text.charCodeAt(start - 1))) start--;
    return startOffset - start;
  }

  /** How many blanks begin the line that `token` is on. The opening brace of a block is asked about again and again. */
  protected lineIndent(token: IToken): number {
    if (this.#indented?.token === token) return this.#indented.indent;
    let start = token.startOffset;
    while (start > 0 && !isLineBreak(this.text.charCodeAt(start - 1))) start--;
    let end = start;
    while (this.text.charCodeAt(end) === 32 || this.text.charCodeAt(end) === 9) end++;
    this.#indented = { token, indent: end - start };
    return end - start;
  }
}

/** `test "title {`: the string that nobody closed took the brace of the block with it. */
function swallowsBrace({ tokenType, image }: IToken): boolean {
  return tokenType === UnterminatedString && image.trimEnd().endsWith('{');
}

/** Where the line that `offset` is on ends. */
function endOfLine(text: string, offset: number): number {
  let end = offset;
  while (end < text.length && !isLineBreak(text.charCodeAt(end))) end++;
  return end;
}

function isLineBreak(unit: number): boolean {
  return unit === 10 || unit === 13;
}

/** Where a token of the text stands. The end of file has no place; callers ask `startOf` there. */
export function spanOf(token: IToken): Span {
  return { start: token.startOffset, end: tokenEnd(token) };
}
