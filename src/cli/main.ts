import { Command, CommanderError } from 'commander';
import { FileError } from '../files/file-error.ts';
import { ConfigurationError, ImageError } from '../index.ts';
import { addBenchCommand } from './bench.ts';
import { addCheckCommand } from './check.ts';
import type { CommandContext } from './command-context.ts';
import { addCompileCommand } from './compile.ts';
import { addDcosCommand } from './dcos-spaces.ts';
import { addDiffCommand } from './diff.ts';
import { addEqualCommand } from './equal.ts';
import { addEvalCommand } from './eval.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { addFmtCommand } from './fmt.ts';
import { addGraphCommand } from './graph.ts';
import { addInitCommand } from './init.ts';
import { addInspectCommand } from './inspect.ts';
import { addLintCommand } from './lint.ts';
import { addMesosCommand } from './mesos.ts';
import { addReplayCommand } from './replay.ts';
import { addServeCommand } from './serve.ts';
import { Terminal } from './terminal.ts';
import { addTestCommand } from './test.ts';
import { addExportCommand, addImportCommand } from './translate.ts';
import { UsageError } from './usage-error.ts';
import { readVersion } from './version.ts';
import { addWhatCanCommand } from './what-can.ts';
import { addWhoCanCommand } from './who-can.ts';
import { addWhyCommand } from './why.ts';

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
    await buildProgram(context).parseAsync(words, { from: 'user' });
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

function buildProgram(context: CommandContext): Command {
  const { terminal } = context;
  const program = new Command('postern')
    .description(description)
    .version(readVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', programHelp + exitCodesHelp)
    .exitOverride()
    .configureOutput({
      writeErr: (text) => terminal.talk(text.trimEnd()),
      outputError: (text, write) => write(renderUsageFault(text)),
    });
  addCheckCommand(program, context);
  addEvalCommand(program, context);
  addWhyCommand(program, context);
  addInitCommand(program, context);
  addFmtCommand(program, context);
  addLintCommand(program, context);
  addTestCommand(program, context);
  addCompileCommand(program, context);
  addInspectCommand(program, context);
  addGraphCommand(program, context);
  addImportCommand(program, context);
  addExportCommand(program, context);
  addMesosCommand(program, context);
  addDcosCommand(program, context);
  addDiffCommand(program, context);
  addEqualCommand(program, context);
  addReplayCommand(program, context);
  addBenchCommand(program, context);
  addServeCommand(program, context);
  addWhoCanCommand(program, context);
  addWhatCanCommand(program, context);
  return program;
}

/** Commander's message as one line that says where to look. */
function renderUsageFault(text: string): string {
  const line = text
    .replace(/^error: /, '')
    .replace(/\.?\n\(Did you mean (.*)\?\)/, ', did you mean $1')
    .replace(/\. (\w)/g, (_, letter: string) => `: ${letter.toLowerCase()}`)
    .replace(/\.?\n$/, '');
  const hint = text.includes('missing required argument')
    ? ' (every word behind `-p` is a policy: put it last)'
    : '';
  return `postern: ${line}${hint}: see --help`;
}

/** Says in one line what went wrong, and finds the exit code for it. */
function reportFailure(error: unknown, terminal: Terminal): ExitCode {
  // Commander has said its own line by now.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.yes : exitCodes.usage;
  if (error instanceof UsageError || error instanceof ConfigurationError) {
    terminal.talk(`postern: ${error.message}`);
    return exitCodes.usage;
  }
  if (error instanceof FileError || error instanceof ImageError) {
    terminal.talk(`postern: ${error.message}`);
    return exitCodes.unreadable;
  }
  reportBug(error, terminal);
  return exitCodes.bug;
}

/** The stack is for us: whoever reports the bug is asked for it, everybody else is spared. */
function reportBug(error: unknown, terminal: Terminal): void {
  const summary = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  terminal.talk(`postern: internal error: ${summary.split('\n')[0]}`);
  if (process.env.POSTERN_DEBUG && error instanceof Error) terminal.talk(error.stack ?? 'no stack');
  else terminal.talk('postern: this is a bug: please report it, with what POSTERN_DEBUG=1 prints');
}
