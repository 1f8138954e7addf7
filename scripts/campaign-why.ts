import { Random } from '../test/support/generators.ts';
import {
  confirmSuggestions,
  emptyWhyConfirmation,
  whyWorldOf,
  whyWorlds,
} from '../test/support/why-confirm.ts';
import { addUp } from './add-up.ts';
import { renderCounts, runCampaign } from './campaign-threads.ts';

/**
 * Holds what is suggested for denied requests of random small policies against the policies so changed, on every core:
 * `node scripts/campaign-why.ts --denials 10000 [--seed N] [--sample N] [--threads N]`. Every suggestion has to have the
 * request allowed, and to open what it says and nothing else of a sample of requests. Prints the seed, what was suggested
 * and the first suggestions that are wrong; exits 1 if there is any.
 */

const DENIALS_OF_A_POLICY = 5;
const SHOWN_FAILURES = 5;

await runCampaign({
  url: import.meta.url,
  sizes: { denials: 10_000 },
  settings: { sample: 900 },
  run: ({ seed, denials, sample }) => {
    const random = new Random(seed);
    const worlds = Object.values(whyWorlds).map(whyWorldOf);
    const known = emptyWhyConfirmation();
    while (known.denials < denials)
      confirmSuggestions(random.pick(worlds), random, { denials: DENIALS_OF_A_POLICY, sample, known });
    return known;
  },
  conclude: (reports) => {
    const { failures, kinds, ...counts } = addUp(emptyWhyConfirmation(), reports);
    return {
      lines: [
        ...renderCounts(kinds),
        `${counts.suggestions} suggestions, ${counts.unknown} of unknown and ${counts.undecided} of partly undecided effect`,
        `${failures.length} denials with wrong suggestions of ${counts.denials} in ${counts.policies} policies, ${counts.withoutSuggestion} without any`,
      ],
      isWrong: failures.length > 0,
      examples: failures.slice(0, SHOWN_FAILURES),
    };
  },
});
