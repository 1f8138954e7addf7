import type { CustomPatternMatcherFunc, IToken } from 'chevrotain';
import { LexemeKind, lastLexemeKind, scanLexeme } from './scan-lexeme.ts';

/**
 * The patterns of the lexer that no regular expression can say: they look at the tokens before, or match nothing and
 * only end a mode. Tokens are told apart by their text here, because the main mode's lexemes get their types later.
 */

interface Match extends Array<string> {
  payload: LexemeKind;
}

/** One array for all lexemes: chevrotain reads it at once and never keeps it. */
const lexemeMatch: Match = Object.assign([''] as [string], { payload: LexemeKind.word as LexemeKind });
const nothing: [string] = [''];
const badCharacter = /'[^'\r\n]*'|[\uD800-\uDBFF][\uDC00-\uDFFF]|[\s\S]/y;

/** A word, string, id or, where nothing else fits, one bad character. Null for a `{` that opens a block. */
export const matchLexeme: CustomPatternMatcherFunc = (text, offset, tokens) => {
  const isBrace = text.charCodeAt(offset) === 123;
  let end = scanLexeme(text, offset, isBrace && expectsId(text, tokens));
  if (end === offset) {
    if (isBrace) return null;
    badCharacter.lastIndex = offset;
    badCharacter.test(text);
    end = badCharacter.lastIndex;
    lexemeMatch.payload = LexemeKind.bad;
  } else {
    lexemeMatch.payload = lastLexemeKind();
  }
  lexemeMatch[0] = text.substring(offset, end);
  return lexemeMatch as unknown as [string];
};

/** Lets go of the text: the last lexeme is a part of it. */
export function forgetLexeme(): void {
  lexemeMatch[0] = '';
}

const punctuationBeforeId = new Set(['on', 'to', ',', '(', '{']);
const wordsBeforeId = new Set(['allow', 'deny', 'superuser', 'resource', 'entity']);
/** The text of a lexeme of the main mode; the words of conditions and objects are none. */
function lexemeBefore(tokens: readonly IToken[], distance: number): string {
  const token = tokens[tokens.length - distance];
  return token?.payload === undefined ? '' : token.image;
}

const combiningWords = new Set(['first-applicable', 'deny-overrides']);
const namedBlock = new Set(['group', 'role', 'ruleset', 'namespace']);

/** Whether a `{` after these tokens begins an id such as `{a,b}:x`, and no block. */
function expectsId(text: string, tokens: readonly IToken[]): boolean {
  const before = imageBefore(tokens, 1);
  if (punctuationBeforeId.has(before)) return true;
  if (!wordsBeforeId.has(before)) return false;
  return !namedBlock.has(lexemeBefore(tokens, 2)) || beginsLine(text, tokens);
}

/** Whether the last token is the first of its line: a keyword there is no name of what the line before began. */
function beginsLine(text: string, tokens: readonly IToken[]): boolean {
  const last = tokens.at(-1);
  return last !== undefined && isFirstOnLine(text, last.startOffset);
}

function imageBefore(tokens: readonly IToken[], distance: number): string {
  return tokens[tokens.length - distance]?.image ?? '';
}

/** The `{` after `with` or `entity ID`: what follows is data, not statements. */
export const matchObjectOpen: CustomPatternMatcherFunc = (text, _offset, tokens) => {
  if (lexemeBefore(tokens, 1) === 'with') {
    const isGroupNamedWith = namedBlock.has(lexemeBefore(tokens, 2)) && lexemeBefore(tokens, 3) !== 'on';
    return isGroupNamedWith ? null : ['{'];
  }
  // An id is a lexeme and has a payload: in `group entity { {a,b}:c }` the second brace follows a brace. `on` is none.
  const last = tokens.at(-1);
  if (lexemeBefore(tokens, 2) !== 'entity' || last?.payload === undefined) return null;
  if (wordsBeforeId.has(last.image) && beginsLine(text, tokens)) return null;
  const isRulesetNamedEntity = lexemeBefore(tokens, 3) === 'ruleset' && combiningWords.has(last.image);
  return isRulesetNamedEntity || punctuationBeforeId.has(last.image) ? null : ['{'];
};

const lineComment = /\/\/[^\r\n]*/y;

/** `//` at the start of a line or before a blank. Anywhere else it is an id, malformed but an id. */
export const matchSlashComment: CustomPatternMatcherFunc = (text, offset) => {
  if (text.charCodeAt(offset + 1) !== 47) return null;
  if (!isBlank(text.charCodeAt(offset + 2)) && !isFirstOnLine(text, offset)) return null;
  lineComment.lastIndex = offset;
  return lineComment.exec(text);
};

