import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import fastGlob from 'fast-glob';
import { describeSystemError, FileError, systemErrorCode } from './file-error.ts';
import { inferPolicyRoot, nameInRoot, openPolicyRoot, type PolicyRoot } from './policy-root.ts';
import { quote } from './quote.ts';

export interface FindOptions {
  /** The policy root; absent, it is found as `inferPolicyRoot` says. */
  readonly root?: string | undefined;
}

export interface PolicyFile {
  /** Absolute, as found. */
  readonly path: string;
  /** With symbolic links followed: the identity of the file. */
  readonly realPath: string;
  /** `Source.file`. */
  readonly name: string;
}

export interface FoundPolicyFiles {
  readonly root: PolicyRoot;
  /** Sorted by name, code unit by code unit; every file once, however many patterns and links lead to it. */
  readonly files: readonly PolicyFile[];
}

/**
 * The files that patterns stand for: a file is itself, a folder every `*.acl` in it at any depth, anything else a glob.
 * Names that begin with a dot and `node_modules` are passed over unless the pattern spells them out. Symbolic links are
 * followed, because a policy file passed over in silence may be the one that denies; whether a link may be read is for
 * the reader to say.
 *
 * @throws {FileError} `no-match` for a pattern that leads nowhere, `unreadable` for what cannot be looked at
 */
export function findPolicyFiles(patterns: readonly string[], options: FindOptions = {}): FoundPolicyFiles {
  if (patterns.length === 0) throw new FileError('no-match', 'no policy given: name files, folders or globs');
  const paths = patterns.flatMap(findPaths);
  const root = openPolicyRoot(options.root ?? inferPolicyRoot(paths));
  const files = paths.map((path) => ({ path, realPath: realPathOf(path), name: nameInRoot(root, path) }));
  return { root, files: uniqueByRealPath(files.sort(compareNames)) };
}

function findPaths(pattern: string): string[] {
  const stats = statOf(pattern);
  if (stats?.isFile()) return [resolve(pattern)];
  const paths = stats?.isDirectory() ? globFolder(pattern) : globPaths(pattern);
  if (paths.length > 0) return paths;
  throw new FileError('no-match', describeNoMatch(pattern, stats));
}

/** The files in a folder whose names end so, at any depth. */
export function globFolder(folder: string, suffix = '.acl'): string[] {
  return glob(`**/*${suffix}`, resolve(folder), ['**/node_modules/**']).filter(isPolicyFile);
}

/** What a glob matches; nothing for a text that is none. */
export function globPaths(pattern: string): string[] {
  if (!fastGlob.isDynamicPattern(pattern)) return [];
  const portable = sep === '\\' ? pattern.replaceAll('\\', '/') : pattern;
  const ignored = portable.includes('node_modules') ? [] : ['**/node_modules/**'];
  return glob(portable, process.cwd(), ignored).filter(isPolicyFile);
}

function describeNoMatch(pattern: string, stats: Stats | undefined): string {
  if (stats?.isDirectory()) return `folder ${quote(pattern)} holds no \`*.acl\` file`;
  if (stats !== undefined) return `${quote(pattern)} is neither a file nor a folder`;
  if (fastGlob.isDynamicPattern(pattern)) return `pattern ${quote(pattern)} matches no file`;
  return `no such file or folder: ${quote(pattern)}`;
}

/** Everything that matches but folders: what is broken or no regular file must not vanish, and is left for `isPolicyFile`. */
function glob(pattern: string, folder: string, ignored: readonly string[]): string[] {
  const failures: unknown[] = [];
  const fs = walkingFileSystem(failures);
  const options = { cwd: folder, absolute: true, onlyFiles: false, ignore: [...ignored], fs };
  try {
    const paths = fastGlob.sync(pattern, options);
    if (failures.length > 0) throw failures[0];
    return paths;
  } catch (error) {
    if (error instanceof FileError) throw error;
    const where = error instanceof Error && 'path' in error ? String(error.path) : folder;
    throw unreadable(where, error);
  }
}

/** False for a folder that happens to be called `x.acl`. @throws {FileError} for what is there and cannot be read as a file. */
function isPolicyFile(path: string): boolean {
  const stats = statOf(path);
  if (stats?.isDirectory()) return false;
  if (stats?.isFile()) return true;
  const reason = stats === undefined ? 'it is a symbolic link to nothing' : 'it is not a regular file';
  throw new FileError('unreadable', `${quote(path)} cannot be read: ${reason}`);
}

/** Undefined if there is nothing. @throws {FileError} if the system does not let us see. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw unreadable(path, error);
  }
}

/** True where the system says that there is nothing of that name, or could never be. */
function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ERR_INVALID_ARG_VALUE'].includes(systemErrorCode(error) ?? '');
}

function unreadable(path: string, cause: unknown): FileError {
  return new FileError('unreadable', `${quote(path)} cannot be read: ${describeSystemError(cause)}`, {
    cause,
  });
}

function realPathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

const mostFolders = 100_000;

/**
 * The file system as a search sees it: a symbolic link to a folder that the way to the link already passed through looks
 * like a plain link, which is not entered, so loops of links end; and the number of folders is limited, because links to
 * folders elsewhere can make a small tree very large. The glob library swallows what goes wrong with a link; `failures`
 * keeps it.
 */
function walkingFileSystem(failures: unknown[]): NonNullable<fastGlob.Options['fs']> {
  const entered = new Set<string>();
  const read = (path: string, ...rest: unknown[]): unknown => {
    entered.add(path);
    if (entered.size <= mostFolders) return Reflect.apply(readdirSync, undefined, [path, ...rest]);
    throw new FileError(
      'too-many',
      `more than ${mostFolders} folders to search: name the policy folder itself`,
    );
  };
  const stat = (path: string): Stats => {
    try {
      return leadsBack(path, entered) ? lstatSync(path) : statSync(path);
    } catch (error) {
      if (!isAbsence(error) && systemErrorCode(error) !== 'ELOOP') failures.push(error);
      throw error;
    }
  };
  return { readdirSync: read as typeof readdirSync, statSync: stat as typeof statSync };
}

/** True if the link at `path` leads to one of the folders that were entered on the way to it. */
function leadsBack(path: string, entered: ReadonlySet<string>): boolean {
  const target = realpathSync.native(path);
  let folder = dirname(path);
  while (entered.has(folder)) {
    if (realpathSync.native(folder) === target) return true;
    folder = dirname(folder);
  }
  return false;
}

function uniqueByRealPath(files: readonly PolicyFile[]): PolicyFile[] {
  const seen = new Set<string>();
  return files.filter(({ realPath }) => !seen.has(realPath) && seen.add(realPath));
}

function compareNames(left: PolicyFile, right: PolicyFile): number {
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}
