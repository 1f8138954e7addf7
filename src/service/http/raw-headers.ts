import type { IncomingMessage } from 'node:http';
import { AuthenticationError } from './errors.ts';

const authorization = 'authorization';

/**
 * Two `Authorization` headers are two callers. Node keeps the first in silence, another proxy the last: so neither counts.
 *
 * @throws {AuthenticationError} 401
 */
export function refuseRepeatedAuthorization({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): void {
  let found = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length === authorization.length && name.toLowerCase() === authorization) found++;
  }
  if (found > 1) throw new AuthenticationError('duplicate', 'more than one Authorization header');
}
