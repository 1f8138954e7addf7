import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Importer } from '../source/importer.ts';
import type { Source } from '../source/source.ts';
import type { CompactTree, ImportStatement } from '../syntax/ast.ts';
import { parseCompact } from '../syntax/parse-compact.ts';
import type { TreeMemory } from './tree-memory.ts';

/** QUALITY, "Limits". */
export const MAX_IMPORT_DEPTH = 64;

export interface LoadedTrees {
  readonly trees: CompactTree[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface LoadOptions {
  /** Trees of earlier runs, for sources that are given again; filled with those of this run. */
  readonly memory?: TreeMemory | undefined;
  /** Called after each file with the number of files parsed so far. */
  readonly onFile?: ((count: number) => void) | undefined;
}

/**
 * Parses the sources and all that they import, breadth first; each file is read once (S63). Imports in a circle are no
 * mistake, since the order of declarations does not matter.
 */
export function loadTrees(
  sources: readonly Source[],
  importer: Importer,
  { memory, onFile }: LoadOptions = {},
): LoadedTrees {
  const trees: CompactTree[] = [];
  const diagnostics: Diagnostic[] = [];
  const seen = new Set<string>();
  let level = sources;
  for (let depth = 0; level.length > 0; depth++) {
    const next: Source[] = [];
    for (const source of level) {
      if (seen.has(source.file)) continue;
      seen.add(source.file);
      const parsed = memory === undefined ? parseCompact(source) : memory.parse(source);
      trees.push(parsed.tree);
      onFile?.(trees.length);
      for (const diagnostic of parsed.diagnostics) diagnostics.push(diagnostic);
      for (const statement of parsed.tree.statements) {
        if (statement.kind !== 'import') continue;
        const result =
          depth < MAX_IMPORT_DEPTH
            ? follow(statement, source.file, importer)
            : tooDeep(statement, source.file);
        if ('severity' in result) diagnostics.push(result);
        else next.push(result);
      }
    }
    level = next;
  }
  memory?.keepOnly(seen);
  return { trees, diagnostics };
}

function follow(statement: ImportStatement, file: string, importer: Importer): Source | Diagnostic {
  const result = importer.resolveImport(statement.path.value, file);
  if (result.ok) return result.source;
  const { code, message, help } = result;
  const diagnostic: Diagnostic = { code, severity: 'error', file, span: statement.path.span, message };
  return help === undefined ? diagnostic : { ...diagnostic, help };
}

function tooDeep(statement: ImportStatement, file: string): Diagnostic {
  return {
    code: 'P3003',
    severity: 'error',
    file,
    span: statement.path.span,
    message: `imports nest more than ${MAX_IMPORT_DEPTH} deep`,
    help: 'import the file from one nearer to the first',
  };
}
