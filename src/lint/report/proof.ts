import type { Locator } from '../../diagnostics/locate.ts';
import type { Proof } from '../rule.ts';

/** More rules than these cover a rule together only where nobody wants to read them all. */
const maxCovering = 8;

/** A proof as lines of text. */
export function describeProof(proof: Proof, locator: Locator): string[] {
  if (proof.kind === 'witness') return [`${proof.text}: ${JSON.stringify(proof.request)}`];
  const lines = proof.by.slice(0, maxCovering).map(({ file, span, text }) => {
    const { line, column } = locator.place(file, span.start);
    return `${text} at ${file}:${line}:${column}`;
  });
  return proof.by.length > maxCovering ? [...lines, `and ${proof.by.length - maxCovering} more`] : lines;
}
