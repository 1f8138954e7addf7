import { renderCounted } from '../words.ts';
import { messageOf } from './find-package.ts';
import { toRegularExpression } from './pattern-text.ts';
import type { Peer, PeerAdapter, PeerInput } from './peer.ts';
import type { Grant } from './translate.ts';

interface Enforcer {
  addPolicies(lines: readonly (readonly string[])[]): Promise<boolean>;
  addGroupingPolicies(lines: readonly (readonly string[])[]): Promise<boolean>;
  enforceSync(subject: string, object: string, action: string): boolean;
}
interface Module {
  newEnforcer(model: unknown): Promise<Enforcer>;
  newModelFromString(text: string): unknown;
}

/**
 * Roles for groups, a deny overrides. The cheap comparisons stand first; an id and a pattern have columns of their own, because an
 * id may hold what a regular expression would take for more. Ids of subjects hold a colon, so that the two words are free.
 */
const model = `
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, pattern, act, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = r.act == p.act && (p.obj == r.obj || (p.pattern != "" && regexMatch(r.obj, p.pattern))) && (p.sub == "anyone" || (p.sub == "authenticated" && r.sub != "nobody") || g(r.sub, p.sub))
`;

export const casbin: PeerAdapter = {
  engine: 'casbin',
  package: 'casbin',
  entry: 'casbin',
  create: async (exports, input): Promise<Peer> => {
    const { newEnforcer, newModelFromString } = exports as unknown as Module;
    const enforcer = await newEnforcer(newModelFromString(model));
    const policies = unique(input.translation.grants.flatMap((grant) => toLines(grant, input)));
    const roles = input.subjects.flatMap((subject) =>
      subject === undefined
        ? []
        : input.translation.groupsOf(subject).map((name) => [subject, `group:${name}`]),
    );
    try {
      if (policies.length > 0) await enforcer.addPolicies(policies);
      if (roles.length > 0) await enforcer.addGroupingPolicies(roles);
    } catch (error) {
      throw new Error(`it refuses the policies: ${messageOf(error)}`);
    }
    return {
      size: `${renderCounted(policies.length, 'policy', 'policies')}, ${renderCounted(roles.length, 'role', 'roles')}`,
      isAllowed: (subject, action, resource) => enforcer.enforceSync(subject ?? 'nobody', resource, action),
    };
  },
};

function toLines({ effect, grantee, actions, resource, place }: Grant, { losses }: PeerInput): string[][] {
  const subject =
    grantee.kind === 'subject'
      ? grantee.id
      : grantee.kind === 'group'
        ? `group:${grantee.name}`
        : grantee.kind;
  const expression = resource.kind === 'pattern' ? toRegularExpression(resource) : '';
  if (expression === undefined) {
    losses.add('patterns with `**` before their end', place);
    return [];
  }
  // No id is empty.
  const object = resource.kind === 'literal' ? resource.id : '';
  return actions.map((action) => [subject, object, expression, action, effect]);
}

/** Casbin refuses all of a list in which one line stands twice. */
function unique(lines: readonly string[][]): readonly string[][] {
  return [...new Map(lines.map((line) => [JSON.stringify(line), line])).values()];
}
