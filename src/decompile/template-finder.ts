import { scanned } from '../id/elements.ts';
import { scan } from '../id/scan.ts';
import type { Image } from '../image/image.ts';
import { ENTRY_TARGET, TEMPLATE_ROOT } from '../image/layout.ts';
import { TrieWalker } from '../image/walk.ts';

/** Finds the row of the most specific template that describes an id (S32). */
export class TemplateFinder {
  readonly #image: Image;
  readonly #walker: TrieWalker;

  constructor(image: Image) {
    this.#image = image;
    this.#walker = new TrieWalker(image);
  }

  /** Undefined if no template describes the id, or it is malformed. */
  rowOf(id: string): number | undefined {
    const { nodes, templates } = this.#image;
    if (templates.length === 0 || !scan(id)) return undefined;
    let best: number | undefined;
    this.#walker.forEachEntry(TEMPLATE_ROOT, id, scanned, (entry) => {
      const row = nodes[entry + ENTRY_TARGET]!;
      if (best === undefined || row < best) best = row;
    });
    return best;
  }
}
