import { printTree } from '../../syntax/print.ts';
import { defineRule, type TreeContext } from '../rule.ts';

export const format = defineRule({
  id: 'format',
  summary: 'a file that the formatter would lay out differently',
  category: 'style',
  presets: { strict: 'warning' },
  check: { of: 'tree', run: findUnformatted },
});

function findUnformatted({ tree, report }: TreeContext): void {
  const printed = printTree(tree);
  const { text } = tree;
  if (printed === text) return;
  const start = firstDifference(text, printed);
  report({
    span: spanOfLine(text, start),
    message: 'file is not laid out as the formatter does it',
    label: 'the first line that differs',
    help: 'run `postern fmt`',
    fix: { safety: 'safe', edits: [smallestEdit(text, printed, start)] },
  });
}

/** What stands between the first and the last difference, so that the edit meets no other without need. */
function smallestEdit(text: string, printed: string, start: number) {
  const most = Math.min(text.length, printed.length) - start;
  let common = 0;
  while (
    common < most &&
    text.charCodeAt(text.length - 1 - common) === printed.charCodeAt(printed.length - 1 - common)
  ) {
    common++;
  }
  return {
    span: { start, end: text.length - common },
    newText: printed.slice(start, printed.length - common),
  };
}

function firstDifference(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return i;
}

/** The line at an offset without its indentation; at least one unit, if the text has any. */
function spanOfLine(text: string, offset: number) {
  const at = Math.min(offset, Math.max(0, text.length - 1));
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const found = text.indexOf('\n', at);
  const end = found < 0 ? text.length : found;
  const indented = start + (text.slice(start, end).length - text.slice(start, end).trimStart().length);
  return { start: Math.min(indented, end), end: Math.max(end, Math.min(indented + 1, text.length)) };
}
