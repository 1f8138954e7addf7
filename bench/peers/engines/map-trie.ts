import { type Engine, oneByOne } from '../engine.ts';
import type { Grant, Policy } from '../workload.ts';
import { groupsOfSubjects } from './groups.ts';
import { isSeparator } from './separators.ts';

export const engine: Engine = {
  name: 'trie of `Map`s',
  version: '–',
  note:
    'An engineer’s evening: a node for each segment with a `Map` of its children, at each node a `Map` from action to the sets ' +
    'of subjects and groups that are allowed and denied, and beside it those of `*` and `**`. It knows no conditions, no nested ' +
    'groups, no stars within a segment, and no reasons.',
  build: (policy) => {
    const trie = buildTrie(policy);
    const groupOf = groupsOfSubjects(policy);
    return oneByOne((subject, action, resource) =>
      isAllowed(trie, subject, groupOf.get(subject), action, resource),
    );
  },
};

interface Grantees {
  allowed: Set<string> | undefined;
  denied: Set<string> | undefined;
}

/** By action. */
type Rules = Map<string, Grantees>;

/** One for each separator that may stand before a wildcard. */
type BySeparator = { '/'?: Rules; ':'?: Rules };

/** Most nodes have one or two of these; what is not there is not made. */
interface Node {
  /** By the next segment and the separator before it: `/org-1`, `:marathon`. */
  children: Map<string, Node> | undefined;
  /** For the id that ends here. */
  exact: Rules | undefined;
  /** For one segment more. */
  star: BySeparator | undefined;
  /** For the id that ends here and all that goes on with the separator. */
  doubleStar: BySeparator | undefined;
}

/** What has been found on the way; a deny ends the search, so there is nothing to remember of it. */
const NOTHING = 0;
const ALLOWED = 1;
const DENIED = 2;

function isAllowed(
  trie: Node,
  subject: string,
  group: string | undefined,
  action: string,
  resource: string,
): boolean {
  let node = trie;
  let found = NOTHING;
  let start = 0;
  while (true) {
    const end = segmentEnd(resource, start);
    if (start > 0) {
      const separator = resource[start] as '/' | ':';
      found |= look(node.doubleStar?.[separator], subject, group, action);
      if (end === resource.length && end > start + 1)
        found |= look(node.star?.[separator], subject, group, action);
    }
    if (found >= DENIED) return false;
    const child = node.children?.get(resource.slice(start, end));
    if (child === undefined) return found === ALLOWED;
    node = child;
    if (end === resource.length) break;
    start = end;
  }
  found |= look(node.exact, subject, group, action);
  found |= look(node.doubleStar?.['/'], subject, group, action);
  found |= look(node.doubleStar?.[':'], subject, group, action);
  return found === ALLOWED;
}

function look(rules: Rules | undefined, subject: string, group: string | undefined, action: string): number {
  const grantees = rules?.get(action);
  if (grantees === undefined) return NOTHING;
  if (holds(grantees.denied, subject, group)) return DENIED;
  return holds(grantees.allowed, subject, group) ? ALLOWED : NOTHING;
}

function holds(grantees: Set<string> | undefined, subject: string, group: string | undefined): boolean {
  if (grantees === undefined) return false;
  return grantees.has(subject) || (group !== undefined && grantees.has(group));
}

function segmentEnd(id: string, start: number): number {
  for (let i = start + 1; i < id.length; i++) if (isSeparator(id.charCodeAt(i))) return i;
  return id.length;
}

function buildTrie({ grants }: Policy): Node {
  const trie = createNode();
  for (const grant of grants) {
    const rules = rulesFor(nodeFor(trie, grant.resource), grant);
    let grantees = rules.get(grant.action);
    if (grantees === undefined) {
      grantees = { allowed: undefined, denied: undefined };
      rules.set(grant.action, grantees);
    }
    const side = grant.effect === 'allow' ? 'allowed' : 'denied';
    grantees[side] ??= new Set();
    grantees[side].add(grant.grantee);
  }
  return trie;
}

function nodeFor(trie: Node, resource: string): Node {
  let node = trie;
  for (let start = 0; start < resource.length; ) {
    const end = segmentEnd(resource, start);
    const segment = resource.slice(start, end);
    node.children ??= new Map();
    let child = node.children.get(segment);
    if (child === undefined) {
      child = createNode();
      node.children.set(segment, child);
    }
    node = child;
    start = end;
  }
  return node;
}

function rulesFor(node: Node, { tail }: Grant): Rules {
  if (tail === '') {
    node.exact ??= new Map();
    return node.exact;
  }
  const separator = tail[0] as '/' | ':';
  const kind = tail.endsWith('**') ? 'doubleStar' : 'star';
  node[kind] ??= {};
  node[kind][separator] ??= new Map();
  return node[kind][separator];
}

function createNode(): Node {
  return { children: undefined, exact: undefined, star: undefined, doubleStar: undefined };
}
