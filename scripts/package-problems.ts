import { isBuiltin } from 'node:module';
import { posix } from 'node:path';

/** A file that would be published. */
export interface PackedFile {
  /** From the root of the package, with slashes. */
  readonly path: string;
  /** Permissions in the archive. */
  readonly mode: number;
  readonly text: string;
}

export interface PackedManifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Scripts that npm runs where the package, or a copy of the repository, is installed as a dependency. */
const installScripts = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare'];

/** What belongs. Whatever else turns up has been packed by mistake, or gets a line here. */
const belongs: readonly RegExp[] = [
  /^(package\.json|README\.md|LICENSE)$/,
  /^dist\/([a-z-]+\/)*[a-z0-9-]+(\.js|\.d\.ts)$/,
  /^dist\/sbom\.cdx\.json$/,
  /^docs\/rules\/[\w-]+\.md$/,
  /^grammar\/[\w.-]+\.(md|ebnf|html|json)$/,
  /^policies\/([\w-]+\/)*[\w.-]+\.(acl|json|jsonl|md)$/,
];
const needed = ['package.json', 'README.md', 'LICENSE', 'dist/sbom.cdx.json'];

/**
 * What is wrong with what would be published, a line each: files that do not belong or are missing, scripts that would run
 * where it is installed, entries that lead nowhere, imports of what is not there, traces of the machine it was built on.
 *
 * @param sources  of every file of `src/`, from the root of the repository: what is in `dist/` has to come from one
 */
export function findPackageProblems(
  manifest: PackedManifest,
  files: readonly PackedFile[],
  sources: ReadonlySet<string>,
): readonly string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return [
    ...needed.filter((path) => !byPath.has(path)).map((path) => `${path} is missing`),
    ...installScripts
      .filter((name) => Object.hasOwn(manifest.scripts, name))
      .map((name) => `package.json: the script \`${name}\` would run where the package is installed`),
    ...findEntryProblems(manifest, byPath),
    ...files.flatMap((file) => findFileProblems(file, sources)),
    ...files.flatMap((file) => findImportProblems(file, byPath, manifest)),
  ];
}

function findEntryProblems(manifest: PackedManifest, byPath: ReadonlyMap<string, PackedFile>): string[] {
  const problems: string[] = [];
  for (const [name, entry] of Object.entries(manifest.exports)) {
    const targets = typeof entry === 'string' ? [entry] : [entry.types, entry.default];
    for (const target of targets)
      if (!byPath.has(posix.normalize(target))) problems.push(`exports \`${name}\`: ${target} is not packed`);
  }
  for (const [name, target] of Object.entries(manifest.bin)) {
    const file = byPath.get(posix.normalize(target));
    if (file === undefined) problems.push(`bin \`${name}\`: ${target} is not packed`);
    else if (!file.text.startsWith('#!/usr/bin/env node\n'))
      problems.push(`${file.path}: no line \`#!\` for Node.js`);
    else if ((file.mode & 0o111) !== 0o111) problems.push(`${file.path}: not executable for all`);
  }
  return problems;
}

function findFileProblems({ path, text }: PackedFile, sources: ReadonlySet<string>): string[] {
  if (!belongs.some((pattern) => pattern.test(path))) return [`${path}: does not belong into the package`];
  const problems: string[] = [];
  const [, stem] = /^dist\/(.*?)(?:\.d)?\.[jt]s$/.exec(path) ?? [];
  if (stem !== undefined && !sources.has(`src/${stem}.ts`))
    problems.push(`${path}: comes from no file of src/`);
  if (path.startsWith('dist/') && /^\/\/# sourceMappingURL=/m.test(text))
    problems.push(`${path}: names a source map`);
  const [trace] = /(?:file:\/\/\/|\/(?:home|Users|root|work|build|builds)\/)[\w.-]+\//.exec(text) ?? [];
  if (trace !== undefined) problems.push(`${path}: names a folder of some machine, \`${trace}\``);
  return problems;
}

/** Imports of a module, or of its types, that would fail where only the package and its dependencies are installed. */
function findImportProblems(
  { path, text }: PackedFile,
  byPath: ReadonlyMap<string, PackedFile>,
  { dependencies }: PackedManifest,
): string[] {
  if (!/^dist\/.*\.(js|d\.ts)$/.test(path)) return [];
  const isTypes = path.endsWith('.d.ts');
  const problems: string[] = [];
  for (const specifier of importsOf(text)) {
    if (specifier.startsWith('.')) {
      const target = posix.join(
        posix.dirname(path),
        isTypes ? specifier.replace(/\.[jt]s$/, '.d.ts') : specifier,
      );
      if (!byPath.has(target)) problems.push(`${path}: imports ${specifier}, which is not packed`);
      continue;
    }
    const [name] = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)!;
    if (!isBuiltin(specifier) && !Object.hasOwn(dependencies, name))
      problems.push(`${path}: imports \`${name}\`, which is no dependency`);
  }
  return problems;
}

/** Of what TypeScript has written: an import is a statement of its own, or a call or a type with the name in it. */
function importsOf(text: string): readonly string[] {
  const statements = text.matchAll(
    /^(?:(?:import|export)\b[^'"\n;]* from|\} from|import) ['"]([^'"\n]+)['"]/gm,
  );
  const calls = text.matchAll(/\bimport\(['"]([^'"\n]+)['"]\)/g);
  return [...statements, ...calls].map(([, specifier]) => specifier!);
}
