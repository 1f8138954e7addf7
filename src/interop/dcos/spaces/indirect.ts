import { RequestError } from '../../../decision/errors.ts';
import type { Approver } from '../../../evaluate/authorizer.ts';
import { checkSubject, isGroupSubject } from '../../../id/check-id.ts';
import { describeFault, FAULT_GROUP_SUBJECT, FAULT_NONE } from '../../../id/faults.ts';
import type { Model } from '../../../model/model.ts';
import { type CreationKind, likelyPlaces, type Places, placesIn, resourceAt } from './creation.ts';
import { PathReader } from './path-reader.ts';
import { childOf, NONE, pathOf, type SpaceIndex } from './space-index.ts';
import { type ListOptions, readLimit, Spaces } from './spaces.ts';

/** An `Authorizer`, for what is asked of it here. */
export interface ApproverSource {
  approver(subject: string | undefined, action: string): Approver;
}

export interface IndirectOptions {
  /** What the authorizer was built from: then paths that its rules name are asked about even if nothing is there yet. */
  readonly model?: Model | undefined;
}

/** A service group in which a subject may create services or jobs, and the secrets that it can reach by doing so. */
export interface IndirectGrant {
  readonly kind: CreationKind;
  /**
   * A path at which the subject may create, with no such path above it: `/prod`, `/` for all. A segment `<new>` is a name not
   * in use: a pattern allows it there, but neither the directory itself nor anything known beneath it.
   */
  readonly group: string;
  readonly secretCount: number;
  /** In the order of `Spaces.secretsFor`: those above the group, then its own, then those beneath it. */
  readonly secrets: (options?: ListOptions) => string[];
}

export interface IndirectSecrets {
  readonly subject: string | undefined;
  /** Services first, then jobs, each by path. */
  readonly grants: readonly IndirectGrant[];
  /** Different ones. */
  readonly secretCount: number;
  readonly secrets: (options?: ListOptions) => string[];
}

/**
 * The secrets that a subject reaches by creating services, which spaces then let read them: those in the root, and above, in
 * and beneath each group in which it may create one. No grant on a secret plays a part. A denial on a part of a group counts.
 *
 * The engine is asked for `create` at every directory and service of `spaces`, by requests without groups, attributes and
 * context, on `dcos:service:marathon:marathon:services:…` and `dcos:service:metronome:metronome:jobs:…`; with the model, also
 * at the paths that its rules name, and for each of its patterns at a path or two beneath every directory. Nothing is reported
 * that the engine does not allow. What can be missed: creation that depends on a condition, or where a pattern and a denial
 * overlap so that just the paths asked for are denied; and without the model, at a path that is not in `spaces`.
 *
 * @param subject  undefined asks for a request without a subject, as it may come from within a cluster in permissive mode
 * @throws {RequestError} if the subject is malformed
 * Cost: one or two questions to the engine for each directory and service; one more for each different tail of a pattern.
 */
export function indirectSecrets(
  authorizer: ApproverSource,
  subject: string | undefined,
  spaces: Spaces,
  { model }: IndirectOptions = {},
): IndirectSecrets {
  checkAsker(subject);
  const index = Spaces.indexOf(spaces);
  const approver = authorizer.approver(subject, 'create');
  const everywhere = new Uint8Array(index.nodeCount);
  const grants: IndirectGrant[] = [];
  for (const kind of ['service', 'job'] as const) {
    const places = model === undefined ? likelyPlaces : placesIn(model, kind, subject);
    const found = findGroups(index, kind, approver, places);
    for (let node = 0; node < index.nodeCount; node++) everywhere[node]! |= found.isReached[node]!;
    for (const group of found.groups) grants.push(describeGroup(index, kind, group, found));
  }
  const counts = countBeneath(index, everywhere);
  return {
    subject,
    grants,
    secretCount: counts[0]!,
    secrets: ({ limit } = {}) => listBeneath(index, 0, everywhere, [], readLimit(limit)),
  };
}

/**
 * Every subject that a policy set names, in rules and as a member of groups, sorted by code units. Those whom only a pattern
 * or `authenticated` covers have no name there.
 */
