import type { Implication, Namespace, Rule } from '../model/model.ts';
import type { Finding } from './reporter.ts';

/** Which action means which others is written down for every pair of a namespace and an action: so many pairs, and so many ways. */
export const MAX_ACTION_RELATIONS = 8_000_000;

interface ActionUses {
  readonly implications: readonly Implication[];
  readonly namespaces: readonly Namespace[];
  readonly rules: readonly Rule[];
}

/**
 * What is wrong if namespaces, actions and implications multiply beyond the limit (S13, S14); undefined if they do not. An action
 * implies what those that it implies imply: a chain of them means the square of its length.
 */
export function findTooManyRelations(
  uses: ActionUses,
): Pick<Finding, 'code' | 'message' | 'help'> | undefined {
  if (countRelations(uses) <= MAX_ACTION_RELATIONS) return undefined;
  return {
    code: 'P3006',
    message: `actions, what they imply and namespaces come to more than ${MAX_ACTION_RELATIONS} relations`,
    help: 'join namespaces, or let fewer actions imply others',
  };
}

/** The number of relations, or some number above the limit. */
function countRelations({ implications, namespaces, rules }: ActionUses): number {
  const actions = new Set<string>();
  const seen = new Set<readonly string[]>();
  const add = (names: readonly string[]): void => {
    // Rules share their lists of actions.
    if (!seen.has(names)) for (const name of names) actions.add(name);
    seen.add(names);
  };
  for (const rule of rules) add(rule.actions);
  for (const { templates } of namespaces) for (const template of templates) add(template.actions ?? []);
  let count = 0;
  for (const own of [[], ...namespaces.map((namespace) => namespace.implications)]) {
    count += implications.length + own.length;
    if (count > MAX_ACTION_RELATIONS) return count;
    const direct = directOf([implications, own]);
    for (const [action, implied] of direct) add([action, ...implied]);
    count += countWays(direct, MAX_ACTION_RELATIONS - count);
  }
  return count + actions.size * (namespaces.length + 2);
}

function directOf(lists: readonly (readonly Implication[])[]): Map<string, string[]> {
  const direct = new Map<string, string[]>();
  for (const list of lists) {
    for (const { action, implies } of list) {
      const known = direct.get(action);
      if (known === undefined) direct.set(action, [...implies]);
      else for (const name of implies) known.push(name);
    }
  }
  return direct;
}

/** How many steps it takes to find all that each action implies; stops beyond the limit. */
function countWays(direct: ReadonlyMap<string, readonly string[]>, limit: number): number {
  let count = 0;
  for (const from of direct.keys()) {
    const reached = new Set([from]);
    for (const action of reached) {
      const next = direct.get(action) ?? [];
      count += next.length;
      if (count > limit) return count;
      for (const name of next) reached.add(name);
    }
  }
  return count;
}
