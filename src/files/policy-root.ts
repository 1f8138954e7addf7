import { realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { describeSystemError, FileError } from './file-error.ts';
import { quote } from './quote.ts';

/** The folder that imports may not leave and that names of files are relative to. */
export interface PolicyRoot {
  /** Absolute, as the user spelled it; names are taken from here. */
  readonly path: string;
  /** With symbolic links followed; what may be read is decided here. */
  readonly realPath: string;
}

/** @throws {FileError} if there is no such folder or it cannot be reached. */
export function openPolicyRoot(path: string): PolicyRoot {
  const absolute = resolve(path);
  try {
    if (statSync(absolute).isDirectory()) return { path: absolute, realPath: realpathSync.native(absolute) };
  } catch (error) {
    const reason = describeSystemError(error);
    throw new FileError('unreadable', `policy root ${quote(path)} cannot be read: ${reason}`, {
      cause: error,
    });
  }
  throw new FileError('unreadable', `policy root ${quote(path)} is not a folder`);
}

/** The current folder if it holds all the files, else the nearest folder that does. `files` are absolute. */
export function inferPolicyRoot(files: readonly string[], currentFolder: string = process.cwd()): string {
  if (files.every((file) => isInside(currentFolder, file))) return currentFolder;
  return files.map((file) => dirname(file)).reduce(commonFolder);
}

/** True if `path` is `folder` or lies beneath it. Compares spellings: follow symbolic links first where they matter. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`);
}

const shippedPrefix = 'postern:';

/**
 * The name of a file in diagnostics, explanations and images: relative to the root, with forward slashes. A folder that is
 * itself called `postern:…` gets a `./`, so that no file of the user's can pass for a shipped one.
 */
export function nameInRoot(root: PolicyRoot, path: string): string {
  const name = relative(root.path, path).split(sep).join('/');
  return name.startsWith(shippedPrefix) ? `./${name}` : name;
}

/** True for names that only shipped files have. */
export function isShippedName(name: string): boolean {
  return name.startsWith(shippedPrefix);
}

function commonFolder(left: string, right: string): string {
  let folder = left;
  while (!isInside(folder, right)) folder = join(folder, '..');
  return folder;
}
