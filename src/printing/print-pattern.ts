import type { PatternElement, ResourcePattern } from '../model/model.ts';
import { assertNever } from '../source/invariant.ts';
import { printString } from '../syntax/print-text.ts';

/** Elements as policy text, quotes only where they are needed. */
export function printElements(elements: readonly PatternElement[]): string {
  return textOf(elements, printElement);
}

/** The elements as a pattern, or as an id if nothing in them is a wildcard; undefined for none at all. */
export function patternOf(elements: readonly PatternElement[]): ResourcePattern | undefined {
  if (elements.length === 0) return undefined;
  if (elements.every(({ kind }) => kind === 'literal' || kind === 'root'))
    return { kind: 'literal', id: textOf(elements, rawText) };
  return { kind: 'pattern', text: printElements(elements), elements };
}

function textOf(elements: readonly PatternElement[], print: (element: PatternElement) => string): string {
  let text = '';
  let isAfterRoot = false;
  for (const element of elements) {
    text += separatorText(element, isAfterRoot) + print(element);
    isAfterRoot = element.kind === 'root';
  }
  return text;
}

function separatorText({ separator }: PatternElement, isAfterRoot: boolean): string {
  if (separator === 'colon') return ':';
  return separator === 'slash' && !isAfterRoot ? '/' : '';
}

function rawText(element: PatternElement): string {
  return element.kind === 'root' ? '/' : element.kind === 'literal' ? element.text : '';
}

const bareText = /^[A-Za-z0-9_.\-@+=~$!]+$/;

function printText(text: string): string {
  return bareText.test(text) ? text : printString(text);
}

function printElement(element: PatternElement): string {
  switch (element.kind) {
    case 'root':
      return '/';
    case 'literal':
      return printText(element.text);
    case 'glob':
      return element.glob
        .map((part) => (part.kind === 'text' ? printText(part.text) : part.kind === 'run' ? '*' : '?'))
        .join('');
    case 'one':
      return '*';
    case 'many':
      return '**';
    case 'variable':
      return `{${element.name}${element.isMany ? '**' : ''}}`;
    default:
      return assertNever(element);
  }
}
