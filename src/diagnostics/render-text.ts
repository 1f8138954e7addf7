import type { Diagnostic, Severity } from './diagnostic.ts';
import { limitDiagnostics } from './limit.ts';
import { type LocatedText, Locator, type TextOf } from './locate.ts';
import { escapeUnprintable, makeVisible, sliceCells } from './visible-text.ts';

/** A diagnostic, or what is shown like one: under another name than a code, and with evidence. */
export interface RenderedDiagnostic extends Omit<Diagnostic, 'code'> {
  readonly code: string;
  /** Shown before the help, a line each. */
  readonly proofs?: readonly string[];
}

export interface RenderTextOptions {
  /** ANSI colours; the caller knows whether a terminal reads this. */
  readonly color: boolean;
}

/** One diagnostic takes at most 4 KiB, whatever the policy's text or names contain. */
const maxBytes = 4096;
const maxMessage = 600;
const maxRelated = 8;
/** A line of source wider than this is shown around the underline only. */
const maxLineCells = 120;
const cellsBefore = 40;

const styles = { error: '31', warning: '33', info: '36', gutter: '34', bold: '1' } as const;
type Style = keyof typeof styles;
type Paint = (style: Style, text: string) => string;

const plain: Paint = (_style, text) => text;
const colored: Paint = (style, text) => `\u001b[${styles[style]}m${text}\u001b[0m`;

/**
 * Diagnostics for people, in the order given, with the line of source and an underline each. After the limit one more
 * line says how many are left off. Ends with a line break unless there is nothing to say.
 */
export function renderText(
  diagnostics: readonly RenderedDiagnostic[],
  textOf: TextOf,
  options: RenderTextOptions = { color: false },
): string {
  const locator = new Locator(textOf);
  const paint = options.color ? colored : plain;
  const { shown, leftOff } = limitDiagnostics(diagnostics);
  const blocks = shown.map((diagnostic) => renderOne(diagnostic, locator, paint));
  if (leftOff > 0) blocks.push(`${leftOff} more ${leftOff === 1 ? 'diagnostic' : 'diagnostics'} not shown\n`);
  return blocks.join('\n');
}

function renderOne(diagnostic: RenderedDiagnostic, locator: Locator, paint: Paint): string {
  const { line, column } = locator.place(diagnostic.file, diagnostic.span.start);
  const gutter = ' '.repeat(String(line).length + 1);
  const lines = [
    renderTitle(diagnostic, paint),
    `${gutter}${paint('gutter', '-->')} ${escapeText(diagnostic.file)}:${line}:${column}${renderPointer(diagnostic)}`,
    ...renderSource(diagnostic, { locator, line, gutter, paint }),
    ...renderNotes(diagnostic, locator).map((note) => `${gutter} ${paint('gutter', '=')} ${note}`),
  ];
  return limitBytes(lines);
}

function renderTitle({ severity, code, message }: RenderedDiagnostic, paint: Paint): string {
  const title = `${severity}[${code}]`;
  return `${paint(severity satisfies Severity, title)}${paint('bold', `: ${escapeText(message)}`)}`;
}

function renderPointer({ pointer }: RenderedDiagnostic): string {
  return pointer === undefined ? '' : ` at ${pointer === '' ? 'the whole document' : escapeText(pointer)}`;
}

function escapeText(text: string): string {
  // Every unit is shown as one or more: what follows is cut off anyway, and a name may be as long as a file.
  const escaped = escapeUnprintable(text.slice(0, maxMessage + 2));
  return escaped.length <= maxMessage ? escaped : `${escaped.slice(0, maxMessage - 1)}…`;
}

interface SourceContext {
  readonly locator: Locator;
  readonly line: number;
  readonly gutter: string;
  readonly paint: Paint;
}

/** The line with the underline, or nothing where the text is not at hand. */
function renderSource(
  diagnostic: RenderedDiagnostic,
  { locator, line, gutter, paint }: SourceContext,
): string[] {
  const file = locator.file(diagnostic.file);
  if (file === undefined) return [];
  const source = lineAt(file, line);
  const shown = windowOf(source, diagnostic.span.start - source.start, diagnostic.span.end - source.start);
  const bar = paint('gutter', '|');
  const label = diagnostic.label === undefined ? '' : ` ${escapeText(diagnostic.label)}`;
  const underline = paint(diagnostic.severity, `${'^'.repeat(shown.length)}${label}`);
  return [
    `${gutter} ${bar}`,
    `${paint('gutter', ` ${line} |`)} ${shown.text}`.trimEnd(),
    `${gutter} ${bar} ${' '.repeat(shown.start)}${underline}`,
  ];
}

