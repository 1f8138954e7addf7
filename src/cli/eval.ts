import { createReadStream, fstatSync, type ReadStream } from 'node:fs';
import type { Command } from 'commander';
import { describeSystemError, FileError } from '../files/file-error.ts';
import { quote } from '../files/quote.ts';
import type { Authorizer, Decision } from '../index.ts';
import {
  addPolicyOptions,
  type CommandContext,
  type Format,
  formatOption,
  type PolicyOptions,
} from './command-context.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { type Line, LineSplitter } from './line-splitter.ts';
import { loadPolicies } from './load-policies.ts';
import { readRequestLine } from './read-request.ts';
import { renderDecisionJson, renderDecisionLine } from './render-decision.ts';
import type { Terminal } from './terminal.ts';

interface EvalOptions extends PolicyOptions {
  readonly requests: string;
  readonly format: Format;
}

const help = `
Requests are JSON lines with the keys subject, action, resource, groups, attributes and context:
  {"subject": "user:cory", "action": "read", "resource": "dcos:secrets:default:/prod/db"}
Every line gets one answer, in the same order:
  {"decision":"deny","reason":"rule","rule":{"id":"no-prod-db","file":"prod.acl","line":17}}
A line that is no request, a blank one too, gets {"error":"…","line":N}, and the run goes on and ends with exit code 3.
A missing newline at the end is fine. Decisions do not change the exit code.

Examples:
  postern eval -p policies/ --requests requests.jsonl > decisions.jsonl
  generate-requests | postern eval -p prod.pimg | grep -c '"decision":"deny"'
  postern eval -p policies/ --mode strict --format text < requests.jsonl`;

export function addEvalCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('eval')
    .summary('decide a stream of requests')
    .description('Decide a stream of requests: JSON lines in, JSON lines out, in constant memory.');
  addPolicyOptions(command)
    .option('--requests <file>', 'where to read requests; - is standard input', '-')
    .addOption(formatOption('json'))
    .addHelpText('after', help + exitCodesHelp)
    .action(async (options: EvalOptions) => {
      // JSON lines are the usual output here; errors in policies join them only where JSON was asked for.
      const isJsonWanted = command.getOptionValueSource('format') === 'cli' && options.format === 'json';
      const loaded = await loadPolicies(options, isJsonWanted ? 'json' : 'text', context.terminal);
      context.exitCode =
        loaded === undefined
          ? exitCodes.unreadable
          : await answerAll(loaded.authorizer, options, context.terminal);
    });
}

async function answerAll(
  authorizer: Authorizer,
  options: EvalOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const splitter = new LineSplitter();
  const answers = new Answers(authorizer, options.format);
  for await (const chunk of readChunks(options.requests)) {
    // What one chunk asks is answered in one write: large for a file, and without delay for who waits for each answer.
    await writeBlocks(answers, splitter.push(chunk), terminal);
    if (terminal.isClosed) break;
  }
  if (!terminal.isClosed) await writeBlocks(answers, splitter.end(), terminal);
  const { badLines, lines } = answers;
  if (badLines === 0) return exitCodes.yes;
  terminal.talk(`postern: ${badLines} of ${lines} lines could not be answered`);
  return exitCodes.unreadable;
}

const blockUnits = 64 * 1024;

async function writeBlocks(answers: Answers, lines: readonly Line[], terminal: Terminal): Promise<void> {
  let block = '';
  for (const line of lines) {
    block += answers.answer(line);
    if (block.length < blockUnits) continue;
    await terminal.write(block);
    block = '';
    if (terminal.isClosed) return;
  }
  if (block !== '') await terminal.write(block);
}

/** @throws {FileError} `unreadable`, when it is opened or in the middle. */
async function* readChunks(path: string): AsyncGenerator<Buffer> {
  try {
    const stream = path === '-' ? openStandardInput() : createReadStream(path, { highWaterMark: 256 * 1024 });
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    const name = path === '-' ? 'standard input' : `requests ${quote(path)}`;
    throw new FileError('unreadable', `${name} cannot be read: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
}

/** Node gives an empty stream for a folder (`< policies/`), which would pass for "no requests, all well". */
function openStandardInput(): typeof process.stdin | ReadStream {
  return fstatSync(process.stdin.fd).isDirectory()
    ? createReadStream('', { fd: process.stdin.fd })
    : process.stdin;
}

/** Turns lines into answers, and counts them. */
class Answers {
  lines = 0;
  badLines = 0;
  private readonly authorizer: Authorizer;
  private readonly render: (decision: Decision) => string;
  private readonly format: Format;

  constructor(authorizer: Authorizer, format: Format) {
    this.authorizer = authorizer;
    this.format = format;
    this.render =
      format === 'json' ? renderDecisionJson : (decision) => renderDecisionLine(decision, (_, text) => text);
  }

  answer(line: Line): string {
    this.lines++;
    if (typeof line !== 'string') return this.refuse(line.fault);
    const result = readRequestLine(line);
    return result.ok
      ? `${this.render(this.authorizer.decide(result.request))}\n`
      : this.refuse(result.message);
  }

  private refuse(message: string): string {
    this.badLines++;
    if (this.format === 'text') return `error  line ${this.lines}: ${message}\n`;
    return `${JSON.stringify({ error: message, line: this.lines })}\n`;
  }
}
