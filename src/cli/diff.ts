import { type Command, Option } from 'commander';
import {
  diffModels,
  type Gate,
  gates,
  isHeld,
  type PolicyDifference,
  renderCounts,
  renderDifferenceHtml,
  renderDifferenceJson,
  renderDifferenceMarkdown,
  renderDifferenceSarif,
  renderDifferenceText,
} from '../diff.ts';
import { escapeText, quote } from '../files/quote.ts';
import { writeFileAtomically } from '../files/write-file-atomically.ts';
import { readResourcePattern } from '../graph.ts';
import { createBuilder } from '../index.ts';
import { type CommandContext, rootOption } from './command-context.ts';
import { type LoadedSide, loadSide, readSides } from './diff/sides.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { readVersion } from './version.ts';

const formats = ['text', 'json', 'markdown', 'html', 'sarif'] as const;

interface DiffOptions {
  readonly root?: string;
  readonly gate: Gate;
  readonly onlyUnder?: string;
  readonly format: (typeof formats)[number];
  readonly output?: string;
}

const help = `
OLD and NEW are policies as every command takes them: a file, a folder, a glob or an image; or \`git:REVISION\`, with \`:PATH\` behind it
if need be. A range of revisions stands for both, and paths behind it say where in them the policies are:
  postern diff policies/ ../new/policies/
  postern diff old.pimg new.pimg --format markdown
  postern diff main..HEAD policies/
  postern diff main... policies/ --gate no-new-access        what this branch grants, since it left main
  postern diff git:HEAD policies/                            what has changed since the last commit

It is about decisions, not about text: what is written otherwise and decides alike is no difference. All requests are compared,
none is sampled. Where conditions or shared variables are too much to decide it says so, and the exit code is 1.`;

export function addDiffCommand(program: Command, context: CommandContext): void {
  program
    .command('diff')
    .summary('see who gains and who loses what between two policy sets')
    .description('See exactly who gains and who loses what between two policy sets.')
    .argument('<OLD>', 'policies before, or a range of git revisions')
    .argument('[NEW]', 'policies after')
    .argument(
      '[PATH...]',
      'behind a range of revisions: where the policies are (default: the current folder)',
    )
    .addOption(rootOption())
    .addOption(
      new Option('--gate <gate>', 'what makes the exit code 1').choices([...gates]).default('no-change'),
    )
    .option(
      '--only-under <pattern>',
      'only resources that this matches, such as dcos:secrets:default:/prod/**',
    )
    .addOption(
      new Option('--format <format>', 'how the result is written').choices([...formats]).default('text'),
    )
    .option('-o, --output <file>', 'where to write it (default: standard output)')
    .addHelpText('after', help + exitCodesHelp)
    .action(
      async (first: string, second: string | undefined, rest: readonly string[], options: DiffOptions) => {
        context.exitCode = await diff(first, second, rest, options, context.terminal);
      },
    );
}

async function diff(
  first: string,
  second: string | undefined,
  rest: readonly string[],
  options: DiffOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const within = readWithin(options.onlyUnder);
  const [before, after] = readSides(first, second, rest);
  const format = options.format === 'json' ? 'json' : 'text';
  const builder = createBuilder();
  const old = await loadSide(before, options.root, format, terminal, builder);
  const now = old && (await loadSide(after, options.root, format, terminal, builder));
  if (old === undefined || now === undefined) return exitCodes.unreadable;
  const difference = diffModels(old.model, now.model, within === undefined ? {} : { within });
  const text = render(difference, old, now, options, terminal);
  if (options.output === undefined) await terminal.write(text);
  else {
    await writeFileAtomically(options.output, Buffer.from(text));
    terminal.talk(`${renderCounts(difference)}: written to ${quote(options.output)}`);
  }
  return isHeld(options.gate, difference) ? exitCodes.yes : exitCodes.no;
}

function readWithin(text: string | undefined): ReturnType<typeof readResourcePattern> {
  if (text === undefined) return undefined;
  const pattern = readResourcePattern(text);
  if (pattern === undefined)
    throw new UsageError(
      `--only-under ${quote(text)} is no pattern of resources: write it as policies do, such as a:/b/**`,
    );
  return pattern;
}

function render(
  difference: PolicyDifference,
  { report: before }: LoadedSide,
  { report: after }: LoadedSide,
  { format, output }: DiffOptions,
  { paint }: Terminal,
): string {
  switch (format) {
    case 'json':
      return renderDifferenceJson(difference);
    case 'markdown':
      return renderDifferenceMarkdown(difference);
    case 'html':
      return renderDifferenceHtml(difference, { before, after });
    case 'sarif':
      return renderDifferenceSarif(difference, { version: readVersion() });
    default:
      return renderDifferenceText(difference, {
        plain: escapeText,
        paint: output === undefined ? paint : (_, text) => text,
        policies: after.policies,
      });
  }
}
