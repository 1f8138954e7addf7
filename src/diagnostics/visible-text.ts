/** Invisible, misleading or without a width: controls, format characters, separators, lone surrogates, unassigned. */
const unprintable =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Variation_Selector}\p{Default_Ignorable_Code_Point}]/u;
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uff00-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/u;
const combining = /\p{M}/u;
const tabWidth = 4;

/** A line of source made fit for a terminal: what is shown, and in which column every unit of the line begins. */
export interface VisibleLine {
  readonly text: string;
  /** By offset in the line, one more than the line has units; columns count terminal cells from 0. */
  readonly columns: readonly number[];
}

/** Replaces what does not print by `\u{…}` and tabs by blanks, so that an underline stays under its text. */
export function makeVisible(line: string): VisibleLine {
  const columns: number[] = [];
  let text = '';
  let column = 0;
  for (const character of line) {
    for (let i = 0; i < character.length; i++) columns.push(column);
    const shown = character === '\t' ? ' '.repeat(tabWidth - (column % tabWidth)) : showCharacter(character);
    text += shown;
    column += widthOf(shown);
  }
  columns.push(column);
  return { text, columns };
}

/** Text for one line of output: what does not print is escaped, line breaks too. */
export function escapeUnprintable(text: string): string {
  let shown = '';
  for (const character of text) shown += showCharacter(character);
  return shown;
}

function showCharacter(character: string): string {
  const unit = character.charCodeAt(0);
  if (unit >= 32 && unit < 127) return character;
  return unprintable.test(character) ? `\\u{${character.codePointAt(0)!.toString(16)}}` : character;
}

function widthOf(shown: string): number {
  if (/^[\x20-\x7e]*$/.test(shown)) return shown.length;
  if (combining.test(shown)) return 0;
  return wide.test(shown) ? 2 : 1;
}

/** The cells `[from, to)` of a visible text. A wide character that only half fits is left out. */
export function sliceCells(text: string, from: number, to: number): string {
  let column = 0;
  let slice = '';
  for (const character of text) {
    const width = widthOf(character);
    if (column >= from && column + width <= to) slice += character;
    column += width;
    if (column > to) break;
  }
  return slice;
}
