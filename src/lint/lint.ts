import type { Effort } from '../analysis/effort.ts';
import { PolicyAnalysis } from '../analysis/policy-analysis.ts';
import type { DiagnosticCode } from '../diagnostics/codes.ts';
import type { Diagnostic, Fix } from '../diagnostics/diagnostic.ts';
import { Locator, type TextOf } from '../diagnostics/locate.ts';
import { nearestName } from '../diagnostics/nearest.ts';
import type { Model } from '../model/model.ts';
import type { SyntaxTree } from '../syntax/ast.ts';
import type { LintConfiguration } from './configuration.ts';
import { Levels } from './configuration.ts';
import { effortOfQuestions } from './effort.ts';
import { type ProveOptions, proveFixes } from './fixes/prove-fixes.ts';
import type { Finding, LintRule, PolicyContext, Reported, TreeContext } from './rule.ts';
import { TreeRuleSources } from './rule-sources.ts';
import type { LintSettings } from './settings.ts';
import {
  type NamedRule,
  readSuppressions,
  type Suppression,
  SuppressionLedger,
  type WhyUnused,
} from './suppressions.ts';

export interface LintInput {
  /** Of every file that was given or imported by a path. */
  readonly trees: readonly SyntaxTree[];
  /** Complete only if no diagnostic is an error. */
  readonly model: Model;
  readonly diagnostics: readonly Diagnostic[];
  /** Of all files that diagnostics name. */
  readonly textOf: TextOf;
  readonly rules: readonly LintRule[];
  readonly configuration: LintConfiguration;
  /** `YYYY-MM-DD`: suppressions end by it. */
  readonly today: string;
  /** The same set with other texts in some of its files; undefined if it has an error then. */
  readonly rebuild: (texts: ReadonlyMap<string, string>) => Model | undefined;
  readonly compare: ProveOptions['compare'];
  /** What all comparisons together may cost. */
  readonly effort: Effort;
  /** Called before each rule that is asked about the whole policy set. */
  readonly onRule?: ((rule: string) => void) | undefined;
}

export interface SuppressedFinding {
  /** Without a fix: nobody has proved it, and nobody wants it. */
  readonly finding: Finding;
  readonly by: Suppression;
}

export interface LintReport {
  /** By file, place and rule. */
  readonly findings: readonly Finding[];
  readonly suppressed: readonly SuppressedFinding[];
  /** The policy set does not load. */
  readonly hasErrors: boolean;
  /** Rules that were not run for that reason. */
  readonly notRun: readonly string[];
  /** Those that were linted: neither shipped nor ignored. */
  readonly files: readonly string[];
  /** Rules of the policy set. */
  readonly policyRules: number;
  /** Modes that the policy set names, and the catalogue of the target. */
  readonly modes: readonly string[];
  /** The lint rules that there are. */
  readonly rules: readonly LintRule[];
  readonly textOf: TextOf;
}

/** The rule that shows a numbered error which no other rule owns. */
const ownerOfTheRest = 'syntax';

/**
 * What rules find in a policy set. With an error in the set its meaning is not known: only rules of single files are run
 * then, on those that parse. Pure: same input, same report.
 */
export function lint(input: LintInput): LintReport {
  return new Run(input).run();
}

class Run {
  readonly #input: LintInput;
  readonly #levels: Levels;
  readonly #settings: LintSettings;
  readonly #linted: readonly SyntaxTree[];
  readonly #hasError: boolean;
  readonly #locator: Locator;
  readonly #findings: Finding[] = [];
  readonly #suppressed: SuppressedFinding[] = [];
  readonly #ledger: SuppressionLedger;

  constructor(input: LintInput) {
    const { configuration, trees, diagnostics, model, today } = input;
    this.#input = input;
    this.#levels = new Levels(configuration);
    this.#linted = trees.filter(({ file }) => !this.#levels.isIgnored(file));
    this.#hasError = diagnostics.some(({ severity }) => severity === 'error');
    const mode = configuration.settings.mode ?? model.mode;
    this.#settings = { ...configuration.settings, ...(mode === undefined ? {} : { mode }) };
    this.#locator = new Locator(input.textOf);
    this.#ledger = new SuppressionLedger(this.#linted.flatMap(readSuppressions), today);
  }

