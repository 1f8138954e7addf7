import { isWildcardStar } from '../iam/wildcard-star.ts';
import type { PathPattern, PatternElement } from '../model/model.ts';
import { elementsOfId } from '../model/template-variants.ts';
import { printElements } from '../printing/print-pattern.ts';

/** What a stored id means whose last segment is a star that DC/OS knows; undefined for an id that means itself. */
export function starPatternOf(rid: string): PathPattern | undefined {
  if (!isWildcardStar(rid)) return undefined;
  const elements = elementsOfId(rid);
  const { separator } = elements.pop()!;
  const one: readonly PatternElement[] = [...elements, { kind: 'one', separator }];
  return { kind: 'pattern', text: printElements(one), elements: one };
}
