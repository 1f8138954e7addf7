import { type Engine, oneByOne } from '../engine.ts';
import type { Grant, Policy } from '../workload.ts';
import { startsOf } from './separators.ts';

export const engine: Engine = {
  name: 'all expanded into nested `Map`s',
  version: '–',
  note:
    'Every allowed (subject, action, resource) is an entry of a `Map` of `Map`s of `Set`s; groups, wildcards and denies are ' +
    'resolved beforehand over all resources that exist or are asked about. The floor for exact look-up, and no authorizer: ' +
    'a resource that it has not been told of is denied whatever the wildcards say, and a change of one grant may touch every entry.',
  build: (policy) => {
    const expanded = expand(policy);
    return oneByOne(
      (subject, action, resource) => expanded.get(subject)?.get(action)?.has(resource) === true,
    );
  },
};

type Expanded = Map<string, Map<string, Set<string>>>;

/** Allows go in first and denies take out, which is what "a deny wins" comes to. */
function expand(policy: Policy): Expanded {
  const resourcesCovered = createCover(policy.resources);
  const expanded: Expanded = new Map();
  for (const effect of ['allow', 'deny'] as const)
    for (const grant of policy.grants) {
      if (grant.effect !== effect) continue;
      for (const subject of policy.groups.get(grant.grantee) ?? [grant.grantee]) {
        const allowed = allowedTo(expanded, subject, grant.action);
        for (const resource of resourcesCovered(grant))
          if (effect === 'allow') allowed.add(resource);
          else allowed.delete(resource);
      }
    }
  return expanded;
}

function allowedTo(expanded: Expanded, subject: string, action: string): Set<string> {
  const actions = getOrCreate(expanded, subject, () => new Map<string, Set<string>>());
  return getOrCreate(actions, action, () => new Set<string>());
}

/** Finds all the resources that a grant covers. */
function createCover(resources: readonly string[]): (grant: Grant) => readonly string[] {
  const beneath = new Map<string, string[]>();
  const directlyIn = new Map<string, string[]>();
  for (const resource of resources) {
    const starts = startsOf(resource);
    for (const start of starts) getOrCreate(beneath, start, () => []).push(resource);
    getOrCreate(directlyIn, starts.at(-1)!, () => []).push(resource);
  }
  return ({ resource, tail }) => {
    if (tail === '') return [resource];
    if (tail.endsWith('**')) return [resource, ...(beneath.get(resource + tail[0]) ?? [])];
    return directlyIn.get(resource + tail[0]) ?? [];
  };
}

function getOrCreate<Value>(map: Map<string, Value>, key: string, create: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}
