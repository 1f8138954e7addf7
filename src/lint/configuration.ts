import micromatch from 'micromatch';
import type { Severity } from '../diagnostics/diagnostic.ts';
import { severityInPreset } from './presets.ts';
import type { LintRule, PresetName } from './rule.ts';
import type { LintSettings } from './settings.ts';

export type RuleLevel = 'off' | Severity;

/** What a run is told: a configuration file, checked, with the command line laid over it. */
export interface LintConfiguration {
  /** A later one wins over an earlier one. */
  readonly presets: readonly PresetName[];
  /** By rule id; wins over presets. */
  readonly levels: ReadonlyMap<string, RuleLevel>;
  /** In order, a later one wins; all win over `levels`. */
  readonly overrides: readonly LevelOverride[];
  /** Globs of files that are read, since others may need what they declare, and in which nothing is found but errors. */
  readonly ignore: readonly string[];
  readonly settings: LintSettings;
  /** The name that globs see for a file of the policy set; they are relative to the folder of the configuration. */
  readonly globNameOf: (file: string) => string;
}

export interface LevelOverride {
  readonly files: readonly string[];
  readonly levels: ReadonlyMap<string, RuleLevel>;
}

export const noSettings: LintSettings = { exports: [], options: new Map() };

export const defaultConfiguration: LintConfiguration = {
  presets: ['recommended'],
  levels: new Map(),
  overrides: [],
  ignore: [],
  settings: noSettings,
  globNameOf: (file) => file,
};

/** As what a rule reports in a file. Globs are matched once for each file. */
export class Levels {
  readonly #configuration: LintConfiguration;
  readonly #general = new Map<LintRule, RuleLevel>();
  readonly #overrides: readonly {
    readonly matches: (name: string) => boolean;
    readonly levels: LevelOverride['levels'];
  }[];
  readonly #overridesOfFile = new Map<string, readonly LevelOverride['levels'][]>();
  readonly #isIgnored: (name: string) => boolean;

  constructor(configuration: LintConfiguration) {
    this.#configuration = configuration;
    this.#overrides = configuration.overrides.map(({ files, levels }) => ({
      matches: matcherOf(files),
      levels,
    }));
    this.#isIgnored = matcherOf(configuration.ignore);
  }

  of(rule: LintRule, file: string): RuleLevel {
    const ofFile = this.#levelsOfFile(file);
    for (let i = ofFile.length - 1; i >= 0; i--) {
      const level = ofFile[i]!.get(rule.id);
      if (level !== undefined) return level;
    }
    return this.#generalOf(rule);
  }

  /** Whether a rule may report anything anywhere. */
  isOn(rule: LintRule): boolean {
    if (this.#generalOf(rule) !== 'off') return true;
    return this.#configuration.overrides.some(({ levels }) => (levels.get(rule.id) ?? 'off') !== 'off');
  }

  isIgnored(file: string): boolean {
    return this.#isIgnored(this.#configuration.globNameOf(file));
  }

  #generalOf(rule: LintRule): RuleLevel {
    const known = this.#general.get(rule);
    if (known !== undefined) return known;
    const { levels, presets } = this.#configuration;
    const level = levels.get(rule.id) ?? levelInPresets(rule, presets);
    this.#general.set(rule, level);
    return level;
  }

  #levelsOfFile(file: string): readonly LevelOverride['levels'][] {
    if (this.#overrides.length === 0) return [];
    const known = this.#overridesOfFile.get(file);
    if (known !== undefined) return known;
    const name = this.#configuration.globNameOf(file);
    const found = this.#overrides.filter(({ matches }) => matches(name)).map(({ levels }) => levels);
    this.#overridesOfFile.set(file, found);
    return found;
  }
}

function levelInPresets(rule: LintRule, presets: readonly PresetName[]): RuleLevel {
  return (
    presets.map((preset) => severityInPreset(rule, preset)).findLast((level) => level !== undefined) ?? 'off'
  );
}

/** Names that begin with a dot are names like any other: what was given to the linter was meant. */
function matcherOf(globs: readonly string[]): (name: string) => boolean {
  if (globs.length === 0) return () => false;
  const matchers = globs.map((glob) => micromatch.matcher(glob, { dot: true }));
  return (name) => matchers.some((matches) => matches(name));
}
