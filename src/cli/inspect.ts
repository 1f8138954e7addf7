import type { Command } from 'commander';
import { type ImageSummary, inspectImage, printTrie } from '../index.ts';
import { type CommandContext, type Format, formatOption } from './command-context.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { readImageFile } from './load-policies.ts';
import type { Terminal } from './terminal.ts';

interface InspectOptions {
  readonly tree?: true;
  readonly format: Format;
}

const help = `
Examples:
  postern inspect prod.pimg
  postern inspect prod.pimg --tree | less
  postern inspect prod.pimg --format json`;

export function addInspectCommand(program: Command, context: CommandContext): void {
  program
    .command('inspect')
    .summary('say what is in an image')
    .description('Say what is in an image: its revision, its sizes and what it counts.')
    .argument('<IMAGE>', 'as `postern compile` wrote it')
    .option('--tree', 'print the trie of resources')
    .addOption(formatOption('text'))
    .addHelpText('after', help + exitCodesHelp.replace('\n', '\n\n'))
    .action(async (path: string, options: InspectOptions) => {
      context.exitCode = await inspect(path, options, context.terminal);
    });
}

async function inspect(path: string, options: InspectOptions, terminal: Terminal): Promise<ExitCode> {
  const image = readImageFile(path);
  const summary = inspectImage(image);
  const tree = options.tree ? printTrie(image) : undefined;
  await terminal.write(
    options.format === 'json' ? renderJsonSummary(summary, tree) : renderSummary(summary, tree),
  );
  return exitCodes.yes;
}
function renderJsonSummary(summary: ImageSummary, tree?: string) {
  return `${JSON.stringify(tree === undefined ? summary : { ...summary, tree })}\n`;
}
function renderSummary(summary: ImageSummary, tree?: string) {
  return summary.revision + (tree ?? '');
}
