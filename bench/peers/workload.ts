import { createRandom } from '../workload.ts';

/**
 * What stands behind the resource of a grant: nothing, then it covers that id alone; one star for exactly one segment more;
 * two for the id itself and everything that goes on with that separator. As in Postern, `a:b` is not `a/b`.
 */
export type Tail = '' | '/*' | '/**' | ':*' | ':**';

/** One line of an access-control list, before any engine has seen it. */
export interface Grant {
  readonly effect: 'allow' | 'deny';
  /** `user:u1007` or `group:g0`. */
  readonly grantee: string;
  readonly action: string;
  readonly resource: string;
  readonly tail: Tail;
}

/** What an engine is built from. */
export interface Policy {
  readonly grants: readonly Grant[];
  /** Members of each group; every subject is in exactly one. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Every resource that exists or is asked about. Only engines that expand wildcards beforehand look at it. */
  readonly resources: readonly string[];
}

/** Requests in columns, so that no engine pays for reading an object that another does not need. */
export interface Requests {
  readonly subjects: readonly string[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

export interface Workload {
  readonly policy: Policy;
  readonly requests: Requests;
}

const SEED = 20_250;
const ACTIONS = ['create', 'read', 'update', 'delete', 'list'];
const GRANTS_PER_SUBJECT = 10;
const SUBJECTS_PER_GROUP = 10;
/** So that names are about as long at every size. */
const FIRST_SUBJECT = 1000;
const RESOURCES_PER_GRANT = 1.004;
const ROOT = 'dcos:service:marathon:marathon:services:';
/** What an organisation has at each level beneath it: 200 resources, two to six segments beneath the root. */
const LEVELS = [
  { letter: 't', width: 50 },
  { letter: 'a', width: 50 },
  { letter: 's', width: 50 },
  { letter: 'v', width: 30 },
  { letter: 'w', width: 20 },
];
/**
 * Wildcards high above: few, since to expand one takes as many entries as there are resources, but they are why no engine may
 * leave out the separators near the start of an id.
 */
const ADMINISTRATION: readonly Grant[] = [
  { effect: 'allow', grantee: 'user:u1000', action: 'read', resource: 'dcos:service', tail: ':**' },
  {
    effect: 'allow',
    grantee: 'user:u1001',
    action: 'list',
    resource: 'dcos:service:marathon:marathon',
    tail: ':**',
  },
];
/** In what a request for nothing granted differs from one for something granted. */
const NEAR_MISSES = ['subject', 'action', 'resource'] as const;
const DENY_PERCENT = 5;
const WILDCARD_PERCENT = 10;
const SINGLE_SUBJECT_PERCENT = 10;
/** Of the requests made to be denied, how many run into a deny rule; no rule allows the others. */
const DENIED_BY_RULE_PERCENT = 10;

type Random = (below: number) => number;

/** Grants and requests of one size; the same for the same numbers, on every machine and in every process. */
export function createWorkload(grantCount: number, requestCount: number): Workload {
  const random = createRandom(SEED);
  const subjectCount = SUBJECTS_PER_GROUP * Math.ceil(grantCount / GRANTS_PER_SUBJECT / SUBJECTS_PER_GROUP);
  const existing = createResources(Math.ceil(grantCount * RESOURCES_PER_GRANT), random);
  const grants = createGrants(grantCount, existing, subjectCount, random);
  const requests = createRequests(requestCount, grants, subjectCount, random);
  const resources = [...new Set([...existing, ...requests.resources])];
  return { policy: { grants, groups: createGroups(subjectCount), resources }, requests };
}

/** A string of its own, as it comes off a wire: flat, one byte a character, shared with nobody, never hashed before. */
export function fresh(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** The same requests in strings that no engine has seen. */
export function freshRequests({ subjects, actions, resources }: Requests): Requests {
  return { subjects: subjects.map(fresh), actions: actions.map(fresh), resources: resources.map(fresh) };
}

/** Trees of organisations; what has something beneath it is itself a resource, as a service group is. */
function createResources(count: number, random: Random): string[] {
  const resources: string[] = [];
  for (let organisation = 0; resources.length < count; organisation++) {
    let parents = [`${ROOT}/org-${organisation}`];
    for (const { letter, width } of LEVELS) {
      parents = Array.from({ length: width }, (_, i) =>
        fresh(`${draw(parents, random)}/${nameAt(letter, i)}`),
      );
      resources.push(...parents);
    }
  }
  return resources.slice(0, count);
}

function createGrants(
  count: number,
  existing: readonly string[],
  subjectCount: number,
  random: Random,
): Grant[] {
  const grants = [...ADMINISTRATION];
  while (grants.length < count) {
    const isDeny = random(100) < DENY_PERCENT;
    grants.push(
      isDeny ? createDeny(draw(grants, random), random) : createAllow(existing, subjectCount, random),
    );
  }
  return grants;
}

function createAllow(existing: readonly string[], subjectCount: number, random: Random): Grant {
  const single = random(100) < SINGLE_SUBJECT_PERCENT;
  const target = draw(existing, random);
  const tail = drawTail(random);
  return {
    effect: 'allow',
    grantee: single ? subjectAt(random(subjectCount)) : groupAt(random(subjectCount / SUBJECTS_PER_GROUP)),
    action: draw(ACTIONS, random),
    resource: tail === '' ? target : parentOf(target),
    tail,
  };
}

/** Takes back part of what another grant gives, so that a deny has something to win over: from one member or all, here or beneath. */
function createDeny(grant: Grant, random: Random): Grant {
  const tail = random(2) === 0 ? '' : grant.tail;
  return {
    effect: 'deny',
    grantee: random(2) === 0 ? drawMember(grant.grantee, random) : grant.grantee,
    action: grant.action,
    resource: tail === grant.tail ? grant.resource : fresh(drawCovered(grant, random)),
    tail,
  };
}

/** Half of them for what a grant allows (though another may deny it), half for what some rule denies or none allows. */
function createRequests(
  count: number,
  grants: readonly Grant[],
  subjectCount: number,
  random: Random,
): Requests {
  const allows = grants.filter(({ effect }) => effect === 'allow');
  const denies = grants.filter(({ effect }) => effect === 'deny');
  const requests = { subjects: [] as string[], actions: [] as string[], resources: [] as string[] };
  for (let i = 0; i < count; i++) {
    const isByRule = i % 2 === 0 || random(100) < DENIED_BY_RULE_PERCENT;
    const grant = draw(i % 2 === 0 ? allows : isByRule ? denies : grants, random);
    const near = isByRule ? 'nothing' : draw(NEAR_MISSES, random);
    const resource = drawCovered(grant, random);
    requests.subjects.push(
      fresh(near === 'subject' ? subjectAt(random(subjectCount)) : drawMember(grant.grantee, random)),
    );
    requests.actions.push(fresh(near === 'action' ? drawOther(ACTIONS, grant.action, random) : grant.action));
    requests.resources.push(fresh(near === 'resource' ? `${parentOf(resource)}/x${random(5)}` : resource));
  }
  return requests;
}

function createGroups(subjectCount: number): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (let first = 0; first < subjectCount; first += SUBJECTS_PER_GROUP)
    groups.set(
      groupAt(first / SUBJECTS_PER_GROUP),
      Array.from({ length: SUBJECTS_PER_GROUP }, (_, i) => subjectAt(first + i)),
    );
  return groups;
}

/** An id that the grant speaks of: its resource, or one beneath it as far as its tail reaches. */
function drawCovered({ resource, tail }: Grant, random: Random): string {
  if (tail === '') return resource;
  let covered = resource;
  const steps = tail === '/*' ? 1 : random(3);
  for (let step = 0; step < steps; step++) {
    const level = LEVELS[covered.split('/').length - 2];
    if (level === undefined) break;
    covered += `/${nameAt(level.letter, random(level.width))}`;
  }
  return covered;
}

function drawTail(random: Random): Tail {
  if (random(100) >= WILDCARD_PERCENT) return '';
  return random(2) === 0 ? '/*' : '/**';
}

function drawMember(grantee: string, random: Random): string {
  if (!grantee.startsWith('group:g')) return grantee;
  return subjectAt(Number(grantee.slice('group:g'.length)) * SUBJECTS_PER_GROUP + random(SUBJECTS_PER_GROUP));
}

function draw<Item>(items: readonly Item[], random: Random): Item {
  return items[random(items.length)]!;
}

function drawOther<Item>(items: readonly Item[], item: Item, random: Random): Item {
  return items[(items.indexOf(item) + 1 + random(items.length - 1)) % items.length]!;
}

function parentOf(resource: string): string {
  return fresh(resource.slice(0, resource.lastIndexOf('/')));
}

function subjectAt(index: number): string {
  return `user:u${FIRST_SUBJECT + index}`;
}

/** Short, so that ids are about as long as in a real cluster. */
function nameAt(letter: string, index: number): string {
  return `${letter}${index.toString(36)}`;
}

function groupAt(index: number): string {
  return `group:g${Math.floor(index)}`;
}
