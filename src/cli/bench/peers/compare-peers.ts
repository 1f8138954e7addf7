import type { Authorizer, Request } from '../../../index.ts';
import { UsageError } from '../../usage-error.ts';
import { type Batch, type Contestant, createContestant, isPlain, toColumns } from '../contestant.ts';
import { RequestSource } from '../request-batch.ts';
import { casbin } from './casbin.ts';
import { casl } from './casl.ts';
import { cedar } from './cedar.ts';
import { type FoundPackage, findPackage, messageOf } from './find-package.ts';
import { type Loss, Losses } from './losses.ts';
import type { Peer, PeerAdapter } from './peer.ts';
import type { Translation } from './translate.ts';

export const adapters: readonly PeerAdapter[] = [casl, casbin, cedar];

export interface FoundPeer {
  readonly adapter: PeerAdapter;
  readonly found: FoundPackage;
}

/** What another engine made of the policy and of the requests. */
export interface PeerComparison {
  readonly engine: string;
  readonly package: string;
  readonly version: string;
  /** In its own words. */
  readonly size: string;
  /** What it took to put the translated policy into it. */
  readonly buildMs: number;
  readonly losses: readonly Loss[];
  /** Those that both answer alike: these alone are measured. */
  readonly comparableCount: number;
  /** Not comparable, because it answers otherwise; the first of them is shown. */
  readonly differingCount: number;
  readonly firstDifference?: { readonly request: Request; readonly ours: string; readonly theirs: string };
  /** Not comparable, because they bring groups, attributes or a context, or name no resource. */
  readonly unaskableCount: number;
  /** Left out, because the time was up. */
  readonly unaskedCount: number;
}

export interface ReadyPeer {
  readonly comparison: PeerComparison;
  /** Asked the same requests; absent if none is comparable. */
  readonly contestants?: { readonly ours: Contestant; readonly theirs: Contestant };
}

/**
 * Finds all engines before any of them is built, so that a missing one is known at once.
 *
 * @throws {UsageError}
 */
export async function findPeers(engines: readonly string[], folder: string): Promise<FoundPeer[]> {
  const peers: FoundPeer[] = [];
  for (const adapter of adapters) {
    if (engines.includes(adapter.engine)) peers.push({ adapter, found: await findPackage(adapter, folder) });
  }
  return peers;
}

export interface CompareOptions {
  readonly translation: Translation;
  readonly authorizer: Authorizer;
  readonly requests: readonly Request[];
  readonly isReusing: boolean;
  /** How long it may be asked, to find out where it agrees. */
  readonly budgetMs: number;
}

type AskableRequest = Request & { readonly resource: string };

/**
 * Puts the policy into another engine, and keeps the requests on which it agrees with us: measuring answers to different
 * questions would be no comparison.
 *
 * @throws {UsageError} if it does not take the policy
 */
export async function preparePeer(
  { adapter, found }: FoundPeer,
  options: CompareOptions,
): Promise<ReadyPeer> {
  const { translation, requests, isReusing } = options;
  const askable = requests.filter(
    (request): request is AskableRequest => isPlain(request) && request.resource !== undefined,
  );
  const losses = new Losses();
  const subjects = [...new Set(askable.map(({ subject }) => subject))];
  const startMs = performance.now();
  const peer = await createPeer({ adapter, found }, { translation, subjects, losses });
  const buildMs = performance.now() - startMs;
  const { agreed, differingCount, firstDifference, unaskedCount } = askAll(peer, askable, options);
  const comparison: PeerComparison = {
    engine: adapter.engine,
    package: adapter.package,
    version: found.version,
    size: peer.size,
    buildMs,
    losses: [...translation.losses, ...losses.list],
    comparableCount: agreed.length,
    differingCount,
    ...(firstDifference && { firstDifference }),
    unaskableCount: requests.length - askable.length,
    unaskedCount,
  };
  if (agreed.length === 0) return { comparison };
  const source = new RequestSource(agreed, isReusing);
  const ours = createContestant('isAllowed', options.authorizer, source);
  return { comparison, contestants: { ours, theirs: createPeerContestant(peer, source) } };
}

async function createPeer(
  { adapter, found }: FoundPeer,
  input: Parameters<PeerAdapter['create']>[1],
): Promise<Peer> {
  try {
    return await adapter.create(found.exports, input);
  } catch (error) {
    throw new UsageError(
      `${adapter.engine} ${found.version} does not take this policy: ${messageOf(error)}: leave it out of --against`,
    );
  }
}

interface Agreement extends Pick<PeerComparison, 'differingCount' | 'firstDifference' | 'unaskedCount'> {
  readonly agreed: readonly Request[];
}

function askAll(
  peer: Peer,
  requests: readonly AskableRequest[],
  { authorizer, budgetMs }: CompareOptions,
): Agreement {
  const end = performance.now() + budgetMs;
  const agreed: Request[] = [];
  let firstDifference: PeerComparison['firstDifference'];
  let asked = 0;
  for (const request of requests) {
    // The clock of a slow engine: one answer may take seconds.
    if (asked > 0 && performance.now() > end) break;
    asked++;
    const { subject, action, resource } = request;
    const ours = wordFor(authorizer.isAllowed(subject, action, resource));
    const theirs = answerOf(peer, request);
    if (ours === theirs) agreed.push(request);
    else firstDifference ??= { request, ours, theirs };
  }
  return {
    agreed,
    differingCount: asked - agreed.length,
    ...(firstDifference && { firstDifference }),
    unaskedCount: requests.length - asked,
  };
}

function answerOf(peer: Peer, { subject, action, resource }: AskableRequest): string {
  try {
    return wordFor(peer.isAllowed(subject, action, resource));
  } catch (error) {
    return `error: ${messageOf(error)}`;
  }
}

function wordFor(isAllowed: boolean): 'allow' | 'deny' {
  return isAllowed ? 'allow' : 'deny';
}

function createPeerContestant(peer: Peer, source: RequestSource): Contestant {
  return {
    prepare: (start, count): Batch => {
      const { subjects, actions, resources } = toColumns(source.take(start, count));
      const answer = (index: number): boolean =>
        peer.isAllowed(subjects[index], actions[index]!, resources[index]!);
      return {
        answer,
        answerAll: () => {
          let allowed = 0;
          for (let i = 0; i < actions.length; i++) if (answer(i)) allowed++;
          return allowed;
        },
      };
    },
  };
}
