import type { Request } from '../../index.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { describeBaseline, describeMachine, describePolicy, describeRequests } from './describe-run.ts';
import { generateRequests } from './generate-requests.ts';
import { type BenchPolicies, loadBaseline } from './load-bench-policies.ts';
import { createPairs, measureAll } from './measure-all.ts';
import { type BenchOptions, secondsOf, seedOf } from './options.ts';
import { type FoundPeer, preparePeer, type ReadyPeer } from './peers/compare-peers.ts';
import { translate } from './peers/translate.ts';
import { readRequests } from './read-requests.ts';
import type { BenchReport } from './report.ts';

const defaultCount = 10_000;

/** One run, from policies in memory to its figures. */
export async function runBench(
  policies: BenchPolicies,
  foundPeers: readonly FoundPeer[],
  options: BenchOptions,
  terminal: Terminal,
): Promise<BenchReport> {
  const { authorizer } = policies;
  const baseline = options.baseline === undefined ? undefined : loadBaseline(options.baseline, options.mode);
  terminal.progress('reading or generating requests');
  const requests = await collectRequests(policies, options);
  terminal.progress('loading the image');
  const policy = describePolicy(policies, options);
  const peers = await preparePeers(policies, foundPeers, requests, options, terminal);
  const pairs = createPairs(authorizer, baseline?.authorizer, requests, options);
  const timings = measureAll(pairs, peers, options, terminal);
  return {
    format: 'postern-bench/1',
    machine: describeMachine(),
    policy,
    requests: describeRequests(authorizer, requests, options),
    calls: timings.calls,
    ...(baseline && {
      baseline: describeBaseline(baseline, authorizer, requests, timings.baseline, options),
    }),
    ...(peers.length > 0 && { peers: timings.peers }),
  };
}

/** @throws {UsageError} if they can be neither read nor generated */
async function collectRequests({ model }: BenchPolicies, options: BenchOptions): Promise<Request[]> {
  if (options.requests !== undefined) return readRequests(options.requests);
  if (model === undefined) {
    throw new UsageError(
      'requests are generated from the text of policies, and an image has none: name requests with --requests, or the policies themselves with -p',
    );
  }
  const { count = defaultCount } = options;
  const requests = generateRequests(model, { count, seed: seedOf(options) });
  if (requests.length > 0) return requests;
  throw new UsageError('the policies hold no rule to generate requests from: name requests with --requests');
}

/** @throws {UsageError} for an image, or if an engine does not take the policy */
async function preparePeers(
  { model, textOf, authorizer }: BenchPolicies,
  foundPeers: readonly FoundPeer[],
  requests: readonly Request[],
  options: BenchOptions,
  terminal: Terminal,
): Promise<ReadyPeer[]> {
  if (foundPeers.length === 0) return [];
  if (model === undefined) {
    throw new UsageError(
      '--against translates the text of policies, and an image has none: name the policies themselves with -p',
    );
  }
  const { mode, reuseStrings = false } = options;
  const translation = translate(model, { mode, textOf });
  const ready: ReadyPeer[] = [];
  for (const found of foundPeers) {
    terminal.progress(`asking ${found.adapter.engine}`);
    const peer = await preparePeer(found, {
      translation,
      authorizer,
      requests,
      isReusing: reuseStrings,
      budgetMs: (secondsOf(options) * 1_000) / foundPeers.length,
    });
    ready.push(peer);
  }
  return ready;
}
