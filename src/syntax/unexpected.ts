import { EOF, type IToken } from 'chevrotain';
import { nearestName } from '../diagnostics/nearest.ts';
import type { Span } from '../source/span.ts';
import { maxNesting } from './lexer.ts';
import type { Problem } from './problem.ts';
import { stringEnd } from './scan-lexeme.ts';
import { BadCharacter, On, To, TooDeep, tokenEnd, Unless, UnterminatedString, When } from './tokens.ts';

/** A token that does not fit, and where. */
export interface Unexpected {
  readonly text: string;
  readonly previous: IToken;
  readonly actual: IToken;
  readonly expected: string;
  /** Whether what begins at `actual` is wrong as a whole, rather than something missing before it. */
  readonly isSurplus: boolean;
}

/** The one message for a token that does not fit: what was expected, what stands there, and what may be meant. */
export function describeUnexpected(unexpected: Unexpected): Problem {
  const { text, actual } = unexpected;
  switch (actual.tokenType) {
    case BadCharacter:
      return describeBadCharacter(actual);
    case UnterminatedString:
      return describeUnterminated(text, actual);
    case TooDeep:
      return describeTooDeep(actual);
    default:
      return describeMisplaced(unexpected);
  }
}

function describeMisplaced(unexpected: Unexpected): Problem {
  const { previous, actual, expected } = unexpected;
  const comment = describeCommentForm(actual);
  if (comment !== undefined) return comment;
  const place = placeOf(unexpected);
  const found = actual.tokenType === EOF ? 'the end of the file' : `\`${shorten(actual.image)}\``;
  const isMissing = place.start === place.end && previous.tokenType !== EOF;
  const message = isMissing
    ? `expected ${expected} after \`${shorten(previous.image)}\``
    : `expected ${expected}, found ${found}`;
  const help = helpFor(actual, expected);
  return { code: 'P0004', span: place, message, ...(help !== undefined ? { help } : {}) };
}

/** The token itself, or the end of the one before where that is the last of its line: there something is missing. */
function placeOf({ text, previous, actual, isSurplus }: Unexpected): Span {
  const isEnd = actual.tokenType === EOF;
  if (isSurplus && !isEnd) return { start: actual.startOffset, end: tokenEnd(actual) };
  const start = isEnd ? text.length : actual.startOffset;
  if (previous.tokenType !== EOF && (isEnd || /[\r\n]/.test(text.slice(tokenEnd(previous), start)))) {
    return { start: tokenEnd(previous), end: tokenEnd(previous) };
  }
  return { start, end: isEnd ? start : tokenEnd(actual) };
}

/** Longer tokens are cut in messages; the underline shows them whole. */
function shorten(image: string): string {
  return image.length <= 60 ? image : `${image.slice(0, 57)}…`;
}

const reserved = new Set([On, To, When, Unless]);
const wordOperators = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', '!'],
  ['AND', '&&'],
  ['OR', '||'],
  ['NOT', '!'],
]);

const statementWords =
  'allow deny group role grant ruleset namespace closed action route entity test import mode'.split(' ');

/** The word that begins a statement and that `image` is a slip of, if it is one. */
export function misspeltStatement(image: string): string | undefined {
  const near = nearestName(image, statementWords);
  return near === image ? undefined : near;
}

function helpFor(actual: IToken, expected: string): string | undefined {
  const { image, tokenType } = actual;
  if (reserved.has(tokenType) && /\b(?:name|id|resource|subject|action)\b/.test(expected)) {
    return `\`${image}\` is reserved: write \`"${image}"\` where it is a name`;
  }
  const operator = wordOperators.get(image);
  if (operator !== undefined) return `conditions are joined by \`${operator}\`, not \`${image}\``;
  const statement = expected === 'a statement' ? misspeltStatement(image) : undefined;
  if (statement !== undefined) return `write \`${statement}\``;
  if (/^:[^:]/.test(image)) return 'in a condition an id is a string: `subject.id == "user:alice"`';
  return undefined;
}

/** `/* … `, `-- …`: comments elsewhere. `// …` never becomes a token. */
function describeCommentForm(actual: IToken): Problem | undefined {
  if (!/^(?:\/\*|--)/.test(actual.image)) return undefined;
  return commentForm({ start: actual.startOffset, end: actual.startOffset + 2 }, actual.image.slice(0, 2));
}

/** The message for a comment that is none. */
export function commentForm(span: Span, opening: string): Problem {
  return {
    code: 'P0009',
    span,
    message: `\`${opening}\` does not start a comment`,
    help: 'a comment starts with `#` and ends with the line',
  };
}

function describeTooDeep(actual: IToken): Problem {
  return {
    code: 'P3003',
    span: { start: actual.startOffset, end: tokenEnd(actual) },
    message: `brackets nested more than ${maxNesting} deep`,
    help: 'write several rules, or flatter data',
  };
}

function describeUnterminated(text: string, actual: IToken): Problem {
  const end = tokenEnd(actual);
  let start = actual.startOffset;
  // The lexeme may begin with text or whole strings; the open quote is the first without an end.
  for (let i = start; i < end; i++) {
    if (text.charCodeAt(i) !== 34) continue;
    const close = stringEnd(text, i);
    start = i;
    if (close < 0) break;
    i = close - 1;
  }
  return {
    code: 'P0002',
    span: { start, end },
    message: 'unterminated string',
    label: 'the quote opens here',
    help: 'close it with `"` on the same line; a line break in a string is written `\\n`',
  };
}

const characterHelp = new Map([
  [';', 'statements and permissions end without a semicolon'],
  ['=', 'write `==` to compare'],
  ['&', 'write `&&`'],
  ['|', 'write `||`'],
  ['\\', 'put the id in quotes; a backslash there is written `\\\\`'],
  ['%', 'ids are written decoded'],
  ['“', 'strings stand in straight double quotes'],
  ['”', 'strings stand in straight double quotes'],
  ['`', 'strings stand in double quotes'],
  [':', 'in a condition an id is a string: `subject.id == "user:alice"`'],
  ['/', 'in a condition an id is a string: `resource.id == "dcos:secrets:default:/a"`'],
]);

function describeBadCharacter(actual: IToken): Problem {
  const { image } = actual;
  const isQuoted = image.startsWith("'");
  const help = isQuoted ? 'strings stand in double quotes' : helpForCharacter(image);
  return {
    code: 'P0001',
    span: { start: actual.startOffset, end: tokenEnd(actual) },
    message: isQuoted ? 'single quotes mean nothing here' : `unexpected character ${nameCharacter(image)}`,
    help,
  };
}

function helpForCharacter(character: string): string {
  const known = characterHelp.get(character);
  if (known !== undefined) return known;
  if (/\p{Z}/u.test(character)) return 'write an ordinary space';
  if (/\p{C}/u.test(character)) return 'remove it; where it belongs to an id, write it as `\\u{…}` in quotes';
  return 'where it belongs to an id, put the id in quotes';
}

function nameCharacter(character: string): string {
  const point = character.codePointAt(0)!;
  const code = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  if (/[\p{C}\p{Z}]/u.test(character)) return code;
  return point < 128 ? `\`${character}\`` : `\`${character}\` (${code})`;
}
