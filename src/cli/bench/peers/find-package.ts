import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../../usage-error.ts';

export interface FoundPackage {
  readonly version: string;
  /** What the module exports, by name. */
  readonly exports: Readonly<Record<string, unknown>>;
}

export interface PackageNames {
  readonly engine: string;
  /** As it is installed. */
  readonly package: string;
  /** As it is imported. */
  readonly entry: string;
}

/**
 * Loads a package from where the user's project has it: it is none of ours.
 *
 * @param folder  where to look from, as `require` does from a file in there
 * @throws {UsageError} that names the package to install, or what keeps it from loading
 */
export async function findPackage(names: PackageNames, folder: string): Promise<FoundPackage> {
  const path = locate(names, folder);
  try {
    const module: Record<string, unknown> = await import(pathToFileURL(path).href);
    // A module in the old format may have its exports under `default` alone.
    const { default: inner } = module;
    const exports = typeof inner === 'object' && inner !== null ? { ...inner, ...module } : module;
    return { version: versionOf(path, names.package), exports };
  } catch (error) {
    throw new UsageError(`${names.engine} is installed and does not load: ${messageOf(error)}`);
  }
}

function locate({ engine, package: name, entry }: PackageNames, folder: string): string {
  try {
    return createRequire(join(folder, 'bench.js')).resolve(entry);
  } catch {
    throw new UsageError(
      `${engine} is not installed here: run \`npm install --no-save ${name}\`, or leave it out of --against`,
    );
  }
}

/** Found by its name in the folders above: the exports of a package need not include its manifest. */
function versionOf(path: string, name: string): string {
  let folder = dirname(path);
  while (dirname(folder) !== folder) {
    const manifest = readManifest(folder);
    if (manifest?.name === name) return String(manifest.version);
    folder = dirname(folder);
  }
  return 'unknown';
}

function readManifest(folder: string): { readonly name?: unknown; readonly version?: unknown } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: unknown };
  } catch {
    return undefined;
  }
}

/** The first line of what another's code throws, which may be anything. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
