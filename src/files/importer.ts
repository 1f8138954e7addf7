import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, win32 } from 'node:path';
import { nearestName } from '../diagnostics/nearest.ts';
import type { ImportErrorCode, Importer, ImportResult } from '../source/importer.ts';
import { describeSystemError, systemErrorCode } from './file-error.ts';
import { isInside, isShippedName, nameInRoot, openPolicyRoot, type PolicyRoot } from './policy-root.ts';
import { quote } from './quote.ts';
import {
  listShippedNames,
  shippedFolder,
  shippedName,
  shippedPath,
  shippedScheme,
} from './shipped-policies.ts';
import { createSourceCache, type SourceCache } from './source-cache.ts';

/** A folder that imports may not leave, and how the files in it are called. */
interface Territory {
  readonly path: string;
  readonly realPath: string;
  nameOf(path: string): string;
}

/**
 * Reads imports from the file system (S63): relative paths inside the policy root, `postern:NAME` inside the package.
 * What lies outside is refused on the strength of its path, before any byte of it is read.
 *
 * @param root  the policy root, as a path or as `findPolicyFiles` found it
 * @param cache  that of the policy set, so that imported files count towards its size and none is read twice
 * @throws {FileError} if the root cannot be reached
 */
export function createImporter(
  root: string | PolicyRoot,
  cache: SourceCache = createSourceCache(),
): Importer {
  const policyRoot = typeof root === 'string' ? openPolicyRoot(root) : root;
  const userFiles = { ...policyRoot, nameOf: (path: string) => nameInRoot(policyRoot, path) };
  return {
    resolveImport(specifier, fromFile) {
      if (specifier.startsWith(shippedScheme)) return importShipped(specifier, cache);
      const fault = findSpecifierFault(specifier);
      if (fault !== undefined) return fault;
      if (!isShippedName(fromFile)) {
        return importRelative(specifier, resolve(policyRoot.path, fromFile), userFiles, cache);
      }
      const fromPath = shippedPath(fromFile);
      if (fromPath === undefined) return unknownShipped(fromFile);
      return importRelative(specifier, fromPath, shippedTerritory(), cache);
    },
  };
}

/** Finds shipped policies and nothing else: for texts that lie in no folder. */
export function createShippedImporter(): Importer {
  const cache = createSourceCache();
  return {
    resolveImport(specifier, fromFile) {
      if (specifier.startsWith(shippedScheme)) return importShipped(specifier, cache);
      const fromPath = isShippedName(fromFile) ? shippedPath(fromFile) : undefined;
      if (fromPath !== undefined) return importRelative(specifier, fromPath, shippedTerritory(), cache);
      return {
        ok: false,
        code: 'P2001',
        message: `only shipped policies can be imported here, not \`${specifier}\``,
        help: 'give all sources at once, or an importer',
      };
    },
  };
}

function importShipped(specifier: string, cache: SourceCache): ImportResult {
  const path = shippedPath(specifier);
  if (path === undefined) return unknownShipped(specifier);
  const { realPath, nameOf } = shippedTerritory();
  const target = followLinks(path);
  if (!target.ok || !isInside(realPath, target.path)) return unknownShipped(specifier);
  return withoutSize(cache.read(target.path, nameOf(path)));
}

/** Built when needed: a set that imports nothing shipped works without the folder. */
function shippedTerritory(): Territory {
  const { path, realPath } = openPolicyRoot(shippedFolder);
  return { path, realPath, nameOf: (file) => shippedName(relative(path, file)) };
}

/** Read once: a package does not change while it runs, and a file may import a hundred thousand names that nobody knows. */
let shippedNames: readonly string[] | undefined;

function unknownShipped(specifier: string): ImportResult {
  shippedNames ??= listShippedNames();
  const names = shippedNames;
  const near = nearestName(specifier.slice(0, longestShippedName), names);
  const help =
    near === undefined
      ? `shipped policies are ${names.slice(0, 20).map(quote).join(', ')}`
      : `write ${quote(near)}, the closest name`;
  return failure('P2003', `unknown shipped policy ${quote(specifier)}`, help);
}

/** The search for near names costs the square of their length. */
const longestShippedName = 100;

/** What is no relative path at all. Backslashes are refused everywhere, so that a policy set reads alike on every system. */
function findSpecifierFault(specifier: string): ImportResult | undefined {
  const text = quote(specifier);
  if (specifier === '') return failure('P2001', 'import of an empty path', 'name a file');
  if (isAbsolute(specifier) || win32.isAbsolute(specifier)) {
    return failure(
      'P2002',
      `import ${text} is an absolute path`,
      'write the path relative to the importing file',
    );
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(specifier)) {
    const help = 'put a copy of the file into the policy root and import it by its relative path';
    return failure('P2002', `import ${text} is a URL, and nothing is fetched from anywhere`, help);
  }
  if (!specifier.includes('\\')) return undefined;
  return failure('P2001', `import ${text} holds a backslash`, 'separate folders by `/`');
}

function importRelative(
  specifier: string,
  fromPath: string,
  territory: Territory,
  cache: SourceCache,
): ImportResult {
  const path = resolve(dirname(fromPath), specifier);
  if (!isInside(territory.path, path)) return outsideRoot(specifier, 'leads outside the policy root');
  const target = followLinks(path);
  if (!target.ok) return describeUnfollowed(specifier, path, territory, target.error);
  if (!isInside(territory.realPath, target.path)) {
    return outsideRoot(specifier, 'is a symbolic link that leads outside the policy root');
  }
  return withoutSize(cache.read(target.path, territory.nameOf(path)));
}

type Followed =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly error: unknown };

function followLinks(path: string): Followed {
  try {
    return { ok: true, path: realpathSync.native(path) };
  } catch (error) {
    return { ok: false, error };
  }
}

function describeUnfollowed(
  specifier: string,
  path: string,
  territory: Territory,
  error: unknown,
): ImportResult {
  const text = quote(specifier);
  const code = systemErrorCode(error);
  if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ERR_INVALID_ARG_VALUE') {
    return failure('P2004', `import ${text} cannot be read: ${describeSystemError(error)}`);
  }
  const withExtension = followLinks(`${path}.acl`);
  const isExtensionMissing = withExtension.ok && isInside(territory.realPath, withExtension.path);
  const help = isExtensionMissing
    ? `write ${quote(`${specifier}.acl`)}`
    : `paths are relative to the importing file: there is no ${quote(territory.nameOf(path))}`;
  return failure('P2001', `import ${text} not found`, help);
}

function outsideRoot(specifier: string, how: string): ImportResult {
  const help = 'move the file into the policy root, or choose a root that holds both files (`--root`)';
  return failure('P2002', `import ${quote(specifier)} ${how}`, help);
}

function withoutSize(result: ReturnType<SourceCache['read']>): ImportResult {
  return result.ok ? { ok: true, source: result.source } : result;
}

function failure(code: ImportErrorCode, message: string, help?: string): ImportResult {
  return help === undefined ? { ok: false, code, message } : { ok: false, code, message, help };
}
