import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FileError, systemErrorCode } from '../files/file-error.ts';
import { type Line, LineSplitter } from '../files/line-splitter.ts';
import { quote } from '../files/quote.ts';
import { readChunks } from './answer-lines.ts';

/**
 * The lines of a decision log, many at a time and in memory that does not grow with it. One that was compressed when it was
 * rotated is known by its first bytes.
 *
 * @param path  `-` for standard input
 * @param onBytes  told how many bytes have been read of what stands there
 * @throws {FileError} `unreadable`, when it is opened or in the middle
 */
export async function* readLogLines(
  path: string,
  onBytes: (sizeBytes: number) => void = () => {},
): AsyncGenerator<Line[]> {
  const splitter = new LineSplitter();
  for await (const chunk of uncompressed(countBytes(readChunks(path, 'log'), onBytes), path))
    yield splitter.push(chunk);
  yield splitter.end();
}

async function* countBytes(
  chunks: AsyncIterable<Buffer>,
  onBytes: (sizeBytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    onBytes(chunk.length);
    yield chunk;
  }
}

async function* uncompressed(chunks: AsyncGenerator<Buffer>, path: string): AsyncGenerator<Buffer> {
  const first = await chunks.next();
  if (first.done) return;
  const all = prepend(first.value, chunks);
  if (first.value[0] === 0x1f && first.value[1] === 0x8b) yield* gunzip(all, path);
  else yield* all;
}

async function* prepend(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

async function* gunzip(chunks: AsyncGenerator<Buffer>, path: string): AsyncGenerator<Buffer> {
  const source = Readable.from(chunks, { objectMode: false });
  const target = createGunzip({ chunkSize: 256 * 1024 });
  source.on('error', (error) => target.destroy(error));
  try {
    for await (const chunk of source.pipe(target)) yield chunk as Buffer;
  } catch (error) {
    if (!systemErrorCode(error)?.startsWith('Z_')) throw error;
    const name = path === '-' ? 'standard input' : `log ${quote(path)}`;
    throw new FileError('unreadable', `${name} is damaged: what was compressed in it cannot be unpacked`, {
      cause: error,
    });
  }
}
