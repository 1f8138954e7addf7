import type { IncomingMessage } from 'node:http';

const maxLength = 128;
/** Visible ASCII, one word: it goes into logs as it is. */
const wellFormed = /^[\x21-\x7e]+$/;

let count = 0;
/** Differs between processes, so that ids of several of them can be told apart in one log. */
const processPrefix = crypto.randomUUID().slice(0, 8);

/** The id by which a request is spoken of in logs: that of the client if it is fit to be there, or one made up. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return isRequestId(given) ? given : `${processPrefix}-${++count}`;
}

/** What the client sent as `X-Request-ID`, which goes back to it whatever it is: Node let it pass as the value of a header. */
export function givenRequestId({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  const given = headers['x-request-id'];
  return Array.isArray(given) ? given.join(', ') : given;
}

/** Repeated headers come joined by a comma and a blank, which no id has. */
function isRequestId(given: string | string[] | undefined): given is string {
  return typeof given === 'string' && given.length <= maxLength && wellFormed.test(given);
}
