import type { Fix } from '../../diagnostics/diagnostic.ts';
import { Locator } from '../../diagnostics/locate.ts';
import type { Location } from '../../source/span.ts';
import { fingerprintOf, linesOfFindings } from '../finding-lines.ts';
import type { Finding, Proof } from '../rule.ts';
import { countBySeverity, type RenderReport } from './report-context.ts';

/** A place as machines read it: lines and columns are 1-based and count UTF-16 units, ends are exclusive. */
interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** One object: counts, findings, what was suppressed and what was not run. */
export const renderLintJson: RenderReport = (report, { pathOf }) => {
  const { findings, suppressed, textOf } = report;
  const builder = new JsonBuilder(new Locator(textOf), pathOf);
  const lines = linesOfFindings(findings, textOf);
  const document = {
    summary: { ...countBySeverity(findings), suppressed: suppressed.length },
    files: report.files.length,
    hasErrors: report.hasErrors,
    notRun: report.notRun,
    findings: findings.map((finding, i) => ({
      ...builder.finding(finding),
      fingerprint: fingerprintOf(finding, lines[i]!),
    })),
    suppressed: suppressed.map(({ finding, by }) => ({
      ...builder.finding(finding),
      suppressedBy: {
        ...builder.place(by),
        ...(by.until === undefined ? {} : { until: by.until }),
        ...(by.reason === undefined ? {} : { reason: by.reason }),
      },
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
};

class JsonBuilder {
  readonly #locator: Locator;
  readonly #pathOf: (file: string) => string;

  constructor(locator: Locator, pathOf: (file: string) => string) {
    this.#locator = locator;
    this.#pathOf = pathOf;
  }

  finding(finding: Finding): object {
    const { rule, code, severity, message, label, help, related = [], fix, proof, file } = finding;
    return {
      rule,
      ...(code === undefined ? {} : { code }),
      severity,
      ...this.place(finding),
      message,
      ...(label === undefined ? {} : { label }),
      ...(help === undefined ? {} : { help }),
      ...(related.length === 0 ? {} : { related: related.map((other) => this.#textAt(other)) }),
      ...(proof === undefined ? {} : { proof: this.#proof(proof) }),
      ...(fix === undefined ? {} : { fix: this.#fix(fix, file) }),
    };
  }

  place({ file, span }: Location): Place {
    const start = this.#locator.place(file, span.start);
    const end = this.#locator.place(file, span.end);
    return {
      file: this.#pathOf(file),
      line: start.line,
      column: start.column,
      endLine: end.line,
      endColumn: end.column,
    };
  }

  #textAt(other: Location & { readonly text: string }): object {
    return { ...this.place(other), text: other.text };
  }

  #proof(proof: Proof): object {
    if (proof.kind === 'witness') return proof;
    return { kind: proof.kind, by: proof.by.map((rule) => this.#textAt(rule)) };
  }

  #fix({ safety, edits }: Fix, file: string): object {
    const places = edits.map(({ span, newText }) => {
      const { line, column, endLine, endColumn } = this.place({ file, span });
      return { line, column, endLine, endColumn, newText };
    });
    return { safety, edits: places };
  }
}
