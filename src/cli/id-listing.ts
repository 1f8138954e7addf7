import type { Command } from 'commander';
import { type Format, formatOption } from './command-context.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { IdFiles } from './read-ids.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** Options of every command that answers with a list of ids. */
export interface ListingOptions {
  readonly count?: true;
  readonly limit?: string;
  readonly format: Format;
}

export const idFilesHelp = `A FILE has one id a line; - is standard input. An id that comes twice counts once. A malformed one is left out and
told on standard error; the run then ends with 3.`;

export function addListingOptions(command: Command): Command {
  return command
    .option('--count', 'print how many there are, and none of them')
    .option('--limit <number>', 'print the first ones only')
    .addOption(formatOption('text'));
}

/** @throws {UsageError} */
export function readLimitOption(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`--limit takes a whole number, not \`${text}\``);
  return Number(text);
}

/** @throws {UsageError} */
export function checkOneStandardInput(paths: readonly (string | undefined)[]): void {
  if (paths.filter((path) => path === '-').length > 1)
    throw new UsageError('only one list can come from standard input: name a file for the others');
}

/** An answer from incomplete lists is given, and not passed off as complete. */
export function exitCodeAfter(files: IdFiles): ExitCode {
  files.tellBadLines();
  return files.badLines > 0 ? exitCodes.unreadable : exitCodes.yes;
}

/** Ids are written block by block: all of them may be more than one string can hold. */
const idsInBlock = 10_000;

export async function writeLines(lines: readonly string[], terminal: Terminal): Promise<void> {
  for (let i = 0; i < lines.length && !terminal.isClosed; i += idsInBlock)
    await terminal.write(`${lines.slice(i, i + idsInBlock).join('\n')}\n`);
}

/** `["a","b"]` */
export async function writeJsonArray(ids: readonly string[], terminal: Terminal): Promise<void> {
  await terminal.write('[');
  for (let i = 0; i < ids.length && !terminal.isClosed; i += idsInBlock) {
    const block = JSON.stringify(ids.slice(i, i + idsInBlock)).slice(1, -1);
    await terminal.write(i === 0 ? block : `,${block}`);
  }
  await terminal.write(']');
}
