import { type Enforcer, newEnforcer, newModelFromString, StringAdapter } from 'casbin';
import { type Engine, oneByOne } from '../engine.ts';
import type { Grant, Policy } from '../workload.ts';
import { packageVersion } from './package-version.ts';

const MODEL = `
[request_definition]
r = sub, act, obj
[policy_definition]
p = sub, act, obj, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = r.act == p.act && covers(r.obj, p.obj) && g(r.sub, p.sub)
`;

export const engine: Engine = {
  name: 'Casbin',
  version: packageVersion('casbin'),
  note:
    'A model with groups as roles, denies that win, and a matcher that knows the wildcards (Casbin’s own `keyMatch` knows no ' +
    'single segment); the cheapest comparisons stand first. It goes through all policies for every request. Conditions and nested groups it can express.',
  build: async (policy) => {
    const enforcer = await createEnforcer(policy);
    return oneByOne((subject, action, resource) => enforcer.enforceSync(subject, action, resource));
  },
};

async function createEnforcer(policy: Policy): Promise<Enforcer> {
  const enforcer = await newEnforcer(newModelFromString(MODEL), new StringAdapter(renderPolicy(policy)));
  await enforcer.addFunction('covers', covers);
  return enforcer;
}

function renderPolicy({ grants, groups }: Policy): string {
  const memberships = [...groups].flatMap(([group, members]) =>
    members.map((member) => `g, ${member}, ${group}`),
  );
  return [...grants.map(renderGrant), ...memberships].join('\n');
}

function renderGrant({ effect, grantee, action, resource, tail }: Grant): string {
  return `p, ${grantee}, ${action}, ${resource}${tail}, ${effect}`;
}

function covers(id: string, pattern: string): boolean {
  if (!pattern.endsWith('*')) return id === pattern;
  if (pattern.endsWith('**')) return id.startsWith(pattern.slice(0, -2)) || id === pattern.slice(0, -3);
  const cut = pattern.slice(0, -1);
  return id.length > cut.length && id.startsWith(cut) && !/[:/]/.test(id.slice(cut.length));
}
