import type { FastifyRequest } from 'fastify';
import { AuthenticationError } from '../http/errors.ts';
import { createPeerList } from '../http/peers.ts';
import type { Caller, Service } from '../service.ts';
import type { AuthRequestConfig } from './config.ts';
import { readSingleHeader } from './original-request.ts';

/** Who sent the original request; undefined for nobody in particular. */
export type FindAsker = (request: FastifyRequest) => Promise<Caller | undefined>;

/**
 * A trusted proxy may name whom it has verified. Anybody else proves it by the token; whoever sends that header without
 * being trusted says two things about who they are, and neither counts.
 */
export function createAskerFinder(service: Service, config: AuthRequestConfig): FindAsker {
  const { subjectHeader, subjectType, trustedPeers = [], anonymous } = config;
  const byToken: FindAsker = anonymous ? tokenIfThere(service) : service.authenticate;
  if (subjectHeader === undefined) return byToken;
  const isTrusted = createPeerList(trustedPeers);
  return async (request) => {
    const named = readSingleHeader(request.raw, subjectHeader);
    if (named.kind === 'missing') {
      // Where tokens are not looked at, the header alone says who it is.
      if (service.config.auth || anonymous) return byToken(request);
      throw new AuthenticationError('missing', 'the proxy names no caller');
    }
    if (named.kind === 'repeated')
      throw new AuthenticationError('duplicate', `more than one header ${subjectHeader}`);
    if (!isTrusted(request.socket.remoteAddress))
      throw new AuthenticationError('scheme', `the header ${subjectHeader} counts from trusted proxies only`);
    if (named.value === '') throw new AuthenticationError('missing', `the header ${subjectHeader} is empty`);
    // Node reads bytes of a header as Latin-1: of other names it would make those of somebody else.
    if (!/^[\x20-\x7e]+$/.test(named.value))
      throw new AuthenticationError('malformed', `the header ${subjectHeader} holds more than ASCII`);
    return { subject: `${subjectType}:${named.value}`, groups: [], claims: {} };
  };
}

/** No token at all is nobody; a bad one is refused. */
function tokenIfThere({ authenticate }: Service): FindAsker {
  return async (request) => {
    try {
      return await authenticate(request);
    } catch (error) {
      if (error instanceof AuthenticationError && error.reason === 'missing') return undefined;
      throw error;
    }
  };
}
