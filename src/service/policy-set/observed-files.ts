import { realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { systemErrorCode } from '../../files/file-error.ts';
import { findPolicyFiles } from '../../files/find-policy-files.ts';
import { FileError } from '../../index.ts';

/** How files looked at one moment, by path; equal looks mean that nothing was written between them. */
export type Look = ReadonlyMap<string, string>;

/** What identifies the contents of a file without reading it; a file that is not there has a look too. */
export function lookAtFile(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return systemErrorCode(error) ?? 'unreadable';
  }
}

/** All that the patterns stand for now; that they lead to nothing is a look as well. */
export function lookAtPatterns(patterns: readonly string[], root: string | undefined): Look {
  try {
    const { files } = findPolicyFiles(patterns, { root });
    return new Map(files.map(({ path }) => [path, lookAtFile(path)]));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return new Map([['', error.message]]);
  }
}

/** A policy set at one moment. */
export interface SetLook {
  readonly files: Look;
  /** What the files import, beside them. */
  readonly imports: Look;
}

export function isSameLook(left: SetLook, right: SetLook): boolean {
  return hasSameEntries(left.files, right.files) && hasSameEntries(left.imports, right.imports);
}

function hasSameEntries(left: Look, right: Look): boolean {
  if (left.size !== right.size) return false;
  for (const [path, look] of left) if (right.get(path) !== look) return false;
  return true;
}

/** Where changes of the files show: their folders, those that links lead to, and folders that the patterns name. */
export function foldersOf({ files, imports }: SetLook, patterns: readonly string[]): Set<string> {
  const folders = new Set<string>();
  for (const pattern of patterns)
    folders.add(isFolder(pattern) ? resolve(pattern) : dirname(resolve(pattern)));
  for (const path of [...files.keys(), ...imports.keys()]) {
    if (path === '') continue;
    folders.add(dirname(path));
    folders.add(dirname(realPathOf(path)));
  }
  return folders;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function realPathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
