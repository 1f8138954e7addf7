import { StoreError } from '../errors.ts';

/** https://www.sqlite.org/rescode.html: the low byte of a result code. */
const codes = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  inputOutput: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

/** Another process or connection holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code === codes.busy || code === codes.locked;
}

/** An error of SQLite in our words; any other as it is. */
export function describeSqliteError(
  error: unknown,
  name: string,
  { isUncertain = false }: { readonly isUncertain?: boolean } = {},
): unknown {
  const code = codeOf(error);
  if (code === undefined || !(error instanceof Error)) return error;
  const isUnavailable = code === codes.busy || code === codes.locked || code === codes.full;
  return new StoreError(`${name} ${wordsFor(code, error.message)}`, {
    isUncertain,
    isUnavailable,
    cause: error,
  });
}

function wordsFor(code: number, message: string): string {
  switch (code) {
    case codes.busy:
    case codes.locked:
      return 'is locked by another process, which has not let go of it in time: try again, or look for a process that hangs';
    case codes.readOnly:
      return 'cannot be written: the file, its folder or the file system is read-only';
    case codes.inputOutput:
      return `cannot be read or written: the device failed (${message})`;
    case codes.corrupt:
      return `is damaged (${message}): keep a copy of it and restore a backup (postern store restore)`;
    case codes.full:
      return 'cannot be written: no space is left on the device';
    case codes.cannotOpen:
      return 'cannot be opened: its folder is not there, or may not be read or written';
    case codes.notADatabase:
      return 'is no store: it is not a file of SQLite';
    default:
      return `failed: ${message}`;
  }
}

function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  return error.errcode & 0xff;
}
