import { Random } from '../test/support/generators.ts';
import { compareLive, emptyLiveShares, type LiveShares } from '../test/support/live-compare.ts';
import { addUp } from './add-up.ts';
import { runCampaign } from './campaign-threads.ts';

/**
 * Compares images with overlays with what is built from nothing, after every step of a random store beside a random policy,
 * on every core: `node scripts/campaign-live.ts --steps 1000000 [--seed N] [--threads N]`. Prints the seed, what was done and
 * the first differences; exits 1 if there are any.
 */

const STEPS_PER_POLICY = 30;
const MAX_EXAMPLES = 5;

interface Report {
  readonly shares: LiveShares;
  faults: number;
  readonly examples: string[];
}

await runCampaign({
  url: import.meta.url,
  sizes: { steps: 1_000_000 },
  run: ({ seed, steps }) => {
    const random = new Random(seed);
    const report = emptyReport();
    while (report.shares.steps < steps) {
      const faults = compareLive(random.seed(), STEPS_PER_POLICY, report.shares);
      report.faults += faults.length;
      if (report.examples.length < MAX_EXAMPLES) report.examples.push(...faults.slice(0, 1));
    }
    return report;
  },
  conclude: (reports) => {
    const { shares, faults, examples } = addUp(emptyReport(), reports);
    return {
      lines: [
        ...Object.entries(shares).map(([name, number]) => `${String(number).padStart(10)} ${name}`),
        `${faults} differences`,
      ],
      isWrong: faults > 0,
      examples,
    };
  },
});

function emptyReport(): Report {
  return { shares: emptyLiveShares(), faults: 0, examples: [] };
}
