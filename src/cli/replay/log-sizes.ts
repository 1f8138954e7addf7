import { statSync } from 'node:fs';
import { describeSystemError, FileError } from '../../files/file-error.ts';
import { quote } from '../../files/quote.ts';

/**
 * The bytes of all logs together, undefined where that is not known. Looks at every log, so that a name that leads nowhere is
 * reported before the first of them has been read.
 *
 * @throws {FileError}
 */
export function sizeOfLogs(logs: readonly string[]): number | undefined {
  let sizeBytes: number | undefined = 0;
  for (const log of logs) {
    const ofLog = log === '-' ? undefined : sizeOfLog(log);
    sizeBytes = sizeBytes === undefined || ofLog === undefined ? undefined : sizeBytes + ofLog;
  }
  return sizeBytes;
}

/** A pipe or a device has no size. */
function sizeOfLog(log: string): number | undefined {
  let found: ReturnType<typeof statSync>;
  try {
    found = statSync(log);
  } catch (error) {
    throw new FileError('unreadable', `log ${quote(log)} cannot be read: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
  if (found.isDirectory())
    throw new FileError('unreadable', `log ${quote(log)} cannot be read: it is a folder: name its files`);
  return found.isFile() ? found.size : undefined;
}