  run(): LintReport {
    const { rules, textOf, model } = this.#input;
    this.#addDiagnostics();
    const asked = rules.filter((rule) => this.#levels.isOn(rule));
    for (const rule of asked) if (rule.check?.of === 'tree') this.#askOfTrees(rule, rule.check.run);
    const ofPolicy = asked.filter(({ check }) => check?.of === 'policy');
    if (!this.#hasError) this.#askOfPolicy(ofPolicy);
    this.#askOfSuppressions(asked);
    return {
      findings: this.#withProvedFixes().sort(compareFindings),
      suppressed: this.#suppressed,
      hasErrors: this.#hasError,
      notRun: this.#hasError ? ofPolicy.map(({ id }) => id) : [],
      files: this.#linted.map(({ file }) => file),
      policyRules: model.rules.length,
      modes: model.modes,
      rules,
      textOf,
    };
  }

  /** Errors are shown whatever the configuration says, in files that are ignored too: with them nothing loads. */
  #addDiagnostics(): void {
    const owners = new Map<DiagnosticCode, string>();
    for (const { id, codes = [] } of this.#input.rules) for (const code of codes) owners.set(code, id);
    for (const { pointer: _, ...diagnostic } of this.#input.diagnostics)
      this.#findings.push({ ...diagnostic, rule: owners.get(diagnostic.code) ?? ownerOfTheRest });
  }

  #askOfTrees(rule: LintRule, run: (context: TreeContext) => void): void {
    const settings = this.#settings;
    const unparsed = filesThatDoNotParse(this.#input.diagnostics);
    for (const tree of this.#linted) {
      const { file } = tree;
      if (unparsed.has(file) || this.#levels.of(rule, file) === 'off') continue;
      run({ tree, settings, report: (finding) => this.#add(rule, { file, ...finding }) });
    }
  }

  #askOfPolicy(rules: readonly LintRule[]): void {
    if (rules.length === 0) return;
    const { trees, model, onRule } = this.#input;
    const settings = this.#settings;
    const sources = new TreeRuleSources(trees, model);
    const lintedFiles = new Set(this.#linted.map(({ file }) => file));
    let analysis: PolicyAnalysis | undefined;
    for (const rule of rules) {
      if (rule.check?.of !== 'policy') continue;
      onRule?.(rule.id);
      const context: PolicyContext = {
        trees,
        model,
        sources,
        settings,
        get analysis() {
          analysis ??= new PolicyAnalysis(model, effortOfQuestions(model));
          return analysis;
        },
        report: (finding) => {
          if (lintedFiles.has(finding.file)) this.#add(rule, finding);
        },
      };
      rule.check.run(context);
    }
  }

  /** These come last, and what they find cannot itself be suppressed. */
  #askOfSuppressions(asked: readonly LintRule[]): void {
    const suppressions = this.#ledger.summarize((named, file) => this.#judgeUnused(named, file));
    if (suppressions.length === 0) return;
    for (const rule of asked) {
      if (rule.check?.of !== 'suppressions') continue;
      const report = (finding: Reported): void => {
        const level = this.#levels.of(rule, finding.file);
        if (level !== 'off') this.#findings.push({ ...finding, rule: rule.id, severity: level });
      };
      rule.check.run({ suppressions, settings: this.#settings, report });
    }
  }

  /** A rule that was not run on the file might have found something. */
  #judgeUnused({ id }: NamedRule, file: string): WhyUnused | undefined {
    const { rules } = this.#input;
    const rule = rules.find((known) => known.id === id);
    if (rule === undefined) {
      const ids = rules.map((known) => known.id);
      return { why: 'unknown', nearest: nearestName(id, ids) };
    }
    if (rule.check === undefined) return { why: 'error' };
    if (this.#hasError || this.#levels.of(rule, file) === 'off') return undefined;
    return { why: 'nothing-found' };
  }

  #add(rule: LintRule, reported: Reported): void {
    const level = this.#levels.of(rule, reported.file);
    if (level === 'off') return;
    const finding: Finding = { ...reported, rule: rule.id, severity: level };
    const by = this.#suppressionOf(finding);
    if (by === undefined) this.#findings.push(finding);
    else this.#suppressed.push({ finding: withoutFix(finding), by });
  }

  #suppressionOf({ file, span, rule }: Finding): Suppression | undefined {
    if (this.#ledger.isEmpty) return undefined;
    return this.#ledger.find(file, rule, this.#locator.place(file, span.start).line);
  }

  /** A fix that its rule calls safe is offered as such only if it has been proved. */
  #withProvedFixes(): Finding[] {
    const safe = this.#findings.filter(hasFix).filter(({ fix }) => fix.safety === 'safe');
    if (safe.length === 0) return this.#findings;
    const { model, textOf, rebuild, compare, effort } = this.#input;
    const proved = this.#hasError
      ? new Set<FixableFinding>()
      : proveFixes(safe, { before: model, textOf, rebuild, compare, effort });
    const unproved = new Set<Finding>(safe.filter((finding) => !proved.has(finding)));
    return this.#findings.map((finding) =>
      hasFix(finding) && unproved.has(finding)
        ? { ...finding, fix: { ...finding.fix, safety: 'review' } }
        : finding,
    );
  }
}

export type FixableFinding = Finding & { readonly fix: Fix };

export function hasFix(finding: Finding): finding is FixableFinding {
  return finding.fix !== undefined;
}

function withoutFix({ fix: _, ...finding }: Finding): Finding {
  return finding;
}

/** Those with a mistake in their text or beyond a limit; an import that leads nowhere is none. */
function filesThatDoNotParse(diagnostics: readonly Diagnostic[]): Set<string> {
  return new Set(diagnostics.filter(({ code }) => /^P[03]/.test(code)).map(({ file }) => file));
}

function compareFindings(a: Finding, b: Finding): number {
  return (
    compareText(a.file, b.file) ||
    a.span.start - b.span.start ||
    a.span.end - b.span.end ||
    compareText(a.rule, b.rule)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
