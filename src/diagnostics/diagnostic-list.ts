import type { Diagnostic } from './diagnostic.ts';

/** So many mistakes are kept of one file by the parser, and of one policy set by all that comes after. */
export const maxMistakes = 10_000;

/**
 * The mistakes of one run of a stage, but not all of millions: each takes a hundred times the memory of the character that is
 * wrong. The first that is left out is replaced by P3001, which stands where it would have stood.
 */
export class DiagnosticList {
  readonly items: Diagnostic[] = [];
  #count = 0;

  /** How many there were, those that are left out among them. */
  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count > maxMistakes;
  }

  add(diagnostic: Diagnostic): void {
    this.#count++;
    if (this.#count <= maxMistakes) this.items.push(diagnostic);
    else if (this.#count === maxMistakes + 1) this.items.push(tooMany(diagnostic));
  }
}

function tooMany({ file, span }: Diagnostic): Diagnostic {
  return {
    code: 'P3001',
    severity: 'error',
    file,
    span: { start: span.start, end: span.start },
    message: `more than ${maxMistakes} mistakes`,
    help: 'mend the first ones; what is wrong from here on is not shown',
  };
}
