const longestQuote = 200;

/** Text from outside, for a message: in backticks, cut short, escaped as `escapeText` does. */
export function quote(text: string): string {
  const shown = text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text;
  return `\`${escapeText(shown)}\``;
}

/** With everything that does not print written as `\u{…}`, so that a name in a policy can play no tricks on a terminal. */
export function escapeText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}`]/gu, escapeCodePoint);
}

function escapeCodePoint(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
