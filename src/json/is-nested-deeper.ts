const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Whether the brackets of a JSON text stand in each other deeper than that. `JSON.parse` reads any depth, but what is done with its
 * value then may recurse: `JSON.stringify`, `String` of a list. Of a text that is no JSON the answer means nothing.
 */
export function isNestedDeeper(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) i = endOfString(text, i);
    // `{` and `[`, `}` and `]` differ in one bit from each other, and no other character that JSON has outside strings does.
    else if ((unit | 0x20) === 0x7b) {
      if (++depth > limit) return true;
    } else if ((unit | 0x20) === 0x7d) depth--;
  }
  return false;
}

/** Offset of the quote that ends the string at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) return i;
    if (unit === BACKSLASH) i++;
  }
  return text.length;
}
