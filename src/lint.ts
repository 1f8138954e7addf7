export { type Baseline, type BaselineEntry, buildBaseline, subtractBaseline } from './lint/baseline.ts';
export {
  defaultConfiguration,
  type LevelOverride,
  type LintConfiguration,
  type RuleLevel,
} from './lint/configuration.ts';
export { type FixOptions, type FixResult, fixAll } from './lint/fixes/fix-all.ts';
export { hasFix, type LintReport, type SuppressedFinding } from './lint/lint.ts';
export { Linter, type LintProgress, type LintSourcesOptions, lintSources } from './lint/lint-sources.ts';
export { presetNames, severityInPreset } from './lint/presets.ts';
export { rules } from './lint/registry.ts';
export { reportFormats } from './lint/report/formats.ts';
export { describeCounts, type RenderReport, type ReportOptions } from './lint/report/report-context.ts';
export {
  defineRule,
  type Finding,
  type LintRule,
  type PolicyContext,
  type PresetName,
  type Proof,
  type Reported,
  type ReportedInFile,
  type SuppressionContext,
  type TreeContext,
  type WitnessRequest,
} from './lint/rule.ts';
export { type FixtureResult, lintFixture } from './lint/rule-fixture.ts';
export type { RuleSource, RuleSources } from './lint/rule-sources.ts';
export {
  catalogueName,
  type LintSettings,
  type LintTarget,
  parseTarget,
  type RuleUsage,
} from './lint/settings.ts';
export type { Suppression, UsedSuppression } from './lint/suppressions.ts';
