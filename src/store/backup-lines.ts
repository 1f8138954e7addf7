import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describeSystemError, FileError, systemErrorCode } from '../files/file-error.ts';
import { quote } from '../files/quote.ts';

/** Text that is gathered before it is written. */
const bufferUnits = 1 << 20;

/**
 * Writes a file of lines that may be longer than memory: under another name first, synced, then renamed. Only its owner may
 * read it.
 *
 * @param work  is given what writes one line; if it fails there is no file
 * @throws {FileError} `unwritable`; whatever `work` throws
 */
export async function writeLines(
  path: string,
  work: (write: (line: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await writeAll(file, work);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    if (systemErrorCode(error) === undefined || error instanceof FileError) throw error;
    throw new FileError('unwritable', `${quote(path)} cannot be written: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
}

async function writeAll(
  file: FileHandle,
  work: (write: (line: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  let waiting: string[] = [];
  let units = 0;
  const flush = async (): Promise<void> => {
    await file.writeFile(waiting.join(''));
    waiting = [];
    units = 0;
  };
  await work(async (line) => {
    waiting.push(line, '\n');
    units += line.length;
    if (units > bufferUnits) await flush();
  });
  await flush();
}

/** Makes the rename itself last. Windows knows no such thing, and some network file systems refuse. */
async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle | undefined;
  try {
    folder = await open(path, 'r');
    await folder.sync();
  } catch (error) {
    if (!['EPERM', 'EISDIR', 'EINVAL', 'EACCES', 'ENOTSUP'].includes(systemErrorCode(error) ?? ''))
      throw error;
  } finally {
    await folder?.close();
  }
}

/**
 * The lines of a file, which end in a newline each; what stands behind the last newline is no line. Other characters that
 * end lines elsewhere, as U+2028, may stand in one.
 *
 * @throws {FileError} `unreadable`
 */
export async function* readLines(path: string): AsyncIterable<string> {
  let started: string[] = [];
  try {
    const stream = createReadStream(path, { encoding: 'utf8', highWaterMark: 256 * 1024 });
    for await (const chunk of stream as AsyncIterable<string>) {
      const [head, ...rest] = chunk.split('\n');
      started.push(head!);
      for (const next of rest) {
        yield started.join('');
        started = [next];
      }
    }
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    throw new FileError('unreadable', `${quote(path)} cannot be read: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
}
