import type { Command } from 'commander';
import { type Comparison, checkCommand, compareModels } from '../diff.ts';
import { escapeText } from '../files/quote.ts';
import { createBuilder } from '../index.ts';
import { type CommandContext, type Format, formatOption, rootOption } from './command-context.ts';
import { loadSide, readSides } from './diff/sides.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

interface EqualOptions {
  readonly root?: string;
  readonly format: Format;
}

const help = `
A and B are named as \`postern diff\` takes them. Equal means proved: no request, in no mode, is decided otherwise. Otherwise one request
is shown that is, or why it cannot be said; the exit code is 1 in both cases.

Examples:
  postern equal policies/ formatted/
  postern equal git:HEAD policies/
  postern equal policies/ prod.pimg`;

export function addEqualCommand(program: Command, context: CommandContext): void {
  program
    .command('equal')
    .summary('prove that two policy sets decide every request alike')
    .description('Prove that two policy sets decide every request alike, or show one that they do not.')
    .argument('<A>', 'policies, or a range of git revisions')
    .argument('[B]', 'other policies')
    .argument(
      '[PATH...]',
      'behind a range of revisions: where the policies are (default: the current folder)',
    )
    .addOption(rootOption())
    .addOption(formatOption('text'))
    .addHelpText('after', help + exitCodesHelp)
    .action(
      async (first: string, second: string | undefined, rest: readonly string[], options: EqualOptions) => {
        context.exitCode = await equal(first, second, rest, options, context.terminal);
      },
    );
}

async function equal(
  first: string,
  second: string | undefined,
  rest: readonly string[],
  { root, format }: EqualOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const [before, after] = readSides(first, second, rest);
  const builder = createBuilder();
  const old = await loadSide(before, root, format, terminal, builder);
  const now = old && (await loadSide(after, root, format, terminal, builder));
  if (old === undefined || now === undefined) return exitCodes.unreadable;
  const comparison = compareModels(old.model, now.model);
  const text =
    format === 'json' ? `${JSON.stringify(comparison)}\n` : renderComparison(comparison, now.report.policies);
  await terminal.write(text);
  return comparison.kind === 'equal' ? exitCodes.yes : exitCodes.no;
}

function renderComparison(comparison: Comparison, policies: readonly string[]): string {
  if (comparison.kind === 'equal') return 'equal: every request is decided alike\n';
  if (comparison.kind === 'unknown') return `unknown: ${escapeText(comparison.reason)}\n`;
  const { witness } = comparison;
  return `different: ${witness.before} becomes ${witness.after}\n  ${escapeText(checkCommand(witness, policies))}\n`;
}
