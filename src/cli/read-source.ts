import { readFileSync } from 'node:fs';
import { describeSystemError, FileError } from '../files/file-error.ts';
import { quote } from '../files/quote.ts';
import { decodeUtf8 } from '../files/utf8.ts';
import type { Source } from '../index.ts';

/**
 * A text that the command line names; `-` is standard input.
 *
 * @param what  what is in it, as messages begin: `grants`
 * @throws {FileError} if it cannot be read, or is not UTF-8
 */
export function readSource(argument: string, what: string): Source {
  const file = argument === '-' ? '(standard input)' : argument;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(argument === '-' ? 0 : argument);
  } catch (error) {
    const reason = describeSystemError(error);
    throw new FileError('unreadable', `${what} ${quote(file)} cannot be read: ${reason}`, { cause: error });
  }
  const decoded = decodeUtf8(bytes);
  if (decoded.ok) return { file, text: decoded.text };
  throw new FileError(
    'unreadable',
    `${what} ${quote(file)} cannot be read: not UTF-8: byte ${decoded.offset} begins no character`,
  );
}
