import { type IToken, Lexer, type TokenType } from 'chevrotain';
import type { Span } from '../source/span.ts';
import type { CommentNode } from './ast.ts';
import { forgetLexeme } from './match.ts';
import { forgetScan, LexemeKind } from './scan-lexeme.ts';
import {
  BadCharacter,
  keywords,
  LBracket,
  LongId,
  LParen,
  lexerModes,
  ObjectClose,
  ObjectOpen,
  RBracket,
  RParen,
  StringLiteral,
  TooDeep,
  Unless,
  UnterminatedString,
  vocabulary,
  When,
  Word,
} from './tokens.ts';

/** How deep parentheses, lists, objects and braces may nest, and how deep the tree of a condition may be. */
export const maxNesting = 256;

export interface TokenizeResult {
  readonly tokens: IToken[];
  readonly comments: readonly CommentNode[];
  /** `// …`: no comment of this language. */
  readonly slashComments: readonly Span[];
}

const lexer = new Lexer(
  { modes: lexerModes, defaultMode: 'main' },
  { positionTracking: 'onlyOffset', ensureOptimizations: true },
);
const byteOrderMark = '\ufeff';

/**
 * Text to tokens. Every text has tokens: what fits nowhere becomes a `BadCharacter`, which the parser reports.
 *
 * @param offset  where in its file the text begins; the tokens have their places in the file
 */
export function tokenize(text: string, offset = 0): TokenizeResult {
  const { tokens, groups } = lexer.tokenize(text);
  forgetScan();
  forgetLexeme();
  const comments = groups.comments ?? [];
  const slashComments = groups.slashComments ?? [];
  if (offset > 0) for (const list of [tokens, comments, slashComments]) shift(list, offset);
  else if (tokens[0]?.image === byteOrderMark && tokens[0].startOffset === 0) tokens.shift();
  retag(tokens);
  return { tokens, comments: comments.map(buildComment), slashComments: slashComments.map(buildSpan) };
}

function shift(tokens: readonly IToken[], offset: number): void {
  for (const token of tokens) token.startOffset += offset;
}

function buildSpan(token: IToken): Span {
  return { start: token.startOffset, end: token.startOffset + token.image.length };
}

function buildComment(token: IToken): CommentNode {
  return { span: buildSpan(token), text: token.image, isDoc: token.image.startsWith('##') };
}

const depthChange = new Int8Array(Math.max(...vocabulary.map((type) => type.tokenTypeIdx ?? 0)) + 1);
for (const type of vocabulary) {
  const change = type === LParen || type === LBracket || isObjectOpen(type) ? 1 : isClosing(type) ? -1 : 0;
  depthChange[type.tokenTypeIdx!] = change;
}

function isObjectOpen(type: TokenType): boolean {
  return type === ObjectOpen || (type.CATEGORIES?.includes(ObjectOpen) ?? false);
}

function isClosing(type: TokenType): boolean {
  return type === RParen || type === RBracket || type === ObjectClose;
}

/**
 * Gives the main mode's lexemes their types, and marks brackets beyond the nesting limit before the parser, which
 * recurses, could see them. A lexeme of the main mode ends whatever was open.
 */
function retag(tokens: readonly IToken[]): void {
  let depth = 0;
  for (const token of tokens) {
    const kind = token.payload as LexemeKind | undefined;
    if (kind !== undefined) {
      setType(token, lexemeType(token.image, kind));
      depth = 0;
      continue;
    }
    const change = depthChange[token.tokenTypeIdx]!;
    if (change !== 0) {
      depth = Math.max(0, depth + change);
      if (change > 0 && depth > maxNesting) setType(token, TooDeep);
    } else if (token.tokenType === When || token.tokenType === Unless) {
      depth = 0;
    }
  }
}

function setType(token: IToken, type: TokenType): void {
  token.tokenType = type;
  token.tokenTypeIdx = type.tokenTypeIdx!;
}

function lexemeType(image: string, kind: LexemeKind): TokenType {
  switch (kind) {
    case LexemeKind.word:
      return keywords.get(image) ?? Word;
    case LexemeKind.string:
      return StringLiteral;
    case LexemeKind.id:
      return LongId;
    case LexemeKind.unterminated:
      return UnterminatedString;
    case LexemeKind.bad:
      return BadCharacter;
  }
}
