import type { Command } from 'commander';
import { Option } from 'commander';
import { quote } from '../files/quote.ts';
import type { CommandContext } from './command-context.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { importStarter, type StarterFormat, starterFormats } from './init/import-starter.ts';
import { starterFiles } from './init/starter-files.ts';
import { writeFolder } from './init/write-folder.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

interface InitOptions {
  readonly from?: string;
  readonly inputFormat?: StarterFormat;
}

const help = `
What is made: policies/ with a policy and its tests, postern.lint.json, a README, and package.json with scripts, which is left
out where there is one. Nothing is overwritten: if a file is in the way, it is named and nothing is written.

Examples:
  postern init
  postern init access
  postern init access --from grants.sh
  postern init access --from acls.json --input-format mesos`;

export function addInitCommand(program: Command, context: CommandContext): void {
  program
    .command('init')
    .summary('make a folder of policies to start from')
    .description('Make a folder of policies to start from: it lints, tests and formats at once.')
    .argument('[FOLDER]', 'where; made if it does not exist', '.')
    .option('--from <file>', 'grants of DC/OS or ACLs of Mesos to begin with; - is standard input')
    .addOption(
      new Option(
        '--input-format <format>',
        'what the file of --from holds (default: told from its text)',
      ).choices(starterFormats),
    )
    .addHelpText('after', help + exitCodesHelp)
    .action(async (folder: string, options: InitOptions) => {
      context.exitCode = init(folder, options, context.terminal);
    });
}

function init(folder: string, { from, inputFormat }: InitOptions, terminal: Terminal): ExitCode {
  if (inputFormat !== undefined && from === undefined)
    throw new UsageError('--input-format goes with --from: name the file to import');
  const imported = from === undefined ? undefined : importStarter(from, inputFormat, terminal);
  if (imported !== undefined && imported.text === undefined) return imported.exitCode;
  const result = writeFolder(folder, starterFiles(imported?.text));
  if (!result.ok) {
    for (const path of result.inTheWay) terminal.talk(`postern: ${quote(path)} exists already`);
    terminal.talk('postern: nothing is written: name another folder, or move these files away');
    return exitCodes.usage;
  }
  for (const path of result.written) terminal.talk(`  ${path}`);
  const place = folder === '.' ? '' : `cd ${folder} && `;
  terminal.talk(`postern: ready; next: ${place}postern lint && postern test && postern fmt --check`);
  return imported?.exitCode ?? exitCodes.yes;
}
