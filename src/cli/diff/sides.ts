import { existsSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import type { ReportSide } from '../../diff.ts';
import { FileError } from '../../files/file-error.ts';
import { quote } from '../../files/quote.ts';
import type { Builder, Model } from '../../index.ts';
import type { Format } from '../command-context.ts';
import { loadModel } from '../load-model.ts';
import { isImageFile } from '../load-policies.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { type GitTree, isRevision, layOutRevision, mergeBase } from './git-tree.ts';

/** One of two policy sets, as the command line names it: policies that lie somewhere, or those of a git revision. */
export interface SideName {
  readonly name: string;
  readonly paths: readonly string[];
  readonly revision?: string;
}

export interface LoadedSide {
  readonly model: Model;
  readonly report: ReportSide;
}

/**
 * What two policy sets `diff` and `equal` are told to compare: `OLD NEW`, or `A..B` with paths, or `git:REVISION` on either side.
 *
 * @throws {UsageError}
 */
export function readSides(
  first: string,
  second: string | undefined,
  rest: readonly string[],
): [SideName, SideName] {
  const range = existsSync(first) ? undefined : /^(?![./])(.*?)(\.{2,3})(.*)$/.exec(first);
  if (range !== null && range !== undefined) {
    const [, before = '', dots, after = ''] = range;
    const paths = [second, ...rest].filter((path) => path !== undefined);
    const [one, other] = [before || 'HEAD', after || 'HEAD'];
    const base = dots === '...' ? mergeBase(one, other) : one;
    const sideAt = (revision: string): SideName => ({
      name: revision,
      paths: paths.length === 0 ? ['.'] : paths,
      revision,
    });
    return [sideAt(base), sideAt(other)];
  }
  if (second === undefined)
    throw new UsageError(
      'two policy sets are compared: write OLD NEW, or a range of revisions such as main..HEAD',
    );
  if (rest.length > 0)
    throw new UsageError('two policy sets are compared: name a folder where there are more files');
  hintAtRevisions(first, second);
  const [before, after] = [readSide(first), readSide(second)];
  return [withPathsOf(before, after), withPathsOf(after, before)];
}

/**
 * A revision where policies are expected: taken for a file that is not there, it would only be said that there is none.
 *
 * @throws {UsageError} if git knows one of them
 */
function hintAtRevisions(first: string, second: string): void {
  const revisions = [first, second].filter((word) => !existsSync(word) && isRevision(word));
  const [revision] = revisions;
  if (revision === undefined) return;
  const way =
    revisions.length === 2 ? `${first}..${second}, or git:${first} git:${second}` : `git:${revision}`;
  throw new UsageError(
    `no such file or folder: ${quote(revision)}; for the policies of that git revision write ${way}`,
  );
}

function readSide(word: string): SideName {
  const [, revision, path] = /^git:([^:]+)(?::(.*))?$/.exec(word) ?? [];
  if (revision === undefined) return { name: word, paths: [word] };
  return { name: revision, revision, paths: path === undefined || path === '' ? [] : [path] };
}

/** A revision without a path is asked for what the other side names. */
function withPathsOf(side: SideName, other: SideName): SideName {
  if (side.paths.length > 0) return side;
  const paths = other.paths.filter((path) => !isAbsolute(path) && !isImageFile(path));
  return { ...side, paths: paths.length === 0 ? ['.'] : paths };
}

/**
 * Reads one of the policy sets.
 *
 * @param builder  of both sides: files that are the same in both are read once
 * @returns undefined if the policies have errors; they have been shown
 * @throws {FileError | ImageError | UsageError}
 */
export async function loadSide(
  side: SideName,
  root: string | undefined,
  format: Format,
  terminal: Terminal,
  builder: Builder,
): Promise<LoadedSide | undefined> {
  if (side.revision === undefined) {
    const loaded = await loadModel(
      { policy: side.paths, ...(root === undefined ? {} : { root }) },
      format,
      terminal,
      builder,
    );
    return loaded && { model: loaded.model, report: { name: side.name, policies: side.paths } };
  }
  const tree = layOutRevision(side.revision);
  try {
    const { model } = (await loadModel(optionsIn(tree, side, root), format, terminal, builder)) ?? {};
    if (model === undefined) {
      terminal.talk(`postern: these are the policies of ${quote(side.name)}`);
      return undefined;
    }
    return { model, report: { name: side.name, revision: tree.commit, policies: [] } };
  } catch (error) {
    // The folder that they were laid out in means nothing to the reader.
    if (error instanceof FileError)
      throw new FileError(error.code, `${side.name} has no such policies: ${side.paths.join(' ')}`, {
        cause: error,
      });
    throw error;
  } finally {
    tree.remove();
  }
}

function optionsIn(
  { top, current }: GitTree,
  { paths, name }: SideName,
  root: string | undefined,
): { readonly policy: readonly string[]; readonly root: string } {
  const policy = paths.map((path) => {
    if (isAbsolute(path))
      throw new UsageError(`name policies of ${name} from the current folder, not from /`);
    return join(current, path);
  });
  if (root !== undefined) return { policy, root: join(current, root) };
  const isBeneath = policy.every((path) => !relative(current, path).startsWith('..'));
  return { policy, root: isBeneath ? current : top };
}
