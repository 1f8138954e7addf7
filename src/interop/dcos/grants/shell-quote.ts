const plainWord = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** One word of a POSIX shell, in quotes where something in it might be read as anything but itself. */
export function shellQuote(text: string): string {
  return plainWord.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A comment of a script, as many lines as it takes. */
export function commentLines(words: readonly string[], maxLength: number): string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of words) {
    if (line.length + 1 + word.length > maxLength && line !== '#') {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
