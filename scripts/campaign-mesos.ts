import { mesosActionByKey } from '../src/interop/mesos/actions.ts';
import { Random } from '../test/support/generators.ts';
import { compareOnce, emptyMesosShares, type MesosShares } from '../test/support/mesos-compare.ts';
import {
  emptyRoundTripShares,
  type RoundTripShares,
  roundTripOnce,
} from '../test/support/mesos-round-trip.ts';
import { addUp } from './add-up.ts';
import { runCampaign } from './campaign-threads.ts';

/**
 * Compares the authorizer of Mesos with its reference at length, and ACLs with what becomes of them as a policy and back,
 * on every core: `node scripts/campaign-mesos.ts --pairs 1000000 [--round-trips 10000] [--seed N]
 * [--threads N]`. Prints the seed, the shares and the first disagreements, each with its document and request; exits 1 if there is any.
 */

const REQUESTS_PER_DOCUMENT = 60;
const MAX_EXAMPLES = 3;

interface Report {
  readonly shares: MesosShares;
  disagreements: number;
  readonly roundTrips: RoundTripShares;
  /** Documents that come back otherwise, or not at all. */
  faults: number;
  /** The first ones of each thread, ready to print. */
  readonly examples: string[];
}

await runCampaign({
  url: import.meta.url,
  sizes: { pairs: 1_000_000, 'round-trips': 10_000 },
  run: ({ seed, pairs, 'round-trips': count }) => {
    const random = new Random(seed);
    const report = emptyReport();
    const { shares, roundTrips, examples } = report;
    while (shares.pairs < pairs) {
      const found = compareOnce(random, REQUESTS_PER_DOCUMENT, shares);
      report.disagreements += found.length;
      examples.push(...found.slice(0, MAX_EXAMPLES - examples.length));
    }
    while (roundTrips.documents < count) {
      const fault = roundTripOnce(random, roundTrips);
      if (fault === undefined) continue;
      if (report.faults++ < MAX_EXAMPLES) examples.push(fault);
    }
    return report;
  },
  conclude: (reports) => {
    const { shares, disagreements, roundTrips, faults, examples } = addUp(emptyReport(), reports);
    return {
      lines: [
        renderShares(shares),
        renderRoundTrips(roundTrips),
        `${disagreements} disagreements and ${faults} faulty round trips`,
      ],
      isWrong: disagreements + faults > 0,
      examples,
    };
  },
});

function emptyReport(): Report {
  return {
    shares: emptyMesosShares(),
    disagreements: 0,
    roundTrips: emptyRoundTripShares(),
    faults: 0,
    examples: [],
  };
}

function renderShares(shares: MesosShares): string {
  const { documents, refused, pairs, allowed, denied, errors, decided } = shares;
  const actions = new Set([...shares.actions].map((name) => mesosActionByKey.get(name)).filter(Boolean));
  return [
    `${pairs} pairs over ${documents} documents, ${refused} of them refused; ${actions.size} actions`,
    ...renderCounts({ allowed, denied, errors, 'decided by an entry or a claim': decided }, pairs),
  ].join('\n');
}

function renderRoundTrips(shares: RoundTripShares): string {
  const { documents, same, faulty, questions, allowed, refusals } = shares;
  return [
    `${documents} round trips, compared by ${questions} questions`,
    ...renderCounts({ allowed }, questions),
    ...renderCounts({ 'the same': same, 'refused by Mesos': faulty }, documents),
    ...renderCounts(Object.fromEntries(refusals), documents),
  ].join('\n');
}

function renderCounts(counts: Readonly<Record<string, number>>, total: number): string[] {
  return Object.entries(counts).map(([name, count]) => {
    return `  ${((count / total) * 100).toFixed(1).padStart(5)} %  ${name}`;
  });
}
