import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { ServiceError } from '../http/errors.ts';

/** Where a page ends, for the one that follows. */
export interface PagePosition {
  /** As it was asked for; null if it was not. */
  readonly limit: number | null;
  /** The last result that was sent; null if none was. */
  readonly last: string | null;
}

const macBytes = 32;

const keyName = 'postern.authzen.pageKey';
/**
 * The key of a process that is not given one. A thread inherits it from the one that starts it, so it is made when this
 * module is loaded, before there are workers: then all of them take the tokens of each other.
 */
const processKey = inheritKey();

function inheritKey(): string {
  const inherited = getEnvironmentData(keyName);
  if (typeof inherited === 'string') return inherited;
  const key = randomBytes(macBytes).toString('base64url');
  setEnvironmentData(keyName, key);
  return key;
}

/**
 * Tokens of pages hold a position, and a MAC over it and the search that it belongs to: what is not ours, or of another
 * search, does not count. No state is kept.
 */
export class PageTokens {
  readonly #key: string;

  /** @param key  without it, one that no other process has */
  constructor(key: string = processKey) {
    this.#key = key;
  }

  /** @param search  the whole search but its page, as a text that is the same whenever the search is */
  make(search: string, { limit, last }: PagePosition): string {
    const position = Buffer.from(JSON.stringify([limit, last]));
    return Buffer.concat([this.#mac(search, position), position]).toString('base64url');
  }

  /** @throws {ServiceError} 400 if the token is not one that was made for this search */
  read(search: string, token: string): PagePosition {
    const bytes = Buffer.from(token, 'base64url');
    const position = bytes.subarray(macBytes);
    const isOurs =
      bytes.length > macBytes &&
      bytes.toString('base64url') === token &&
      timingSafeEqual(bytes.subarray(0, macBytes), this.#mac(search, position));
    if (!isOurs) throw new ServiceError(400, '`page.token` is not one that was sent for this request');
    const [limit, last] = JSON.parse(position.toString()) as [PagePosition['limit'], PagePosition['last']];
    return { limit, last };
  }

  #mac(search: string, position: Buffer): Buffer {
    // Both are whole values of JSON: the one ends where the other begins.
    return createHmac('sha256', this.#key).update(search).update(position).digest();
  }
}
