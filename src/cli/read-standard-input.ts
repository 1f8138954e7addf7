import { readFileSync } from 'node:fs';
import { describeSystemError, FileError } from '../files/file-error.ts';
import { decodeUtf8 } from '../files/utf8.ts';

/** All that comes in, as text. @throws {FileError} if it cannot be read, or is not UTF-8 */
export function readStandardInput(): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(0);
  } catch (error) {
    const reason = describeSystemError(error);
    throw new FileError('unreadable', `standard input cannot be read: ${reason}`, { cause: error });
  }
  const decoded = decodeUtf8(bytes);
  if (decoded.ok) return decoded.text;
  throw new FileError(
    'unreadable',
    `standard input is not UTF-8: byte ${decoded.offset} begins no character`,
  );
}
