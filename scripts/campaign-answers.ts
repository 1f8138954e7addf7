import { Random } from '../test/support/generators.ts';
import { confirmListings, emptyConfirmation } from '../test/support/listing-confirm.ts';
import { addUp } from './add-up.ts';
import { runCampaign } from './campaign-threads.ts';

/**
 * Holds listings against the oracle at length, on every core: `node scripts/campaign-answers.ts --policies 10000 [--seed N]
 * [--threads N]`. Requests of small policies are put to the policy, to the policy of the one who asks and of what is asked for,
 * and to what `what-can` and `who-can` list of them. Prints the seed, what was asked and the first answers that are wrong;
 * exits 1 if there is any.
 */

const REQUESTS_OF_A_POLICY = 400;
const SHOWN_FAILURES = 5;

await runCampaign({
  url: import.meta.url,
  sizes: { policies: 10_000 },
  run: ({ seed, policies }) => {
    const random = new Random(seed);
    const known = emptyConfirmation();
    while (known.policies < policies) confirmListings(random, { requests: REQUESTS_OF_A_POLICY, known });
    return known;
  },
  conclude: (reports) => {
    const { failures, ...counts } = addUp(emptyConfirmation(), reports);
    return {
      lines: [
        `${failures.length} wrong answers to ${counts.requests} requests of ${counts.policies} policies, ${counts.allowed} allowed, ${counts.undecided} undecided`,
      ],
      isWrong: failures.length > 0,
      examples: failures.slice(0, SHOWN_FAILURES),
    };
  },
});
