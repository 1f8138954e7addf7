import { confirmNextPair, diffRequests, diffWorlds } from '../../test/support/diff-confirm.ts';
import { Random } from '../../test/support/generators.ts';
import { type Check, renderCounts } from './check.ts';

/** A pair is put to so many of all requests that there are over its names. */
const SAMPLE = 1000;

interface DiffCounts {
  pairs: number;
  executions: number;
  readonly kinds: Map<string, number>;
}

const worlds = Object.values(diffWorlds);
const requestsByWorld = new Map<(typeof worlds)[number], ReturnType<typeof diffRequests>>();

/** Confirms the differences of random small policies, and that there are no others. */
export const diffCheck: Check<DiffCounts> = {
  name: 'diff',
  title: '`diff` finds whom a change gives or takes what',
  share: 1,
  empty: () => ({ pairs: 0, executions: 0, kinds: new Map() }),
  step: (seed, counts) => {
    const random = new Random(seed);
    const options = random.pick(worlds);
    const requests = requestsByWorld.get(options) ?? diffRequests(options);
    requestsByWorld.set(options, requests);
    const { kind, failure } = confirmNextPair(options, requests, random, SAMPLE);
    if (kind === undefined) return [];
    counts.pairs++;
    counts.executions += Math.min(SAMPLE, requests.length);
    counts.kinds.set(kind, (counts.kinds.get(kind) ?? 0) + 1);
    return failure === undefined ? [] : [{ kind, text: failure }];
  },
  tally: ({ pairs, executions }) => ({ pairs, executions }),
  details: ({ kinds }) => renderCounts(kinds),
};
