import type { Command } from 'commander';
import { FileError } from '../files/file-error.ts';
import { escapeLines, escapeText } from '../files/quote.ts';
import { type ReadPolicyFile, readPolicyFiles } from '../files/read-policy-set.ts';
import { writeFileAtomically } from '../files/write-file-atomically.ts';
import { type Diagnostic, formatSource, renderJson, renderText } from '../index.ts';
import { type CommandContext, type Format, formatOption, rootOption } from './command-context.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { readStandardInput } from './read-standard-input.ts';
import type { Terminal } from './terminal.ts';
import { unifiedDiff } from './unified-diff.ts';
import { UsageError } from './usage-error.ts';

interface FmtOptions {
  readonly check?: boolean;
  readonly diff?: boolean;
  readonly quiet?: boolean;
  readonly stdinFilePath?: string;
  readonly root?: string;
  readonly format: Format;
}

const help = `
Without a pattern, every *.acl in the current folder and beneath is formatted. Files are written whole or not at all; names of
those that changed go to standard output. A file with a syntax error stays as it is, and the others are formatted.

Examples:
  postern fmt
  postern fmt --check policies/
  postern fmt --diff policies/prod.acl
  postern fmt - < draft.acl > final.acl
  postern fmt --stdin-file-path policies/prod.acl < unsaved.acl`;

export function addFmtCommand(program: Command, context: CommandContext): void {
  program
    .command('fmt')
    .summary('lay policies out in the one canonical way')
    .description('Lay policies out in the one canonical way. No decision changes, and every comment stays.')
    .argument('[PATTERN...]', 'files, folders or globs; - reads standard input and writes standard output')
    .option('--check', 'write nothing; name the files that differ, and exit 1 if there are any')
    .option('--diff', 'write nothing; print what would change, and exit 1 if anything would')
    .option('-q, --quiet', 'print no names and no summary')
    .option(
      '--stdin-file-path <path>',
      'as `-`, and what messages call it: for editors, whose text is not saved yet; nothing is read from there',
    )
    .addOption(rootOption())
    .addOption(formatOption('text'))
    .addHelpText('after', help + exitCodesHelp)
    .action(async (patterns: readonly string[], options: FmtOptions) => {
      const isInput = patterns.includes('-') || options.stdinFilePath !== undefined;
      context.exitCode = isInput
        ? await formatInput(patterns, options, context.terminal)
        : await formatFiles(patterns.length === 0 ? ['.'] : patterns, options, context.terminal);
    });
}

// ---------------------------------------------------------------- standard input

const inputName = '(standard input)';

async function formatInput(
  patterns: readonly string[],
  { check, diff, format, stdinFilePath }: FmtOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (patterns.some((pattern) => pattern !== '-') || patterns.length > 1) {
    const option = stdinFilePath === undefined ? '`-`' : '--stdin-file-path';
    throw new UsageError(`${option} stands alone: name files without it, or it without files`);
  }
  if (format === 'json')
    throw new UsageError('--format json is for files: standard input comes out as the policy itself');
  const file = stdinFilePath ?? inputName;
  const text = readStandardInput();
  const result = formatSource({ file, text: withoutByteOrderMark(text) });
  if (!result.ok) {
    const errors = renderText(result.diagnostics, () => text, { color: terminal.talkHasColor });
    terminal.talk(errors.trimEnd());
    return exitCodes.unreadable;
  }
  if (!check && !diff) {
    await terminal.write(result.text);
    return exitCodes.yes;
  }
  if (result.text === text) return exitCodes.yes;
  if (diff) await writeDiff(unifiedDiff(file, text, result.text), terminal);
  return exitCodes.no;
}

function withoutByteOrderMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

// ---------------------------------------------------------------- files

/** What became of one file. */
interface Outcome {
  readonly file: string;
  /** `differs` where nothing is written. */
  readonly result: 'unchanged' | 'formatted' | 'differs' | 'failed';
  readonly diff?: string;
  readonly diagnostics: readonly Diagnostic[];
}

