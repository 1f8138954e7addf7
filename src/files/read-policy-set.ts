import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Importer } from '../source/importer.ts';
import type { Source } from '../source/source.ts';
import { type FindOptions, findPolicyFiles, type PolicyFile } from './find-policy-files.ts';
import { createImporter } from './importer.ts';
import { isInside, type PolicyRoot } from './policy-root.ts';
import { quote } from './quote.ts';
import type { ReadFailure } from './read-policy-source.ts';
import { createSourceCache, type SourceCache } from './source-cache.ts';

/** The files of a policy set as `build` takes them. */
export interface PolicySetSources {
  readonly root: PolicyRoot;
  /** Sorted by name; those that could not be read are missing here and have a diagnostic instead. */
  readonly sources: readonly Source[];
  /** Errors only, at offset 0 of files that have no text: they are shown beside those of the build. */
  readonly diagnostics: readonly Diagnostic[];
  /** Knows the files above by their real paths, so that an import of one of them is not a second file. */
  readonly importer: Importer;
}

/**
 * Everything that patterns stand for, read: one call from command line to `build`.
 *
 * @throws {FileError} if a pattern leads to no file; a file that cannot be read is a diagnostic
 */
export function readPolicySet(patterns: readonly string[], options: FindOptions = {}): PolicySetSources {
  const cache = createSourceCache();
  const { root, files } = readFilesWith(cache, patterns, options);
  const sources = files.flatMap((file) => (file.ok ? file.source : []));
  const diagnostics = files.flatMap((file) => (file.ok ? [] : file.diagnostic));
  return { root, sources, diagnostics, importer: createImporter(root, cache) };
}

/** A file by itself: its text, or why there is none. */
export type ReadPolicyFile = PolicyFile &
  (
    | { readonly ok: true; readonly source: Source; readonly sizeBytes: number }
    | { readonly ok: false; readonly diagnostic: Diagnostic }
  );

/**
 * Everything that patterns stand for, file by file: for those who write the files again.
 *
 * @throws {FileError} if a pattern leads to no file
 */
export function readPolicyFiles(
  patterns: readonly string[],
  options: FindOptions = {},
): readonly ReadPolicyFile[] {
  return readFilesWith(createSourceCache(), patterns, options).files;
}

function readFilesWith(
  cache: SourceCache,
  patterns: readonly string[],
  options: FindOptions,
): { readonly root: PolicyRoot; readonly files: readonly ReadPolicyFile[] } {
  const { root, files } = findPolicyFiles(patterns, options);
  const read = files.map((file): ReadPolicyFile => {
    const result = readInside(root, file, cache);
    return result.ok
      ? { ...file, ...result }
      : { ...file, ok: false, diagnostic: toDiagnostic(file, result) };
  });
  return { root, files: read };
}

/** The root holds for named files too: a link out of it could make diagnostics quote what nobody meant to show. */
function readInside(root: PolicyRoot, file: PolicyFile, cache: SourceCache): ReturnType<SourceCache['read']> {
  if (isInside(root.realPath, file.realPath)) return cache.read(file.realPath, file.name);
  const isLinked = isInside(root.path, file.path);
  const how = isLinked ? 'is a symbolic link that leads outside' : 'lies outside';
  const message = `${quote(file.name)} ${how} the policy root`;
  return { ok: false, code: 'P2002', message, help: 'choose a root that holds all files (`--root`)' };
}

function toDiagnostic(file: PolicyFile, { code, message, help }: ReadFailure): Diagnostic {
  const base = { code, severity: 'error', file: file.name, span: { start: 0, end: 0 }, message } as const;
  return help === undefined ? base : { ...base, help };
}
