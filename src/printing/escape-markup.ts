import { escapeUnprintable } from '../diagnostics/visible-text.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Text that stays text in XML and in HTML, in the quotes of an attribute too. What does not print, or turns the direction of
 * what follows, is written as `\u{…}`: XML has no place for most of it, and a reader should not be misled by the rest.
 */
export function escapeMarkup(text: string): string {
  return escapeUnprintable(text).replace(/[&<>"']/g, (found) => entities[found]!);
}
