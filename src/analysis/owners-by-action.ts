import type { NodeSet, TrieNode } from './pattern-trie.ts';
import type { RuleItem } from './rule-items.ts';
import type { Schema } from './schema.ts';

/** So few owners are looked at one after the other. */
const MAX_UNINDEXED = 8;

type Place = number | undefined | 'nothing';

/** The owners at nodes of tries by the actions that they speak of: thousands of rules may stand on one id. */
export class OwnersByAction {
  readonly #items: readonly RuleItem[];
  readonly #schema: Schema;
  readonly #known = new WeakMap<TrieNode, Map<Place, ReadonlyMap<string, readonly number[]>>>();

  constructor(items: readonly RuleItem[], schema: Schema) {
    this.#items = items;
    this.#schema = schema;
  }

  /** Among them all that speak of one of the actions on ids of a namespace, ascending, each once. */
  at(nodes: NodeSet, actions: ReadonlySet<string>, namespace: Place): readonly number[] {
    const found = new Set<number>();
    for (const node of nodes) {
      const { owners } = node;
      if (owners.length <= MAX_UNINDEXED) for (const owner of owners) found.add(owner);
      else {
        const byAction = this.#byAction(node, namespace);
        for (const action of actions) for (const owner of byAction.get(action) ?? []) found.add(owner);
      }
    }
    return [...found].sort((a, b) => a - b);
  }

  #byAction(node: TrieNode, namespace: Place): ReadonlyMap<string, readonly number[]> {
    const ofNode = this.#known.get(node) ?? new Map<Place, ReadonlyMap<string, readonly number[]>>();
    this.#known.set(node, ofNode);
    let byAction = ofNode.get(namespace);
    if (byAction === undefined) {
      byAction = this.#index(node.owners, namespace);
      ofNode.set(namespace, byAction);
    }
    return byAction;
  }

  #index(owners: readonly number[], namespace: Place): ReadonlyMap<string, readonly number[]> {
    const byAction = new Map<string, number[]>();
    for (const owner of owners) {
      const item = this.#items[owner]!;
      for (const action of this.#schema.askedBy(item.rule, item, namespace)) {
        const known = byAction.get(action);
        if (known === undefined) byAction.set(action, [owner]);
        else known.push(owner);
      }
    }
    return byAction;
  }
}
