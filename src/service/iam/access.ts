import type { FastifyRequest } from 'fastify';
import { errors } from 'jose';
import { readToken } from '../auth/read-token.ts';
import { decideAndRecord } from '../decide.ts';
import { AuthenticationError } from '../http/errors.ts';
import type { Caller, Service } from '../service.ts';
import { authCookie } from './cookies.ts';
import type { Match } from './route-table.ts';
import type { Tokens } from './tokens.ts';

/** What Admin Router asks before it lets somebody through to the IAM. */
const permission = { action: 'full', resource: 'dcos:adminrouter:acs' } as const;

/** What there is for whoever comes through a proxy that has asked for everything already. */
export const throughProxy: Caller = { groups: [], claims: {} };

/**
 * Who calls: by a token that the IAM has signed for an account that there is, or else by one that the service is configured
 * to take.
 *
 * @throws {AuthenticationError} 401, or 503 if keys cannot be had
 */
export async function findCaller(request: FastifyRequest, service: Service, tokens: Tokens): Promise<Caller> {
  const token = readToken(request.headers, authCookie);
  const verified = await tokens.verify(token).then(
    (uid) => ({ uid }),
    (error: unknown) => ({ refusal: refusalOf(error) }),
  );
  if ('uid' in verified) return callerOf(verified.uid, service);
  // A token of ours that has expired is nobody else's.
  if (!isOfAnotherKey(verified.refusal) || service.config.token === undefined) throw verified.refusal;
  const caller = await service.authenticate(request);
  if (caller === undefined) throw verified.refusal;
  return caller;
}

function callerOf(uid: string, { directory }: Service): Caller {
  if (directory?.state().user(uid) === undefined)
    throw new AuthenticationError('claims', 'the token is of an account that there is not');
  return { subject: `user:${uid}`, groups: [], claims: { uid } };
}

function isOfAnotherKey({ reason }: AuthenticationError): boolean {
  return reason === 'signature' || reason === 'algorithm';
}

function refusalOf(error: unknown): AuthenticationError {
  if (error instanceof errors.JWTExpired) return new AuthenticationError('expired', 'the token has expired');
  if (error instanceof errors.JWTClaimValidationFailed)
    return new AuthenticationError('claims', `the claim \`${error.claim}\` is missing or not accepted`);
  if (error instanceof errors.JOSEAlgNotAllowed)
    return new AuthenticationError('algorithm', 'the token is not signed with RS256');
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return new AuthenticationError('signature', 'the signature of the token is not valid');
  return new AuthenticationError('malformed', 'the token is malformed');
}

/** The uid of a caller, if it is a user. */
export function uidOf({ subject }: Caller): string | undefined {
  return subject?.startsWith('user:') ? subject.slice('user:'.length) : undefined;
}

/** Whether the policy lets the caller manage permissions, or the caller asks about itself where that needs no permission. */
export function mayCall(
  service: Service,
  request: FastifyRequest,
  caller: Caller,
  match: Match | undefined,
): boolean {
  const { own, methods } = match?.route ?? {};
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (own !== undefined && methods?.GET !== undefined && isRead && match!.ids[own] === uidOf(caller))
    return true;
  const { subject, groups } = caller;
  if (subject === undefined) return false;
  const asked = { subject, groups, ...permission };
  const about = { api: 'iam', requestId: request.id, caller } as const;
  return decideAndRecord(service, request.activePolicy, asked, about).decision === 'allow';
}
