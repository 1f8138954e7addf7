const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uff00-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/u;

/** The width of a text in cells of a monospaced font. */
export function cellsOf(text: string): number {
  let cells = 0;
  for (const character of text) cells += wide.test(character) ? 2 : 1;
  return cells;
}

/** A text of at most so many cells: of a longer one its beginning and its end, which tell ids apart. */
export function shorten(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text;
  const characters = [...text];
  const tail = takeCells(characters.toReversed(), Math.floor((cells - 1) / 2)).toReversed();
  const head = takeCells(characters, Math.ceil((cells - 1) / 2));
  return `${head.join('')}…${tail.join('')}`;
}

function takeCells(characters: readonly string[], cells: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const character of characters) {
    used += cellsOf(character);
    if (used > cells) break;
    taken.push(character);
  }
  return taken;
}
