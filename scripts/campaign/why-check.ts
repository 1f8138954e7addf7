import { Random } from '../../test/support/generators.ts';
import {
  confirmSuggestions,
  emptyWhyConfirmation,
  type WhyConfirmation,
  whyWorldOf,
  whyWorlds,
} from '../../test/support/why-confirm.ts';
import { type Check, renderCounts, takeFailures } from './check.ts';

const DENIALS_OF_A_POLICY = 5;
const SAMPLE = 900;

let worlds: ReturnType<typeof whyWorldOf>[] | undefined;

/**
 * Every suggestion for a denied request has to have the request allowed, and to open what it says and nothing else of a
 * sample of requests.
 */
export const whyCheck: Check<WhyConfirmation> = {
  name: 'why',
  title: 'what `why` suggests allows the request, and opens what it says and nothing else',
  share: 1,
  empty: emptyWhyConfirmation,
  step: (seed, known) => {
    const random = new Random(seed);
    worlds ??= Object.values(whyWorlds).map(whyWorldOf);
    confirmSuggestions(random.pick(worlds), random, { denials: DENIALS_OF_A_POLICY, sample: SAMPLE, known });
    return takeFailures(known.failures, 'wrong suggestions');
  },
  tally: ({ denials, suggestions }) => ({ pairs: denials, executions: suggestions }),
  details: ({ kinds, suggestions, unknown, undecided, withoutSuggestion, policies }) => [
    ...renderCounts(kinds),
    `${suggestions} suggestions in ${policies} policies, ${unknown} of unknown and ${undecided} of partly undecided effect`,
    `${withoutSuggestion} denials without any`,
  ],
};
