import { Random } from '../../test/support/generators.ts';
import {
  confirmListings,
  emptyConfirmation,
  type ListingConfirmation,
} from '../../test/support/listing-confirm.ts';
import { type Check, takeFailures } from './check.ts';

const REQUESTS_OF_A_POLICY = 400;

/**
 * Requests of small policies are put to the policy, to the policy of the one who asks and of what is asked for, and to what
 * `what-can` and `who-can` list of them.
 */
export const answersCheck: Check<ListingConfirmation> = {
  name: 'answers',
  title: '`who-can` and `what-can` list what the policy allows',
  share: 1,
  empty: emptyConfirmation,
  step: (seed, known) => {
    confirmListings(new Random(seed), { requests: REQUESTS_OF_A_POLICY, known });
    return takeFailures(known.failures, 'wrong listing');
  },
  tally: ({ requests }) => ({ pairs: requests, executions: requests }),
  details: ({ policies, allowed, undecided }) => [
    `${policies} policies, ${allowed} requests allowed, ${undecided} undecided`,
  ],
};