async function formatFiles(
  patterns: readonly string[],
  options: FmtOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const files = readPolicyFiles(patterns, options.root === undefined ? {} : { root: options.root });
  const texts = new Map(files.flatMap((file) => (file.ok ? [[file.name, file.source.text]] : [])));
  const outcomes = files.map((file) => formatFile(file, options, terminal));
  const diagnostics = outcomes.flatMap((outcome) => outcome.diagnostics);
  const textOf = (file: string): string | undefined => texts.get(file);
  if (options.format === 'json') {
    await terminal.write(renderOutcomes(outcomes, renderJson(diagnostics, textOf)));
  } else {
    if (diagnostics.length > 0)
      terminal.talk(renderText(diagnostics, textOf, { color: terminal.talkHasColor }).trimEnd());
    await writeNames(outcomes, options, terminal);
    if (!options.quiet) terminal.talk(`postern: ${summarize(outcomes)}`);
  }
  if (outcomes.some(({ result }) => result === 'failed')) return exitCodes.unreadable;
  return outcomes.some(({ result }) => result === 'differs') ? exitCodes.no : exitCodes.yes;
}

function formatFile(file: ReadPolicyFile, { check, diff }: FmtOptions, terminal: Terminal): Outcome {
  if (!file.ok) return { file: file.name, result: 'failed', diagnostics: [file.diagnostic] };
  const { source, sizeBytes } = file;
  const formatted = formatSource(source);
  if (!formatted.ok) return { file: file.name, result: 'failed', diagnostics: formatted.diagnostics };
  const bytes = Buffer.from(formatted.text);
  const hasByteOrderMark = Buffer.byteLength(source.text) < sizeBytes;
  if (formatted.text === source.text && !hasByteOrderMark)
    return { file: file.name, result: 'unchanged', diagnostics: [] };
  if (check || diff) {
    const before = hasByteOrderMark ? `\ufeff${source.text}` : source.text;
    const shown = diff ? { diff: unifiedDiff(file.name, before, formatted.text) } : {};
    return { file: file.name, result: 'differs', ...shown, diagnostics: [] };
  }
  return writeFormatted(file, bytes, terminal);
}

/** A file that cannot be written keeps no other from being. */
function writeFormatted({ name, path }: ReadPolicyFile, bytes: Uint8Array, terminal: Terminal): Outcome {
  try {
    writeFileAtomically(path, bytes);
    return { file: name, result: 'formatted', diagnostics: [] };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    terminal.talk(`postern: ${error.message}`);
    return { file: name, result: 'failed', diagnostics: [] };
  }
}

function renderOutcomes(outcomes: readonly Outcome[], diagnostics: string): string {
  const files = outcomes.map(({ file, result, diff }) => ({
    file,
    result,
    ...(diff !== undefined && { diff }),
  }));
  return `${JSON.stringify({ files, diagnostics: JSON.parse(diagnostics) as unknown }, null, 2)}\n`;
}

async function writeNames(
  outcomes: readonly Outcome[],
  { diff, quiet }: FmtOptions,
  terminal: Terminal,
): Promise<void> {
  for (const outcome of outcomes) {
    if (outcome.diff !== undefined) await writeDiff(outcome.diff, terminal);
    else if (!diff && !quiet && ['formatted', 'differs'].includes(outcome.result))
      await terminal.write(`${escapeText(outcome.file)}\n`);
  }
}

/** Byte for byte for `git apply`; on a terminal comments can do no more than be read. */
async function writeDiff(diff: string, terminal: Terminal): Promise<void> {
  await terminal.write(terminal.isForPeople ? escapeLines(diff) : diff);
}

function summarize(outcomes: readonly Outcome[]): string {
  const countOf = (result: Outcome['result']): number =>
    outcomes.filter((outcome) => outcome.result === result).length;
  const [formatted, differing, failed] = [countOf('formatted'), countOf('differs'), countOf('failed')];
  const parts = [
    formatted > 0 ? `${filesOf(formatted)} formatted` : '',
    differing > 0 ? `${filesOf(differing)} not in canonical layout (\`postern fmt\` would write it)` : '',
    failed > 0 ? `${filesOf(failed)} left as found` : '',
    countOf('unchanged') > 0 ? `${filesOf(countOf('unchanged'))} in canonical layout already` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function filesOf(count: number): string {
  return count === 1 ? '1 file' : `${count.toLocaleString('en')} files`;
}
