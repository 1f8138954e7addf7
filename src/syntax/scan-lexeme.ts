/**
 * Where a lexeme of the main mode ends. An id is one token however many quotes, braces and placeholders it holds, so
 * that a million rules cost a million ids and not ten million pieces; `parse-pattern.ts` takes it apart later.
 */

/** What a lexeme turned out to be; the lexer turns it into a token type. */
export const LexemeKind = { word: 0, string: 1, id: 2, unterminated: 3, bad: 4 } as const;
export type LexemeKind = (typeof LexemeKind)[keyof typeof LexemeKind];

const OTHER = 0;
const WORD = 1;
const MARK = 2;
const QUOTE = 3;
const BRACE = 4;
const ANGLE = 5;
const BRACKET = 6;
const BRACKET_CLOSE = 7;

/** What a unit below 128 means at the top of a lexeme. */
const unitClass = buildUnitClasses();

function buildUnitClasses(): Uint8Array {
  const classes = new Uint8Array(128);
  const assign = (units: string, value: number): void => {
    for (const unit of units) classes[unit.charCodeAt(0)] = value;
  };
  assign('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.@+=~$!', WORD);
  assign(':/*?', MARK);
  assign('"', QUOTE);
  assign('{', BRACE);
  assign('<', ANGLE);
  assign('[', BRACKET);
  assign(']', BRACKET_CLOSE);
  return classes;
}

const maxPlaceholderLength = 256;
/** Letters, marks and digits beyond ASCII: kept in the lexeme, so that the message can say "quote it". */
const foreignLetter = /[\p{L}\p{M}\p{N}\p{S}]/uy;

let scannedKind: LexemeKind = LexemeKind.word;

/** The kind of the lexeme that `scanLexeme` found last. Not returned beside the end, to allocate nothing. */
export function lastLexemeKind(): LexemeKind {
  return scannedKind;
}

/**
 * End of the lexeme that starts at `start`, or `start` itself if none does.
 *
 * @param mayStartWithBrace  false where `{` opens a block
 */
export function scanLexeme(text: string, start: number, mayStartWithBrace: boolean): number {
  let isPlain = true;
  let depth = 0;
  let i = start;
  scan: for (;;) {
    const unit = text.charCodeAt(i);
    if (unit >= 128) {
      const end = foreignLetterEnd(text, i);
      if (end === i) break;
      i = end;
      continue;
    }
    // NaN, the unit past the end, indexes nothing and falls into OTHER.
    let end = i + 1;
    switch (unitClass[unit] ?? OTHER) {
      case WORD:
        break;
      case MARK:
        isPlain = false;
        break;
      case QUOTE:
        end = stringEnd(text, i);
        if (end < 0) {
          scannedKind = LexemeKind.unterminated;
          return -end;
        }
        if (i === start && !continuesLexeme(text, end)) {
          scannedKind = LexemeKind.string;
          return end;
        }
        isPlain = false;
        break;
      case BRACE:
        end = i === start && !mayStartWithBrace ? -1 : braceGroupEnd(text, i);
        if (end < 0) break scan;
        isPlain = false;
        break;
      case ANGLE:
        end = placeholderEnd(text, i);
        if (end < 0) break scan;
        isPlain = false;
        break;
      case BRACKET:
        if (!opensOptional(text.charCodeAt(i + 1))) break scan;
        depth++;
        isPlain = false;
        break;
      case BRACKET_CLOSE:
        if (depth === 0) break scan;
        depth--;
        break;
      default:
        break scan;
    }
    i = end;
  }
  scannedKind = isPlain ? LexemeKind.word : LexemeKind.id;
  return i;
}

/** Whether a lexeme that began with a string goes on after it, so that the whole is an id. */
function continuesLexeme(text: string, offset: number): boolean {
  const unit = text.charCodeAt(offset);
  if (unit >= 128) return foreignLetterEnd(text, offset) > offset;
  const kind = unitClass[unit] ?? OTHER;
  if (kind === BRACE) return braceGroupEnd(text, offset) > 0;
  if (kind === ANGLE) return placeholderEnd(text, offset) > 0;
  if (kind === BRACKET) return opensOptional(text.charCodeAt(offset + 1));
  return kind !== OTHER && kind !== BRACKET_CLOSE;
}

/** `[` belongs to a template where `:`, `/` or `<` follows; anywhere else it is no part of an id. */
function opensOptional(next: number): boolean {
  return next === 58 || next === 47 || next === 60;
}

function foreignLetterEnd(text: string, offset: number): number {
  foreignLetter.lastIndex = offset;
  return foreignLetter.test(text) ? foreignLetter.lastIndex : offset;
}

/** Offset after the closing quote of the string at `start`, or minus the end of the line if there is none. */
export function stringEnd(text: string, start: number): number {
  for (let i = start + 1; ; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 34) return i + 1;
    if (unit === 10 || unit === 13 || i >= text.length) return -i;
    if (unit === 92 && !isLineEnd(text, i + 1)) i++;
  }
}

function isLineEnd(text: string, offset: number): boolean {
  const unit = text.charCodeAt(offset);
  return offset >= text.length || unit === 10 || unit === 13;
}

/**
 * Where the braces of one run of text close. A run is scanned once however many braces ask: text such as `{{{{…`
 * would take quadratic time otherwise.
 */
interface BraceRun {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Offset after the `}` by offset of the `{`. */
  readonly ends: ReadonlyMap<number, number>;
}

const noRun: BraceRun = { text: '', start: 0, end: 0, ends: new Map() };
let braceRun = noRun;

/** Lets go of the text that was scanned last. */
export function forgetScan(): void {
  braceRun = noRun;
}

/** Offset after the `}` that closes the group at `start`, or -1 if white space or the end comes first or it is `{}`. */
function braceGroupEnd(text: string, start: number): number {
  if (text.charCodeAt(start + 1) === 125) return -1;
  const isKnown = braceRun.text === text && start >= braceRun.start && start < braceRun.end;
  if (!isKnown) braceRun = scanBraces(text, start);
  return braceRun.ends.get(start) ?? -1;
}

/** Pairs the braces from `start` to the first white space, comment, unclosed string or closing brace too many. */
function scanBraces(text: string, start: number): BraceRun {
  const open: number[] = [];
  const ends = new Map<number, number>();
  let i = start;
  for (; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit <= 32 || unit === 35) break;
    if (unit === 123) {
      open.push(i);
    } else if (unit === 125) {
      const opened = open.pop();
      if (opened !== undefined) ends.set(opened, i + 1);
      if (open.length === 0) break;
    } else if (unit === 34) {
      const end = stringEnd(text, i);
      if (end < 0) break;
      i = end - 1;
    }
  }
  return { text, start, end: i, ends };
}

/** Offset after the `>` of the placeholder at `start`, or -1. */
function placeholderEnd(text: string, start: number): number {
  const limit = Math.min(text.length, start + maxPlaceholderLength);
  for (let i = start + 1; i < limit; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 62) return i + 1;
    if (unit === 10 || unit === 13 || unit === 60) return -1;
    if (unit === 34) {
      const end = stringEnd(text, i);
      if (end < 0) return -1;
      i = end - 1;
    }
  }
  return -1;
}
