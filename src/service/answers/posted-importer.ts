import { posix } from 'node:path';
import { createShippedImporter } from '../../files/importer.ts';
import { isShippedName } from '../../files/policy-root.ts';
import { quote } from '../../files/quote.ts';
import type { Importer, Source } from '../../index.ts';

/** Finds shipped policies and the posted texts, by their paths to each other. No file of the service is ever read. */
export function createPostedImporter(policies: readonly Source[]): Importer {
  const shipped = createShippedImporter();
  const posted = new Map(policies.map((source) => [posix.normalize(source.file), source]));
  return {
    resolveImport(specifier, fromFile) {
      if (isShippedName(specifier) || isShippedName(fromFile))
        return shipped.resolveImport(specifier, fromFile);
      const path = posix.join(posix.dirname(fromFile), specifier);
      const source = posted.get(path);
      if (source !== undefined) return { ok: true, source };
      return {
        ok: false,
        code: 'P2001',
        message: `import ${quote(specifier)} not found: ${quote(path)} was not posted`,
        help: 'post every file that is imported, by its path',
      };
    },
  };
}
