import type { Command } from 'commander';
import { quote } from '../files/quote.ts';
import { writeFileAtomically } from '../files/write-file-atomically.ts';
import { inspectImage } from '../index.ts';
import { type CommandContext, type Format, formatOption, rootOption } from './command-context.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { buildPolicies } from './load-policies.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

interface CompileOptions {
  readonly output: string;
  readonly root?: string;
  readonly format: Format;
}

const help = `
The same policies give the same bytes. The image is written whole or not at all, and stands wherever a policy may.

Examples:
  postern compile policies/ -o prod.pimg
  postern compile 'policies/**/*.acl' --root . -o build/prod.pimg --format json`;

export function addCompileCommand(program: Command, context: CommandContext): void {
  program
    .command('compile')
    .summary('compile policies into an image')
    .description('Compile policies into an image, which loads in milliseconds.')
    .argument('<POLICY...>', 'files, folders or globs')
    .requiredOption('-o, --output <image>', 'the image to write')
    .addOption(rootOption())
    .addOption(formatOption('text'))
    .addHelpText('after', help + exitCodesHelp)
    .action(async (patterns: readonly string[], options: CompileOptions) => {
      context.exitCode = await compile(patterns, options, context.terminal);
    });
}

async function compile(
  patterns: readonly string[],
  options: CompileOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { output, root, format } = options;
  if (output.endsWith('.acl')) {
    throw new UsageError(
      `${quote(output)} would be taken for a policy: give the image another name, such as \`prod.pimg\``,
    );
  }
  const startMs = performance.now();
  const result = await buildPolicies(patterns, root, format, terminal);
  if (result === undefined) return exitCodes.unreadable;
  writeFileAtomically(output, result.image);
  const summary = {
    image: output,
    rules: result.model.rules.length,
    bytes: result.image.length,
    milliseconds: Math.round(performance.now() - startMs),
    revision: inspectImage(result.image).revision,
  };
  if (format === 'json') await terminal.write(`${JSON.stringify(summary)}\n`);
  else terminal.talk(renderSummary(summary));
  return exitCodes.yes;
}

interface Summary {
  readonly image: string;
  readonly rules: number;
  readonly bytes: number;
  readonly milliseconds: number;
  readonly revision: string;
}

function renderSummary({ image, rules, bytes, milliseconds, revision }: Summary): string {
  const count = rules === 1 ? '1 rule' : `${rules.toLocaleString('en')} rules`;
  return `${image}: ${count}, ${bytes.toLocaleString('en')} bytes, ${milliseconds} ms, revision ${revision}`;
}
