import { createReadStream, fstatSync, type ReadStream } from 'node:fs';
import { Option } from 'commander';
import { describeSystemError, FileError } from '../files/file-error.ts';
import { type Line, LineSplitter } from '../files/line-splitter.ts';
import { quote } from '../files/quote.ts';
import type { Format } from './command-context.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** The answer to one line, without a line end; or what is wrong with the line. */
export type LineAnswer =
  | { readonly ok: true; readonly answer: string }
  | { readonly ok: false; readonly message: string };
export type AnswerLine = (line: string) => LineAnswer;

export function requestsOption(): Option {
  return new Option('--requests <file>', 'where to read requests; - is standard input').default('-');
}

/**
 * Answers a stream line by line, in the same order and in constant memory. A bad line gets an error in place of an answer,
 * and the run goes on.
 *
 * @throws {FileError} if the requests cannot be read
 */
export async function answerLines(
  { requests, format }: { readonly requests: string; readonly format: Format },
  answerLine: AnswerLine,
  terminal: Terminal,
): Promise<ExitCode> {
  const splitter = new LineSplitter();
  const answers = new Answers(answerLine, format);
  for await (const chunk of readChunks(requests)) {
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

/**
 * @param noun  what is read, for the message
 * @throws {FileError} `unreadable`, when it is opened or in the middle.
 */
export async function* readChunks(path: string, noun = 'requests'): AsyncGenerator<Buffer> {
  try {
    const stream = path === '-' ? openStandardInput() : createReadStream(path, { highWaterMark: 256 * 1024 });
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    const name = path === '-' ? 'standard input' : `${noun} ${quote(path)}`;
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
  private readonly answerLine: AnswerLine;
  private readonly format: Format;

  constructor(answerLine: AnswerLine, format: Format) {
    this.answerLine = answerLine;
    this.format = format;
  }

  answer(line: Line): string {
    this.lines++;
    if (typeof line !== 'string') return this.refuse(line.fault);
    const result = this.answerLine(line);
    return result.ok ? `${result.answer}\n` : this.refuse(result.message);
  }

  private refuse(message: string): string {
    this.badLines++;
    if (this.format === 'text') return `error  line ${this.lines}: ${message}\n`;
    return `${JSON.stringify({ error: message, line: this.lines })}\n`;
  }
}
