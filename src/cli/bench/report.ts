import type { Reason, Request } from '../../index.ts';
import type { Call } from './contestant.ts';
import type { Latency } from './measure-latency.ts';
import type { LoadFigures } from './measure-load.ts';
import type { Throughput } from './measure-rounds.ts';
import type { PeerComparison } from './peers/compare-peers.ts';

/** Everything that a run found out; as JSON it is what `--format json` prints. Units stand in the names. */
export interface BenchReport {
  readonly format: 'postern-bench/1';
  readonly machine: Machine;
  readonly policy: PolicyFigures;
  readonly requests: RequestFigures;
  /** What the engine costs, call by call. */
  readonly calls: readonly CallFigures[];
  readonly baseline?: BaselineFigures;
  readonly peers?: readonly PeerFigures[];
}

export interface Machine {
  /** RFC 3339 */
  readonly measuredAt: string;
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
  readonly processorCount: number;
}

export interface PolicyFigures extends LoadFigures {
  /** As given on the command line. */
  readonly sources: readonly string[];
  readonly revision: string;
  readonly ruleCount: number;
  readonly mode?: string;
  /** Reading, parsing, resolving and compiling, once; absent for an image. */
  readonly buildMs?: number;
}

export interface RequestFigures {
  /** Absent for generated ones. */
  readonly file?: string;
  readonly seed?: number;
  readonly count: number;
  /** Without groups, attributes and context: those that `isAllowed` is asked. */
  readonly plainCount: number;
  readonly strings: 'fresh' | 'reused';
  readonly outcomes: readonly Outcome[];
  /** How many different rules decided. */
  readonly decidingRuleCount: number;
}

/** The commonest first. */
export interface Outcome {
  readonly decision: 'allow' | 'deny';
  readonly reason: Reason;
  readonly count: number;
}

export interface CallFigures extends Throughput {
  readonly call: Call;
  readonly latency: Latency;
}

export interface BaselineFigures {
  readonly image: string;
  readonly revision: string;
  readonly imageBytes: number;
  readonly calls: readonly BaselineCall[];
  readonly maxRatio?: number;
  /** True where a ratio is above `maxRatio`. */
  readonly isRegression: boolean;
  /** Requests that the two do not answer alike; the first of them is shown. */
  readonly differingCount: number;
  readonly firstDifference?: {
    readonly request: Request;
    readonly policy: string;
    readonly baseline: string;
  };
}

export interface BaselineCall {
  readonly call: Call;
  readonly policyMedianNs: number;
  readonly baselineMedianNs: number;
  /** Above 1: the policy takes longer than the baseline. */
  readonly ratio: number;
  readonly latency: Latency;
}

export interface PeerFigures extends PeerComparison {
  /** Absent if nothing was comparable. */
  readonly throughput?: { readonly postern: Throughput; readonly peer: Throughput; readonly ratio: number };
}