export function knownSubjects(model: Model): string[] {
  const patterns = [
    ...model.rules.flatMap(({ subjects }) => subjects),
    ...model.groups.flatMap(({ members }) => members),
  ];
  return [...new Set(patterns.flatMap((pattern) => (pattern.kind === 'subject' ? [pattern.id] : [])))].sort();
}

/** Else a misspelt subject would pass for one who reaches nothing. */
function checkAsker(subject: string | undefined): void {
  if (subject === undefined) return;
  const fault = typeof subject === 'string' ? checkSubject(subject) : undefined;
  if (fault === undefined) throw new RequestError('subject is not a string');
  if (fault !== FAULT_NONE) throw new RequestError(`subject ${describeFault(fault)}`);
  if (isGroupSubject(subject)) throw new RequestError(`subject ${describeFault(FAULT_GROUP_SUBJECT)}`);
}

// ---------------------------------------------------------------- where it may create

/** A path at which creating is allowed, and the last node on it that there is. */
interface Group {
  readonly path: string;
  readonly node: number;
  /** Whether the path is that of the node: then what is beneath the node is beneath the path. */
  readonly isNode: boolean;
}

interface Found {
  readonly groups: readonly Group[];
  /** By node: whether creating is allowed there or somewhere beneath, so that its own secrets can be reached. */
  readonly isReached: Uint8Array;
  /** By node: how many secrets in it and beneath it can be reached. */
  readonly counts: Int32Array;
}

function findGroups(index: SpaceIndex, kind: CreationKind, approver: Approver, places: Places): Found {
  const { nodeCount, parents } = index;
  const { isAllowed, beneath } = askAtNodes(index, kind, approver, places.tails);
  const named = askAtPaths(index, kind, approver, places.paths);
  const isReached = isAllowed.slice();
  for (const { node } of [...beneath, ...named]) isReached[node] = 1;
  const leadsOn = new Uint8Array(nodeCount);
  for (let node = nodeCount - 1; node > 0; node--) {
    if (isReached[node] === 0) continue;
    isReached[parents[node]!] = 1;
    leadsOn[parents[node]!] = 1;
  }
  const isCovered = isAllowed.slice();
  const groups: Group[] = [];
  for (let node = 0; node < nodeCount; node++) {
    const isParentCovered = node > 0 && isCovered[parents[node]!] === 1;
    if (isParentCovered) isCovered[node] = 1;
    else if (isAllowed[node] === 1) groups.push({ path: pathOf(index, node) || '/', node, isNode: true });
  }
  // Where something known beneath it can be created, an invented name there says nothing more.
  const invented = beneath.filter(({ node }) => leadsOn[node] === 0);
  const others = [...named, ...invented].filter(({ node }) => isCovered[node] === 0);
  const all = groups.concat(withoutNested(others.sort(byPath)));
  return { groups: all.sort(byPath), isReached, counts: countBeneath(index, isReached) };
}

/** Asks at every node, and where it is denied, for what the tails make of its path. */
function askAtNodes(
  index: SpaceIndex,
  kind: CreationKind,
  approver: Approver,
  tails: readonly string[],
): { readonly isAllowed: Uint8Array; readonly beneath: readonly Group[] } {
  const isAllowed = new Uint8Array(index.nodeCount);
  const beneath: Group[] = [];
  const isNoJob = kind === 'job' ? nodesWithDots(index) : undefined;
  for (let node = 0; node < index.nodeCount; node++) {
    if (isNoJob?.[node] === 1) continue;
    const path = pathOf(index, node);
    if (approver.allows(resourceAt(kind, path))) {
      isAllowed[node] = 1;
      continue;
    }
    const tail = tails.find((text) => approver.allows(resourceAt(kind, `${path}/${text}`)));
    if (tail !== undefined) beneath.push({ path: `${path}/${tail}`, node, isNode: false });
  }
  return { isAllowed, beneath };
}

