import { close, fstatSync, fsync, open, openSync, read, readSync, write } from 'node:fs';
import { promisify } from 'node:util';
import { describeSystemError, FileError, systemErrorCode } from '../../files/file-error.ts';
import { quote } from '../../files/quote.ts';

const openFile = promisify(open);
const closeFile = promisify(close);
const syncFile = promisify(fsync);
const readFile = promisify(read);

/** Who may read decisions is for the operator to widen. */
const FILE_MODE = 0o640;
const LINE_END = 0x0a;

export const standardOutput = 'stdout';

/** A file that lines are added to. One call at a time. */
export class LineFile {
  readonly path: string;
  #descriptor: number;
  sizeBytes: number;
  /** Bytes since the last line end, if what was written last ends within a line. */
  #isTorn: boolean;

  /** @param path  of a file, or `stdout` @throws {FileError} if it cannot be opened for writing */
  constructor(path: string) {
    this.path = path;
    try {
      this.#descriptor = path === standardOutput ? 1 : openSync(path, 'a+', FILE_MODE);
      const { size, isTorn } = lookAtSync(this.#descriptor);
      this.sizeBytes = size;
      this.#isTorn = isTorn;
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  /**
   * Adds whole lines.
   *
   * @returns bytes that need not be given again: all of them, or, with an error, up to the last line that is complete
   */
  async write(lines: Buffer): Promise<{ readonly written: number; readonly error?: FileError }> {
    let written = 0;
    try {
      // A line that was cut off stays a line of its own, which readers pass over, and takes no other with it.
      if (this.#isTorn) {
        await this.#writeSome(Buffer.of(LINE_END));
        this.#isTorn = false;
      }
      while (written < lines.length) {
        written += await this.#writeSome(lines.subarray(written));
        this.#isTorn = lines[written - 1] !== LINE_END;
      }
      return { written };
    } catch (error) {
      return { written: completeLines(lines, written), error: unwritable(this.path, error) };
    }
  }

  /** @throws {FileError} */
  async sync(): Promise<void> {
    try {
      await syncFile(this.#descriptor);
    } catch (error) {
      // Pipes and terminals have nothing to sync.
      if (systemErrorCode(error) !== 'EINVAL') throw unwritable(this.path, error);
    }
  }

  /** Opens the path anew: what has been renamed meanwhile is complete. @throws {FileError} and goes on with the old file */
  async reopen(): Promise<void> {
    if (this.path === standardOutput) return;
    try {
      const next = await openFile(this.path, 'a+', FILE_MODE);
      await syncFile(this.#descriptor).catch(() => {});
      await closeFile(this.#descriptor);
      this.#descriptor = next;
      const { size } = fstatSync(next);
      this.sizeBytes = size;
      this.#isTorn = size > 0 && (await lastByteOf(next, size)) !== LINE_END;
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }

  async close(): Promise<void> {
    if (this.path !== standardOutput) await closeFile(this.#descriptor).catch(() => {});
  }

  /** As much as the system takes. A slow reader of a pipe is waited for. */
  async #writeSome(bytes: Buffer): Promise<number> {
    for (;;) {
      try {
        const written = await writeBytes(this.#descriptor, bytes);
        this.sizeBytes += written;
        return written;
      } catch (error) {
        if (systemErrorCode(error) !== 'EAGAIN') throw error;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }
}

function writeBytes(descriptor: number, bytes: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, bytes, 0, bytes.length, null, (error, written) => {
      if (error === null) resolve(written);
      else reject(error);
    });
  });
}

function completeLines(lines: Buffer, written: number): number {
  return written === 0 ? 0 : lines.lastIndexOf(LINE_END, written - 1) + 1;
}

function lookAtSync(descriptor: number): { readonly size: number; readonly isTorn: boolean } {
  const stats = fstatSync(descriptor);
  if (!stats.isFile() || stats.size === 0) return { size: 0, isTorn: false };
  if (descriptor === 1) return { size: stats.size, isTorn: false };
  const last = Buffer.alloc(1);
  readSync(descriptor, last, 0, 1, stats.size - 1);
  return { size: stats.size, isTorn: last[0] !== LINE_END };
}

async function lastByteOf(descriptor: number, size: number): Promise<number | undefined> {
  const { buffer } = await readFile(descriptor, Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0];
}

function unwritable(path: string, cause: unknown): FileError {
  const name = path === standardOutput ? 'standard output' : quote(path);
  return new FileError(
    'unwritable',
    `decision log ${name} cannot be written: ${describeSystemError(cause)}`,
    { cause },
  );
}
