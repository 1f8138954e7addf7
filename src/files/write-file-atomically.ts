import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describeSystemError, FileError, systemErrorCode } from './file-error.ts';
import { quote } from './quote.ts';

/**
 * Writes a whole file or nothing: to a temporary name in the same folder, synced, renamed over the old file, and the
 * folder synced, so that after a crash either the old bytes or the new ones are there. An existing file keeps its
 * permissions, and a symbolic link keeps pointing to it. What is no regular file (`/dev/stdout`) is simply written to.
 *
 * @throws {FileError} `unwritable`; the temporary file is gone then
 */
export function writeFileAtomically(path: string, bytes: Uint8Array): void {
  try {
    const existing = statSync(path, { throwIfNoEntry: false });
    if (existing !== undefined && !existing.isFile()) writeFileSync(path, bytes);
    else replaceFile(existing === undefined ? path : realpathSync.native(path), bytes, existing);
  } catch (error) {
    const reason = describeSystemError(error);
    throw new FileError('unwritable', `${quote(path)} cannot be written: ${reason}`, { cause: error });
  }
}

function replaceFile(path: string, bytes: Uint8Array, existing: Stats | undefined): void {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeSynced(temporary, bytes, existing?.mode);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

function writeSynced(path: string, bytes: Uint8Array, mode: number | undefined): void {
  const descriptor = openSync(path, 'wx');
  try {
    if (mode !== undefined) fchmodSync(descriptor, mode & 0o7777);
    writeFileSync(descriptor, bytes);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes the rename itself durable. Windows knows no such thing, and some network file systems refuse. */
function syncFolder(path: string): void {
  try {
    const descriptor = openSync(path, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (!['EPERM', 'EISDIR', 'EINVAL', 'EACCES', 'ENOTSUP'].includes(systemErrorCode(error) ?? ''))
      throw error;
  }
}
