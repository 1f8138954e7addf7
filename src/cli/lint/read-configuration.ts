import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { nearestName } from '../../files/nearest.ts';
import { quote } from '../../files/quote.ts';
import { listShippedNames } from '../../files/shipped-policies.ts';
import {
  catalogueName,
  defaultConfiguration,
  type LintConfiguration,
  type LintRule,
  type LintSettings,
  type LintTarget,
  rules as ownRules,
  type PresetName,
  parseTarget,
  presetNames,
  type RuleLevel,
  type RuleUsage,
} from '../../lint.ts';
import { escapePointer, type JsonFile, readJsonFile } from '../read-json-file.ts';
import { UsageError } from '../usage-error.ts';
import {
  type ConfigurationFile,
  configurationSchema,
  type DirectoryFile,
  directorySchema,
  type RuleSetting,
} from './configuration-schema.ts';
import { loadPlugin } from './load-plugins.ts';

export const configurationName = 'postern.lint.json';

/** What the command line says beside, or in place of, the configuration file. */
export interface ConfigurationOptions {
  /** A file to take, wherever it lies. */
  readonly config?: string;
  /** False: no plugin may be loaded. */
  readonly plugins: boolean;
  readonly preset?: string;
  readonly target?: string;
  readonly mode?: string;
}

export interface ReadConfiguration {
  readonly configuration: LintConfiguration;
  /** Those that come with postern, and those of plugins. */
  readonly rules: readonly LintRule[];
  /** Of plugins alone. */
  readonly ownRules: readonly LintRule[];
}

export interface ConfigurationPlace {
  /** Where to look for the file: here, then folder by folder upwards. */
  readonly from: string;
  /** The policy root, which names of files are relative to. */
  readonly root: string;
  readonly usage?: RuleUsage | undefined;
}

/**
 * The configuration of a run: the nearest file upwards from the policies, or the one that is named, or none; with the
 * command line laid over it.
 *
 * @throws {UsageError | FileError}
 */
export async function readConfiguration(
  options: ConfigurationOptions,
  { from, root, usage }: ConfigurationPlace,
): Promise<ReadConfiguration> {
  const path = options.config === undefined ? findUpwards(from) : resolve(options.config);
  const shown = path === undefined ? '' : shownPath(path);
  const file: JsonFile<ConfigurationFile> | undefined =
    path === undefined ? undefined : readJsonFile(shown, 'configuration', configurationSchema);
  const folder = path === undefined ? process.cwd() : dirname(path);
  const plugged = file === undefined ? [] : await loadPlugins(file, folder, options.plugins);
  const rules = [...ownRules, ...plugged];
  if (file !== undefined) checkRuleIds(file, rules);
  const value = file?.value ?? {};
  return {
    rules,
    ownRules: plugged,
    configuration: {
      presets: readPresets(options.preset) ?? value.extends ?? defaultConfiguration.presets,
      levels: new Map(Object.entries(value.rules ?? {}).map(([id, setting]) => [id, levelOf(setting)])),
      overrides: (value.overrides ?? []).map((override) => ({
        files: override.files,
        levels: new Map(Object.entries(override.rules)),
      })),
      ignore: value.ignore ?? [],
      settings: buildSettings(value, options, folder, usage),
      globNameOf: (name) => relative(folder, join(root, name)).split(sep).join('/'),
    },
  };
}

function findUpwards(from: string): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const path = join(folder, configurationName);
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) return undefined;
  }
}

/** As people would name it from here. */
function shownPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}

async function loadPlugins(
  { value: { plugins = [] }, fault }: JsonFile<ConfigurationFile>,
  folder: string,
  isAllowed: boolean,
): Promise<readonly LintRule[]> {
  if (plugins.length > 0 && !isAllowed) {
    const message =
      'names code to run, which `--no-plugins` forbids: name a configuration without, by `--config`';
    throw fault('/plugins', message);
  }
  const rules: LintRule[] = [];
  for (const [i, specifier] of plugins.entries()) {
    const at = (message: string): UsageError => fault(`/plugins/${i}`, message);
    for (const rule of await loadPlugin(specifier, folder, at)) {
      if (rules.some(({ id }) => id === rule.id)) throw at(`two plugins have a rule ${quote(rule.id)}`);
      rules.push(rule);
    }
  }
  return rules;
}

/** @throws {UsageError} with a line for each unknown id */
function checkRuleIds({ value, fault }: JsonFile<ConfigurationFile>, rules: readonly LintRule[]): void {
  const ids = rules.map(({ id }) => id);
  const check = (pointer: string, settings: object = {}): string[] =>
    Object.keys(settings)
      .filter((id) => !ids.includes(id))
      .map((id) => fault(`${pointer}/${escapePointer(id)}`, describeUnknownRule(id, ids)).message);
  const faults = [
    ...check('/rules', value.rules),
    ...(value.overrides ?? []).flatMap((override, i) => check(`/overrides/${i}/rules`, override.rules)),
  ];
  if (faults.length > 0) throw new UsageError(faults.join('\npostern: '));
}

export function describeUnknownRule(id: string, ids: readonly string[]): string {
  const near = nearestName(id, ids);
  const hint = near === undefined ? 'see `postern lint --rules`' : `did you mean ${quote(near)}`;
  return `unknown rule ${quote(id)}: ${hint}`;
}

function readPresets(text: string | undefined): readonly PresetName[] | undefined {
  return text?.split(',').map((word) => {
    const preset = presetNames.find((name) => name === word);
    if (preset !== undefined) return preset;
    throw new UsageError(`unknown preset ${quote(word)}: presets are ${presetNames.join(', ')}`);
  });
}

function levelOf(setting: RuleSetting): RuleLevel {
  return typeof setting === 'string' ? setting : setting[0];
}

function buildSettings(
  file: ConfigurationFile,
  options: ConfigurationOptions,
  folder: string,
  usage: RuleUsage | undefined,
): LintSettings {
  const target = readTarget(options.target ?? file.target);
  const mode = options.mode ?? file.mode;
  const directory = file.directory === undefined ? undefined : readDirectory(resolve(folder, file.directory));
  return {
    exports: file.exports ?? [],
    options: optionsOf(file.rules ?? {}),
    ...(target === undefined ? {} : { target }),
    ...(mode === undefined ? {} : { mode }),
    ...(directory === undefined ? {} : { directory }),
    ...(usage === undefined ? {} : { usage }),
  };
}

/** Of a version that has no catalogue nothing could be said. */
function readTarget(text: string | undefined): LintTarget | undefined {
  if (text === undefined) return undefined;
  const target = parseTarget(text);
  if (target !== undefined && listShippedNames().includes(catalogueName(target))) return target;
  throw new UsageError(`unknown target ${quote(text)}: write \`dcos\`, \`dcos@2.2\` or \`mesos\``);
}

function optionsOf(rules: Readonly<Record<string, RuleSetting>>): LintSettings['options'] {
  const options = Object.entries(rules).flatMap(([id, setting]) =>
    typeof setting !== 'string' && setting[1] !== undefined ? [[id, setting[1]] as const] : [],
  );
  return new Map(options);
}

function readDirectory(path: string): NonNullable<LintSettings['directory']> {
  const { value } = readJsonFile<DirectoryFile>(shownPath(path), 'directory', directorySchema);
  return { subjects: new Set(value.subjects), groups: new Set(value.groups) };
}
