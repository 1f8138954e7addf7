import type { DiagnosticCode } from '../diagnostics/codes.ts';
import type { Span } from '../source/span.ts';

/** What is wrong with a piece of text, before it has a file. */
export interface Problem {
  readonly code: DiagnosticCode;
  readonly span: Span;
  readonly message: string;
  readonly label?: string;
  readonly help?: string;
}

/** Takes problems found in the middle of something that is worth keeping. */
export type ReportProblem = (problem: Problem) => void;
