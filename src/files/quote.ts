import { escapeUnprintable } from '../diagnostics/visible-text.ts';

/** For the shells: what comes from outside is shown with everything that does not print written as `\u{…}`. */
export { escapeUnprintable as escapeText } from '../diagnostics/visible-text.ts';

/** As `escapeText`, for text of several lines. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeUnprintable).join('\n');
}

const longestQuote = 200;

/** Text from outside, for a message: in backticks, cut short, with what does not print written as `\u{…}`. */
export function quote(text: string): string {
  const shown = text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text;
  return `\`${escapeUnprintable(shown)}\``;
}
