import { Command, CommanderError } from 'commander';
import { FileError } from '../files/file-error.ts';
import { escapeLines, escapeText } from '../files/quote.ts';
import { ConfigurationError, ImageError } from '../index.ts';
import { StoreError } from '../store/errors.ts';
import type { CommandContext } from './command-context.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { readVersion } from './version.ts';

/** The process from here on: runs the command line and leaves the exit code; never rejects. */
export async function runProcess(): Promise<void> {
  const terminal = new Terminal(process.stdout, process.stderr, process.env);
  // Outside the promise chain below nothing should throw; if something does, it is a bug, and Node would exit with 1: "no".
  process.on('uncaughtException', (error) => {
    reportFailure(error, terminal);
    process.exit(exitCodes.bug);
  });
  process.exitCode = await runCommandLine(process.argv.slice(2), terminal);
}

/** One command line, from its words to its exit code. */
export async function runCommandLine(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const context: CommandContext = { terminal, exitCode: exitCodes.yes };
  try {
    const program = await buildProgram(context, words);
    await program.parseAsync(words, { from: 'user' }).catch(exceptWhenAnswered);
    await terminal.flush();
    return context.exitCode;
  } catch (error) {
    return reportFailure(error, terminal);
  }
}

const description = `Decides who may do what on which resource, by policies in files.`;

const programHelp = `
Examples:
  postern check user:cory read dcos:secrets:default:/prod/db -p policies/
  postern eval -p prod.pimg --requests requests.jsonl > decisions.jsonl
  postern compile policies/ -o prod.pimg

A POLICY is a file, a folder (every *.acl in it), a glob, or a compiled image.`;

/** In the order of the help. Each is read when it is asked for: together they take longer to load than most of them to run. */
const commands: Readonly<Record<string, () => Promise<(program: Command, context: CommandContext) => void>>> =
  {
    check: async () => (await import('./check.ts')).addCheckCommand,
    eval: async () => (await import('./eval.ts')).addEvalCommand,
    why: async () => (await import('./why.ts')).addWhyCommand,
    'who-can': async () => (await import('./who-can.ts')).addWhoCanCommand,
    'what-can': async () => (await import('./what-can.ts')).addWhatCanCommand,
    init: async () => (await import('./init.ts')).addInitCommand,
    fmt: async () => (await import('./fmt.ts')).addFmtCommand,
    lint: async () => (await import('./lint.ts')).addLintCommand,
    test: async () => (await import('./test.ts')).addTestCommand,
    diff: async () => (await import('./diff.ts')).addDiffCommand,
    equal: async () => (await import('./equal.ts')).addEqualCommand,
    replay: async () => (await import('./replay.ts')).addReplayCommand,
    compile: async () => (await import('./compile.ts')).addCompileCommand,
    inspect: async () => (await import('./inspect.ts')).addInspectCommand,
    graph: async () => (await import('./graph.ts')).addGraphCommand,
    import: async () => (await import('./import-export.ts')).addImportCommand,
    export: async () => (await import('./import-export.ts')).addExportCommand,
    mesos: async () => (await import('./mesos.ts')).addMesosCommand,
    dcos: async () => (await import('./dcos.ts')).addDcosCommand,
    bench: async () => (await import('./bench.ts')).addBenchCommand,
    iam: async () => (await import('./iam.ts')).addIamCommand,
    store: async () => (await import('./store.ts')).addStoreCommand,
    serve: async () => (await import('./serve.ts')).addServeCommand,
  };

/** With the command that is named, or with all of them for whoever needs a list. */
async function buildProgram(context: CommandContext, words: readonly string[]): Promise<Command> {
  const name = words[0];
  const { terminal } = context;
  const program = new Command('postern')
    .description(description)
    .version(readVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', programHelp + exitCodesHelp)
    .exitOverride()
    .configureOutput({
      writeErr: (text) => terminal.talk(text.trimEnd()),
      outputError: (text, write) => write(renderUsageFault(text, words)),
    });
  const named =
    name !== undefined && Object.hasOwn(commands, name) ? [commands[name]!] : Object.values(commands);
  for (const load of named) (await load())(program, context);
  return program;
}

/** Commander's message as one line that says where to look. */
function renderUsageFault(text: string, words: readonly string[]): string {
  const line = text
    .replace(/^error: /, '')
    .replace(/\.?\n\(Did you mean (.*)\?\)/, ', did you mean $1')
    .replace(/\. (\w)/g, (_, letter: string) => `: ${letter.toLowerCase()}`)
    .replace(/\.?\n$/, '');
  const greedy = words.find((word) => ['-p', '--policy', '--against'].includes(word));
  const hint =
    text.includes('missing required argument') && greedy !== undefined
      ? ` (every word behind \`${greedy}\` is a policy: put it last)`
      : '';
  return `postern: ${escapeText(line)}${hint}: see --help`;
}

/** Commander ends by an exception where it has printed a help or the version, too. */
function exceptWhenAnswered(error: unknown): void {
  if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
}

/** Says in one line what went wrong, and finds the exit code for it. */
function reportFailure(error: unknown, terminal: Terminal): ExitCode {
  // Commander has said its own line by now.
  if (error instanceof CommanderError) return exitCodes.usage;
  if (error instanceof UsageError || error instanceof ConfigurationError) {
    terminal.talk(`postern: ${escapeLines(error.message)}`);
    return exitCodes.usage;
  }
  if (error instanceof FileError || error instanceof ImageError || error instanceof StoreError) {
    terminal.talk(`postern: ${escapeLines(error.message)}`);
    return exitCodes.unreadable;
  }
  reportBug(error, terminal);
  return exitCodes.bug;
}

/** The stack is for us: whoever reports the bug is asked for it, everybody else is spared. */
function reportBug(error: unknown, terminal: Terminal): void {
  const summary = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  terminal.talk(`postern: internal error: ${escapeText(summary.split('\n')[0]!)}`);
  if (process.env.POSTERN_DEBUG && error instanceof Error) terminal.talk(error.stack ?? 'no stack');
  else terminal.talk('postern: this is a bug: please report it, with what POSTERN_DEBUG=1 prints');
}
