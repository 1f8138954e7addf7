import type { WriteStream } from 'node:tty';
import { describeSystemError, FileError, systemErrorCode } from '../files/file-error.ts';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';
export type Paint = (style: Style, text: string) => string;

const styleCodes: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
};

type OutputStream = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY'>>;

/**
 * Where a command's results and its talk go. Results wait for a slow reader; a reader that has left (`| head -1`) ends
 * them quietly, which is no failure.
 */
export class Terminal {
  readonly hasColor: boolean;
  readonly talkHasColor: boolean;
  readonly paint: Paint;
  private readonly results: OutputStream;
  private readonly talks: OutputStream;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;

  constructor(results: OutputStream, talks: OutputStream, environment: NodeJS.ProcessEnv) {
    this.results = results;
    this.talks = talks;
    this.hasColor = allowsColor(results, environment);
    this.talkHasColor = allowsColor(talks, environment);
    this.paint = this.hasColor ? paintText : (_, text) => text;
    results.on('error', (error: Error) => {
      this.failure ??= error;
      this.wake?.();
    });
    // Who closes the error stream does not want to hear of it.
    talks.on('error', () => {});
  }

  /** True if results go to a terminal, not to a file or another program. */
  get isForPeople(): boolean {
    return this.results.isTTY === true;
  }

  /** True once the reader of the results has left: what follows need not be computed. */
  get isClosed(): boolean {
    return systemErrorCode(this.failure) === 'EPIPE';
  }

  /**
   * Results, to standard output. Resolves when more may be written.
   *
   * @throws {FileError} `unwritable`, unless the reader has merely left
   */
  async write(text: string): Promise<void> {
    this.raiseFailure();
    if (this.isClosed || this.results.write(text)) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      this.results.once('drain', resolve);
    });
    this.raiseFailure();
  }

  /** Resolves when everything has left this process. @throws as `write` does */
  async flush(): Promise<void> {
    if (this.failure === undefined) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        this.results.write('', () => resolve());
      });
      // An error is reported to the callback first and to the listener one turn later.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.raiseFailure();
  }

  /** A line for people, to standard error. */
  talk(line: string): void {
    this.talks.write(`${line}\n`);
  }

  /** Where a long command is, on a line of its own that the next call writes over; a file or a pipe never gets it. */
  progress(text: string): void {
    if (this.talks.isTTY) this.talks.write(`\r\u001b[K${text}`);
  }

  private raiseFailure(): void {
    if (this.failure === undefined || this.isClosed) return;
    const reason = describeSystemError(this.failure);
    throw new FileError('unwritable', `standard output cannot be written: ${reason}`, {
      cause: this.failure,
    });
  }
}

/** https://no-color.org: present and not empty turns colours off; a file or a pipe never gets any. */
function allowsColor(stream: OutputStream, environment: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb';
}

function paintText(style: Style, text: string): string {
  const [on, off] = styleCodes[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}
