import type { Span } from '../source/span.ts';
import type { ReportProblem } from './problem.ts';

const unicodeEscape = /\\u\{([0-9A-Fa-f]{1,6})\}/y;
const simpleEscapes = new Map([
  ['\\', '\\'],
  ['"', '"'],
  ['n', '\n'],
  ['t', '\t'],
]);

/**
 * The value of a quoted string with its quotes. A bad escape is reported where it stands, and its text kept.
 *
 * @param offset  of the opening quote in the source
 */
export function parseString(image: string, offset: number, report: ReportProblem): string {
  const end = image.length - 1;
  let at = image.indexOf('\\');
  if (at < 0) return image.slice(1, end);
  let value = '';
  let from = 1;
  while (at >= 0 && at < end) {
    value += image.slice(from, at);
    const found = readEscape(image, at);
    if (found.value === undefined) reportEscape(image, at, offset, report);
    value += found.value ?? image.slice(at, found.end);
    from = found.end;
    at = image.indexOf('\\', from);
  }
  return value + image.slice(from, end);
}

function readEscape(image: string, at: number): { readonly value: string | undefined; readonly end: number } {
  const simple = simpleEscapes.get(image.charAt(at + 1));
  if (simple !== undefined) return { value: simple, end: at + 2 };
  unicodeEscape.lastIndex = at;
  const match = unicodeEscape.exec(image);
  if (match === null) return { value: undefined, end: at + 2 };
  const point = Number.parseInt(match[1]!, 16);
  const isScalar = point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  return { value: isScalar ? String.fromCodePoint(point) : undefined, end: at + match[0].length };
}

function reportEscape(image: string, at: number, offset: number, report: ReportProblem): void {
  unicodeEscape.lastIndex = at;
  const text = unicodeEscape.exec(image)?.[0] ?? image.slice(at, at + 2);
  report({
    code: 'P0003',
    span: { start: offset + at, end: offset + at + text.length },
    message: `invalid escape \`${text}\` in a string`,
    help: 'the escapes are `\\\\`, `\\"`, `\\n`, `\\t` and `\\u{…}` with a code point that is no surrogate',
  });
}

/** Reports the first unit beyond ASCII in unquoted text, if there is one. */
export function checkUnquoted(image: string, offset: number, report: ReportProblem): void {
  const at = image.search(/[^\0-\x7f]/);
  if (at < 0) return;
  const character = String.fromCodePoint(image.codePointAt(at)!);
  const span: Span = { start: offset + at, end: offset + at + character.length };
  report({
    code: 'P0001',
    span,
    message: `unexpected character \`${character}\` in unquoted text`,
    label: 'must be in quotes',
    help: `quote it: ${quoteSuggestion(image)}`,
  });
}

function quoteSuggestion(image: string): string {
  const colon = image.lastIndexOf(':');
  return `\`${image.slice(0, colon + 1)}"${image.slice(colon + 1)}"\``;
}
