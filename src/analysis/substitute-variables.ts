import type { PathPattern, PatternElement, Separator } from '../model/model.ts';
import { isVariable, takesMany, type Variable } from '../model/pattern-elements.ts';
import { elementsOfId } from '../model/template-variants.ts';
import type { Binding } from './bind-variables.ts';
import { isResourceId } from './well-formed.ts';

/**
 * The elements with texts in place of variables: several rows, as `{x**}` takes a root at either end of its text or not.
 * No row is empty; none is where a text cannot stand.
 */
export function substitute(
  elements: readonly PatternElement[],
  binding: Binding,
): readonly (readonly PatternElement[])[] {
  let rows: (readonly PatternElement[])[] = [[]];
  for (const element of elements) {
    const text = isVariable(element) ? binding.get(element.name) : undefined;
    const options = text === undefined ? [[element]] : elementsOfText(element as Variable, text);
    rows = rows.flatMap((row) => options.map((option) => [...row, ...option]));
  }
  return rows.filter((row) => row.length > 0 && isInOrder(row)).map(fromStart);
}

/** An id that a pattern matches with some choice of variables; `text` stands for whatever else any text could be. */
export function instantiate(
  elements: readonly PatternElement[],
  binding: Binding,
  text: string,
): string | undefined {
  let id = '';
  let isAfterRoot = false;
  for (const element of elements) {
    const segment = segmentFor(element, binding, text);
    if (segment === undefined) return undefined;
    if (segment === '') continue;
    if (id !== '') id += element.separator === 'colon' ? ':' : isAfterRoot ? '' : '/';
    id += segment;
    isAfterRoot = element.kind === 'root';
  }
  return isResourceId(id) ? id : undefined;
}

function segmentFor(element: PatternElement, binding: Binding, text: string): string | undefined {
  switch (element.kind) {
    case 'root':
      return '/';
    case 'literal':
      return element.text;
    case 'one':
      return text;
    case 'many':
      return '';
    case 'variable':
      return binding.get(element.name) ?? (element.isMany ? '' : text);
    case 'glob':
      return undefined;
  }
}

/** Elements as a pattern, its text for messages and as a key: quoted, if not as the printer would. */
export function patternOfElements(elements: readonly PatternElement[]): PathPattern {
  return { kind: 'pattern', text: textOfElements(elements), elements };
}

function textOfElements(elements: readonly PatternElement[]): string {
  return elements
    .map((element, i) => {
      const isAfterRoot = elements[i - 1]?.kind === 'root';
      const separator =
        element.separator === 'colon' ? ':' : element.separator === 'slash' && !isAfterRoot ? '/' : '';
      return separator + textOfElement(element);
    })
    .join('');
}

function textOfElement(element: PatternElement): string {
  if (element.kind === 'root') return '/';
  if (element.kind === 'one') return '*';
  if (element.kind === 'many') return '**';
  if (element.kind === 'variable') return `{${element.name}${element.isMany ? '**' : ''}}`;
  if (element.kind === 'literal') return quoted(element.text);
  return element.glob
    .map((part) => (part.kind === 'text' ? quoted(part.text) : part.kind === 'run' ? '*' : '?'))
    .join('');
}

function quoted(text: string): string {
  return /^[A-Za-z0-9_.\-@+=~$!]+$/.test(text) ? text : JSON.stringify(text);
}

/** What a variable takes if it stands for the text. */
function elementsOfText({ isMany, separator }: Variable, text: string): readonly PatternElement[][] {
  const mayBeRoot = separator !== 'slash';
  const root: PatternElement = { kind: 'root', separator: separator === 'colon' ? 'colon' : 'start' };
  if (text === '') return isMany ? (mayBeRoot ? [[], [root]] : [[]]) : [];
  if (!isMany) return /[:/]/.test(text) ? [] : [[{ kind: 'literal', separator, text }]];
  const inner = elementsOfId(text);
  const rest = inner.slice(1);
  const withSeparator = (each: Separator): PatternElement[] => [
    { ...inner[0]!, separator: each } as PatternElement,
    ...rest,
  ];
  const plain = [withSeparator(separator), ...(mayBeRoot ? [[root, ...withSeparator('slash')]] : [])];
  return plain.flatMap((row) => [row, [...row, { kind: 'root', separator: 'colon' } as const]]);
}

/** False only where no id can match: after a slash or a root comes no colon (S2). */
function isInOrder(row: readonly PatternElement[]): boolean {
  let isPath = false;
  // Before the first element that surely takes something, separators say nothing (S24).
  let isBegun = false;
  for (const element of row) {
    if (takesMany(element)) continue;
    const { kind, separator } = element;
    if (isPath && separator === 'colon') return false;
    isPath ||= kind === 'root' || (isBegun && separator === 'slash');
    isBegun = true;
  }
  return true;
}

/** Where a `**` took nothing, the element after it is the first (S24). */
function fromStart(row: readonly PatternElement[]): readonly PatternElement[] {
  const [first, ...rest] = row;
  return first!.separator === 'start' ? row : [{ ...first!, separator: 'start' } as PatternElement, ...rest];
}
