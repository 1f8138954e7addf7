import type { Model, ResourcePattern } from '../model-types.ts';

type Namespace = Model['namespaces'][number];
type Implication = Model['implications'][number];

/** The actions that a rule speaks of beside its own (S13, S14), for engines that know no implications. */
export class ActionClosure {
  private readonly namespaces: readonly Namespace[];
  private readonly graphs = new Map<Namespace | undefined, ActionGraph>();
  private readonly implications: readonly Implication[];

  constructor({ namespaces, implications }: Model) {
    this.namespaces = namespaces;
    this.implications = implications;
  }

  /** Downwards for an allow; downwards and upwards for a deny. */
  expand(effect: 'allow' | 'deny', actions: readonly string[], resource: ResourcePattern): string[] {
    const graph = this.graphOf(this.namespaceOf(resource));
    const found = new Set<string>();
    for (const action of actions) {
      for (const implied of graph.below.reach(action)) found.add(implied);
      if (effect === 'deny') for (const implying of graph.above.reach(action)) found.add(implying);
    }
    return [...found];
  }

  /** True of a pattern that reaches into several namespaces, whose implications may differ. */
  spansNamespaces(resource: ResourcePattern): boolean {
    return (
      rootOf(resource) === undefined && this.namespaces.some(({ implications }) => implications.length > 0)
    );
  }

  /** The one whose ids the resource is of (S31). */
  namespaceOf(resource: ResourcePattern): Namespace | undefined {
    const root = rootOf(resource);
    return this.namespaces.find(({ roots }) =>
      roots.some((known) => (known.kind === 'path' ? root === '/' : root === known.text)),
    );
  }

  private graphOf(namespace: Namespace | undefined): ActionGraph {
    const known = this.graphs.get(namespace);
    if (known !== undefined) return known;
    const graph = new ActionGraph([...this.implications, ...(namespace?.implications ?? [])]);
    this.graphs.set(namespace, graph);
    return graph;
  }
}

class ActionGraph {
  readonly below = new Links();
  readonly above = new Links();

  constructor(implications: readonly Implication[]) {
    for (const { action, implies } of implications) {
      for (const implied of implies) {
        this.below.add(action, implied);
        this.above.add(implied, action);
      }
    }
  }
}

class Links {
  private readonly next = new Map<string, string[]>();

  add(from: string, to: string): void {
    const known = this.next.get(from);
    if (known === undefined) this.next.set(from, [to]);
    else known.push(to);
  }

  /** `start` and all that links lead to. A set that grows while it is walked needs no recursion. */
  reach(start: string): Set<string> {
    const reached = new Set([start]);
    for (const name of reached) for (const next of this.next.get(name) ?? []) reached.add(next);
    return reached;
  }
}

/** The first element, `/` for a path; undefined for a wildcard. */
function rootOf(resource: ResourcePattern): string | undefined {
  if (resource.kind === 'literal') return resource.id.startsWith('/') ? '/' : resource.id.split(/[:/]/, 1)[0];
  const [first] = resource.elements;
  if (first?.kind === 'root') return '/';
  return first?.kind === 'literal' ? first.text : undefined;
}
