import type { Command } from 'commander';
import { escapeText } from '../files/quote.ts';
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
    .addHelpText('after', help + exitCodesHelp)
    .action(async (path: string, options: InspectOptions) => {
      context.exitCode = await inspect(path, options, context.terminal);
    });
}

async function inspect(
  path: string,
  { tree, format }: InspectOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { summary, trie } = readImageFile(path, (image) => ({
    summary: inspectImage(image),
    trie: tree ? printTrie(image) : undefined,
  }));
  if (format === 'json') await terminal.write(`${JSON.stringify({ ...summary, tree: trie })}\n`);
  else
    await terminal.write(
      trie === undefined ? renderSummary(summary) : `${renderSummary(summary)}\ntree\n${indent(trie)}`,
    );
  return exitCodes.yes;
}

type Row = readonly [label: string, value: string];

function renderSummary(summary: ImageSummary): string {
  const { revision, layoutVersion, sizeBytes, mode, modes, namespaces, files, counts, sectionBytes } =
    summary;
  const rows: readonly Row[] = [
    ['revision', revision],
    ['layout version', String(layoutVersion)],
    ['bytes', renderNumber(sizeBytes)],
    ['mode', mode === undefined ? 'none' : escapeText(mode)],
    ['modes', renderNames(modes)],
    ['namespaces', renderNames(namespaces)],
    ['files', renderNames(files)],
    ...toRows(counts),
  ];
  return `${renderRows(rows)}\nbytes of each section\n${indent(renderRows(toRows(sectionBytes)))}`;
}

function toRows(numbers: Readonly<Record<string, number>>): Row[] {
  return Object.entries(numbers).map(([label, value]) => [label, renderNumber(value)]);
}

const labelWidth = 16;

function renderRows(rows: readonly Row[]): string {
  return rows.map(([label, value]) => `${label.padEnd(labelWidth)}${value}\n`).join('');
}

function renderNumber(value: number): string {
  return value.toLocaleString('en');
}

const namesShown = 10;

function renderNames(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const more = names.length > namesShown ? `, and ${renderNumber(names.length - namesShown)} more` : '';
  return names.slice(0, namesShown).map(escapeText).join(', ') + more;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