function isBlank(unit: number): boolean {
  return unit === 32 || unit === 9;
}

/** Whether only blanks stand between the start of the line and `offset`. */
export function isFirstOnLine(text: string, offset: number): boolean {
  let i = offset - 1;
  while (isBlank(text.charCodeAt(i))) i--;
  const unit = text.charCodeAt(i);
  return i < 0 || unit === 10 || unit === 13 || unit === 0xfeff;
}

// ---------------------------------------------------------------- where a mode ends

const operatorAhead = /&|\||[=!<>]=|[<>=.),\]]|(?:in|has|like)(?![A-Za-z0-9_-])/y;
const operatorWords = new Set(['in', 'has', 'like']);
const operandTypes = new Set([
  'Identifier',
  'Number',
  'String',
  'GroupReference',
  'RParen',
  'RBracket',
  'true-operator',
  'false-operator',
  'null-operator',
  'UnterminatedString',
]);
/** Statement keywords, a blank, and no operator: `action` is a root too, so it also needs its `implies`. */
const statementAhead =
  /(?:import|mode|group|role|grant|allow|deny|ruleset|closed|namespace|route|entity|test|scope|default|when|unless)[ \t\r\n](?![ \t\r\n]*(?:[&|=!<>.),\]]|(?:in|has|like)(?![A-Za-z0-9_-])))|action[ \t]+\S+[ \t]+implies(?![\w-])/y;

/**
 * Ends a condition: after an operand that no operator follows, or where an operand is due and a block, an annotation
 * or a statement comes instead. Brackets that are still open do not matter, so that a forgotten `)` costs one
 * statement and not the file.
 */
export const matchExpressionEnd: CustomPatternMatcherFunc = (text, offset, tokens) => {
  const unit = text.charCodeAt(offset);
  if (unit <= 32 || unit === 35) return null;
  if (endsOperand(tokens)) return continuesOperand(text, offset, tokens) ? null : nothing;
  if (unit === 125 || unit === 123 || unit === 64) return nothing;
  if (isAttributeName(text, offset, tokens)) return null;
  return matchesAt(statementAhead, text, offset) ? nothing : null;
};

function continuesOperand(text: string, offset: number, tokens: readonly IToken[]): boolean {
  if (text.charCodeAt(offset) === 40) return tokens.at(-1)?.tokenType.name === 'Identifier';
  return matchesAt(operatorAhead, text, offset);
}

/** Whether the last token completes an operand; `in`, `has` and `like` do so as attribute names only. */
function endsOperand(tokens: readonly IToken[]): boolean {
  const last = tokens.at(-1);
  if (last === undefined) return false;
  return operatorWords.has(last.image)
    ? isNameDue(tokens, tokens.length - 1)
    : operandTypes.has(last.tokenType.name);
}

const maxNamesHas = 256;

/**
 * Whether the token at `index` stands where an attribute's name is due: behind `.` or the operator `has`. Of several
 * `has` in a row every other one is a name: `context has has`, `context.has has has`.
 */
function isNameDue(tokens: readonly IToken[], index: number): boolean {
  let first = index;
  while (index - first < maxNamesHas && tokens[first - 1]?.tokenType.name === 'has-operator') first--;
  const isFirstName = tokens[first - 1]?.image === '.';
  return (index - first) % 2 === 0 ? isFirstName : !isFirstName;
}

/** Behind `.` or `has` on the same line even a keyword is an attribute's name: `context has mode`. */
function isAttributeName(text: string, offset: number, tokens: readonly IToken[]): boolean {
  return isNameDue(tokens, tokens.length) && !isFirstOnLine(text, offset);
}

const dataStatementAhead =
  /(?:import|mode|group|role|grant|allow|deny|ruleset|closed|namespace|action|route|entity|test)[ \t]+["A-Za-z0-9]/y;

/** Ends an object that nobody closed: at the start of a line a statement begins, which no key or value looks like. */
export const matchObjectEnd: CustomPatternMatcherFunc = (text, offset) => {
  const unit = text.charCodeAt(offset);
  if (unit < 97 || unit > 122 || !isFirstOnLine(text, offset)) return null;
  return matchesAt(dataStatementAhead, text, offset) ? nothing : null;
};

function matchesAt(pattern: RegExp, text: string, offset: number): boolean {
  pattern.lastIndex = offset;
  return pattern.test(text);
}
