import type { Diagnostic, Fix, RelatedLocation } from './diagnostic.ts';
import { Locator, type TextOf } from './locate.ts';

/** A diagnostic as machines read it. Lines and columns are 1-based and count UTF-16 units; ends are exclusive. */
export interface DiagnosticJson {
  readonly code: string;
  readonly severity: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly pointer?: string;
  readonly message: string;
  readonly label?: string;
  readonly help?: string;
  readonly related?: readonly (Place & { readonly text: string })[];
  readonly fix?: {
    readonly safety: Fix['safety'];
    readonly edits: readonly (Omit<Place, 'file'> & { readonly newText: string })[];
  };
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** All diagnostics as the text of one JSON array, in the order given, none left off. */
export function renderJson(diagnostics: readonly Diagnostic[], textOf: TextOf): string {
  const locator = new Locator(textOf);
  return JSON.stringify(
    diagnostics.map((diagnostic) => buildJson(diagnostic, locator)),
    null,
    2,
  );
}

function buildJson(diagnostic: Diagnostic, locator: Locator): DiagnosticJson {
  const { code, severity, pointer, message, label, help, related, fix } = diagnostic;
  return {
    code,
    severity,
    ...placeOf(diagnostic, locator),
    ...(pointer !== undefined ? { pointer } : {}),
    message,
    ...(label !== undefined ? { label } : {}),
    ...(help !== undefined ? { help } : {}),
    ...(related !== undefined ? { related: related.map((other) => buildRelated(other, locator)) } : {}),
    ...(fix !== undefined ? { fix: buildFix(fix, diagnostic.file, locator) } : {}),
  };
}

function buildRelated(related: RelatedLocation, locator: Locator): Place & { text: string } {
  return { ...placeOf(related, locator), text: related.text };
}

function buildFix(fix: Fix, file: string, locator: Locator): NonNullable<DiagnosticJson['fix']> {
  const edits = fix.edits.map(({ span, newText }) => {
    const { line, column, endLine, endColumn } = placeOf({ file, span }, locator);
    return { line, column, endLine, endColumn, newText };
  });
  return { safety: fix.safety, edits };
}

function placeOf({ file, span }: Pick<Diagnostic, 'file' | 'span'>, locator: Locator): Place {
  const start = locator.place(file, span.start);
  const end = locator.place(file, span.end);
  return { file, line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}
