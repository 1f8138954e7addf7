import { existsSync, statSync } from 'node:fs';

/** The library as a program of a user imports it, if it has been built; else its source, which Node.js strips of types as it loads. */
export interface Library {
  readonly title: string;
  /** Addresses to import. */
  readonly runtime: string;
  readonly index: string;
}

export function findLibrary(): Library {
  const at = (path: string): URL => new URL(`../../${path}`, import.meta.url);
  const isBuilt = existsSync(at('dist/runtime.js'));
  const [folder, extension] = isBuilt ? ['dist', 'js'] : ['src', 'ts'];
  return {
    title: isBuilt
      ? `the library in dist/, built at ${statSync(at('dist/runtime.js')).mtime.toISOString()}`
      : 'the library as source: `npm run build` makes what users have',
    runtime: at(`${folder}/runtime.${extension}`).href,
    index: at(`${folder}/index.${extension}`).href,
  };
}
