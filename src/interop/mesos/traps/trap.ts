import type { DiagnosticCode } from '../../../diagnostics/codes.ts';
import type { PointedDiagnostic } from '../read-acls.ts';

/** What a check says of a place in a document that Mesos loads without a word. */
export interface Trap {
  readonly code: DiagnosticCode;
  readonly pointer: string;
  readonly message: string;
  readonly help: string;
}

export function warnOf(trap: Trap): PointedDiagnostic {
  return { severity: 'warning', ...trap };
}

export function informOf(trap: Trap): PointedDiagnostic {
  return { severity: 'info', ...trap };
}

/** A message names a text that comes from outside by its beginning, however long it is. */
const maxQuoted = 80;

/** A string of the document as it may stand in JSON. */
export function quoteText(text: string): string {
  return JSON.stringify(cut(text));
}

/** A key in backticks, without the quotes of JSON. */
export function quoteKey(key: string): string {
  return key === '' ? '`""`' : `\`${cut(key)}\``;
}

function cut(text: string): string {
  return text.length > maxQuoted ? `${text.slice(0, maxQuoted)}…` : text;
}
