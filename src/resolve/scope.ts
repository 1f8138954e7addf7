import type { DiagnosticCode } from '../diagnostics/codes.ts';
import { nearestName } from '../diagnostics/nearest.ts';
import { buildLineStarts, lineColumnAt } from '../source/source.ts';
import type { Location, Span } from '../source/span.ts';
import type { SyntaxTree } from '../syntax/ast.ts';
import type { Finding, Reporter } from './reporter.ts';

/** What is needed to speak of places in one file; it does not hold on to the file's tree. */
export interface FileScope {
  readonly file: string;
  readonly report: (finding: Finding) => void;
  readonly locate: (span: Span) => Location;
  /** 1-based. */
  readonly lineOf: (span: Span) => number;
}

export function buildFileScope({ file, text }: SyntaxTree, reporter: Reporter): FileScope {
  const lineStarts = buildLineStarts(text);
  return {
    file,
    report: (finding) => reporter.error(file, finding),
    locate: (span) => ({ file, span }),
    lineOf: (span) => lineColumnAt(lineStarts, span.start).line,
  };
}

/** Names of one kind over the whole policy set: each is declared once (S60). */
export class Declarations<T> {
  readonly values = new Map<string, T>();
  readonly #locations = new Map<string, Location>();
  readonly #kind: string;

  constructor(kind: string) {
    this.#kind = kind;
  }

  /** Adds a declaration, or reports it with the earlier one and returns false. */
  declare(name: string, value: T, location: Location, report: (finding: Finding) => void): boolean {
    const earlier = this.#locations.get(name);
    if (earlier !== undefined) {
      report({
        code: 'P1001',
        span: location.span,
        message: `${this.#kind} \`${name}\` is declared twice`,
        help: 'rename one of the two, or join them',
        related: [{ ...earlier, text: 'first declared here' }],
      });
      return false;
    }
    this.values.set(name, value);
    this.#locations.set(name, location);
    return true;
  }

  /** Reports a name that nobody declared, with the nearest one that somebody did. */
  reportUnknown(name: string, span: Span, code: DiagnosticCode, report: (finding: Finding) => void): void {
    const near = nearestName(name, this.values.keys());
    report({
      code,
      span,
      message: `unknown ${this.#kind} \`${name}\``,
      help:
        near === undefined
          ? `declare it: \`${this.#kind} ${name} { … }\``
          : `write \`${near}\`, the closest declared ${this.#kind}`,
    });
  }
}
