import type { Source } from '../source/source.ts';
import { type CompactParseResult, parseCompact } from '../syntax/parse-compact.ts';

/** The trees of files as they were parsed last, for those whose name and text are still the same. */
export class TreeMemory {
  readonly #known = new Map<string, CompactParseResult>();

  /** The same tree, not an equal one, as long as the file stays as it is. */
  parse(source: Source): CompactParseResult {
    const known = this.#known.get(source.file);
    if (known?.tree.text === source.text) return known;
    const parsed = parseCompact(source);
    this.#known.set(source.file, parsed);
    return parsed;
  }

  /** Forgets the files that are no longer part of the policy set. */
  keepOnly(files: ReadonlySet<string>): void {
    for (const file of this.#known.keys()) if (!files.has(file)) this.#known.delete(file);
  }
}
