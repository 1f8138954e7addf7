import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { type Engine, oneByOne } from '../engine.ts';
import type { Policy } from '../workload.ts';
import { createEntities, toPolicy, uid } from './cedar-policies.ts';
import { isPermitted, withIds } from './cedar-slices.ts';
import { packageVersion } from './package-version.ts';

const POLICY_SET = 'all';

export const engine: Engine = {
  name: 'Cedar (wasm), stateful, pre-parsed',
  version: packageVersion('@cedar-policy/cedar-wasm'),
  note: 'All policies are parsed once by `preparsePolicySet`; `statefulIsAuthorized` goes through them for every request. Wildcards by the same hierarchy.',
  build: (policy) => {
    preparse(policy);
    const entitiesFor = createEntities(policy);
    return oneByOne((subject, action, resource) =>
      isPermitted(
        statefulIsAuthorized({
          principal: uid('Subject', subject),
          action: uid('Action', action),
          resource: uid('Resource', resource),
          context: {},
          preparsedPolicySetId: POLICY_SET,
          entities: entitiesFor(subject, resource),
        }),
      ),
    );
  },
};

function preparse({ grants }: Policy): void {
  const answer = preparsePolicySet(POLICY_SET, { staticPolicies: withIds(grants.map(toPolicy)) });
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
}
