import type { Location, Span } from '../source/span.ts';
import type { DiagnosticCode } from './codes.ts';

export type Severity = 'error' | 'warning' | 'info';

/** A second place that the message speaks of: the earlier declaration, the other half of a conflict. */
export interface RelatedLocation extends Location {
  readonly text: string;
}

/** A change of text that would mend the finding. `safe` only if no request gets another decision. */
export interface Fix {
  readonly safety: 'safe' | 'review';
  readonly edits: readonly { readonly span: Span; readonly newText: string }[];
}

/**
 * A message to a policy author, as data; only renderers make text of it. `message` says what is wrong and names the
 * thing, `help` what to do. Lower case, no full stop, backticks round source text.
 */
export interface Diagnostic extends Location {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  /** JSON pointer (RFC 6901) to the place, in documents that are JSON. */
  readonly pointer?: string;
  /** Short text printed beside the underline. */
  readonly label?: string;
  readonly related?: readonly RelatedLocation[];
  readonly help?: string;
  readonly fix?: Fix;
}
