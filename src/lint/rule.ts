import type { PolicyAnalysis } from '../analysis/policy-analysis.ts';
import type { DiagnosticCode } from '../diagnostics/codes.ts';
import type { Fix, RelatedLocation, Severity } from '../diagnostics/diagnostic.ts';
import type { Model } from '../model/model.ts';
import type { Location, Span } from '../source/span.ts';
import type { SyntaxTree } from '../syntax/ast.ts';
import type { RuleSources } from './rule-sources.ts';
import type { LintSettings } from './settings.ts';
import type { UsedSuppression } from './suppressions.ts';

/** One check of the linter: id = file in `rules/` = page in `docs/rules/` = folder of fixtures = key of the configuration. */
export interface LintRule {
  /** Names the bad thing, kebab-case: "allow shadowed-rule" reads well. */
  readonly id: string;
  /** What it reports, in one line, lower case, no full stop. */
  readonly summary: string;
  readonly category: 'correctness' | 'security' | 'redundancy' | 'style';
  /** In which presets it is on, and as what. A rule in none is off until a configuration turns it on. */
  readonly presets: Readonly<Partial<Record<PresetName, Severity>>>;
  /** Whether findings carry a proof: a witness request, or the rule that covers. */
  readonly isProved?: true;
  /** Numbered errors that are shown under this id, beside what `check` finds. They cannot be turned off. */
  readonly codes?: readonly DiagnosticCode[];
  /**
   * `tree` is asked once for each file that parses, `policy` once for the policy set, and only where that has no error;
   * `suppressions` once, when all others have been.
   */
  readonly check?:
    | { readonly of: 'tree'; readonly run: (context: TreeContext) => void }
    | { readonly of: 'policy'; readonly run: (context: PolicyContext) => void }
    | { readonly of: 'suppressions'; readonly run: (context: SuppressionContext) => void };
}

export type PresetName = 'recommended' | 'strict' | 'dcos' | 'mesos';

export interface TreeContext {
  readonly tree: SyntaxTree;
  readonly settings: LintSettings;
  readonly report: (finding: ReportedInFile) => void;
}

export interface PolicyContext {
  /** Of every file of the set that was given or imported by a path; shipped policies are in the model alone. */
  readonly trees: readonly SyntaxTree[];
  readonly model: Model;
  /** Where the rules of the model stand in the trees, and what of a tree a fix may take away. */
  readonly sources: RuleSources;
  readonly analysis: PolicyAnalysis;
  readonly settings: LintSettings;
  /** A finding in a file that is not among `trees`, a shipped one, is dropped. */
  readonly report: (finding: Reported) => void;
}

export interface SuppressionContext {
  /** In source order, file by file. */
  readonly suppressions: readonly UsedSuppression[];
  readonly settings: LintSettings;
  readonly report: (finding: Reported) => void;
}

/** A finding as a rule reports it; the linter adds id and severity. */
export interface Reported extends Location {
  readonly message: string;
  /** Short text printed beside the underline. */
  readonly label?: string;
  readonly related?: readonly RelatedLocation[];
  readonly help?: string;
  /** All edits are in the file of the finding. A fix said to be safe is proved before it is offered as such. */
  readonly fix?: Fix;
  readonly proof?: Proof;
}

export interface ReportedInFile extends Omit<Reported, 'file'> {
  readonly span: Span;
}

/** Evidence that a machine can check. */
export type Proof =
  /** A request and what is decided about it: `text` says what it shows. */
  | { readonly kind: 'witness'; readonly request: WitnessRequest; readonly text: string }
  /** The rules that decide whatever the rule of the finding could. */
  | { readonly kind: 'covered'; readonly by: readonly RelatedLocation[] };

/** A request as data, as `decide` takes it. */
export interface WitnessRequest {
  readonly subject?: string;
  readonly action: string;
  readonly resource?: string;
  readonly groups?: readonly string[];
  readonly context?: unknown;
  readonly attributes?: unknown;
  readonly mode?: string;
}

export interface Finding extends Reported {
  /** Id of the lint rule. */
  readonly rule: string;
  /** Of a numbered error. */
  readonly code?: DiagnosticCode;
  readonly severity: Severity;
}

export function defineRule(rule: LintRule): LintRule {
  return rule;
}
