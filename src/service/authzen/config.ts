import { ConfigurationError } from '../../index.ts';

/** Entities whose `properties` a request may send. */
export type PropertiesOf = 'subject' | 'action' | 'resource';

/** What there is to set of the AuthZEN API. */
export interface AuthZenConfig {
  /**
   * By which the service is known to clients: an https URL without a slash at its end, a query or a fragment. Without it
   * there is no metadata: nothing is read from the `Host` of a request.
   */
  readonly publicUrl?: string;
  /** Signs the tokens of pages. Processes that answer for each other share one; without it each process makes its own. */
  readonly pageKey?: string;
  /** Whose `properties` count, and then win over the attributes that the policy declares. Default: everybody's. */
  readonly properties?: readonly PropertiesOf[];
  /** Whether a denial says why, in its `context`. */
  readonly reasons?: boolean;
}

const minPageKeyLength = 32;
/** As `URL` would write it, so that clients that compare it as a text see the same one. */
const publicUrlPattern = /^https:\/\/[^/?#@]+(?<path>(?:\/[\w.~-]+)*)$/;

/** @throws {ConfigurationError} */
export function checkPageKey(key: string): void {
  if (key.length >= minPageKeyLength) return;
  throw new ConfigurationError(`the key for tokens of pages has less than ${minPageKeyLength} characters`);
}

/**
 * The path of a public URL, empty if it has none.
 *
 * @throws {ConfigurationError} if it is no URL to publish
 */
export function pathOfPublicUrl(url: string): string {
  const path = publicUrlPattern.exec(url)?.groups?.path;
  if (path === undefined || !isCanonical(url))
    throw new ConfigurationError(
      `invalid public URL \`${url}\`: write it as https://host or https://host/path, in lower case, without a slash at its end`,
    );
  return path;
}

function isCanonical(url: string): boolean {
  const href = URL.canParse(url) ? new URL(url).href : undefined;
  return href === url || href === `${url}/`;
}
