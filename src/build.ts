import { compile } from './compile/compile.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { sortDiagnostics } from './diagnostics/sort.ts';
import { createShippedImporter } from './files/importer.ts';
import { readPolicySet } from './files/read-policy-set.ts';
import type { Model } from './model/model.ts';
import { loadTrees } from './resolve/load-trees.ts';
import { resolve } from './resolve/resolve.ts';
import { RuleMemory } from './resolve/rule-memory.ts';
import { TreeMemory } from './resolve/tree-memory.ts';
import type { Importer } from './source/importer.ts';
import type { Source } from './source/source.ts';

export interface BuildOptions {
  /** Finds what `import` names. Without one shipped policies are found, `postern:dcos`, and nothing else. */
  readonly importer?: Importer;
  /**
   * Told how far a build is, at most twice for each file and once before compiling. What it throws ends the build and
   * reaches the caller.
   */
  readonly onProgress?: (progress: BuildProgress) => void;
}

/** How far a build is: files that are parsed, imported ones too; rules that are resolved; rules that are being compiled. */
export type BuildProgress =
  | { readonly stage: 'parse'; readonly files: number }
  | { readonly stage: 'resolve'; readonly rules: number }
  | { readonly stage: 'compile'; readonly rules: number };

/** What every build says. Diagnostics are sorted; `textOf` gives the text of the files that they name, for renderers. */
interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  readonly textOf: (file: string) => string | undefined;
}

/** What the policies mean, if there is no error. */
export type ModelResult = Findings & ({ readonly ok: true; readonly model: Model } | { readonly ok: false });

/** The same with the image to decide from. */
export type BuildResult = Findings &
  ({ readonly ok: true; readonly model: Model; readonly image: Uint8Array } | { readonly ok: false });

/**
 * Source text to image: parse, resolve, compile. Runs every stage it can, so that one run shows all the mistakes of a file
 * set; with a single error there is no image (S64). Never throws on account of a text.
 */
export function build(sources: readonly Source[], options: BuildOptions = {}): BuildResult {
  return buildWith(undefined, sources, options);
}

/** `build` without the last stage, for questions about policies that ask no single request: `onProgress` hears of no `compile`. */
export function buildModel(sources: readonly Source[], options: BuildOptions = {}): ModelResult {
  return resolveWith(undefined, sources, options);
}

export interface BuildFilesOptions extends Pick<BuildOptions, 'onProgress'> {
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
  return buildFilesWith(undefined, patterns, options, buildWith);
}

/** `buildModel` of files, as `buildFiles` takes them. @throws {FileError} as it does */
export async function buildModelFiles(
  patterns: readonly string[],
  options: BuildFilesOptions = {},
): Promise<ModelResult> {
  return buildFilesWith(undefined, patterns, options, resolveWith);
}

/**
 * Builds again and again, and remembers the last build: files whose name and text are the same as then are not parsed
 * again, nor are their rules resolved again where no other file has changed what they mean. The result is that of a build
 * from scratch, to the byte.
 *
 * It keeps the texts, trees and rules of one build alive. Files that are no longer given are forgotten.
 */
export interface Builder {
  /** As the function `build` does. */
  build(sources: readonly Source[], options?: BuildOptions): BuildResult;
  /** As the function `buildFiles` does: every file is read each time. @throws {FileError} as it does */
  buildFiles(patterns: readonly string[], options?: BuildFilesOptions): Promise<BuildResult>;
  /** As the function `buildModel` does. */
  buildModel(sources: readonly Source[], options?: BuildOptions): ModelResult;
  /** As the function `buildModelFiles` does. @throws {FileError} as it does */
  buildModelFiles(patterns: readonly string[], options?: BuildFilesOptions): Promise<ModelResult>;
}

export function createBuilder(): Builder {
  const memory: Memory = { trees: new TreeMemory(), rules: new RuleMemory() };
  return {
    build: (sources, options = {}) => buildWith(memory, sources, options),
    buildFiles: async (patterns, options = {}) => buildFilesWith(memory, patterns, options, buildWith),
    buildModel: (sources, options = {}) => resolveWith(memory, sources, options),
    buildModelFiles: async (patterns, options = {}) => buildFilesWith(memory, patterns, options, resolveWith),
  };
}

/** What a builder keeps between builds. */
interface Memory {
  readonly trees: TreeMemory;
  readonly rules: RuleMemory;
}

function buildWith(
  memory: Memory | undefined,
  sources: readonly Source[],
  options: BuildOptions,
): BuildResult {
  const result = resolveWith(memory, sources, options);
  if (!result.ok) return result;
  options.onProgress?.({ stage: 'compile', rules: result.model.rules.length });
  return { ...result, image: compile(result.model) };
}

function resolveWith(
  memory: Memory | undefined,
  sources: readonly Source[],
  { importer = createShippedImporter(), onProgress }: BuildOptions,
): ModelResult {
  const loaded = loadTrees(sources, importer, {
    memory: memory?.trees,
    onFile: onProgress && ((files) => onProgress({ stage: 'parse', files })),
  });
  const texts = new Map(loaded.trees.map((tree) => [tree.file, tree.text]));
  const resolved = resolve(loaded.trees, {
    memory: memory?.rules,
    onRules: onProgress && ((rules) => onProgress({ stage: 'resolve', rules })),
  });
  // The platform keeps the text in which an expression has matched last: let it be another one than that of a policy.
  /^/.test('');
  const diagnostics = sortDiagnostics([...loaded.diagnostics, ...resolved.diagnostics]);
  const textOf = (file: string): string | undefined => texts.get(file);
  if (diagnostics.some(({ severity }) => severity === 'error')) return { ok: false, diagnostics, textOf };
  return { ok: true, diagnostics, textOf, model: resolved.model };
}

function buildFilesWith<Result extends Findings>(
  memory: Memory | undefined,
  patterns: readonly string[],
  { onProgress, ...options }: BuildFilesOptions,
  buildFrom: (memory: Memory | undefined, sources: readonly Source[], options: BuildOptions) => Result,
): Result | (Findings & { readonly ok: false }) {
  const set = readPolicySet(patterns, options);
  const result = buildFrom(memory, set.sources, {
    importer: set.importer,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  if (set.diagnostics.length === 0) return result;
  return {
    ok: false,
    diagnostics: sortDiagnostics([...set.diagnostics, ...result.diagnostics]),
    textOf: result.textOf,
  };
}