/** Asks at paths; those that are nodes have been asked. */
function askAtPaths(
  index: SpaceIndex,
  kind: CreationKind,
  approver: Approver,
  paths: readonly string[],
): Group[] {
  const reader = new PathReader();
  const groups: Group[] = [];
  for (const path of paths) {
    reader.read('service', path);
    let node = 0;
    let depth = 0;
    for (let next = 0; depth < reader.count; depth++) {
      next = childOf(index, node, reader.segment(depth));
      if (next === NONE) break;
      node = next;
    }
    if (depth < reader.count && approver.allows(resourceAt(kind, path)))
      groups.push({ path, node, isNode: false });
  }
  return groups;
}

/** Nodes whose path has a dot in a segment: the dots of a job's id are what its path has slashes for. */
function nodesWithDots({ nodeCount, names, parents }: SpaceIndex): Uint8Array {
  const has = new Uint8Array(nodeCount);
  for (let node = 1; node < nodeCount; node++)
    has[node] = has[parents[node]!] === 1 || names[node]!.includes('.') ? 1 : 0;
  return has;
}

function byPath(a: Group, b: Group): number {
  return pathKey(a.path) < pathKey(b.path) ? -1 : 1;
}

/** Sorts by segments: no character of an id comes before it. */
function pathKey(path: string): string {
  return path.replaceAll('/', '\u0000');
}

/** Of sorted groups, those that are beneath no other, each once. */
function withoutNested(groups: readonly Group[]): Group[] {
  const kept: Group[] = [];
  for (const group of groups) {
    const last = kept.at(-1)?.path;
    if (last === undefined || !`${group.path}/`.startsWith(`${last}/`)) kept.push(group);
  }
  return kept;
}

// ---------------------------------------------------------------- what it reaches there

function describeGroup(index: SpaceIndex, kind: CreationKind, group: Group, found: Found): IndirectGrant {
  const { first, ownEnd } = index.secrets;
  const { node, isNode, path } = group;
  const above = isNode ? nodesAbove(index, node) : [...nodesAbove(index, node), node];
  const countAbove = above.reduce((sum, at) => sum + ownEnd[at]! - first[at]!, 0);
  return {
    kind,
    group: path,
    secretCount: countAbove + (isNode ? found.counts[node]! : 0),
    secrets: ({ limit } = {}) =>
      listBeneath(index, isNode ? node : NONE, found.isReached, above, readLimit(limit)),
  };
}

/** From the root down, without the node. */
function nodesAbove({ parents }: SpaceIndex, node: number): number[] {
  const nodes: number[] = [];
  for (let at = node; at !== 0; ) {
    at = parents[at]!;
    nodes.push(at);
  }
  return nodes.reverse();
}

/** By node, the secrets in reached directories from there down. */
function countBeneath({ nodeCount, parents, secrets }: SpaceIndex, isReached: Uint8Array): Int32Array {
  const counts = new Int32Array(nodeCount);
  for (let node = nodeCount - 1; node >= 0; node--) {
    if (isReached[node] === 1) counts[node]! += secrets.ownEnd[node]! - secrets.first[node]!;
    if (node > 0) counts[parents[node]!]! += counts[node]!;
  }
  return counts;
}

/** The own secrets of the directories `above`, then those of the reached directories from `top` down, unless it is NONE. */
function listBeneath(
  { firstChild, secrets }: SpaceIndex,
  top: number,
  isReached: Uint8Array,
  above: readonly number[],
  most: number,
): string[] {
  const { ids, first, ownEnd } = secrets;
  const found: string[] = [];
  const take = (node: number): void => {
    for (let i = first[node]!; i < ownEnd[node]! && found.length < most; i++) found.push(ids[i]!);
  };
  for (const node of above) take(node);
  const waiting = top === NONE || isReached[top] === 0 ? [] : [top];
  for (let node = waiting.pop(); node !== undefined && found.length < most; node = waiting.pop()) {
    take(node);
    for (let child = firstChild[node + 1]! - 1; child >= firstChild[node]!; child--)
      if (isReached[child] === 1) waiting.push(child);
  }
  return found;
}
