import type { FastifyRequest } from 'fastify';
import type { Authorizer, Decision, Request } from '../../index.ts';
import type { ActivePolicy } from '../active-policy.ts';
import { type About, decideAndRecord } from '../decide.ts';
import { ServiceError } from '../http/errors.ts';
import type { Service } from '../service.ts';

/** A body, or part of one, that `requestSchema` accepts. */
export type NativeRequest = Request & { readonly mode?: string };

/**
 * The engine in the mode that was asked for; undefined if none was.
 *
 * @throws {ServiceError} 400 if the policy does not know it
 */
export function authorizerFor(policy: ActivePolicy, mode: string | undefined): Authorizer | undefined {
  if (mode === undefined) return undefined;
  const authorizer = policy.authorizerIn(mode);
  if (authorizer !== undefined) return authorizer;
  const known = policy.modes.map((name) => `\`${name}\``).join(', ');
  throw new ServiceError(400, `the policy does not know that mode; it names ${known || 'none'}`);
}

/** Who asks for one HTTP request, for the log. */
export function aboutOf({ id, caller }: FastifyRequest): About {
  return { api: 'native', requestId: id, caller };
}

/** @throws {ServiceError} 400 for a mode that the policy does not know */
export function decideNative(
  service: Service,
  policy: ActivePolicy,
  request: NativeRequest,
  about: About,
): Decision {
  const { mode } = request;
  if (mode === undefined) return decideAndRecord(service, policy, request, about);
  return decideAndRecord(service, policy, request, { ...about, authorizer: authorizerFor(policy, mode) });
}
