import type { Glob, PatternElement } from '../model/model.ts';
import { takesMany } from '../model/pattern-elements.ts';
import { segmentClasses } from './glob-classes.ts';
import { idOfLetters, type Letter } from './letters.ts';
import { isResourceId } from './well-formed.ts';

/**
 * Ids that a pattern matches, with `text` for what any text could be: as short and as long as its `**` make it. An equal
 * text for all variables is one choice of them (S25).
 */
export function exampleIds(elements: readonly PatternElement[], text: string): readonly string[] {
  const shortest = lettersFor(elements, text, { isShort: true });
  const longer = lettersFor(elements, text, { isShort: false });
  const ids = [shortest, longer].filter((letters) => letters !== undefined && letters.length > 0);
  return [...new Set((ids as Letter[][]).map(idOfLetters))].filter(isResourceId);
}

function lettersFor(
  elements: readonly PatternElement[],
  text: string,
  { isShort }: { readonly isShort: boolean },
): Letter[] | undefined {
  const letters: Letter[] = [];
  for (const element of elements) {
    const isMany = takesMany(element);
    if (isMany && isShort) continue;
    const separator = letters.length === 0 ? 'start' : element.separator;
    const segment = isMany ? text : textOf(element, text, { isShort });
    if (segment === undefined) return undefined;
    letters.push({ separator, text: segment });
  }
  return letters;
}

function textOf(
  element: PatternElement,
  text: string,
  { isShort }: { readonly isShort: boolean },
): string | undefined {
  if (element.kind === 'literal') return element.text;
  if (element.kind === 'root') return '';
  if (element.kind !== 'glob') return text;
  const plain = plainText(element.glob, isShort ? '' : text);
  if (isResourceId(plain)) return plain;
  return segmentClasses([element.glob], new Set()).find(({ matched }) => matched.length > 0)?.text;
}

/** A text that a glob matches, which may be no segment. */
function plainText(glob: Glob, run: string): string {
  return glob
    .map((part) => {
      if (part.kind === 'text') return part.text;
      return part.kind === 'run' ? run : 'x';
    })
    .join('');
}
