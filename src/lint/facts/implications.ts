import type { Implication, Model, Namespace, ResourcePattern } from '../../model/model.ts';
import { elementsOf } from '../../model/template-variants.ts';

/** What actions imply in a namespace, or, without one, on every resource (S14). */
export class Implications {
  readonly #model: Model;
  readonly #closures = new Map<Namespace | undefined, Map<string, ReadonlySet<string>>>();

  constructor(model: Model) {
    this.#model = model;
  }

  /** All that the action implies by whatever steps; itself is not among it unless it stands in a circle. */
  impliedBy(action: string, namespace: Namespace | undefined): ReadonlySet<string> {
    const closures = this.#closuresOf(namespace);
    const known = closures.get(action);
    if (known !== undefined) return known;
    const implied = this.#close(action, namespace);
    closures.set(action, implied);
    return implied;
  }

  #closuresOf(namespace: Namespace | undefined): Map<string, ReadonlySet<string>> {
    const known = this.#closures.get(namespace);
    if (known !== undefined) return known;
    const closures = new Map<string, ReadonlySet<string>>();
    this.#closures.set(namespace, closures);
    return closures;
  }

  #close(action: string, namespace: Namespace | undefined): ReadonlySet<string> {
    const direct = [...this.#model.implications, ...(namespace?.implications ?? [])];
    const found = new Set<string>();
    const pending = [action];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const implied of impliedDirectly(direct, next)) {
        if (found.has(implied)) continue;
        found.add(implied);
        pending.push(implied);
      }
    }
    return found;
  }
}

function impliedDirectly(implications: readonly Implication[], action: string): readonly string[] {
  return implications.filter((each) => each.action === action).flatMap(({ implies }) => implies);
}

/** The namespace whose ids alone the pattern matches; undefined if there is none, or if it begins with a wildcard (S31). */
export function namespaceOf(model: Model, resource: ResourcePattern): Namespace | undefined {
  const first = elementsOf(resource)[0];
  return model.namespaces.find(({ roots }) =>
    roots.some((root) =>
      root.kind === 'path' ? first?.kind === 'root' : first?.kind === 'literal' && first.text === root.text,
    ),
  );
}
