import { matchesLetter } from '../analysis/match-elements.ts';
import type { PatternElement, ResourcePattern } from '../model/model.ts';
import { elementsOf, elementsOfId } from '../model/template-variants.ts';
import { patternOf } from '../printing/print-pattern.ts';

/**
 * Patterns like that of a rule which may cover an id too: with `*` where a segment differs, and with `**` for what lies
 * beneath. None where they would have nothing in common.
 */
export function widened(resource: ResourcePattern, id: string): readonly ResourcePattern[] {
  const elements = elementsOf(resource);
  if (elements.some(({ kind }) => kind === 'variable')) return [];
  const wanted = elementsOfId(id);
  const shared = commonLength(elements, wanted);
  // The first segment tells the namespace: a rule on another is about something else.
  if (shared === 0 || (shared === 1 && elements[0]!.kind === 'root')) return [];
  const found: (ResourcePattern | undefined)[] = [];
  if (elements.length === wanted.length) found.push(patternOf(withStars(elements, wanted)));
  const next = wanted[shared] ?? elements[shared];
  const separator = next?.separator;
  if (separator === 'colon' || separator === 'slash') {
    const prefix = elements.slice(0, shared);
    found.push(patternOf([...prefix, { kind: 'many', separator }]));
  }
  return found.filter((each) => each !== undefined);
}

/** How many elements fit one after the other. */
function commonLength(elements: readonly PatternElement[], wanted: readonly PatternElement[]): number {
  let length = 0;
  while (length < elements.length && fits(elements[length]!, wanted[length])) length++;
  return length;
}

function fits(element: PatternElement, wanted: PatternElement | undefined): boolean {
  if (wanted === undefined || element.kind === 'many' || element.separator !== wanted.separator) return false;
  return matchesLetter(element, {
    separator: wanted.separator,
    text: wanted.kind === 'literal' ? wanted.text : '',
  });
}

function withStars(elements: readonly PatternElement[], wanted: readonly PatternElement[]): PatternElement[] {
  return elements.map((element, i): PatternElement => {
    const isSame = fits(element, wanted[i]) || element.kind === 'many' || element.kind === 'root';
    return isSame ? element : { kind: 'one', separator: element.separator };
  });
}
