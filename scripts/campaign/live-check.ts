import { compareLive, emptyLiveShares, type LiveShares } from '../../test/support/live-compare.ts';
import { type Check, takeFailures } from './check.ts';

const STEPS_PER_POLICY = 30;

/** Compares images with overlays with what is built from nothing, after every step of a random store beside a random policy. */
export const liveCheck: Check<LiveShares> = {
  name: 'live',
  title: 'an image with what changed since decides as one that is built anew',
  share: 1,
  empty: emptyLiveShares,
  step: (seed, shares) => takeFailures(compareLive(seed, STEPS_PER_POLICY, shares), 'difference'),
  tally: ({ steps, decisions }) => ({ pairs: steps, executions: decisions }),
  details: (shares) => Object.entries(shares).map(([name, count]) => `${String(count).padStart(10)} ${name}`),
};
