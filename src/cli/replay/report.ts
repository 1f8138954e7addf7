import type { Direction } from '../../replay/flip.ts';
import type { FlipGroups } from '../../replay/flip-groups.ts';
import type { LineFault } from '../../replay/replayer.ts';
import type { Tally } from '../../replay/tally.ts';

/** What a run found, for whoever writes it down. */
export interface ReplayReport {
  /** Of the policies that the log was held against. */
  readonly revision: string;
  readonly tally: Tally;
  readonly groups: FlipGroups;
  readonly directions: readonly Direction[];
  /** The first lines that could not be understood; `tally` has their number. */
  readonly faults: readonly LineFault[];
  readonly limit: number;
}