/** Where a line's text stands in its file. */
interface SourceLine {
  readonly text: string;
  readonly start: number;
}

/** A line without its line break, and without a byte order mark, which has no place on a screen. */
function lineAt({ text, lineStarts }: LocatedText, line: number): SourceLine {
  const lineStart = lineStarts[line - 1]!;
  const start = lineStart === 0 && text.startsWith('\ufeff') ? 1 : lineStart;
  let end = lineStarts[line] ?? text.length;
  while (end > start && (text.charCodeAt(end - 1) === 10 || text.charCodeAt(end - 1) === 13)) end--;
  return { text: text.slice(start, end), start };
}

interface Window {
  readonly text: string;
  /** First cell of the underline, and how many. */
  readonly start: number;
  readonly length: number;
}

/** Units of a line beyond these can not come into the window; a line may be as long as a file. */
const unitsBefore = 2 * cellsBefore;
const unitsAfter = 2 * maxLineCells;

/** What is shown of a line, and which cells of it are underlined: at least one, and none beyond the line's end. */
function windowOf({ text: line }: SourceLine, startOffset: number, endOffset: number): Window {
  const cutLeft =
    line.length <= maxLineCells ? 0 : wholeCharacter(line, Math.max(0, startOffset - unitsBefore));
  const cutRight = wholeCharacter(line, Math.min(line.length, startOffset + unitsAfter));
  const { text, columns } = makeVisible(line.slice(cutLeft, cutRight));
  const columnAt = (offset: number): number =>
    columns[Math.min(Math.max(offset - cutLeft, 0), columns.length - 1)]!;
  const width = columns.at(-1)!;
  const from = columnAt(startOffset);
  const to = Math.max(columnAt(endOffset), from + 1);
  if (width <= maxLineCells && cutLeft === 0 && cutRight === line.length) {
    return { text, start: from, length: to - from };
  }
  const left = Math.max(0, Math.min(from - cellsBefore, width - maxLineCells));
  const right = Math.min(width, left + maxLineCells);
  const before = left > 0 || cutLeft > 0 ? '…' : '';
  const after = right < width || cutRight < line.length ? '…' : '';
  return {
    text: `${before}${sliceCells(text, left, right)}${after}`,
    start: from - left + before.length,
    length: Math.max(1, Math.min(to, right) - from),
  };
}

/** `offset`, or one less where it would cut a surrogate pair in two. */
function wholeCharacter(line: string, offset: number): number {
  const unit = line.charCodeAt(offset);
  return offset > 0 && unit >= 0xdc00 && unit <= 0xdfff ? offset - 1 : offset;
}

/** `note:` for every related place, `proof:` for the evidence, `help:` last. */
function renderNotes(
  { related = [], proofs = [], help, fix }: RenderedDiagnostic,
  locator: Locator,
): string[] {
  const notes = related.slice(0, maxRelated).map(({ file, span, text }) => {
    const { line, column } = locator.place(file, span.start);
    return `note: ${escapeText(text)} at ${escapeText(file)}:${line}:${column}`;
  });
  if (related.length > maxRelated) notes.push(`note: and ${related.length - maxRelated} more`);
  for (const proof of proofs) notes.push(`proof: ${escapeText(proof)}`);
  const safety = fix === undefined ? '' : `(fix: ${fix.safety})`;
  if (help !== undefined) notes.push(alignFix(`help: ${escapeText(help)}`, safety));
  else if (safety !== '') notes.push(`help: ${safety}`);
  return notes;
}

/** The fix stands in a column of its own where the help is short enough. */
function alignFix(help: string, safety: string): string {
  return safety === '' ? help : `${help.padEnd(66)} ${safety}`;
}

/** Drops lines from the end, whole ones, until the rest fits. */
function limitBytes(lines: readonly string[]): string {
  const kept: string[] = [];
  let size = 0;
  for (const line of lines) {
    const bytes = byteLength(line) + 1;
    if (size + bytes > maxBytes) break;
    kept.push(line);
    size += bytes;
  }
  return `${kept.join('\n')}\n`;
}

/** Size in UTF-8, counted without an encoder: this runs in browsers and workers too. */
function byteLength(text: string): number {
  let size = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    size += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return size;
}
