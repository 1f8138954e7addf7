import type { Authorizer, Request } from '../../index.ts';
import type { IdList } from '../known-ids/id-list.ts';
import type { IdRange } from './ids.ts';
import type { Turns } from './turns.ts';

export interface Candidates {
  readonly ids: IdList;
  readonly range: IdRange;
  /** The request that decides whether an id is a result. */
  readonly requestFor: (id: string) => Request;
}

export interface Found {
  readonly ids: readonly string[];
  /** Whether there are no more. */
  readonly isComplete: boolean;
}

/** So many decisions take well under a millisecond, unless conditions are long. */
const blockSize = 128;
/** How long a search goes on before others get their turn. */
const turnMs = 4;

/**
 * The candidates that the engine allows, in their order, `limit` of them at most.
 *
 * @param isWanted  asked before each turn; when it says no the rest is left out
 */
export async function findAllowed(
  authorizer: Authorizer,
  { ids, range, requestFor }: Candidates,
  {
    limit,
    turns,
    isWanted,
  }: { readonly limit: number; readonly turns: Turns; readonly isWanted: () => boolean },
): Promise<Found> {
  const found: string[] = [];
  let turnEndsAtMs = 0;
  for (let start = range.start; start < range.end; start += blockSize) {
    // Small searches are over with their first block.
    if (start > range.start && performance.now() >= turnEndsAtMs) {
      await turns.take();
      if (!isWanted()) return { ids: found, isComplete: false };
      turnEndsAtMs = performance.now() + turnMs;
    }
    const size = Math.min(blockSize, range.end - start);
    const block = Array.from({ length: size }, (_, i) => ids.at(start + i)!);
    const answers = authorizer.areAllowed(block.map(requestFor));
    for (const [i, id] of block.entries()) {
      if (answers[i] !== true) continue;
      if (found.length === limit) return { ids: found, isComplete: false };
      found.push(id);
    }
  }
  return { ids: found, isComplete: true };
}
