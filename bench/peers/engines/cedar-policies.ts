import type { EntityJson, PolicyJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs';
import type { Grant, Policy } from '../workload.ts';
import { groupsOfSubjects } from './groups.ts';
import { startsOf } from './separators.ts';

/*
 * Wildcards as hierarchy, which is what Cedar is quick at: a resource is a child of `Beneath::"a/"` for every start `a/` of its
 * id, of `Beneath` of itself with either separator (`**` covers the id it stands behind), and of `DirectlyIn::"a/"` for its
 * parent. A grant is then a policy whose whole meaning is in its scope, without conditions.
 */

export function uid(type: string, id: string): TypeAndId {
  return { type, id };
}

/** What the resource of a policy has to be, or to be in. */
export function scopeOf({ resource, tail }: Grant): TypeAndId {
  if (tail === '') return uid('Resource', resource);
  return uid(tail.endsWith('**') ? 'Beneath' : 'DirectlyIn', resource + tail[0]);
}

export function toPolicy(grant: Grant): PolicyJson {
  const { effect, grantee, action, tail } = grant;
  const scope = scopeOf(grant);
  return {
    effect: effect === 'allow' ? 'permit' : 'forbid',
    principal: grantee.startsWith('group:')
      ? { op: 'in', entity: uid('Group', grantee) }
      : { op: '==', entity: uid('Subject', grantee) },
    action: { op: '==', entity: uid('Action', action) },
    resource: tail === '' ? { op: '==', entity: scope } : { op: 'in', entity: scope },
    conditions: [],
  };
}

/** Every scope that covers a resource, itself first. */
export function scopesFor(resource: string): TypeAndId[] {
  const starts = startsOf(resource);
  return [
    uid('Resource', resource),
    uid('DirectlyIn', starts.at(-1)!),
    ...[`${resource}/`, `${resource}:`, ...starts].map((start) => uid('Beneath', start)),
  ];
}

/** Finds what Cedar has to know about who asks and about what: ancestors that no policy names are left out, since each costs. */
export function createEntities(policy: Policy): (subject: string, resource: string) => EntityJson[] {
  const groupOf = groupsOfSubjects(policy);
  const named = new Set(policy.grants.map((grant) => keyOf(scopeOf(grant))));
  return (subject, resource) => {
    const group = groupOf.get(subject);
    const [itself, ...ancestors] = scopesFor(resource);
    return [
      { uid: uid('Subject', subject), attrs: {}, parents: group === undefined ? [] : [uid('Group', group)] },
      { uid: itself!, attrs: {}, parents: ancestors.filter((scope) => named.has(keyOf(scope))) },
    ];
  };
}

export function keyOf({ type, id }: TypeAndId): string {
  return `${type} ${id}`;
}
