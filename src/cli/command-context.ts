import { type Command, Option } from 'commander';
import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** What a command is given, and where it leaves its exit code. */
export interface CommandContext {
  readonly terminal: Terminal;
  exitCode: ExitCode;
}

export type Format = 'text' | 'json';

/** Options of every command that reads policies. */
export interface PolicyOptions {
  readonly policy: readonly string[];
  readonly root?: string;
  readonly mode?: string;
}

export function addPolicyOptions(command: Command): Command {
  return command
    .requiredOption('-p, --policy <policy...>', 'files, folders, globs of policies, or one image; may repeat')
    .option('--mode <mode>', 'decide in this mode, whatever the policies say')
    .addOption(rootOption());
}

export function rootOption(): Option {
  return new Option(
    '--root <folder>',
    'policy root: imports may not leave it (default: the current folder, or the nearest that holds all files)',
  );
}

export function formatOption(byDefault: Format): Option {
  return new Option('--format <format>', 'how results are written')
    .choices(['text', 'json'])
    .default(byDefault);
}
