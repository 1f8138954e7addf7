import type { Severity } from '../diagnostics/diagnostic.ts';
import type { LintRule, PresetName } from './rule.ts';

export const presetNames: readonly PresetName[] = ['recommended', 'strict', 'dcos', 'mesos'];

/** As what a preset has a rule; undefined if it leaves it alone. `strict` has all of `recommended`, and more. */
export function severityInPreset(rule: LintRule, preset: PresetName): Severity | undefined {
  const own = rule.presets[preset];
  return own === undefined && preset === 'strict' ? rule.presets.recommended : own;
}

const severities: readonly Severity[] = ['info', 'warning', 'error'];

/** What a rule reports as in the preset that takes it most seriously; a warning if it is in none. */
export function strictestLevel(rule: LintRule): Severity {
  const found = presetNames.map((preset) => severityInPreset(rule, preset));
  return severities.findLast((severity) => found.includes(severity)) ?? 'warning';
}
