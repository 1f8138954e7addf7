import { mesosActionByKey } from '../../src/interop/mesos/actions.ts';
import { Random } from '../../test/support/generators.ts';
import { compareOnce, emptyMesosShares, type MesosShares } from '../../test/support/mesos-compare.ts';
import {
  emptyRoundTripShares,
  type RoundTripShares,
  roundTripOnce,
} from '../../test/support/mesos-round-trip.ts';
import { type Check, takeFailures } from './check.ts';

const REQUESTS_PER_DOCUMENT = 60;

/** Compares the authorizer of Mesos with its reference. */
export const mesosCheck: Check<MesosShares> = {
  name: 'mesos',
  title: 'ACLs of Mesos decide as the reference of Mesos does',
  share: 1,
  empty: emptyMesosShares,
  step: (seed, shares) =>
    takeFailures([...compareOnce(new Random(seed), REQUESTS_PER_DOCUMENT, shares)], 'disagreement'),
  tally: ({ pairs }) => ({ pairs, executions: pairs }),
  details: ({ documents, refused, pairs, allowed, denied, errors, decided, actions }) => {
    const known = new Set([...actions].map((name) => mesosActionByKey.get(name)).filter(Boolean));
    return [
      `${documents} documents, ${refused} of them refused; ${known.size} actions`,
      ...renderParts({ allowed, denied, errors, 'decided by an entry or a claim': decided }, pairs),
    ];
  },
};

/** Compares ACLs with what becomes of them as a policy and back. */
export const mesosRoundTripCheck: Check<RoundTripShares> = {
  name: 'mesos-round-trips',
  title: 'ACLs of Mesos come back from a policy as they went in',
  share: 0.5,
  empty: emptyRoundTripShares,
  step: (seed, shares) => {
    const fault = roundTripOnce(new Random(seed), shares);
    return fault === undefined ? [] : [{ kind: 'faulty round trip', text: fault }];
  },
  tally: ({ documents, questions }) => ({ pairs: documents, executions: questions }),
  details: ({ documents, same, faulty, questions, allowed, refusals }) => [
    ...renderParts({ allowed }, questions),
    ...renderParts({ 'the same': same, 'refused by Mesos': faulty }, documents),
    ...renderParts(Object.fromEntries(refusals), documents),
  ],
};

function renderParts(counts: Readonly<Record<string, number>>, total: number): string[] {
  return Object.entries(counts).map(([name, count]) => {
    return `  ${((count / total) * 100).toFixed(1).padStart(5)} %  ${name}`;
  });
}
