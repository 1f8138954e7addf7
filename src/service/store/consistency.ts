import { readToken } from '../../store/tokens.ts';
import type { ActivePolicy } from '../active-policy.ts';
import { ServiceError } from '../http/errors.ts';
import type { StoredPoint } from './point.ts';

/** The header by which a request says how new the policy has to be that decides it. */
export const consistencyHeader = 'postern-consistency';
/** The header of every answer that says how new it was. */
export const tokenHeader = 'postern-token';

export interface ConsistencyOptions {
  /** @throws {ServiceError} 503 while there is none */
  readonly policy: () => ActivePolicy;
  /** Resolves when this thread decides by all that was in the store when it was called. @throws if the store is away */
  readonly catchUp: () => Promise<void>;
  readonly waitMs: number;
}

type Point = ReturnType<typeof readToken>;
type Demand =
  | { readonly kind: 'fastest' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'at-least' | 'exactly'; readonly point: Point };

/** Lets a request wait until the policy is as new as it asks for; an old answer is never given for a new one. */
export class Consistency {
  readonly #options: ConsistencyOptions;
  readonly #waiting = new Set<() => void>();

  constructor(options: ConsistencyOptions) {
    this.#options = options;
  }

  /** To be called whenever the policy has gone on. */
  noteProgress(): void {
    for (const wake of this.#waiting) wake();
  }

  /**
   * The policy to decide by.
   *
   * @param header  `fastest`, `latest`, `at-least TOKEN` or `exactly TOKEN`
   * @throws {ServiceError} 400 for what is none of these, 409 for a token of another store or history or a revision that has
   *   passed, 503 with the code `stale` if the policy is not new enough in time
   */
  async policyFor(header: string): Promise<ActivePolicy> {
    const { policy } = this.#options;
    const demand = readDemand(header);
    if (demand.kind === 'fastest') return policy();
    if (demand.kind === 'latest') {
      await this.#inTime(this.#options.catchUp());
      return policy();
    }
    const { point } = demand;
    if (!isReached(policy().stored!, point)) {
      // It need not wait until the store is looked at the next time.
      this.#options.catchUp().catch(() => {});
      await this.#inTime(this.#reached(point));
    }
    const found = policy();
    if (demand.kind === 'exactly' && found.stored!.revision !== point.revision)
      throw new ServiceError(
        409,
        `revision ${point.revision} has passed: decisions are made by revision ${found.stored!.revision}`,
        {},
        'passed',
      );
    return found;
  }

  /** @throws {ServiceError} 409 if the point will never be reached */
  #reached(point: Point): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        try {
          if (!isReached(this.#options.policy().stored!, point)) return;
          resolve();
        } catch (error) {
          reject(error as Error);
        }
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      setTimeout(() => this.#waiting.delete(look), this.#options.waitMs).unref();
    });
  }

  async #inTime(work: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const stale = new ServiceError(
      503,
      'the policy is not as new as the request asks for, and did not become so in time: ask again',
      { 'retry-after': '1' },
      'stale',
    );
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(stale), this.#options.waitMs);
    });
    try {
      await Promise.race([work, late]);
    } catch (error) {
      throw error instanceof ServiceError ? error : stale;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** @throws {ServiceError} 409 if what is followed will never get there */
function isReached(stored: StoredPoint, point: Point): boolean {
  if (stored.storeId !== point.storeId)
    throw new ServiceError(409, 'the token is of another store', {}, 'other-store');
  if (point.epoch < stored.epoch)
    throw new ServiceError(
      409,
      'the token is of a history that was lost when the store was restored: read again what it was about',
      {},
      'other-epoch',
    );
  return point.epoch === stored.epoch && stored.revision >= point.revision;
}

/** @throws {ServiceError} 400 */
function readDemand(header: string): Demand {
  const [kind, token, ...rest] = header.trim().split(/ +/);
  if (kind === 'fastest' && token === undefined) return { kind };
  if (kind === 'latest' && token === undefined) return { kind };
  if ((kind !== 'at-least' && kind !== 'exactly') || token === undefined || rest.length > 0)
    throw new ServiceError(
      400,
      `\`${consistencyHeader}\` is \`fastest\`, \`latest\`, \`at-least TOKEN\` or \`exactly TOKEN\``,
    );
  try {
    return { kind, point: readToken(token) };
  } catch (error) {
    throw new ServiceError(400, `\`${consistencyHeader}\`: ${(error as Error).message}`);
  }
}
