import { compile } from './compile/compile.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { sortDiagnostics } from './diagnostics/sort.ts';
import { createShippedImporter } from './files/importer.ts';
import { readPolicySet } from './files/read-policy-set.ts';
import type { Model } from './model/model.ts';
import { loadTrees } from './resolve/load-trees.ts';
import { resolve } from './resolve/resolve.ts';
import type { Importer } from './source/importer.ts';
import type { Source } from './source/source.ts';

export interface BuildOptions {
  /** Finds what `import` names. Without one shipped policies are found, `postern:dcos`, and nothing else. */
  readonly importer?: Importer;
}

/** Diagnostics are sorted; `textOf` gives the text of the files that they name, for renderers. */
export type BuildResult = {
  readonly diagnostics: readonly Diagnostic[];
  readonly textOf: (file: string) => string | undefined;
} & ({ readonly ok: true; readonly model: Model; readonly image: Uint8Array } | { readonly ok: false });

/**
 * Source text to image: parse, resolve, compile. Runs every stage it can, so that one run shows all the mistakes of a file
 * set; with a single error there is no image (S64). Never throws on account of a text.
 */
export function build(
  sources: readonly Source[],
  { importer = createShippedImporter() }: BuildOptions = {},
): BuildResult {
  const loaded = loadTrees(sources, importer);
  const texts = new Map(loaded.trees.map((tree) => [tree.file, tree.text]));
  const resolved = resolve(loaded.trees);
  const diagnostics = sortDiagnostics([...loaded.diagnostics, ...resolved.diagnostics]);
  const textOf = (file: string): string | undefined => texts.get(file);
  if (diagnostics.some(({ severity }) => severity === 'error')) return { ok: false, diagnostics, textOf };
  return { ok: true, diagnostics, textOf, model: resolved.model, image: compile(resolved.model) };
}

export interface BuildFilesOptions {
  /** The folder that imports may not leave. Default: the current folder, or where the files have their common ancestor. */
  readonly root?: string;
}

/**
 * `build` of files, folders (every `*.acl` in them) and globs.
 *
 * @throws {FileError} if a pattern leads to no file
 */
export async function buildFiles(
  patterns: readonly string[],
  options: BuildFilesOptions = {},
): Promise<BuildResult> {
  const set = readPolicySet(patterns, options);
  const result = build(set.sources, { importer: set.importer });
  if (set.diagnostics.length === 0) return result;
  return {
    ok: false,
    diagnostics: sortDiagnostics([...set.diagnostics, ...result.diagnostics]),
    textOf: result.textOf,
  };
}
