import type { DiagnosticCode } from '../diagnostics/codes.ts';
import { NearNameSearch } from '../diagnostics/near-name-search.ts';
import { buildLineStarts, lineColumnAt, type Source } from '../source/source.ts';
import type { Location, Span } from '../source/span.ts';
import type { Finding, Reporter } from './reporter.ts';

/** What is needed to speak of places in one file; it does not hold on to the file's tree. */
export interface FileScope {
  readonly file: string;
  readonly report: (finding: Finding) => void;
  readonly locate: (span: Span) => Location;
  /** 1-based. */
  readonly lineOf: (span: Span) => number;
}

export function buildFileScope({ file, text }: Source, reporter: Reporter): FileScope {
  // Plain rules bring their lines with them: a file that has nothing else is not searched for line breaks.
  let lineStarts: Int32Array | undefined;
  return {
    file,
    report: (finding) => reporter.error(file, finding),
    locate: (span) => ({ file, span }),
    lineOf: (span) => {
      lineStarts ??= buildLineStarts(text);
      return lineColumnAt(lineStarts, span.start).line;
    },
  };
}

/** Names of one kind over the whole policy set: each is declared once (S60). */
export class Declarations<T> {
  readonly values = new Map<string, T>();
  readonly #locations = new Map<string, Location>();
  readonly #kind: string;
  /** The nearest name of each unknown one: a million rules may name the same few. */
  readonly #nearest = new Map<string, string | undefined>();
  readonly #search = new NearNameSearch();

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
    this.#nearest.clear();
    return true;
  }

  /** Reports a name that nobody declared, with the nearest one that somebody did. */
  reportUnknown(name: string, span: Span, code: DiagnosticCode, report: (finding: Finding) => void): void {
    if (!this.#nearest.has(name)) {
      this.#nearest.set(name, this.#search.find(name, this.values.keys(), this.values.size));
    }
    const near = this.#nearest.get(name);
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
