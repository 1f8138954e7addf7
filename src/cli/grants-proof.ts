import type { GrantsImport } from '../index.ts';
import { countOf } from './count-of.ts';

/** What was proved of a policy made of grants, behind its name: `allows 3 grants of 2 subjects, and grants nothing else`. */
export function describeGrants({ grants, subjects, memberships }: GrantsImport['proof']): string {
  const members = memberships === 0 ? '' : ` and names ${countOf(memberships, 'member')} of groups`;
  if (grants === 0) return `grants nothing${members}`;
  return `allows ${countOf(grants, 'grant')} of ${countOf(subjects, 'subject')}${members}, and grants nothing else`;
}
