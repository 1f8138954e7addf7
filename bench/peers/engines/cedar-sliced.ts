import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { type Engine, oneByOne } from '../engine.ts';
import type { Policy } from '../workload.ts';
import { keyOf, scopeOf, scopesFor, toPolicy } from './cedar-policies.ts';
import { createSlicedCedar } from './cedar-slices.ts';
import { groupsOfSubjects } from './groups.ts';
import { packageVersion } from './package-version.ts';

export const engine: Engine = {
  name: 'Cedar (wasm), sliced to the request',
  version: packageVersion('@cedar-policy/cedar-wasm'),
  note:
    'For each request the policies whose whole scope fits are picked by hand from a `Map` and given to `isAuthorized` as JSON: ' +
    'mostly none to two. What picks them is an authorizer already, and Cedar is left to confirm it; the time is that of handing ' +
    'over policies and entities, which the wasm interface parses anew in each call. Wildcards are hierarchy: the caller says of ' +
    'each resource what it lies beneath, since Cedar’s `like` knows no segments. Conditions and nested groups Cedar can express.',
  build: (policy) => oneByOne(createSlicedCedar(policy, createSlicer(policy))),
};

function createSlicer(policy: Policy): (subject: string, action: string, resource: string) => PolicyJson[] {
  const groupOf = groupsOfSubjects(policy);
  const policiesFor = new Map<string, PolicyJson[]>();
  for (const grant of policy.grants) {
    const key = `${grant.grantee} ${grant.action} ${keyOf(scopeOf(grant))}`;
    const policies = policiesFor.get(key);
    if (policies === undefined) policiesFor.set(key, [toPolicy(grant)]);
    else policies.push(toPolicy(grant));
  }
  return (subject, action, resource) =>
    scopesFor(resource).flatMap((scope) =>
      [subject, groupOf.get(subject)].flatMap(
        (grantee) => policiesFor.get(`${grantee} ${action} ${keyOf(scope)}`) ?? [],
      ),
    );
}
