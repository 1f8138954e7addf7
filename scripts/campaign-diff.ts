import { confirmNextPair, diffRequests, diffWorlds } from '../test/support/diff-confirm.ts';
import { Random } from '../test/support/generators.ts';
import { addUp } from './add-up.ts';
import { renderCounts, runCampaign } from './campaign-threads.ts';

/**
 * Confirms differences of random small policies at length, on every core: `node scripts/campaign-diff.ts --pairs 100000
 * [--seed N] [--sample N] [--threads N]`. Every pair is put to a sample of all requests there are over its names, or with
 * `--sample 0` to all. Prints the seed, how the pairs differ and the first failures; exits 1 if there is any.
 */

const SHOWN_FAILURES = 3;

interface Report {
  pairs: number;
  readonly kinds: Map<string, number>;
  readonly failures: string[];
}

await runCampaign({
  url: import.meta.url,
  sizes: { pairs: 10_000 },
  settings: { sample: 1000 },
  run: ({ seed, pairs, sample }) => {
    const random = new Random(seed);
    const worlds = Object.values(diffWorlds).map((options) => ({ options, requests: diffRequests(options) }));
    const report = emptyReport();
    while (report.pairs < pairs) {
      const { options, requests } = worlds[report.pairs % worlds.length]!;
      const { kind, failure } = confirmNextPair(options, requests, random, sample || requests.length);
      if (kind === undefined) continue;
      report.pairs++;
      report.kinds.set(kind, (report.kinds.get(kind) ?? 0) + 1);
      if (failure !== undefined) report.failures.push(failure);
    }
    return report;
  },
  conclude: (reports) => {
    const { pairs, kinds, failures } = addUp(emptyReport(), reports);
    return {
      lines: [...renderCounts(kinds), `${failures.length} wrong of ${pairs}`],
      isWrong: failures.length > 0,
      examples: failures.slice(0, SHOWN_FAILURES),
    };
  },
});

function emptyReport(): Report {
  return { pairs: 0, kinds: new Map(), failures: [] };
}
