import type { Source } from './source.ts';

/**
 * Finds the text behind an `import` (S63). The library asks through this interface, so that it can run where there is no
 * file system; `src/files` has the one that reads files.
 */
export interface Importer {
  /**
   * @param specifier  as written between the quotes of the `import`
   * @param fromFile  `Source.file` of the importing file
   * @returns a source whose `file` is one name per file, however it was spelled: who imports twice compares names.
   *   Never throws on account of a specifier or a file.
   */
  resolveImport(specifier: string, fromFile: string): ImportResult;
}

/** Codes of `src/diagnostics/codes.ts` that an import can end with. */
export type ImportErrorCode = 'P0010' | 'P2001' | 'P2002' | 'P2003' | 'P2004' | 'P3002' | 'P3006';

/** A failure is worded for the diagnostic at the `import`, which the caller builds: it knows the place. */
export type ImportResult =
  | { readonly ok: true; readonly source: Source }
  | {
      readonly ok: false;
      readonly code: ImportErrorCode;
      readonly message: string;
      readonly help?: string;
    };
