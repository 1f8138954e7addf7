import { lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeSystemError, FileError } from '../../files/file-error.ts';
import { quote } from '../../files/quote.ts';

export interface NewFile {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Whether it is left out where there is one of that name already, instead of being in the way. */
  readonly isOptional?: true;
}

export type WriteFolderResult =
  | { readonly ok: true; readonly written: readonly string[] }
  | { readonly ok: false; readonly inTheWay: readonly string[] };

/**
 * Writes new files into a folder: all of them, or none.
 *
 * @throws {FileError} `unwritable`; what was written by then is gone again
 */
export function writeFolder(folder: string, files: readonly NewFile[]): WriteFolderResult {
  const due = files.filter(({ path, isOptional }) => !(isOptional && exists(join(folder, path))));
  const inTheWay = due.map(({ path }) => join(folder, path)).filter(exists);
  if (inTheWay.length > 0) return { ok: false, inTheWay };
  const made: string[] = [];
  try {
    for (const { path, text } of due) writeNew(join(folder, path), text, made);
  } catch (error) {
    for (const path of made.reverse()) rmSync(path, { force: true, recursive: true });
    const reason = describeSystemError(error);
    throw new FileError('unwritable', `${quote(folder)} cannot be filled: ${reason}`, { cause: error });
  }
  return { ok: true, written: due.map(({ path }) => join(folder, path)) };
}

/** A link to nothing is in the way too; beneath what is no folder there is nothing. */
function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function writeNew(path: string, text: string, made: string[]): void {
  const first = mkdirSync(dirname(path), { recursive: true });
  if (first !== undefined) made.push(first);
  writeFileSync(path, text, { flag: 'wx' });
  made.push(path);
}
