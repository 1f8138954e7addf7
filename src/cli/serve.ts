import { type Command, Option } from 'commander';
import { PolicyError, renderText } from '../index.ts';
import { completeConfig } from '../service/config/complete-config.ts';
import type { ServiceConfig } from '../service/config/config.ts';
import { configSchema } from '../service/config/config-schema.ts';
import { printConfig } from '../service/config/print-config.ts';
import {
  type PartialConfig,
  put,
  readEnvironment,
  readText,
  type Setting,
  settings,
} from '../service/config/settings.ts';
import { operateService } from '../service/operation/operate-service.ts';
import { followSignals } from '../service/operation/signals.ts';
import { storeSchema } from '../service/store/config.ts';
import type { CommandContext } from './command-context.ts';
import { exitCodes, exitCodesHelp } from './exit-codes.ts';
import { readJsonFile } from './read-json-file.ts';
import type { Terminal } from './terminal.ts';

const help = `
Every option is also a key of the configuration file and a variable of the environment; the command line comes before
the environment, and that before the file:
  --token-key-file key.pem        {"token": {"keyFile": "key.pem"}}        POSTERN_TOKEN_KEY_FILE=key.pem
Lists are separated by commas. Half a configuration does not start.

Examples:
  postern serve --no-auth -p policies/
  postern serve --token-key-file iam.pem --token-subject-claim uid -p prod.pimg
  postern serve --config postern.service.json
  postern serve --no-auth --store postern.db -p policies/
  postern serve --config postern.service.json --print-config`;

interface ServeOptions {
  readonly config?: string;
  readonly printConfig?: true;
}

export function addServeCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('serve')
    .summary('answer requests over HTTP')
    .description('Answer requests over HTTP, until it is told to stop.');
  for (const setting of settings) command.addOption(optionOf(setting));
  command
    .option('--config <file>', 'a JSON file with settings')
    .option('--print-config', 'print the whole configuration, without secrets, and end')
    .addHelpText('after', help + exitCodesHelp)
    .action(async (options: ServeOptions) => {
      const config = readConfig(options, command);
      if (options.printConfig) await context.terminal.write(printConfig(config));
      else if (!(await serve(config, context.terminal))) context.exitCode = exitCodes.unreadable;
    });
}

// ---------------------------------------------------------------- configuration

function optionOf(setting: Setting): Option {
  const option = new Option(flagsOf(setting), describe(setting)).helpGroup(groupOf(setting));
  if (setting.type === 'boolean' || setting.name === 'policy') return option;
  if (setting.type !== 'array') return option.argParser((text) => readText(setting, text, setting.flag));
  return option.argParser((text, before: readonly string[] = []) => [...before, ...text.split(',')]);
}

function flagsOf({ flag, type, description, name }: Setting): string {
  // Globs may hold commas: policies come as several words.
  if (name === 'policy') return `-p, ${flag} <policy...>`;
  if (type === 'boolean') return flag;
  if (type === 'array') return `${flag} <a,b>`;
  if (name === 'root') return `${flag} <folder>`;
  return `${flag} <${type === 'string' ? (description.startsWith('the path of') ? 'file' : 'text') : 'number'}>`;
}

function describe({ title, description, byDefault, type }: Setting): string {
  const text = title ?? description.replace(/^(?:the path of|a list of) /, '');
  const isShown = byDefault !== undefined && type !== 'boolean' && !Array.isArray(byDefault);
  return isShown ? `${text} (default: ${String(byDefault)})` : text;
}

const groups: ReadonlyMap<string, string> = new Map([
  ['token', 'Tokens:'],
  ['tls', 'TLS:'],
  ['log', 'Logs:'],
  ['decisionLog', 'Logs:'],
  ['authzen', 'AuthZEN:'],
  ['authRequest', 'Proxies:'],
  ...Object.keys(storeSchema).map((name) => [name, 'Store:'] as const),
  ['iam', 'DC/OS IAM:'],
  ['limits', 'Limits:'],
]);

function groupOf({ keys }: Setting): string {
  return groups.get(keys[0]!) ?? 'Options:';
}

/** @throws {UsageError | FileError | ConfigurationError} */
function readConfig({ config: path }: ServeOptions, command: Command): ServiceConfig {
  const file = path ?? process.env.POSTERN_CONFIG;
  return completeConfig(
    file === undefined ? {} : readJsonFile<PartialConfig>(file, 'configuration', configSchema).value,
    readEnvironment(process.env),
    readFlags(command),
  );
}

/** What the command line says, and not what commander makes of its silence. */
function readFlags(command: Command): PartialConfig {
  const flags: Record<string, unknown> = {};
  for (const setting of settings) {
    const attribute = optionOf(setting).attributeName();
    if (command.getOptionValueSource(attribute) === 'cli')
      put(flags, setting, command.getOptionValue(attribute) as unknown);
  }
  return flags;
}

// ---------------------------------------------------------------- serving

/** Resolves when the service listens; false if the policies have errors, which have been shown. */
async function serve(config: ServiceConfig, terminal: Terminal): Promise<boolean> {
  try {
    followSignals(await operateService(config));
    return true;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const { diagnostics, textOf } = error;
    terminal.talk(renderText(diagnostics, textOf, { color: terminal.talkHasColor }).trimEnd());
    terminal.talk('postern: no policy is loaded, and nothing is served');
    return false;
  }
}
