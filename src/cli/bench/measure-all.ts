import type { Authorizer, Request } from '../../index.ts';
import type { Terminal } from '../terminal.ts';
import { type Call, type Contestant, createContestant, isPlain } from './contestant.ts';
import { measureClock, measureLatency } from './measure-latency.ts';
import { measureRounds, type Throughput } from './measure-rounds.ts';
import { type BenchOptions, secondsOf } from './options.ts';
import type { ReadyPeer } from './peers/compare-peers.ts';
import type { BaselineCall, CallFigures, PeerFigures } from './report.ts';
import { RequestSource } from './request-batch.ts';

/** One way to ask, of the policy and of its baseline. */
export interface Pair {
  readonly call: Call;
  readonly policy: Contestant;
  readonly baseline?: Contestant;
}

export function createPairs(
  authorizer: Authorizer,
  baseline: Authorizer | undefined,
  requests: readonly Request[],
  { reuseStrings = false }: BenchOptions,
): Pair[] {
  const plain = requests.filter(isPlain);
  const asked: [Call, readonly Request[]][] = [
    ['isAllowed', plain],
    ['decide', requests],
  ];
  return asked
    .filter(([, list]) => list.length > 0)
    .map(([call, list]) => {
      const source = new RequestSource(list, reuseStrings);
      return {
        call,
        policy: createContestant(call, authorizer, source),
        ...(baseline && { baseline: createContestant(call, baseline, source) }),
      };
    });
}

export interface Timings {
  readonly calls: readonly CallFigures[];
  readonly baseline: readonly BaselineCall[];
  readonly peers: readonly PeerFigures[];
}

/** A round is over in a few milliseconds: telling of each would be more work than the round. */
const roundsShown = 50;

/** Everything takes part in the same rounds; single calls are timed behind them, on warm code. */
export function measureAll(
  pairs: readonly Pair[],
  peers: readonly ReadyPeer[],
  options: BenchOptions,
  terminal: Terminal,
): Timings {
  const { rounds } = options;
  const seconds = secondsOf(options);
  const throughputs = measureRounds(
    [
      ...pairs.map(({ policy, baseline }) => (baseline === undefined ? [policy] : [policy, baseline])),
      // A slow engine is asked less in one round; so few of ours would be over before the clock has moved.
      ...peers.flatMap(({ contestants }) => (contestants ? [[contestants.ours], [contestants.theirs]] : [])),
    ],
    {
      rounds,
      budgetMs: seconds * 700,
      onRound: (round) => {
        if (round % roundsShown === 0) terminal.progress(`round ${round + 1}`);
      },
    },
  );
  const throughputOf = (contestant: Contestant): Throughput => throughputs.get(contestant)!;
  terminal.progress('single calls');
  const clockNs = measureClock();
  const single = pairs.length * (pairs.some(({ baseline }) => baseline) ? 2 : 1);
  const latencyOf = (contestant: Contestant) => measureLatency(contestant, (seconds * 300) / single, clockNs);
  return {
    calls: pairs.map(({ call, policy }) => ({ call, ...throughputOf(policy), latency: latencyOf(policy) })),
    baseline: pairs.flatMap(({ call, policy, baseline }) =>
      baseline === undefined
        ? []
        : [{ call, ...compare(throughputOf(policy), throughputOf(baseline)), latency: latencyOf(baseline) }],
    ),
    peers: peers.map(({ comparison, contestants }) => {
      if (contestants === undefined) return comparison;
      const [postern, peer] = [throughputOf(contestants.ours), throughputOf(contestants.theirs)];
      return { ...comparison, throughput: { postern, peer, ratio: peer.medianNs / postern.medianNs } };
    }),
  };
}

function compare(policy: Throughput, baseline: Throughput): Omit<BaselineCall, 'call' | 'latency'> {
  return {
    policyMedianNs: policy.medianNs,
    baselineMedianNs: baseline.medianNs,
    ratio: policy.medianNs / baseline.medianNs,
  };
}
