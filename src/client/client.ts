import type { Decision } from '../decision/decision.ts';
import type { Request } from '../decision/request.ts';
import type { Explanation } from '../evaluate/explain.ts';
import type {
  DiffAnswer,
  DiffRequest,
  WhatCan,
  WhatCanRequest,
  WhoCan,
  WhoCanRequest,
  WhyAnswer,
  WhyOptions,
} from './exact-answers.ts';
import { ClientError } from './failure.ts';
import {
  readDecision,
  readDecisions,
  readDifference,
  readExplanation,
  readPage,
  readResources,
  readWhy,
} from './read-answer.ts';
import { type SendOptions, send } from './send.ts';

export interface ClientOptions extends SendOptions {
  /** Whether a question without an answer throws, or is denied with the reason `unavailable`. Default: `throw`. */
  readonly onFailure?: 'throw' | 'deny';
  /** How many requests go into one batch: no more than the service takes. Default: 1,000. */
  readonly batchSize?: number;
}

/** A request, and the mode in which to decide it if it is not that of the service. */
export type ClientRequest = Request & { readonly mode?: string };

export type ClientDecision =
  | Decision
  | { readonly decision: 'deny'; readonly reason: 'unavailable'; readonly detail: string };

export interface AskOptions {
  /** Gives the question up: it throws, or is denied, at once. */
  readonly signal?: AbortSignal;
  /** How new the policy has to be that answers: `latest`, `at-least TOKEN` or `exactly TOKEN`, of a service with a store. */
  readonly consistency?: string;
}

/** For questions about a whole policy, which may take long; they are asked once. */
export interface AskExactOptions extends AskOptions {
  /** Default: 60,000, whatever it is for decisions. */
  readonly deadlineMs?: number;
}

/** What the parts of a batch may take of the MiB that a body may have: a unit of their JSON is three bytes at most. */
const batchUnits = 256 * 1024;

/** Asks the service over its native API. It never says `allow` unless the service did. */
export class PosternClient {
  readonly #options: ClientOptions;

  /** @throws {TypeError} if the address is none */
  constructor(options: ClientOptions) {
    new URL(options.url);
    this.#options = options;
  }

  /** @throws {ClientError} unless failures are denied */
  async check(request: ClientRequest, options: AskOptions = {}): Promise<ClientDecision> {
    return this.#orElse(unavailable, async () =>
      readDecision(await send(this.#options, { ...options, path: 'v1/check', body: request })),
    );
  }

  /**
   * In the order of the requests, in as many batches as are needed; each is decided by one policy and has a deadline of its own.
   *
   * @throws {ClientError} unless failures are denied; then a batch that has no answer is denied as a whole
   */
  async checkAll(requests: readonly ClientRequest[], options: AskOptions = {}): Promise<ClientDecision[]> {
    const decisions: ClientDecision[] = [];
    for (const batch of split(requests, this.#options.batchSize)) {
      const question = { ...options, path: 'v1/check/batch', body: { requests: batch } };
      const answered = await this.#orElse<ClientDecision[]>(
        (error) => batch.map(() => unavailable(error)),
        async () => readDecisions(await send(this.#options, question), batch.length),
      );
      for (const decision of answered) decisions.push(decision);
    }
    return decisions;
  }

  /** Why a request is decided as it is: for people. @throws {ClientError} in any case, since there is nothing to explain */
  async explain(request: ClientRequest, options: AskOptions = {}): Promise<Explanation> {
    return readExplanation(await send(this.#options, { ...options, path: 'v1/explain', body: request }));
  }

  /** Why a request is decided as it is, and what would have it allowed. @throws {ClientError} in any case */
  async why(
    request: ClientRequest,
    { limit, suggestions, ...options }: AskExactOptions & WhyOptions = {},
  ): Promise<WhyAnswer> {
    return readWhy(await this.#askExact('v1/why', { ...request, limit, suggestions }, options));
  }

  /** Everybody who may do an action on a resource: `next` is the cursor of the next page. @throws {ClientError} in any case */
  async whoCan(question: WhoCanRequest, options: AskExactOptions = {}): Promise<WhoCan> {
    return readPage(await this.#askExact('v1/who-can', question, options));
  }

  /** Everything that a subject may do, in pages too. @throws {ClientError} in any case */
  async whatCan(question: WhatCanRequest, options: AskExactOptions = {}): Promise<WhatCan> {
    return readPage(await this.#askExact('v1/what-can', question, options));
  }

  /** What other policies would decide otherwise; they are not put to use. @throws {ClientError} also if they have errors */
  async diff(question: DiffRequest, options: AskExactOptions = {}): Promise<DiffAnswer> {
    return readDifference(await this.#askExact('v1/diff', question, options));
  }

  #askExact(
    path: string,
    body: object,
    { deadlineMs = 60_000, ...options }: AskExactOptions,
  ): Promise<unknown> {
    return send({ ...this.#options, deadlineMs, retries: 0 }, { ...options, path, body });
  }

  /**
   * The resources on which the request is allowed, in their order.
   *
   * @throws {ClientError} unless failures are denied; then those of a batch that has no answer are left out
   */
  async filter(
    { subject, action, groups, attributes, context, mode }: Omit<ClientRequest, 'resource'>,
    resources: readonly string[],
    options: AskOptions = {},
  ): Promise<string[]> {
    const asked = { subject, action, groups, attributes, context, mode };
    const kept: string[] = [];
    for (const batch of split(resources, this.#options.batchSize)) {
      const question = { ...options, path: 'v1/filter', body: { ...asked, resources: batch } };
      const answered = await this.#orElse<string[]>(
        () => [],
        async () => readResources(await send(this.#options, question), batch),
      );
      for (const resource of answered) kept.push(resource);
    }
    return kept;
  }

  async #orElse<Answer>(deny: (error: ClientError) => Answer, ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await ask();
    } catch (error) {
      if (this.#options.onFailure !== 'deny' || !(error instanceof ClientError)) throw error;
      return deny(error);
    }
  }
}

function unavailable({ message }: ClientError): ClientDecision {
  return { decision: 'deny', reason: 'unavailable', detail: message };
}

/** In parts that the service takes, by their number and by their size. */
function split<Part>(parts: readonly Part[], batchSize = 1000): Part[][] {
  const batches: Part[][] = [];
  let batch: Part[] = [];
  let units = 0;
  for (const part of parts) {
    const size = JSON.stringify(part).length;
    if (batch.length > 0 && (batch.length >= batchSize || units + size > batchUnits)) {
      batches.push(batch);
      batch = [];
      units = 0;
    }
    batch.push(part);
    units += size;
  }
  return batch.length === 0 ? batches : [...batches, batch];
}
