import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { InvariantError } from './source/invariant.ts';
import type { Source } from './source/source.ts';
import type { SyntaxTree } from './syntax/ast.ts';
import { parseCompact } from './syntax/parse-compact.ts';
import { expandTree } from './syntax/plain-rule.ts';
import { printTree } from './syntax/print.ts';

/** A policy in canonical layout, or what is wrong with its syntax. */
export type FormatResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * The one canonical layout of a policy file: lines end with `\n`, comments stay where they stand, and formatting the result
 * changes nothing. The file need not be a policy set by itself: imports are not followed, and names need not be defined.
 *
 * The result is parsed again and compared before it is handed out: it says the same, with the same comments.
 *
 * @returns not ok if the text has a syntax error: what could not be read could not be printed either
 */
export function formatSource(source: Source): FormatResult {
  const parsed = parseCompact(source);
  if (parsed.diagnostics.length > 0) return { ok: false, diagnostics: parsed.diagnostics };
  const tree = expandTree(parsed.tree);
  const text = printTree(tree);
  if (text !== source.text) ensureSame(tree, { file: source.file, text });
  return { ok: true, text };
}

/** @throws {InvariantError} if formatting has changed more than the layout */
function ensureSame(before: SyntaxTree, source: Source): void {
  const { tree: after, diagnostics } = parseCompact(source);
  const [first] = diagnostics;
  if (first !== undefined)
    throw new InvariantError(`${source.file} formatted does not parse: ${first.message}`);
  if (!isSame(before.statements, expandTree(after).statements))
    throw new InvariantError(`${source.file} formatted means something else`);
  if (!isSame(before.comments.map(textOfComment), after.comments.map(textOfComment)))
    throw new InvariantError(`${source.file} formatted has other comments`);
}

/** One from the middle of a statement may have lost a `#`, and all of them blanks at their end. */
function textOfComment({ text }: SyntaxTree['comments'][number]): string {
  return text.replace(/^#+/, '').trimEnd();
}

/** Whether two nodes say the same, wherever they stand. Recursion follows the tree, which the parser keeps shallow. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => isSameAt(key, a, b));
}

function isSameAt(key: string, a: object, b: object): boolean {
  // A text that could be misread where it stands gets quotes: they change nothing of what it says.
  if (key === 'span' || key === 'isQuoted') return true;
  const [left, right]: unknown[] = [Reflect.get(a, key), Reflect.get(b, key)];
  if (key === 'doc') return withoutEndBlanks(left) === withoutEndBlanks(right);
  return isSame(left, right);
}

function withoutEndBlanks(text: unknown): string {
  return String(text).replace(/[ \t]+$/gm, '');
}
