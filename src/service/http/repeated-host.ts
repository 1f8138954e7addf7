import type { IncomingMessage } from 'node:http';
import { ServiceError } from './errors.ts';

const host = 'host';

/**
 * RFC 9112, section 3.2: a request with two `Host` headers is refused. What it is about is no matter of ours, but whoever wrote it may
 * have meant two servers, and what stands behind it is then not to be trusted either.
 *
 * @throws {ServiceError} 400, after which the connection ends
 */
export function refuseRepeatedHost({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): void {
  let found = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length === host.length && name.toLowerCase() === host) found++;
  }
  if (found > 1) throw new ServiceError(400, 'more than one Host header', { connection: 'close' });
}
