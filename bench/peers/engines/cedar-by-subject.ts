import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { type Engine, oneByOne } from '../engine.ts';
import type { Policy } from '../workload.ts';
import { toPolicy } from './cedar-policies.ts';
import { createSlicedCedar } from './cedar-slices.ts';
import { groupsOfSubjects } from './groups.ts';
import { packageVersion } from './package-version.ts';

export const engine: Engine = {
  name: 'Cedar (wasm), sliced to the subject',
  version: packageVersion('@cedar-policy/cedar-wasm'),
  note:
    'For each request the policies for the subject or its group and the action are given to `isAuthorized` as JSON, about twenty ' +
    'of them; which resources they cover is left to Cedar, by the same hierarchy.',
  build: (policy) => oneByOne(createSlicedCedar(policy, createSlicer(policy))),
};

function createSlicer(policy: Policy): (subject: string, action: string) => PolicyJson[] {
  const groupOf = groupsOfSubjects(policy);
  const policiesFor = new Map<string, PolicyJson[]>();
  for (const grant of policy.grants) {
    const key = `${grant.grantee} ${grant.action}`;
    const policies = policiesFor.get(key);
    if (policies === undefined) policiesFor.set(key, [toPolicy(grant)]);
    else policies.push(toPolicy(grant));
  }
  return (subject, action) =>
    [subject, groupOf.get(subject)].flatMap((grantee) => policiesFor.get(`${grantee} ${action}`) ?? []);
}
