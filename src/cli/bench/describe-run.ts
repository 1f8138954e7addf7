import { availableParallelism, cpus } from 'node:os';
import { type Authorizer, inspectImage, type Request } from '../../index.ts';
import { isPlain } from './contestant.ts';
import { examineRequests, findDifferences } from './examine-requests.ts';
import type { Baseline, BenchPolicies } from './load-bench-policies.ts';
import { measureLoad } from './measure-load.ts';
import { type BenchOptions, secondsOf, seedOf } from './options.ts';
import type { BaselineCall, BaselineFigures, Machine, PolicyFigures, RequestFigures } from './report.ts';

export function describePolicy(
  { image, authorizer, buildMs }: BenchPolicies,
  options: BenchOptions,
): PolicyFigures {
  const { mode } = authorizer;
  return {
    sources: options.policy,
    revision: authorizer.revision,
    ruleCount: inspectImage(image).counts.rules,
    ...(mode !== undefined && { mode }),
    ...(buildMs !== undefined && { buildMs }),
    ...measureLoad(image, secondsOf(options) * 100),
  };
}

export function describeRequests(
  authorizer: Authorizer,
  requests: readonly Request[],
  options: BenchOptions,
): RequestFigures {
  const { requests: file, reuseStrings } = options;
  return {
    ...(file === undefined ? { seed: seedOf(options) } : { file }),
    count: requests.length,
    plainCount: requests.filter(isPlain).length,
    strings: reuseStrings ? 'reused' : 'fresh',
    ...examineRequests(authorizer, requests),
  };
}

/** @param calls  as they were measured beside the policy */
export function describeBaseline(
  { path, image, authorizer: baseline }: Baseline,
  authorizer: Authorizer,
  requests: readonly Request[],
  calls: readonly BaselineCall[],
  { maxRatio }: BenchOptions,
): BaselineFigures {
  return {
    image: path,
    revision: baseline.revision,
    imageBytes: image.byteLength,
    calls,
    ...(maxRatio !== undefined && { maxRatio }),
    isRegression: maxRatio !== undefined && calls.some(({ ratio }) => ratio > maxRatio),
    ...findDifferences(authorizer, baseline, requests),
  };
}

export function describeMachine(): Machine {
  return {
    measuredAt: new Date().toISOString(),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    processorCount: availableParallelism(),
  };
}
