import type { DiagnosticCode } from '../diagnostics/codes.ts';
import type { Diagnostic, RelatedLocation } from '../diagnostics/diagnostic.ts';
import { DiagnosticList } from '../diagnostics/diagnostic-list.ts';
import type { Span } from '../source/span.ts';

/** What a stage says of one mistake; the rest of the diagnostic is the same for all errors. */
export interface Finding {
  readonly code: DiagnosticCode;
  readonly span: Span;
  readonly message: string;
  readonly label?: string;
  readonly help?: string;
  readonly related?: readonly RelatedLocation[];
}

/** Collects the errors of one run. */
export class Reporter {
  readonly #list = new DiagnosticList();

  /** Those that are kept. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#list.items;
  }

  /** How many there were. */
  get count(): number {
    return this.#list.count;
  }

  error(file: string, finding: Finding): void {
    this.#list.add({ severity: 'error', file, ...finding });
  }
}
