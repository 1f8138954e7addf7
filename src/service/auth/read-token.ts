import type { IncomingHttpHeaders } from 'node:http';
import { AuthenticationError } from '../http/errors.ts';

const compactForm = /^[\w-]+\.[\w-]+\.[\w-]*$/;
const schemes = /^(?:bearer +|token=)/i;

/**
 * The token of a request: `Authorization: Bearer …`, or `token=…` as DC/OS has it. A cookie counts only where it is
 * configured and there is no such header at all: a bad header is not rescued by a good cookie.
 *
 * @throws {AuthenticationError} 401
 */
export function readToken(
  { authorization, cookie }: IncomingHttpHeaders,
  cookieName: string | undefined,
): string {
  const token =
    authorization !== undefined
      ? readHeader(authorization)
      : cookieName === undefined
        ? undefined
        : readCookie(cookie ?? '', cookieName);
  if (token === undefined) throw new AuthenticationError('missing', 'a token is needed');
  if (!compactForm.test(token)) throw new AuthenticationError('malformed', 'the token is malformed');
  return token;
}

function readHeader(authorization: string): string {
  const scheme = schemes.exec(authorization)?.[0];
  if (scheme !== undefined) return authorization.slice(scheme.length);
  throw new AuthenticationError('scheme', 'the Authorization header is neither `Bearer …` nor `token=…`');
}

function readCookie(cookies: string, name: string): string | undefined {
  const values = cookies
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  if (values.length > 1) throw new AuthenticationError('duplicate', 'more than one cookie with a token');
  return values[0];
}
