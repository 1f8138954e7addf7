import type { Span } from '../source/span.ts';
import type { TemplatePart } from './ast.ts';
import { maxNesting } from './lexer.ts';
import { checkUnquoted, parseString } from './parse-string.ts';
import type { ReportProblem } from './problem.ts';
import { stringEnd } from './scan-lexeme.ts';

const text = /[^"*?{}<>[\]]+/y;
const placeholder = /<\s*([A-Za-z_][A-Za-z0-9_-]*)\s*(?:(\.\.\.)\s*(?:by\s*("(?:[^"\\]|\\.)*")\s*)?)?>/y;

/** A list of parts that is being filled: the template's own, or that of an open `[`. */
interface OpenList {
  readonly parts: TemplatePart[];
  readonly start: number;
}

/**
 * Takes a resource template apart: text, `<value>`, `<path...>`, `<path... by ".">` and nested `[optional]` tails.
 * Brackets are kept on a list of our own, not on the stack.
 */
export function parseTemplate(image: string, offset: number, report: ReportProblem): readonly TemplatePart[] {
  const root: OpenList = { parts: [], start: offset };
  const open: OpenList[] = [root];
  let at = 0;
  while (at < image.length) {
    const unit = image.charAt(at);
    const list = open.at(-1)!;
    if (unit === '[') {
      if (open.length > maxNesting) return reportTooDeep(offset + at, root, report);
      open.push({ parts: [], start: offset + at });
      at++;
    } else if (unit === ']' && open.length > 1) {
      open.pop();
      at++;
      const span = { start: list.start, end: offset + at };
      open.at(-1)!.parts.push({ kind: 'optional', parts: list.parts, span });
    } else {
      at = scanPart(image, at, offset, list.parts, report);
    }
  }
  const unclosed = open.at(-1)!;
  if (unclosed !== root)
    reportTemplate({ start: unclosed.start, end: unclosed.start + 1 }, '`[` without `]`', report);
  return root.parts;
}

/** Scans one text, string or placeholder into `parts`; returns the offset after it. */
function scanPart(
  image: string,
  at: number,
  offset: number,
  parts: TemplatePart[],
  report: ReportProblem,
): number {
  const start = offset + at;
  if (image.charAt(at) === '"') {
    const end = Math.abs(stringEnd(image, at));
    addText(parts, parseString(image.slice(at, end), start, report), { start, end: offset + end });
    return end;
  }
  placeholder.lastIndex = at;
  const found = placeholder.exec(image);
  if (found !== null) {
    const span = { start, end: offset + placeholder.lastIndex };
    parts.push(buildPlaceholder(found, span, report));
    return at + found[0].length;
  }
  text.lastIndex = at;
  const run = text.exec(image)?.[0];
  if (run === undefined) return reportUnit(image, at, offset, report);
  checkUnquoted(run, start, report);
  addText(parts, run, { start, end: start + run.length });
  return at + run.length;
}

function buildPlaceholder(found: RegExpExecArray, span: Span, report: ReportProblem): TemplatePart {
  const name = found[1]!;
  if (found[2] === undefined) return { kind: 'value', name, span };
  const by = found[3];
  const separator = by === undefined ? '/' : parseString(by, span.start + found[0].indexOf(by), report);
  return { kind: 'path', name, separator, span };
}

/** Quoted text is like unquoted text in a template, so neighbours are one part. */
function addText(parts: TemplatePart[], added: string, span: Span): void {
  const last = parts.at(-1);
  if (last?.kind !== 'text') parts.push({ kind: 'text', text: added, span });
  else
    parts[parts.length - 1] = {
      kind: 'text',
      text: last.text + added,
      span: { start: last.span.start, end: span.end },
    };
}

const closings = new Map([
  ['<', '>'],
  ['{', '}'],
]);

function reportUnit(image: string, at: number, offset: number, report: ReportProblem): number {
  const closing = closings.get(image.charAt(at));
  const close = closing === undefined ? -1 : image.indexOf(closing, at);
  const end = close < 0 ? at + 1 : close + 1;
  reportTemplate(
    { start: offset + at, end: offset + end },
    `invalid \`${image.slice(at, end)}\` in a template`,
    report,
  );
  return end;
}

function reportTemplate(span: Span, message: string, report: ReportProblem): void {
  report({
    code: 'P0008',
    span,
    message,
    help: 'a template has text, `<value>`, `<path...>`, `<path... by ".">` and `[…]` around what may be absent',
  });
}

function reportTooDeep(start: number, root: OpenList, report: ReportProblem): readonly TemplatePart[] {
  report({
    code: 'P3003',
    span: { start, end: start + 1 },
    message: `optional parts nested more than ${maxNesting} deep`,
  });
  return root.parts;
}
