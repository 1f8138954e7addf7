import type { Flip } from './flip.ts';
import type { Obstacle } from './read-question.ts';
import type { Recorded } from './read-recorded.ts';

/** So many revisions are told apart; further ones are counted together. */
const maxRevisions = 1000;

/** What a run has counted so far. Its memory does not grow with the log. */
export class Tally {
  lines = 0;
  /** Decided again. */
  replayed = 0;
  /** Lines that hold no decision that could be understood. */
  faults = 0;
  /** Replayed lines that are part of a sample. */
  sampled = 0;
  readonly obstacles: Record<Obstacle, number> = { masked: 0, unwritable: 0, 'unknown-mode': 0 };
  readonly flips: Record<Flip['direction'], FlipCount> = {
    'allow-to-deny': { lines: 0, estimated: 0 },
    'deny-to-allow': { lines: 0, estimated: 0 },
  };
  /** By revision, how many lines name it. */
  readonly revisions = new Map<string, number>();
  linesOfOtherRevisions = 0;
  firstMs: number | undefined;
  lastMs: number | undefined;

  /** A line that tells of a decision, whether it can be replayed or not. */
  countRecorded({ timeMs, members: { revision } }: Recorded): void {
    if (timeMs !== undefined) {
      if (this.firstMs === undefined || timeMs < this.firstMs) this.firstMs = timeMs;
      if (this.lastMs === undefined || timeMs > this.lastMs) this.lastMs = timeMs;
    }
    if (typeof revision === 'string') this.#countRevision(revision);
  }

  countFlip({ direction, weight }: Flip): void {
    const count = this.flips[direction];
    count.lines++;
    count.estimated += weight;
  }

  #countRevision(revision: string): void {
    const known = this.revisions.get(revision);
    if (known === undefined && this.revisions.size >= maxRevisions) this.linesOfOtherRevisions++;
    else this.revisions.set(revision, (known ?? 0) + 1);
  }
}

export interface FlipCount {
  /** Lines of the log. */
  lines: number;
  /** Decisions that they stand for: more than lines where the log holds a sample. */
  estimated: number;
}
