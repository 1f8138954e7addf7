import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { TextOf } from '../../diagnostics/locate.ts';
import type { Span } from '../../source/span.ts';
import { parseCompact } from '../../syntax/parse-compact.ts';
import { expandTree } from '../../syntax/plain-rule.ts';
import { spanOfLines } from '../rule-sources.ts';

/** What has a fix, such as a finding. All edits of a fix are in its file. */
export interface Fixable {
  readonly file: string;
  readonly fix: Fix;
}

type Edit = Fix['edits'][number];

/** As many as go together, the earlier ones first: no two change the same place, and each goes whole or not at all. */
export function chooseFixes<Item extends Fixable>(items: readonly Item[]): Item[] {
  const edits = new Map<string, EditList>();
  return items.filter(({ file, fix }) => {
    const ofFile = edits.get(file) ?? new EditList();
    edits.set(file, ofFile);
    return ofFile.add(fix.edits);
  });
}

/**
 * The texts that fixes change, by file, as they are afterwards.
 *
 * @param items  as `chooseFixes` gives them
 */
export function applyFixes(items: readonly Fixable[], textOf: TextOf): Map<string, string> {
  const edits = new Map<string, Edit[]>();
  for (const { file, fix } of items) {
    const ofFile = edits.get(file);
    if (ofFile === undefined) edits.set(file, [...fix.edits]);
    else ofFile.push(...fix.edits);
  }
  return new Map(
    [...edits].map(([file, ofFile]) => {
      const before = textOf(file) ?? '';
      return [file, withoutEmptied(before, applyEdits(before, ofFile))];
    }),
  );
}

const emptyBlock = /\{\s*\}/;

/**
 * Fixes that each delete one line of a block may together delete all of them: the block goes with the last one. Blocks that
 * were empty before are their author's.
 */
function withoutEmptied(before: string, after: string): string {
  if (!emptyBlock.test(after) || emptyBlock.test(before)) return after;
  const tree = expandTree(parseCompact({ file: '', text: after }).tree);
  const inside = tree.statements.flatMap((node) => (node.kind === 'ruleset' ? node.rules : node));
  const empty = inside.filter(
    ({ kind, span }) => kind === 'rule' && emptyBlock.test(after.slice(span.start, span.end)),
  );
  return applyEdits(
    after,
    empty.map((node) => ({ span: spanOfLines(tree, node), newText: '' })),
  );
}

function applyEdits(text: string, edits: readonly Edit[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const { span, newText } of edits.toSorted((a, b) => a.span.start - b.span.start)) {
    pieces.push(text.slice(at, span.start), newText);
    at = span.end;
  }
  pieces.push(text.slice(at));
  return pieces.join('');
}

/** The places of one file that are changed, in source order. */
class EditList {
  readonly #spans: Span[] = [];

  /** Adds all or, where one of them meets another, none. */
  add(edits: readonly Edit[]): boolean {
    const spans = edits.map(({ span }) => span).sort((a, b) => a.start - b.start);
    if (spans.some((span, i) => meets(spans[i - 1], span))) return false;
    if (spans.some((span) => this.#isTaken(span))) return false;
    for (const span of spans) this.#spans.splice(this.#indexOf(span), 0, span);
    return true;
  }

  #isTaken(span: Span): boolean {
    const index = this.#indexOf(span);
    return meets(this.#spans[index - 1], span) || meets(span, this.#spans[index]);
  }

  /** Of the first span that begins no earlier. */
  #indexOf({ start }: Span): number {
    let low = 0;
    let high = this.#spans.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#spans[middle]!.start < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Two insertions at one place meet too: which comes first would be chance. */
function meets(first: Span | undefined, second: Span | undefined): boolean {
  if (first === undefined || second === undefined) return false;
  return second.start < first.end || second.start === first.start;
}
