import { createReadStream, fstatSync } from 'node:fs';
import { findSpaceIdFault, renderSpaceIdFault, type SpaceIdKind } from '../dcos.ts';
import { describeSystemError, FileError } from '../files/file-error.ts';
import { type Line, LineSplitter } from '../files/line-splitter.ts';
import { escapeText, quote } from '../files/quote.ts';
import type { Terminal } from './terminal.ts';

/** How many lines are named one by one; beyond, they are counted. */
const mostTold = 20;

/**
 * Reads files of ids, one a line, and keeps what is wanted: memory follows what is kept. Blank lines are passed over, a
 * malformed id is told on standard error and left out.
 */
export class IdFiles {
  badLines = 0;
  private lines = 0;
  private readonly terminal: Terminal;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
  }

  /**
   * @param path  `-` is standard input; undefined is no file, and holds nothing
   * @throws {FileError} if it cannot be read
   */
  async read(
    kind: SpaceIdKind,
    path: string | undefined,
    isWanted: (id: string) => boolean = () => true,
  ): Promise<string[]> {
    if (path === undefined) return [];
    const kept: string[] = [];
    const splitter = new LineSplitter();
    let lineNumber = 0;
    const take = (line: Line): void => {
      lineNumber++;
      const id = typeof line === 'string' ? line.replace(/\r$/, '') : undefined;
      if (id === '') return;
      this.lines++;
      const problem = describeLine(kind, line, id);
      if (problem !== undefined)
        this.refuse(`${path === '-' ? '(standard input)' : path}:${lineNumber}`, problem);
      else if (id !== undefined && isWanted(id)) kept.push(copyOf(id));
    };
    for await (const chunk of readChunks(kind, path)) for (const line of splitter.push(chunk)) take(line);
    for (const line of splitter.end()) take(line);
    return kept;
  }

  /** How many ids the answer lacks, if any. */
  tellBadLines(): void {
    const { badLines, lines, terminal } = this;
    if (badLines > 0) terminal.talk(`postern: ${badLines} of ${lines} ids are malformed and left out`);
  }

  private refuse(place: string, problem: string): void {
    this.badLines++;
    if (this.badLines <= mostTold) this.terminal.talk(`postern: ${escapeText(place)}: ${problem}`);
    if (this.badLines === mostTold) this.terminal.talk('postern: further malformed ids are only counted');
  }
}

/** A line is a slice of what was read with it: kept as it is, it would keep all that. */
function copyOf(line: string): string {
  return Buffer.from(line).toString();
}

function describeLine(kind: SpaceIdKind, line: Line, id: string | undefined): string | undefined {
  if (typeof line !== 'string') return line.fault;
  const fault = findSpaceIdFault(kind, id);
  return fault && renderSpaceIdFault(kind, id, fault);
}

/** @throws {FileError} `unreadable`, when it is opened or in the middle */
async function* readChunks(kind: SpaceIdKind, path: string): AsyncGenerator<Buffer> {
  try {
    // Node gives an empty stream for a folder on standard input, which would pass for a file without ids.
    const isPipe = path === '-' && !fstatSync(process.stdin.fd).isDirectory();
    const options = path === '-' ? { fd: process.stdin.fd } : { highWaterMark: 256 * 1024 };
    const stream = isPipe ? process.stdin : createReadStream(path === '-' ? '' : path, options);
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    const name = path === '-' ? 'standard input' : `list of ${kind}s ${quote(path)}`;
    throw new FileError('unreadable', `${name} cannot be read: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
}
