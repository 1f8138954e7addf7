import type { Source } from '../../../source/source.ts';
import type { Catalogue } from './catalogue.ts';
import { checkGrants } from './check-grants.ts';
import { type Grant, type Membership, subjectOf } from './grant.ts';
import { type GrantFormat, readGrants } from './read-grants.ts';

/** What a text says that was written from grants, to be compared with them one by one. */
export interface ReadBack {
  readonly grants: ReadonlySet<string>;
  readonly members: ReadonlySet<string>;
}

/** Reads what was written as an import does. */
export function readBack(source: Source, format: GrantFormat, catalogue: Catalogue): ReadBack {
  const { imported, memberships } = checkGrants([readGrants(source, format)], catalogue);
  return { grants: new Set(imported.map(grantKey)), members: new Set(memberships.map(memberKey)) };
}

export function grantKey(grant: Pick<Grant, 'principal' | 'principalType' | 'resource' | 'action'>): string {
  return JSON.stringify([subjectOf(grant), grant.action, grant.resource]);
}

export function memberKey({ group, user }: Pick<Membership, 'group' | 'user'>): string {
  return JSON.stringify([group, user]);
}
