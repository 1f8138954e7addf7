import type { Importer } from '../source/importer.ts';
import type { Source } from '../source/source.ts';
import { defaultConfiguration, type RuleLevel } from './configuration.ts';
import type { LintReport } from './lint.ts';
import { lintSources } from './lint-sources.ts';
import { strictestLevel } from './presets.ts';
import { rules as allRules } from './registry.ts';
import { renderPretty } from './report/pretty.ts';
import type { LintRule } from './rule.ts';
import { type LintSettings, parseTarget } from './settings.ts';

/** What the first line of a fixture may set: `# settings: {"target":"dcos@2.2","mode":"strict"}`. */
interface FixtureSettings {
  readonly target?: string;
  readonly mode?: string;
  readonly exports?: LintSettings['exports'];
  readonly directory?: { readonly subjects: readonly string[]; readonly groups: readonly string[] };
  readonly usage?: { readonly days: number; readonly used: readonly string[] };
  /** Keys of rules that tests decide by. */
  readonly coverage?: readonly string[];
  /** Of the rule of the fixture. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly today?: string;
}

export interface FixtureResult {
  /** With the findings of the rule alone. */
  readonly report: LintReport;
  /** As `.expected` has it. */
  readonly text: string;
}

/**
 * One rule, alone and at its strictest, over the files of a fixture. A rule about suppressions is run beside all others,
 * since it speaks of what they find.
 *
 * @param sources  the settings stand in the first line of the first one
 * @throws {SyntaxError} if they are no JSON
 */
export function lintFixture(rule: LintRule, sources: readonly Source[], importer: Importer): FixtureResult {
  const settings = readSettings(sources[0]?.text ?? '');
  const rules = allRules.includes(rule) ? allRules : [...allRules, rule];
  const level = (other: LintRule): RuleLevel =>
    other === rule || rule.check?.of === 'suppressions' ? strictestLevel(other) : 'off';
  const whole = lintSources(sources, {
    importer,
    rules,
    configuration: {
      ...defaultConfiguration,
      levels: new Map(rules.map((other) => [other.id, level(other)])),
      settings: buildSettings(rule, settings),
    },
    today: settings.today ?? '2026-01-01',
  });
  const report = { ...whole, findings: whole.findings.filter((finding) => finding.rule === rule.id) };
  return { report, text: renderPretty(report.findings, report.textOf) };
}

function readSettings(text: string): FixtureSettings {
  const match = /^# settings: (.*)/.exec(text);
  return match === null ? {} : (JSON.parse(match[1]!) as FixtureSettings);
}

function buildSettings(rule: LintRule, settings: FixtureSettings): LintSettings {
  const { mode, exports = [], directory, usage, coverage, options } = settings;
  const target = parseTarget(settings.target ?? '');
  return {
    exports,
    options: new Map(options === undefined ? [] : [[rule.id, options]]),
    ...(target === undefined ? {} : { target }),
    ...(mode === undefined ? {} : { mode }),
    ...(directory === undefined
      ? {}
      : { directory: { subjects: new Set(directory.subjects), groups: new Set(directory.groups) } }),
    ...(coverage === undefined ? {} : { testCoverage: new Set(coverage) }),
    ...(usage === undefined ? {} : { usage: { days: usage.days, used: new Set(usage.used) } }),
  };
}
