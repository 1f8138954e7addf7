import type { Diagnostic } from './diagnostic.ts';

/** The policy has errors and does not load: fix the policy. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly code = 'policy';
  readonly diagnostics: readonly Diagnostic[];
  /** The text of a file that a diagnostic names, for renderers. */
  readonly textOf: (file: string) => string | undefined;

  constructor(diagnostics: readonly Diagnostic[], textOf: (file: string) => string | undefined) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    const first = errors[0];
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    super(
      first === undefined
        ? 'the policy does not load'
        : `${first.file}: ${first.code}: ${first.message}${more}`,
    );
    this.diagnostics = diagnostics;
    this.textOf = textOf;
  }
}
