import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quote } from '../../files/quote.ts';
import { UsageError } from '../usage-error.ts';

/** The policy files of a revision, laid out in a folder of their own. */
export interface GitTree {
  /** Where the top of the repository is laid out. */
  readonly top: string;
  /** Where the current folder is in it. */
  readonly current: string;
  /** Hash of the commit. */
  readonly commit: string;
  /** Removes the folder. */
  remove(): void;
}

/**
 * Lays out every `*.acl` of a revision of the repository around the current folder. Neither the working tree nor the index of
 * the repository is touched.
 *
 * @throws {UsageError} if there is no git, no repository or no such revision
 */
export function layOutRevision(revision: string): GitTree {
  const prefix = git(['rev-parse', '--show-prefix'], 'the current folder is in no git repository').trimEnd();
  const unknown = `git knows no revision ${quote(revision)}`;
  const commit = git(
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`],
    unknown,
  ).trim();
  const folder = mkdtempSync(join(tmpdir(), 'postern-diff-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const top = join(folder, 'tree');
    const failure = `${quote(revision)} cannot be read`;
    const options = { env: { ...process.env, GIT_INDEX_FILE: join(folder, 'index') } };
    const names = git(['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit], failure)
      .split('\0')
      .filter((name) => name.endsWith('.acl'));
    git(['read-tree', commit], failure, options);
    // Names are those from the top of the repository, and so is the place where the command has to run.
    const cwd = git(['rev-parse', '--show-toplevel'], failure).trimEnd();
    git(['checkout-index', '-q', '-z', '--stdin', `--prefix=${top}/`], failure, {
      ...options,
      cwd,
      input: names.map((name) => `${name}\0`).join(''),
    });
    return { top, current: join(top, prefix), commit, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Whether git knows a commit by the word. Where there is no git, or no repository, it knows none. */
export function isRevision(word: string): boolean {
  try {
    git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${word}^{commit}`], '');
    return true;
  } catch {
    return false;
  }
}

/** The commit from which two revisions went apart. @throws {UsageError} */
export function mergeBase(one: string, other: string): string {
  const failure = `git knows no common ancestor of ${quote(one)} and ${quote(other)}`;
  return git(['merge-base', '--end-of-options', one, other], failure).trim();
}

interface GitOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string;
}

function git(words: readonly string[], failure: string, options: GitOptions = {}): string {
  try {
    return execFileSync('git', words, {
      ...options,
      encoding: 'utf8',
      maxBuffer: 1 << 30,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { readonly stderr?: string };
    if (code === 'ENOENT') throw new UsageError('there is no git to read revisions with: compare files');
    const [reason] = (stderr ?? '').trim().split('\n');
    throw new UsageError(reason ? `${failure}: ${reason.replace(/^fatal: /, '')}` : failure);
  }
}
