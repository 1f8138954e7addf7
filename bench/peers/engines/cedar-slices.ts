import { type AuthorizationAnswer, isAuthorized, type PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { Policy } from '../workload.ts';
import { createEntities, uid } from './cedar-policies.ts';

/** Decides with the policies that the caller has picked for this request. */
export function createSlicedCedar(
  policy: Policy,
  sliceFor: (subject: string, action: string, resource: string) => PolicyJson[],
): (subject: string, action: string, resource: string) => boolean {
  const entitiesFor = createEntities(policy);
  return (subject, action, resource) =>
    isPermitted(
      isAuthorized({
        principal: uid('Subject', subject),
        action: uid('Action', action),
        resource: uid('Resource', resource),
        context: {},
        policies: { staticPolicies: withIds(sliceFor(subject, action, resource)) },
        entities: entitiesFor(subject, resource),
      }),
    );
}

export function isPermitted(answer: AuthorizationAnswer): boolean {
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
  return answer.response.decision === 'allow';
}

/** Policies as JSON have no names of their own, and Cedar wants one for each. */
export function withIds(policies: readonly PolicyJson[]): Record<string, PolicyJson> {
  return Object.fromEntries(policies.entries());
}
