import type { PathPattern, PatternElement } from '../model-types.ts';

/**
 * A pattern as a regular expression, for engines whose own patterns are such. Undefined if it has `**` before its end.
 * Ours are never turned into one (QUALITY, "Design that follows"): what is compared here is what users of those engines write.
 */
export function toRegularExpression({ elements }: PathPattern): string | undefined {
  let text = '';
  let isAfterRoot = false;
  for (const [index, element] of elements.entries()) {
    const before = isAfterRoot ? '' : separatorText(element);
    isAfterRoot = element.kind === 'root';
    if (element.kind === 'many') {
      if (index < elements.length - 1) return undefined;
      // What stands behind the separator of `**` may be anything: ids are well formed, so that it is whole segments.
      text += before === '' ? '.*' : `(?:${before}.+)?`;
    } else text += element.kind === 'root' ? `${before}/` : before + segmentExpression(element);
  }
  return `^${text}$`;
}

function segmentExpression(element: Exclude<PatternElement, { readonly kind: 'root' | 'many' }>): string {
  if (element.kind === 'literal') return escapeExpression(element.text);
  if (element.kind !== 'glob') return '[^:/]+';
  return element.glob
    .map((part) => {
      if (part.kind === 'text') return escapeExpression(part.text);
      return part.kind === 'run' ? '[^:/]*' : '[^:/]';
    })
    .join('');
}

function escapeExpression(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** What stands before an element. */
export function separatorText({ separator }: PatternElement): string {
  if (separator === 'start') return '';
  return separator === 'colon' ? ':' : '/';
}
