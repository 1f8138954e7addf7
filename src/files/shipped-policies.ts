import { readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `policies/` of the package: two folders up, both from `src/files` and from `dist/files`. */
export const shippedFolder = fileURLToPath(new URL('../../policies/', import.meta.url));

export const shippedScheme = 'postern:';

/** The name's segments become folders and files, so they may hold nothing that a file system reads in its own way. */
const segmentPattern = /^[a-z0-9][a-z0-9.-]*$/;

/**
 * Where the shipped policy `postern:NAME` lies: `X` is `X/X.acl`, `X/Y` is `X/Y.acl`. Undefined for what cannot be a name;
 * that a path is returned does not say that a file is there.
 */
export function shippedPath(specifier: string): string | undefined {
  const segments = specifier.slice(shippedScheme.length).split('/');
  if (!segments.every((segment) => segmentPattern.test(segment)) || !isShipped(segments)) return undefined;
  const file = segments.length === 1 ? [segments[0]!, segments[0]!] : segments;
  return `${join(shippedFolder, ...file)}.acl`;
}

/** The one name of a shipped file: `dcos/dcos.acl` is `postern:dcos`, `dcos/spaces.acl` is `postern:dcos/spaces`. */
export function shippedName(pathInFolder: string): string {
  const segments = pathInFolder.replace(/\.acl$/, '').split(/[\\/]/);
  const isMain = segments.length === 2 && segments[0] === segments[1];
  return shippedScheme + (isMain ? segments[0] : segments.join('/'));
}

/** Tests grant what nobody should hold, and examples are there to be read: neither can be imported. */
function isShipped(segments: readonly string[]): boolean {
  return segments[0] !== 'examples' && segments.at(-1)?.endsWith('.tests') !== true;
}

/** Names of all shipped policies, sorted. Read from the disk: only error messages need them. */
export function listShippedNames(): string[] {
  const entries = readdirSync(realpathSync.native(shippedFolder), { recursive: true, encoding: 'utf8' });
  return entries
    .filter((entry) => entry.endsWith('.acl'))
    .filter((entry) => isShipped(entry.replace(/\.acl$/, '').split(/[\\/]/)))
    .map(shippedName)
    .sort();
}
