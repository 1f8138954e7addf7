/** One policy file: the name that messages print, and its text. */
export interface Source {
  /** Path relative to the policy root with forward slashes, or `postern:…` for a shipped file. */
  readonly file: string;
  readonly text: string;
}

/** A place as people count: both 1-based; columns count UTF-16 units. */
export interface LineColumn {
  readonly line: number;
  readonly column: number;
}

/**
 * Offset of the first unit of every line. A line ends after `\n`, `\r\n` or a lone `\r`.
 * Built once per source; `lineColumnAt` then costs a binary search.
 */
export function buildLineStarts(text: string): Int32Array {
  let count = 1;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 10 || (unit === 13 && text.charCodeAt(i + 1) !== 10)) count++;
  }
  const starts = new Int32Array(count);
  let line = 1;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 10 || (unit === 13 && text.charCodeAt(i + 1) !== 10)) starts[line++] = i + 1;
  }
  return starts;
}

/** Line and column of `offset`, which may be the length of the text. */
export function lineColumnAt(lineStarts: Int32Array, offset: number): LineColumn {
  let low = 0;
  let high = lineStarts.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (lineStarts[middle]! <= offset) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: offset - lineStarts[low]! + 1 };
}
