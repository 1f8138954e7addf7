export type FileErrorCode =
  /** A pattern, or no pattern at all, that leads to no file. */
  | 'no-match'
  /** A file or folder that is there and cannot be read. */
  | 'unreadable'
  /** A file or folder that cannot be written. */
  | 'unwritable'
  /** A search that met more folders than a policy set can reasonably have. */
  | 'too-many';

/** A file could not be found, read or written. The message names it and the way out; `cause` is the system's error. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly code: FileErrorCode;

  constructor(code: FileErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What the system said, in words where they are known: `permission denied`, not `EACCES`. */
export function describeSystemError(error: unknown): string {
  const code = systemErrorCode(error);
  if (code === undefined) return error instanceof Error ? error.message : String(error);
  return systemErrorWords.get(code) ?? code;
}

/** `ENOENT` and its like, or undefined if the system did not raise this. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const systemErrorWords: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'operation not permitted'],
  ['ENOENT', 'no such file or folder'],
  ['ENOTDIR', 'a part of its path is not a folder'],
  ['EISDIR', 'it is a folder'],
  ['ELOOP', 'its symbolic links form a loop'],
  ['ENAMETOOLONG', 'its name is too long'],
  ['EMFILE', 'too many files are open'],
  ['ENFILE', 'too many files are open'],
  ['ENOSPC', 'no space is left on the device'],
  ['EROFS', 'the file system is read-only'],
  ['EIO', 'the device failed'],
]);
