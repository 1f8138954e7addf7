import type { Severity } from '../../diagnostics/diagnostic.ts';
import { Locator } from '../../diagnostics/locate.ts';
import { renderSarifRun } from '../../diagnostics/render-sarif-run.ts';
import type { Location } from '../../source/span.ts';
import { fingerprintOf, linesOfFindings } from '../finding-lines.ts';
import type { LintReport } from '../lint.ts';
import { strictestLevel } from '../presets.ts';
import type { Finding, LintRule } from '../rule.ts';
import { describeProof } from './proof.ts';
import { helpUriOf, type RenderReport } from './report-context.ts';

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

/** SARIF 2.1.0 (OASIS), one run. Suppressed findings are in it as such. */
export const renderSarif: RenderReport = (report, { version, pathOf }) => {
  const run = {
    version,
    rules: report.rules.map((rule) => describeRule(rule, version)),
    results: new ResultBuilder(report, pathOf).build(),
  };
  return renderSarifRun(run, {
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { SRCROOT: { description: { text: 'the folder that the linter was run in' } } },
  });
};

function describeRule(rule: LintRule, version: string): object {
  const { id, summary, category } = rule;
  return {
    id,
    shortDescription: { text: summary },
    helpUri: helpUriOf(id, version),
    help: { text: `postern lint --explain ${id}` },
    defaultConfiguration: {
      level: levels[strictestLevel(rule)],
      enabled: rule.presets.recommended !== undefined,
    },
    properties: { tags: [category, ...(rule.isProved ? ['proved'] : [])] },
  };
}

class ResultBuilder {
  readonly #report: LintReport;
  readonly #locator: Locator;
  readonly #pathOf: (file: string) => string;
  readonly #ruleIndex: ReadonlyMap<string, number>;

  constructor(report: LintReport, pathOf: (file: string) => string) {
    this.#report = report;
    this.#locator = new Locator(report.textOf);
    this.#pathOf = pathOf;
    this.#ruleIndex = new Map(report.rules.map(({ id }, i) => [id, i]));
  }

  build(): object[] {
    const { findings, suppressed, textOf } = this.#report;
    // Told apart from each other as a whole: a suppressed finding must not change the fingerprint of one that is shown.
    const lines = linesOfFindings(findings, textOf);
    const silenced = suppressed.map(({ finding }) => finding);
    const silencedLines = linesOfFindings(silenced, textOf);
    return [
      ...findings.map((finding, i) => this.#result(finding, fingerprintOf(finding, lines[i]!))),
      ...suppressed.map(({ finding, by: { reason } }, i) => ({
        ...this.#result(finding, fingerprintOf(finding, silencedLines[i]!)),
        suppressions: [{ kind: 'inSource', ...(reason === undefined ? {} : { justification: reason }) }],
      })),
    ];
  }

  #result(finding: Finding, fingerprint: string): object {
    const { rule, severity, related = [], fix } = finding;
    const index = this.#ruleIndex.get(rule);
    return {
      ruleId: rule,
      ...(index === undefined ? {} : { ruleIndex: index }),
      level: levels[severity],
      message: { text: this.#message(finding) },
      locations: [{ physicalLocation: this.#place(finding) }],
      ...(related.length === 0
        ? {}
        : {
            relatedLocations: related.map((other, id) => ({
              id,
              physicalLocation: this.#place(other),
              message: { text: other.text },
            })),
          }),
      partialFingerprints: { 'findingLine/v1': fingerprint },
      ...(fix === undefined ? {} : { fixes: [this.#fix(finding, fix)] }),
    };
  }

  #message({ message, code, help, proof }: Finding): string {
    const proofs =
      proof === undefined ? [] : describeProof(proof, this.#locator).map((line) => `proof: ${line}`);
    const helps = help === undefined ? [] : [`help: ${help}`];
    return [code === undefined ? message : `${code}: ${message}`, ...proofs, ...helps].join('\n');
  }

  #fix({ file, help }: Finding, { safety, edits }: NonNullable<Finding['fix']>): object {
    return {
      description: { text: `${help ?? 'apply the fix'} (${safety})` },
      artifactChanges: [
        {
          artifactLocation: this.#artifact(file),
          replacements: edits.map(({ span, newText }) => ({
            deletedRegion: this.#region({ file, span }),
            ...(newText === '' ? {} : { insertedContent: { text: newText } }),
          })),
        },
      ],
    };
  }

  #place(location: Location): object {
    return { artifactLocation: this.#artifact(location.file), region: this.#region(location) };
  }

  #artifact(file: string): object {
    const uri = this.#pathOf(file).split('/').map(encodeURIComponent).join('/');
    return { uri, uriBaseId: 'SRCROOT' };
  }

  #region({ file, span }: Location): object {
    const start = this.#locator.place(file, span.start);
    const end = this.#locator.place(file, span.end);
    return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
  }
}
