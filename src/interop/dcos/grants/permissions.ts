import type { Catalogue } from './catalogue.ts';
import { type Grant, grantActions, type Membership, subjectOf } from './grant.ts';
import { endsInWildcard } from './star.ts';

/** What a set of grants says, without the order and the repetitions of its sources. */
export interface PermissionSet {
  /** Sorted: groups first, then users, each by code units. */
  readonly subjects: readonly SubjectPermissions[];
  /** Sorted by name. */
  readonly groups: readonly GroupMembers[];
}

export interface SubjectPermissions {
  /** `user:kafka`, `group:dev`. */
  readonly subject: string;
  readonly type: 'user' | 'group';
  readonly name: string;
  /** Sorted by resource. */
  readonly permissions: readonly Permission[];
}

/** The actions of one subject on one resource. */
export interface Permission {
  readonly resource: string;
  /** The star at its end is a wildcard. */
  readonly isPattern: boolean;
  /** In the order of `grantActions`. */
  readonly actions: readonly string[];
  /** All grants that say so. */
  readonly grants: readonly Grant[];
}

export interface GroupMembers {
  readonly name: string;
  /** Sorted uids. */
  readonly members: readonly string[];
}

/** @param grants  each with a subject, an action of the five and a well-formed resource */
export function buildPermissionSet(
  grants: readonly Grant[],
  memberships: readonly Membership[],
  catalogue: Catalogue,
): PermissionSet {
  const bySubject = Map.groupBy(grants, subjectOf);
  const subjects = [...bySubject]
    .map(([subject, ofSubject]) => {
      const { principal: name, principalType } = ofSubject[0]!;
      const type = principalType === 'group' ? 'group' : 'user';
      return { subject, type, name, permissions: permissionsOf(ofSubject, catalogue) } as const;
    })
    .sort((a, b) => compare(a.type, b.type) || compare(a.name, b.name));
  const granted = subjects.filter(({ type }) => type === 'group').map(({ name }) => name);
  const membersOf = Map.groupBy(memberships, ({ group }) => group);
  const names = [...new Set([...membersOf.keys(), ...granted])];
  return {
    subjects,
    groups: names.sort().map((name) => ({
      name,
      members: [...new Set((membersOf.get(name) ?? []).map(({ user }) => user))].sort(),
    })),
  };
}

function permissionsOf(grants: readonly Grant[], catalogue: Catalogue): Permission[] {
  return [...Map.groupBy(grants, ({ resource }) => resource)]
    .map(([resource, ofResource]) => ({
      resource,
      isPattern: endsInWildcard(resource, catalogue),
      actions: grantActions.filter((action) => ofResource.some((grant) => grant.action === action)),
      grants: ofResource,
    }))
    .sort((a, b) => compare(a.resource, b.resource));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
