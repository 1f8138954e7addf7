import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { Span } from '../../source/span.ts';

export type Edit = Fix['edits'][number];

/** Takes an item out of a list that is written with commas, and the comma that is too much then. */
export function withoutItem(items: readonly { readonly span: Span }[], index: number): Edit {
  const { span } = items[index]!;
  const before = items[index - 1];
  const after = items[index + 1];
  if (before !== undefined) return { span: { start: before.span.end, end: span.end }, newText: '' };
  return { span: { start: span.start, end: after?.span.start ?? span.end }, newText: '' };
}
