import { isResourceId } from '../analysis/well-formed.ts';
import type { PatternElement } from '../model/model.ts';

/** What a pattern means, as far as a database has a quick word for it. Of well-formed ids only. */
export type IdShape =
  | { readonly kind: 'everything' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'literal'; readonly id: string }
  /** `self`, if there is one, and what begins with `prefix`: an index finds it. */
  | { readonly kind: 'subtree'; readonly self?: string; readonly prefix: string }
  /** What begins with `prefix` and is longer. */
  | { readonly kind: 'beneath'; readonly prefix: string }
  /** Anything else; `prefix`: what each id begins with. */
  | { readonly kind: 'general'; readonly prefix: string; readonly elements: readonly PatternElement[] };

/** What stands before the next element: nothing, a root, or something else. Only then is its separator written. */
export type Place = 'start' | 'root' | 'segment';

/** The separator of an element as text: none at the start (S24), and none behind a root, which is a slash itself. */
export function separatorText({ separator }: PatternElement, place: Place): string {
  if (place === 'start') return '';
  if (separator === 'colon') return ':';
  return place === 'root' ? '' : '/';
}

/** @param elements  without variables */
export function shapeOf(elements: readonly PatternElement[]): IdShape {
  let text = '';
  let place: Place = 'start';
  for (const [i, element] of elements.entries()) {
    const separator = separatorText(element, place);
    if (element.kind === 'literal') {
      text += separator + element.text;
      place = 'segment';
    } else if (element.kind === 'root') {
      text += `${separator}/`;
      place = 'root';
    } else {
      return shapeOfWildcard(elements, i, { text, place, separator });
    }
  }
  return isResourceId(text) ? { kind: 'literal', id: text } : { kind: 'nothing' };
}

interface Beginning {
  readonly text: string;
  readonly place: Place;
  readonly separator: string;
}

function shapeOfWildcard(
  elements: readonly PatternElement[],
  at: number,
  { text, place, separator }: Beginning,
): IdShape {
  const element = elements[at]!;
  const left = elements.length - at;
  if (element.kind === 'many') {
    if (left > 1) return { kind: 'general', prefix: text, elements };
    if (place === 'start') return { kind: 'everything' };
    // Behind a root its slash is the one before what is beneath it.
    return place === 'root' && separator === ''
      ? { kind: 'subtree', prefix: text }
      : { kind: 'subtree', self: text, prefix: text + separator };
  }
  const next = elements[at + 1];
  const isPath = element.separator === 'slash' && place !== 'start';
  if (element.kind === 'one' && isPath && left === 2 && next!.kind === 'many' && next!.separator === 'slash')
    return { kind: 'beneath', prefix: text + separator };
  const first = element.kind === 'glob' ? element.glob[0] : undefined;
  const start = first?.kind === 'text' ? first.text : '';
  return { kind: 'general', prefix: text + separator + start, elements };
}
