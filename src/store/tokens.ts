import { createHash } from 'node:crypto';
import type { Head } from './store.ts';

/** What a consistency token says: a moment in the history of one store. */
export type TokenPoint = Pick<Head, 'storeId' | 'epoch' | 'revision'>;

/** A text that is no token of ours, or is one no more. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

const prefix = 'pst1';
const tokenPattern = /^pst1\.([0-9a-f]{16})\.([1-9]\d{0,15})\.(0|[1-9]\d{0,15})\.([0-9a-f]{8})$/;

/** `pst1.<store id>.<epoch>.<revision>.<check>`: opaque to whoever gets it, and the same for the same moment. */
export function makeToken({ storeId, epoch, revision }: TokenPoint): string {
  const text = `${prefix}.${storeId}.${epoch}.${revision}`;
  return `${text}.${checkOf(text)}`;
}

/**
 * The moment that a token names. Whether the store in use is that store, in that epoch, is for the caller to see.
 *
 * @throws {TokenError} for anything that `makeToken` has not made: typing mistakes and cut texts are noticed
 */
export function readToken(text: string): TokenPoint {
  const [, storeId, epoch, revision, check] = tokenPattern.exec(text) ?? [];
  if (check === undefined) throw new TokenError(describeFault(text));
  const point = { storeId: storeId!, epoch: Number(epoch), revision: Number(revision) };
  if (makeToken(point) !== text)
    throw new TokenError('the token is not as it was given out: its check does not fit, send it unchanged');
  return point;
}

function describeFault(text: string): string {
  if (text === '') return 'the token is empty: send one that an answer gave, or none';
  const version = /^pst(\d+)\./.exec(text)?.[1];
  if (version !== undefined && version !== '1')
    return `the token is of version ${version.slice(0, 8)}, which this program does not know: send one that it gave out`;
  if (version === '1') return 'the token is cut short or altered: send it unchanged';
  return `the text is no consistency token: one begins with \`${prefix}.\` and comes with every answer`;
}

/** Against mistakes, not against forgery: who may ask at all may ask for any revision. */
function checkOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
