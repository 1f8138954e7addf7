import { readFileSync } from 'node:fs';

// What DC/OS decides by a list of grants, written from the facts about it and from nothing of ours: one grant after
// another, strings cut at separators. Slow and obvious, to compare the imported policy with.

export interface RawGrant {
  readonly principalType: string;
  readonly principal: string;
  readonly resource: string;
  readonly action: string;
}

export interface RawRequest {
  readonly principal: string;
  /** Of the groups that hold grants. */
  readonly groups: readonly string[];
  readonly resource: string;
  readonly action: string;
}

/** A documented id, as `test/fixtures/dcos/resources.json` lists it. */
interface Template {
  readonly template: string;
  readonly status: string;
  readonly until: string | null;
  readonly actions: readonly string[];
  readonly segmentKinds: readonly string[];
  readonly hierarchical: boolean;
  readonly pathSeparator?: string;
}

const { templates } = JSON.parse(
  readFileSync(new URL('../fixtures/dcos/resources.json', import.meta.url), 'utf8'),
) as { readonly templates: readonly Template[] };

/** The rows of the newest version; what is only observed is no row. */
const rows = templates
  .filter(({ status, until }) => status !== 'observed-only' && until === null)
  .map((template) => ({ ...template, head: headOf(template) }))
  .sort(
    (a, b) =>
      b.head.filter((segment) => segment !== '*').length - a.head.filter((segment) => segment !== '*').length,
  );

type Row = (typeof rows)[number];

/** Segments before the last value; `*` where any one may stand. */
function headOf({ template, segmentKinds }: Template): string[] {
  const isValueLast = segmentKinds.at(-1) !== 'literal' && segmentKinds.at(-1) !== 'wildcard';
  const texts = template.replace(/\[.*$/, '').replace(/:\/?$/, '').split(':');
  const count = isValueLast ? segmentKinds.length - 1 : segmentKinds.length;
  return texts
    .slice(0, count)
    .map((text, i) => (segmentKinds[i] === 'literal' || segmentKinds[i] === 'wildcard' ? text : '*'));
}

/** Facts, 11: the two rows on which every recipe for looking on grants `read`. */
const alsoRead = ['dcos:mesos:master:framework:role', 'dcos:mesos:master:task:app_id'];

const allActions = ['create', 'read', 'update', 'delete', 'full'];

interface Found {
  readonly row: Row;
  /** What follows the head; absent where it is left out. */
  readonly value?: string;
}

function find(resource: string): Found | undefined {
  const segments = resource.split(':');
  for (const row of rows) {
    const { head, segmentKinds } = row;
    if (segments.length < head.length || !head.every((text, i) => text === '*' || text === segments[i]))
      continue;
    const value = segments.slice(head.length).join(':');
    const last = segmentKinds.at(-1)!;
    const hasValue = segments.length > head.length;
    if (head.length === segmentKinds.length) {
      if (!hasValue) return { row };
    } else if (!hasValue) {
      if (last.endsWith('?')) return { row };
    } else if (!value.includes(':') && isFit(row, value)) return { row, value };
  }
  return undefined;
}

/** Facts, 6: paths begin with a slash, jobs have none at all, secrets are named from the root. */
function isFit({ hierarchical, pathSeparator, segmentKinds }: Row, value: string): boolean {
  if (value === '') return false;
  if (hierarchical && pathSeparator === '/') return value.startsWith('/');
  if (hierarchical) return !value.includes('/');
  return segmentKinds.at(-1) !== 'secret-path' || (value.startsWith('/') && value.length > 1);
}

/** The two stars that are none (facts, 6): all links, and the secrets of a directory. */
const everyLink = 'dcos:cluster:linker:*';
const secretsOfDirectory = /^dcos:secrets:default:\/([^*]*\/)?\*$/;

/** Whether an entry on one id speaks for another (facts, 6). */
export function covers(granted: string, asked: string): boolean {
  if (granted === asked) return true;
  if (granted === everyLink) return /^dcos:cluster:linker:[^:/]+$/.test(asked);
  if (secretsOfDirectory.test(granted)) {
    const directory = granted.slice(0, -1);
    return asked.startsWith(directory) && /^[^/:]+$/.test(asked.slice(directory.length));
  }
  const [a, b] = [find(granted), find(asked)];
  if (a === undefined || b === undefined || a.row !== b.row) return false;
  const headLength = a.row.head.length;
  if (granted.split(':').slice(0, headLength).join(':') !== asked.split(':').slice(0, headLength).join(':'))
    return false;
  if (a.value === undefined) return b.value !== undefined;
  if (b.value === undefined || !a.row.hierarchical) return false;
  const separator = a.row.pathSeparator!;
  if (a.value === '/') return true;
  return b.value.startsWith(a.value + separator) && b.value.length > a.value.length + 1;
}

/**
 * Facts, 2 and 12: `full` is every other action, but on a row that does not tick it those of the row alone. What no row
 * describes is taken as it is written; outside of DC/OS' own ids no action is more than itself.
 */
function holds({ action: held, resource }: RawGrant, asked: string): boolean {
  if (held === asked) return true;
  if (held !== 'full') return false;
  const row = find(resource)?.row;
  if (resource.split(/[:/]/)[0] !== 'dcos') return false;
  const isPattern = resource === everyLink || secretsOfDirectory.test(resource);
  if (row === undefined || isPattern) return allActions.includes(asked);
  if (row.actions.includes('full')) return allActions.includes(asked);
  const own = alsoRead.some((id) => row.head.join(':') === id) ? [...row.actions, 'read'] : row.actions;
  return own.includes(asked);
}

/** Facts, 3: any one action on `dcos:superuser` passes every check. */
export function decideByGrants(grants: readonly RawGrant[], request: RawRequest): boolean {
  const own = grants.filter(({ principalType, principal }) =>
    principalType === 'group' ? request.groups.includes(principal) : principal === request.principal,
  );
  const isKnown = request.resource.split(/[:/]/)[0] === 'dcos' && allActions.includes(request.action);
  if (isKnown && own.some(({ resource }) => resource === 'dcos:superuser')) return true;
  return own.some((grant) => covers(grant.resource, request.resource) && holds(grant, request.action));
}
