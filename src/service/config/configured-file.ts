import { readFileSync } from 'node:fs';
import { describeSystemError } from '../../files/file-error.ts';
import { quote } from '../../files/quote.ts';
import { FileError } from '../../index.ts';

export { quote } from '../../files/quote.ts';

/**
 * A file that the configuration names.
 *
 * @param what  what it is, for the message: `key`
 * @throws {FileError}
 */
export function readConfiguredFile(path: string, what: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = describeSystemError(error);
    throw new FileError('unreadable', `${what} ${quote(path)} cannot be read: ${reason}`, { cause: error });
  }
}
