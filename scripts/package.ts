/**
 * Checks what would be published: that it holds what belongs and nothing else, stays within its size, has nothing that
 * `publint` finds, and works where only it and its dependencies are installed. It looks at `dist/` as it lies there, after
 * `npm run build`.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { findPackageProblems, type PackedFile, type PackedManifest } from './package-problems.ts';

/** About a tenth more than it has. Whoever adds more says so here. */
const LIMIT_PACKED_BYTES = 1_400_000;
const LIMIT_UNPACKED_BYTES = 5_100_000;

interface PackReport {
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

const root = fileURLToPath(new URL('../', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackedManifest;
const [report] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }),
) as [PackReport];
const files: PackedFile[] = report.files.map(({ path, mode }) => ({
  path,
  mode,
  text: readFileSync(join(root, path), 'utf8'),
}));
const sources = new Set(
  readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map((path) => `src/${path}`),
);

const problems = [...findPackageProblems(manifest, files, sources), ...findGrowth(report)];
const lint = await publint({ pkgDir: root, strict: true, pack: { files: filesForPublint() } });
problems.push(
  ...lint.messages.map((message) => `publint: ${formatMessage(message, lint.pkg, { color: false })}`),
);
// What does not hold together cannot be tried.
if (problems.length === 0) problems.push(...tryInstalled());

console.log(
  `package: ${files.length} files, ${report.size} bytes packed of ${LIMIT_PACKED_BYTES}, ${report.unpackedSize} unpacked of ${LIMIT_UNPACKED_BYTES}`,
);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

function findGrowth({ size, unpackedSize }: PackReport): string[] {
  const problems: string[] = [];
  if (size > LIMIT_PACKED_BYTES) problems.push('the package has grown beyond its limit');
  if (unpackedSize > LIMIT_UNPACKED_BYTES)
    problems.push('the package has grown beyond its limit when unpacked');
  return problems;
}

function filesForPublint(): { name: string; data: Uint8Array<ArrayBuffer> }[] {
  return files.map(({ path, text }) => ({ name: join(root, path), data: new TextEncoder().encode(text) }));
}

/** Puts the files beside the dependencies of a program that has nothing else, imports every entry, and runs the command line. */
function tryInstalled(): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'postern-package-'));
  try {
    const modules = join(folder, 'node_modules');
    const installed = join(modules, 'postern');
    for (const { path, mode } of files) {
      cpSync(join(root, path), join(installed, path));
      chmodSync(join(installed, path), mode);
    }
    for (const name of Object.keys(manifest.dependencies)) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
    }
    const bin = join(installed, manifest.bin.postern!);
    return [
      ...Object.keys(manifest.exports).map((name) => () => importEntry(name, folder)),
      () => run(bin, ['--version'], folder),
      () => run(bin, ['init', 'policies'], folder),
      () => run(bin, ['test', 'policies'], folder),
      () => run(bin, ['lint', '--explain', 'shadowed-rule'], folder),
    ].flatMap((attempt) => attempt());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function importEntry(name: string, folder: string): string[] {
  const specifier = `postern${name.slice(1)}`;
  const type = specifier.endsWith('.json') ? ', { with: { type: "json" } }' : '';
  return run(
    process.execPath,
    ['--input-type=module', '--eval', `await import('${specifier}'${type})`],
    folder,
  );
}

function run(command: string, words: readonly string[], folder: string): string[] {
  try {
    execFileSync(command, words, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    return [];
  } catch (error) {
    return [`installed, this fails: ${words.join(' ')}\n${(error as Error).message}`];
  }
}
